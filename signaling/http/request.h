#ifndef TK_SIGNALING_HTTP_REQUEST_H
#define TK_SIGNALING_HTTP_REQUEST_H

/* What is inside a request, for router, request and reply only. */

#include "signaling/http/router.h"

struct tk_request_state {
    struct tk_http *http;
    const struct tk_route *route;
    char *path;
    char *query;         /* undecoded; NULL: none */
    GHashTable *queries; /* decoded, made when first asked for */
    char *params[TK_HTTP_PARAMS_MAX];
    char *headers[TK_HTTP_HEADERS];
    GByteArray *body;
    size_t body_expected;
    bool large;         /* counted among the large bodies */
    GString *head;      /* of the reply */
    tk_http_sink *sink; /* NULL: abandoned */
    void *arg;
    bool running;
    bool replied;
};

struct tk_request *tk_request_create(const struct tk_http_ctx *ctx,
                                     const struct tk_http_incoming *incoming);
void tk_request_free(struct tk_request *r);

/* The thread of tk_http_background; destroying it finishes its work. */
GThreadPool *tk_http_pool_create(void);
void tk_http_pool_destroy(GThreadPool *pool);
GThreadPool *tk_http_pool(struct tk_http *h);

/* What may be spent on measuring links, by who measures; probe.c */
struct tk_rate *tk_http_probes(struct tk_http *h);

/* The reply is complete: counts, tells the sink and frees the request. */
void tk_http_finish(struct tk_request *r, const struct tk_http_reply *reply);

#endif
