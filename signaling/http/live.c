/* GET /live: which lessons go on and how well each room plays. */

#include "signaling/core/lesson_json.h"
#include "signaling/http/http.h"

static void live(struct tk_request *r)
{
    tk_http_reply_json(r, 200, tk_lessons_live_json(r->ctx->lessons));
}

const struct tk_route tk_live_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/live",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR,
     .handle = live},
    {0},
};
