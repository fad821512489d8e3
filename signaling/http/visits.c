/* GET /visits: who looked in on a lesson silently, newest first. */

#include "signaling/core/visit.h"
#include "signaling/http/http.h"

#define PAGES_MAX 10000000

static void list(struct tk_request *r)
{
    struct tk_problem problem;
    int64_t page;
    if (tk_http_query_int(r, "page", 1, 1, PAGES_MAX, &page) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "page", "Pages are counted from 1");
        return;
    }
    json_t *visits = tk_visits_json(r->ctx->store, page, &problem);
    if (visits) {
        tk_http_reply_json(r, 200, visits);
    } else {
        tk_http_reply_problem(r, &problem);
    }
}

const struct tk_route tk_visit_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/visits",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR,
     .handle = list},
    {0},
};
