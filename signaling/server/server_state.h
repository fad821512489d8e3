#ifndef TK_SIGNALING_SERVER_SERVER_STATE_H
#define TK_SIGNALING_SERVER_SERVER_STATE_H

/* What is inside struct tk_server, for the files of this folder only. */

#include <glib.h>
#include <libwebsockets.h>

#include "signaling/http/router.h"
#include "signaling/server/authority.h"
#include "signaling/server/files.h"
#include "signaling/server/guard.h"
#include "signaling/server/server.h"

struct ssl_ctx_st;

#define TK_SERVER_TLS_MAX 2 /* vhosts with a certificate */

struct tk_server {
    struct tk_server_config config;
    struct tk_http *http;
    struct tk_files *files;
    struct tk_guard *guard;
    char **hosts;
    struct tk_tls_files tls;
    struct ssl_ctx_st *tls_ctx[TK_SERVER_TLS_MAX]; /* lws's, to renew the certificate */
    int tls_ctx_count;
    guint renewal; /* GLib source */

    GMainLoop *loop;
    struct lws_context *lws;
    struct lws_protocols protocols[3];
    GHashTable *connections; /* struct lws * → struct connection * */

    bool stopping;
    int64_t stop_deadline_ms;
    guint stop_timer;
    void (*stopped)(void *arg);
    void *stopped_arg;

    struct tk_health *health;
    int64_t started_ms;
};

/*
 * Whether a Host header names one of the hosts, with any port. Asked on the plain port only, which
 * trusts who is on this machine: another site's name that leads here is not to borrow that trust.
 */
bool tk_host_is_ours(const char *host, char *const *hosts);

/* The first entry of the protocol table: HTTP. */
int tk_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                           size_t len);

/* Closes those that wait for a request and lets the others end with their reply. */
void tk_connections_drain(struct tk_server *s);

#endif
