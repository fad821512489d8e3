#ifndef TK_SIGNALING_SERVER_SERVER_H
#define TK_SIGNALING_SERVER_SERVER_H

/*
 * The listening side of tongke: https and WebSocket on settings.port for IPv4 and IPv6, the same by
 * plain http on the loopback addresses at port + 2; certificates, static files, limits, /healthz,
 * /metrics. Runs on the default GLib main context, whose thread owns it.
 */

#include <stddef.h>

#include "signaling/http/http.h"

struct tk_ws; /* signaling/ws/ws.h */
struct tk_server;

struct tk_server_config {
    struct tk_http_ctx http; /* copied; what it points to outlives the server */
    struct tk_ws *ws;        /* NULL: no WebSocket */
};

/*
 * Makes what certificate is needed and listens. 0 or -errno; -EADDRINUSE: a port is taken. `err`
 * gets one line for a person.
 */
int tk_server_create(const struct tk_server_config *config, struct tk_server **ret, char *err,
                     size_t cap);

/*
 * Takes no more connections, lets the pages be told (`reason` is "restart" or "stop"), finishes the
 * replies under way and closes all, in at most 3 s; then `stopped` is called from the loop.
 */
void tk_server_stop(struct tk_server *s, const char *reason, void (*stopped)(void *arg), void *arg);

/* At once. NULL is fine. */
void tk_server_destroy(struct tk_server *s);

/* Names and addresses that the server announces and its certificate holds, ended by NULL. */
char **tk_server_hosts(const struct tk_settings *settings); /* g_strfreev */

#endif
