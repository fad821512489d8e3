#include "signaling/server/health.h"

#include <string.h>

#include "signaling/media/media.h"
#include "signaling/server/server_state.h"

/* A probe counts so long, and one that takes longer than this has failed. */
#define PROBE_EVERY_MS 1000
#define PROBE_TIME_MS 3000

struct tk_health {
    struct tk_http_ctx ctx;
    GPtrArray *waiting;  /* struct tk_request * */
    struct probe *probe; /* under way; NULL: none */
    guint timer;
    int64_t answered_ms; /* 0: never */
    bool can_write;
};

/* Outlives its health when the disk hangs. */
struct probe {
    struct tk_health *health;
};

struct tk_health *tk_health_create(const struct tk_http_ctx *ctx)
{
    struct tk_health *h = g_new0(struct tk_health, 1);
    h->ctx = *ctx;
    h->waiting = g_ptr_array_new();
    return h;
}

static void reply(struct tk_health *h, struct tk_request *r)
{
    bool streamer = h->ctx.media && tk_media_ready(h->ctx.media);
    tk_http_reply_json(r, h->can_write && streamer ? 200 : 503,
                       json_pack("{s:s,s:s}", "store", h->can_write ? "ok" : "cannot write",
                                 "streamer", streamer ? "ok" : "does not answer"));
}

static void answer(struct tk_health *h, bool can_write)
{
    h->can_write = can_write;
    h->answered_ms = h->ctx.now().mono_ms;
    g_clear_handle_id(&h->timer, g_source_remove);
    while (h->waiting->len > 0) {
        reply(h, g_ptr_array_remove_index(h->waiting, h->waiting->len - 1));
    }
}

void tk_health_destroy(struct tk_health *h)
{
    if (!h) {
        return;
    }
    answer(h, false);
    if (h->probe) {
        h->probe->health = NULL;
    }
    g_ptr_array_unref(h->waiting);
    g_free(h);
}

static void on_probed(void *arg, int result)
{
    struct probe *p = arg;
    if (p->health) {
        p->health->probe = NULL;
        answer(p->health, result >= 0);
    }
    g_free(p);
}

static gboolean on_slow(gpointer arg)
{
    struct tk_health *h = arg;
    h->timer = 0;
    answer(h, false);
    return G_SOURCE_REMOVE;
}

static void healthz(struct tk_request *r)
{
    struct tk_health *h = r->ctx->server->health;
    if (h->answered_ms && h->ctx.now().mono_ms - h->answered_ms < PROBE_EVERY_MS) {
        reply(h, r);
        return;
    }
    g_ptr_array_add(h->waiting, r);
    if (!h->timer) {
        h->timer = g_timeout_add(PROBE_TIME_MS, on_slow, h);
    }
    if (h->probe) { /* the last one is still under way */
        return;
    }
    struct probe *p = g_new0(struct probe, 1);
    p->health = h;
    h->probe = p;
    if (tk_store_probe(h->ctx.store, p, on_probed) < 0) {
        on_probed(p, -1);
    }
}

static void authority(struct tk_request *r)
{
    const char *path = r->ctx->server->tls.authority;
    char *text = NULL;
    gsize len = 0;
    if (!*path || !g_file_get_contents(path, &text, &len, NULL)) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL,
                     "This server has a certificate of another authority");
        return;
    }
    tk_http_header(r, "Content-Disposition", "attachment; filename=\"tongke-ca.crt\"");
    tk_http_reply(r, 200, "application/x-x509-ca-cert", text, len);
    g_free(text);
}

const struct tk_route tk_server_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/healthz", .handle = healthz},
    {.method = TK_HTTP_GET,
     .pattern = "/metrics",
     .flags = TK_ROUTE_BEARER,
     .check = tk_metrics_allowed,
     .handle = tk_metrics_reply},
    {.method = TK_HTTP_GET, .pattern = "/ca.crt", .handle = authority},
    {0},
};
