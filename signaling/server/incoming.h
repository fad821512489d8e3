#ifndef TK_SIGNALING_SERVER_INCOMING_H
#define TK_SIGNALING_SERVER_INCOMING_H

/* The head of a request, read out of libwebsockets, and where a connection comes from. */

#include <libwebsockets.h>

#include "signaling/http/router.h"

struct tk_incoming {
    struct tk_http_incoming head; /* without address, loopback and secure */
    bool wants_close;
    char *path;
    char **queries;
    char *texts[TK_HTTP_HEADERS];
};

/* False: it has no method that we know. The texts live until tk_incoming_finish. */
bool tk_incoming_read(struct lws *wsi, struct tk_incoming *ret);
void tk_incoming_finish(struct tk_incoming *in);

/* The address of the peer of `fd` as text. */
void tk_incoming_address(int fd, char out[TK_ADDRESS_MAX], bool *ret_loopback);

#endif
