#include "signaling/http/router.h"

#include <string.h>

#include "signaling/core/rate.h"
#include "signaling/http/request.h"

/* A school is one address: forty people who open a page, twelve requests each. */
#define REQUESTS_BURST 1000
#define REQUESTS_PER_S 200
/* In units of 64 KiB: one check of 20 MB, then 128 KiB a second. */
#define PROBE_BURST 320
#define PROBE_PER_S 2
#define LENGTH_DIGITS_MAX 9
/* Bodies above TK_HTTP_BODY_MAX that are held in memory at one time. */
#define LARGE_MAX 6

struct tk_http {
    struct tk_http_ctx ctx;
    const struct tk_route *const *tables;
    bool (*fallback)(struct tk_request *r);
    struct tk_rate *rate;
    struct tk_rate *probes;
    GThreadPool *pool;
    struct tk_http_stats stats;
    int large;  /* bodies above TK_HTTP_BODY_MAX */
    bool ended; /* freed with the last request, which may be answered later */
};

static const struct {
    enum tk_http_method method;
    const char *name;
} methods[] = {
    {TK_HTTP_GET, "GET"},     {TK_HTTP_POST, "POST"},     {TK_HTTP_PUT, "PUT"},
    {TK_HTTP_PATCH, "PATCH"}, {TK_HTTP_DELETE, "DELETE"},
};

struct tk_http *tk_http_create(const struct tk_http_ctx *ctx, const struct tk_route *const *tables,
                               bool (*fallback)(struct tk_request *r))
{
    struct tk_http *h = g_new0(struct tk_http, 1);
    h->ctx = *ctx;
    h->tables = tables;
    h->fallback = fallback;
    h->rate = tk_rate_create(REQUESTS_BURST, REQUESTS_PER_S);
    h->probes = tk_rate_create(PROBE_BURST, PROBE_PER_S);
    h->pool = tk_http_pool_create();
    return h;
}

static void free_when_done(struct tk_http *h)
{
    if (h->ended && h->stats.open == 0) {
        tk_rate_destroy(h->rate);
        tk_rate_destroy(h->probes);
        g_free(h);
    }
}

void tk_http_destroy(struct tk_http *h)
{
    if (h) {
        tk_http_pool_destroy(h->pool);
        h->ended = true;
        free_when_done(h);
    }
}

GThreadPool *tk_http_pool(struct tk_http *h)
{
    return h->pool;
}

struct tk_rate *tk_http_probes(struct tk_http *h)
{
    return h->probes;
}

const struct tk_http_stats *tk_http_stats(const struct tk_http *h)
{
    return &h->stats;
}

static void forget(struct tk_http *h, struct tk_request *r)
{
    h->large -= r->state->large;
    tk_request_free(r);
    h->stats.open--;
    free_when_done(h);
}

void tk_http_finish(struct tk_request *r, const struct tk_http_reply *reply)
{
    struct tk_request_state *s = r->state;
    int class = reply->status / 100;
    g_assert(!s->replied);
    s->replied = true;
    if (class >= 1 && class <= 5) {
        s->http->stats.by_class[class]++;
    }
    if (s->sink) {
        s->sink(s->arg, reply);
    }
    forget(s->http, r);
}

/* The bits of the methods that `path` has, and the route of `method`. */
static const struct tk_route *find_route(const struct tk_http *h, struct tk_request *r,
                                         unsigned *ret_methods, unsigned *ret_flags)
{
    const struct tk_route *found = NULL;
    *ret_methods = 0;
    *ret_flags = 0;
    for (const struct tk_route *const *table = h->tables; *table; table++) {
        for (const struct tk_route *route = *table; route->pattern; route++) {
            char *params[TK_HTTP_PARAMS_MAX] = {NULL};
            if (!tk_http_match(route->pattern, r->path, params)) {
                continue;
            }
            *ret_methods |= 1u << route->method;
            *ret_flags |= route->flags;
            bool take = !found && route->method == r->method;
            for (int i = 0; i < TK_HTTP_PARAMS_MAX; i++) {
                if (take) {
                    r->state->params[i] = params[i];
                    r->params[i] = params[i];
                } else {
                    g_free(params[i]);
                }
            }
            found = take ? route : found;
        }
    }
    return found;
}

