#ifndef TK_SIGNALING_HTTP_ROUTER_H
#define TK_SIGNALING_HTTP_ROUTER_H

/*
 * What signaling/server sees of signaling/http: a request goes in by its head, then its body; the
 * reply comes out through a sink, once. Loop thread.
 *
 *     head ──tk_http_open──▶ reading ──tk_http_body…──▶ ──tk_http_run──▶ handling ──▶ replied
 *       └── refused: the sink is called at once                    (tk_http_abandon: to nobody)
 */

#include <glib.h>

#include "signaling/http/http.h"

struct tk_http;

struct tk_http_reply {
    int status;
    GString *head; /* header lines without status line, Content-Length, Connection and Date */
    GBytes *body;
    bool head_only; /* the request was HEAD */
};

/* `reply` is valid until it returns. */
typedef void tk_http_sink(void *arg, const struct tk_http_reply *reply);

/* What came; all texts are copied. Path and query are decoded already. */
struct tk_http_incoming {
    const char *method; /* "GET" */
    const char *path;
    const char *const *queries; /* "name=value", ended by NULL */
    const char *headers[TK_HTTP_HEADERS];
    const char *address;
    bool loopback;
    bool secure;
    bool misdirected; /* its Host is not one of ours: RFC 9110, section 15.5.20 */
};

/*
 * `tables` are the routes, ended by NULL; the tables outlive it. `fallback` handles a GET that is
 * in none, the static files: false when it has nothing there. NULL for none.
 */
struct tk_http *tk_http_create(const struct tk_http_ctx *ctx, const struct tk_route *const *tables,
                               bool (*fallback)(struct tk_request *r));
/* Requests still being handled may be answered afterwards, to nobody. */
void tk_http_destroy(struct tk_http *h);

/* All tables of the resources in this folder. */
extern const struct tk_route *const tk_http_tables[];

/* NULL: refused, the sink was called; else the body may come. */
struct tk_request *tk_http_open(struct tk_http *h, const struct tk_http_incoming *incoming,
                                tk_http_sink *sink, void *arg);

/* The announced length of the body; what comes beyond is ignored. */
size_t tk_http_body_expected(const struct tk_request *r);
void tk_http_body(struct tk_request *r, const void *bytes, size_t len);

/* The body is whole: handles it. The sink may be called before this returns. */
void tk_http_run(struct tk_request *r);

/* The connection is gone: the sink will not be called. */
void tk_http_abandon(struct tk_request *r);

struct tk_http_stats {
    uint64_t requests;
    uint64_t by_class[6]; /* replies 1xx … 5xx by their first digit */
    uint64_t limited;
    uint64_t foreign;
    uint32_t open; /* now */
};

const struct tk_http_stats *tk_http_stats(const struct tk_http *h);

#endif
