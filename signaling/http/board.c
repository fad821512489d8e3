/* The board's log, for whoever comes late to a lesson. */

#include "signaling/classroom/board.h"
#include "signaling/http/sees.h"

static void show(struct tk_request *r)
{
    int64_t epoch = 0;
    int64_t after = 0;
    if (tk_http_query_int(r, "epoch", 0, 0, INT64_MAX, &epoch) < 0 ||
        tk_http_query_int(r, "after", 0, 0, INT64_MAX, &after) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "after", "epoch and after are whole numbers");
        return;
    }
    bool gzip = tk_http_accepts_gzip(r);
    g_autoptr(GBytes) log = tk_board_log(r->ctx->boards, r->params[0], epoch, after, gzip);
    if (log) {
        tk_http_header(r, "Vary", "Accept-Encoding");
        if (gzip) {
            tk_http_header(r, "Content-Encoding", "gzip");
        }
        tk_http_reply_shared(r, 200, "application/json", log);
    } else {
        tk_http_fail(r, TK_PROBLEM_INTERNAL, NULL, "The board cannot be read");
    }
}

const struct tk_route tk_board_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/lessons/{id}/board",
     .who = TK_WHO_SEES,
     .cost = 5,
     .check = tk_http_sees_lesson,
     .handle = show},
    {0},
};