static void allow_header(struct tk_request *r, const char *name, unsigned bits)
{
    char list[80] = "";
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (bits & 1u << methods[i].method) {
            g_strlcat(list, methods[i].name, sizeof(list));
            g_strlcat(list, ", ", sizeof(list));
            if (methods[i].method == TK_HTTP_GET) {
                g_strlcat(list, "HEAD, ", sizeof(list));
            }
        }
    }
    g_strlcat(list, "OPTIONS", sizeof(list));
    tk_http_header(r, name, "%s", list);
}

static void reply_options(struct tk_request *r, unsigned bits, unsigned flags)
{
    allow_header(r, "Allow", bits);
    if (flags & TK_ROUTE_CORS) {
        tk_http_header(r, "Access-Control-Allow-Origin", "*");
        allow_header(r, "Access-Control-Allow-Methods", bits);
        tk_http_header(r, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
        tk_http_header(r, "Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Patch");
        tk_http_header(r, "Access-Control-Max-Age", "86400");
    }
    tk_http_reply_empty(r, 204);
}

/* No route for this method. */
static void reply_without_route(struct tk_http *h, struct tk_request *r, unsigned bits,
                                unsigned flags)
{
    bool found = bits != 0;
    if (h->fallback && r->method == TK_HTTP_GET && h->fallback(r)) {
        return;
    }
    if (!found && r->method != TK_HTTP_OPTIONS) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such address here");
        return;
    }
    if (r->method == TK_HTTP_OPTIONS) {
        reply_options(r, found ? bits : 1u << TK_HTTP_GET, flags);
        return;
    }
    struct tk_problem problem;
    tk_problem_set(&problem, TK_PROBLEM_BAD_REQUEST, NULL, "This address has no such method");
    problem.status = 405;
    allow_header(r, "Allow", bits);
    tk_http_reply_problem(r, &problem);
}

static bool origin_is_fine(struct tk_http *h, struct tk_request *r)
{
    if (r->method == TK_HTTP_GET || (r->state->route->flags & TK_ROUTE_BEARER)) {
        return true;
    }
    enum tk_origin origin = tk_origin_check(
        r->headers[TK_HTTP_ORIGIN], r->headers[TK_HTTP_SEC_FETCH_SITE], r->headers[TK_HTTP_HOST]);
    if (origin == TK_ORIGIN_OURS || (origin == TK_ORIGIN_NONE && tk_http_bearer(r))) {
        return true;
    }
    h->stats.foreign++;
    tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "%s",
                 origin == TK_ORIGIN_NONE ? "A write needs an Origin header of this server"
                                          : "Another site's page may not do this");
    return false;
}

static bool may(struct tk_http *h, struct tk_request *r)
{
    unsigned who = r->state->route->who;
    if (who == TK_WHO_ANYBODY) {
        return true;
    }
    tk_credentials_read(h->ctx.access, h->ctx.now(), r->headers[TK_HTTP_COOKIE], &r->credentials);
    r->account = tk_credentials_account(&r->credentials, who);
    if (r->account || ((who & TK_WHO_DEVICE) && r->credentials.devices_count > 0)) {
        return true;
    }
    if (r->credentials.accounts_count == 0 && r->credentials.devices_count == 0) {
        tk_http_fail(r, TK_PROBLEM_UNAUTHENTICATED, NULL, "Log in first");
    } else {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "Your role may not do this");
    }
    return false;
}

/* -1: no whole number of a sensible length. */
static int64_t parse_length(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > LENGTH_DIGITS_MAX || strspn(text, "0123456789") != len) {
        return len > LENGTH_DIGITS_MAX && strspn(text, "0123456789") == len ? INT64_MAX : -1;
    }
    return g_ascii_strtoll(text, NULL, 10);
}

static bool has_type_of(const struct tk_request *r, const char *list)
{
    g_auto(GStrv) types = g_strsplit(list, ", ", -1);
    for (int i = 0; types[i]; i++) {
        if (tk_http_has_type(r, types[i])) {
            return true;
        }
    }
    return false;
}

