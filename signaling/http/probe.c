/*
 * GET and POST /probe: bytes for measuring a link, down and up. Each room or person has an
 * allowance for one thorough check and a slow refill, so that measuring never eats the lessons'
 * bandwidth.
 */

#include "signaling/core/random.h"
#include "signaling/core/rate.h"
#include "signaling/http/request.h"

#define PROBERS (TK_WHO_DEVICE | TK_WHO_COTEACHER | TK_WHO_TEACHER)
#define DOWN_MAX 1000000
#define DOWN_DEFAULT 100000
#define UP_MAX TK_HTTP_BODY_MAX
/* The allowance is counted in so many bytes. */
#define UNIT_BYTES 65536

static bool afford(struct tk_request *r, int64_t bytes)
{
    char key[32];
    struct tk_problem problem;
    const struct tk_credentials *c = &r->credentials;
    if (r->account) {
        g_snprintf(key, sizeof(key), "a%lld", (long long)r->account->id);
    } else {
        g_snprintf(key, sizeof(key), "d%lld", (long long)c->devices[0].id);
    }
    unsigned cost = (unsigned)(1 + bytes / UNIT_BYTES);
    if (tk_rate_take(tk_http_probes(r->state->http), key, cost, r->ctx->now().mono_ms)) {
        return true;
    }
    tk_problem_set(&problem, TK_PROBLEM_RATE_LIMITED, NULL,
                   "The link was measured often enough for now; try again in a minute");
    problem.retry_after_s = 60;
    tk_http_reply_problem(r, &problem);
    return false;
}

/* Made once: nothing on the way can compress it. */
static GBytes *noise(void)
{
    static GBytes *bytes;
    if (!bytes) {
        uint8_t *data = g_malloc(DOWN_MAX);
        tk_random_bytes(data, DOWN_MAX);
        bytes = g_bytes_new_take(data, DOWN_MAX);
    }
    return bytes;
}

static void down(struct tk_request *r)
{
    int64_t count = 0;
    if (tk_http_query_int(r, "bytes", DOWN_DEFAULT, 1, DOWN_MAX, &count) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "bytes", "bytes is a whole number from 1 to %d",
                     DOWN_MAX);
        return;
    }
    if (afford(r, count)) {
        GBytes *part = g_bytes_new_from_bytes(noise(), 0, (gsize)count);
        tk_http_reply_shared(r, 200, "application/octet-stream", part);
        g_bytes_unref(part);
    }
}

/* Before the body is read: what is over the allowance is not. */
static bool up_is_fine(struct tk_request *r)
{
    return afford(r, UP_MAX);
}

static void up(struct tk_request *r)
{
    tk_http_reply_empty(r, 204);
}

const struct tk_route tk_probe_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/api/v1/probe", .who = PROBERS, .handle = down},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/probe",
     .who = PROBERS,
     .type = "application/octet-stream",
     .body_max = UP_MAX,
     .check = up_is_fine,
     .handle = up},
    {0},
};
