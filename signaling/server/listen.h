#ifndef TK_SIGNALING_SERVER_LISTEN_H
#define TK_SIGNALING_SERVER_LISTEN_H

/*
 * The libwebsockets context and where it listens. libwebsockets runs on GLib's main context by its
 * own event library plugin (Debian: libwebsockets-evlib-glib).
 */

#include "signaling/server/server.h"

/* Makes s->lws with all its listening sockets. 0 or -errno with one line in `err`. */
int tk_listen_start(struct tk_server *s, char *err, size_t cap);
void tk_listen_stop(struct tk_server *s);

/* Loads what s->tls names into the running server. */
int tk_listen_reload(struct tk_server *s);

#endif