static bool body_is_fine(struct tk_request *r)
{
    const struct tk_route *route = r->state->route;
    const char *length = r->headers[TK_HTTP_CONTENT_LENGTH];
    size_t max = route->body_max ? route->body_max : TK_HTTP_BODY_MAX;
    if (r->headers[TK_HTTP_TRANSFER_ENCODING]) {
        tk_http_fail(r, TK_PROBLEM_LENGTH_REQUIRED, NULL,
                     "Send the body in one piece with its Content-Length");
        return false;
    }
    int64_t expected = length ? parse_length(length) : 0;
    if (expected < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_REQUEST, NULL, "Content-Length is not a number");
        return false;
    }
    if ((uint64_t)expected > max) {
        tk_http_fail(r, TK_PROBLEM_TOO_LARGE, NULL, "The body may have at most %zu bytes", max);
        return false;
    }
    bool typed = expected > 0 || r->headers[TK_HTTP_CONTENT_TYPE];
    if (route->type && typed && !has_type_of(r, route->type)) {
        tk_http_fail(r, TK_PROBLEM_UNSUPPORTED_TYPE, NULL, "The body must be %s", route->type);
        return false;
    }
    r->state->body_expected = (size_t)expected;
    return true;
}

/* Few large bodies at a time: each is whole in memory. */
static bool has_room(struct tk_http *h, struct tk_request *r)
{
    struct tk_problem problem;
    if (r->state->body_expected <= TK_HTTP_BODY_MAX) {
        return true;
    }
    if (h->large < LARGE_MAX) {
        r->state->large = true;
        h->large++;
        return true;
    }
    h->stats.limited++;
    tk_problem_set(&problem, TK_PROBLEM_UNAVAILABLE, NULL,
                   "Too many files are being received; try again in a moment");
    problem.retry_after_s = 2;
    tk_http_reply_problem(r, &problem);
    return false;
}

static bool rate_is_fine(struct tk_http *h, const char *address, unsigned cost)
{
    char key[TK_ADDRESS_MAX];
    tk_access_address_key(address, key);
    return tk_rate_take(h->rate, key, cost, h->ctx.now().mono_ms);
}

static void refuse_rate(struct tk_http *h, struct tk_request *r)
{
    struct tk_problem problem;
    h->stats.limited++;
    tk_problem_set(&problem, TK_PROBLEM_RATE_LIMITED, NULL,
                   "Too many requests from this address; try again in a moment");
    problem.retry_after_s = 1;
    tk_http_reply_problem(r, &problem);
}

static void refuse_host(struct tk_request *r)
{
    struct tk_problem problem;
    tk_problem_set(&problem, TK_PROBLEM_BAD_REQUEST, NULL, "This server has no such host name");
    problem.status = 421;
    tk_http_reply_problem(r, &problem);
}

struct tk_request *tk_http_open(struct tk_http *h, const struct tk_http_incoming *incoming,
                                tk_http_sink *sink, void *arg)
{
    unsigned bits;
    unsigned flags;
    struct tk_request *r = tk_request_create(&h->ctx, incoming);
    r->state->http = h;
    r->state->sink = sink;
    r->state->arg = arg;
    h->stats.requests++;
    h->stats.open++;
    if (!rate_is_fine(h, r->address, 1)) {
        refuse_rate(h, r);
        return NULL;
    }
    if (!r->path || !r->headers[TK_HTTP_HOST]) {
        tk_http_fail(r, TK_PROBLEM_BAD_REQUEST, NULL, "%s",
                     r->path ? "A Host header is needed" : "The address is not well formed");
        return NULL;
    }
    if (incoming->misdirected) {
        refuse_host(r);
        return NULL;
    }
    const struct tk_route *route = find_route(h, r, &bits, &flags);
    if (!route) {
        reply_without_route(h, r, bits, flags);
        return NULL;
    }
    r->state->route = route;
    if (route->cost > 1 && !rate_is_fine(h, r->address, route->cost - 1)) {
        refuse_rate(h, r);
        return NULL;
    }
    if (!origin_is_fine(h, r) || !may(h, r) || (route->check && !route->check(r)) ||
        !body_is_fine(r) || !has_room(h, r)) {
        return NULL;
    }
    return r;
}

size_t tk_http_body_expected(const struct tk_request *r)
{
    return r->state->body_expected;
}

void tk_http_body(struct tk_request *r, const void *bytes, size_t len)
{
    size_t room = r->state->body_expected - r->state->body->len;
    g_byte_array_append(r->state->body, bytes, (guint)MIN(len, room));
}

void tk_http_run(struct tk_request *r)
{
    static const uint8_t end = 0;
    struct tk_request_state *s = r->state;
    r->body_len = s->body->len;
    g_byte_array_append(s->body, &end, 1);
    r->body = s->body->data;
    s->running = true;
    s->route->handle(r);
}

void tk_http_abandon(struct tk_request *r)
{
    struct tk_http *h = r->state->http;
    r->state->sink = NULL;
    if (!r->state->running) { /* nobody will reply */
        forget(h, r);
    }
}
