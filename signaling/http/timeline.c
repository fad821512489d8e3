/* GET /lessons/{id}/timeline: what happened in a lesson and who spoke. Read on another thread. */

#include <errno.h>

#include "signaling/core/lesson_json.h"
#include "signaling/core/rollcall.h"
#include "signaling/http/http.h"
#include "signaling/report/timeline.h"

#define ROLLCALLS_MAX 500

struct reading {
    struct tk_request *request;
    struct tk_db *db; /* its own: it is read on another thread */
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t sitting_id; /* 0: the newest sittings */
    json_t *lesson;
    json_t *sittings;
    json_t *roll_calls;
};

static int add_rollcall(void *ctx, const struct tk_rollcall_row *row)
{
    return json_array_append_new(ctx, tk_rollcall_json(row));
}

static int read_all(void *arg)
{
    struct reading *p = arg;
    int r = tk_timeline_sittings(p->db, p->lesson_id, p->sitting_id, &p->sittings);
    return r < 0
               ? r
               : tk_rollcall_rows(p->db, p->lesson_id, ROLLCALLS_MAX, add_rollcall, p->roll_calls);
}

static void on_read(void *arg, int result)
{
    struct reading *p = arg;
    struct tk_problem problem;
    if (result < 0) {
        tk_problem_set(&problem, result == -ENOSPC ? TK_PROBLEM_UNAVAILABLE : TK_PROBLEM_INTERNAL,
                       NULL, "The timeline could not be read: %s",
                       result == -ENOSPC ? "too much is being read" : g_strerror(-result));
        tk_http_reply_problem(p->request, &problem);
    } else {
        tk_http_reply_json(p->request, 200,
                           json_pack("{s:O, s:O, s:O}", "lesson", p->lesson, "sittings",
                                     p->sittings, "roll_calls", p->roll_calls));
    }
    tk_db_close(p->db);
    json_decref(p->lesson);
    json_decref(p->sittings);
    json_decref(p->roll_calls);
    g_free(p);
}

/* A teacher sees the timelines of their own lessons. */
static bool may_see(struct tk_request *r)
{
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    if (!lesson) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        return false;
    }
    if (!tk_credentials_account(&r->credentials, TK_WHO_ADMIN | TK_WHO_AUDITOR) &&
        !tk_lesson_taught_by(lesson, r->account)) {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "This lesson is another teacher's");
        return false;
    }
    return true;
}

static void show(struct tk_request *r)
{
    int64_t sitting_id = 0;
    if (tk_http_query_int(r, "sitting", 0, 1, INT64_MAX, &sitting_id) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "sitting", "sitting is a sitting's id");
        return;
    }
    struct tk_db *db = tk_http_reader(r);
    if (!db) {
        return;
    }
    struct reading *p = g_new0(struct reading, 1);
    p->request = r;
    p->db = db;
    g_strlcpy(p->lesson_id, r->params[0], sizeof(p->lesson_id));
    p->sitting_id = sitting_id;
    p->lesson = tk_lesson_json(tk_lessons_find(r->ctx->lessons, r->params[0]));
    p->roll_calls = json_array();
    int result = tk_http_background(r, read_all, on_read, p);
    if (result < 0) {
        on_read(p, result);
    }
}

const struct tk_route tk_timeline_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/lessons/{id}/timeline",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR | TK_WHO_TEACHER,
     .cost = 10,
     .check = may_see,
     .handle = show},
    {0},
};
