/* Attendance: of a lesson, of a period as CSV, corrections. */

#include <errno.h>

#include "signaling/core/lesson_json.h"
#include "signaling/core/tally.h"
#include "signaling/http/http.h"
#include "signaling/report/attendance.h"

#define READERS (TK_WHO_ADMIN | TK_WHO_AUDITOR)
#define REASON_BYTES_MAX 400
#define STATUS_BYTES_MAX 20
#define DAY_MS 86400000LL
#define SHANGHAI_MS (8 * 3600000LL)
/* A school year and the holidays after it. */
#define SPAN_DAYS_MAX 400

static void of_lesson(struct tk_request *r)
{
    struct tk_problem problem;
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    const struct tk_account *reader = tk_credentials_account(&r->credentials, READERS);
    if (lesson && !reader && !tk_lesson_taught_by(lesson, r->account)) {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "Only its own teacher may see its attendance");
        return;
    }
    json_t *attendance = tk_attendance_json(r->ctx->lessons, r->ctx->now(), r->params[0], &problem);
    if (attendance) {
        tk_http_reply_json(r, 200, attendance);
    } else {
        tk_http_reply_problem(r, &problem);
    }
}

struct report {
    struct tk_request *request;
    struct tk_db *db; /* its own: it is read on another thread */
    struct tk_tally tally;
    struct tk_attendance_report what;
    char *lesson_id;
    GString *out;
};

static void on_report(void *arg, int result)
{
    struct report *p = arg;
    struct tk_problem problem;
    if (result < 0) {
        tk_problem_set(&problem, result == -ENOSPC ? TK_PROBLEM_UNAVAILABLE : TK_PROBLEM_INTERNAL,
                       NULL, "The report could not be made: %s",
                       result == -ENOSPC ? "too many are being made" : g_strerror(-result));
        tk_http_reply_problem(p->request, &problem);
    } else {
        tk_http_header(p->request, "Content-Disposition",
                       "attachment; filename=\"tongke-attendance.csv\"");
        tk_http_reply(p->request, 200, "text/csv; charset=utf-8", p->out->str, p->out->len);
    }
    tk_db_close(p->db);
    g_string_free(p->out, TRUE);
    g_free(p->lesson_id);
    g_free(p);
}

static int make_report(void *arg)
{
    struct report *p = arg;
    return tk_attendance_report_csv(p->db, &p->what, p->out);
}

/* Without a period: today in Asia/Shanghai. */
static bool read_period(struct tk_request *r, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    int64_t now_ms = r->ctx->now().wall_ms;
    int64_t today_ms = now_ms - (now_ms + SHANGHAI_MS) % DAY_MS;
    bool ok =
        tk_http_query_int(r, "from_ms", today_ms, 0, INT64_MAX / 2, ret_from_ms) == 0 &&
        tk_http_query_int(r, "to_ms", *ret_from_ms + DAY_MS, 0, INT64_MAX / 2, ret_to_ms) == 0;
    if (!ok || *ret_to_ms <= *ret_from_ms || *ret_to_ms - *ret_from_ms > SPAN_DAYS_MAX * DAY_MS) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "from_ms",
                     "from_ms and to_ms are a period of 1 ms to %d days", SPAN_DAYS_MAX);
        return false;
    }
    return true;
}

static void csv(struct tk_request *r)
{
    int64_t from_ms = 0;
    int64_t to_ms = 0;
    if (!read_period(r, &from_ms, &to_ms)) {
        return;
    }
    struct tk_db *db = tk_http_reader(r);
    if (!db) {
        return;
    }
    struct report *p = g_new0(struct report, 1);
    p->request = r;
    p->db = db;
    p->tally = *tk_lessons_tally(r->ctx->lessons);
    p->lesson_id = g_strdup(tk_http_query(r, "lesson"));
    p->out = g_string_new(NULL);
    p->what = (struct tk_attendance_report){.from_ms = from_ms,
                                            .to_ms = to_ms,
                                            .lesson_id = p->lesson_id,
                                            .as_of_ms = r->ctx->now().wall_ms,
                                            .running = tk_tally_sitting,
                                            .ctx = &p->tally};
    int result = tk_http_background(r, make_report, on_report, p);
    if (result < 0) {
        on_report(p, result);
    }
}

static void on_corrected(void *arg, const struct tk_problem *problem, int64_t correction_id)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
    } else {
        tk_http_reply_json(r, 201, json_pack("{s:I}", "id", (json_int_t)correction_id));
    }
}

static void correct(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    struct tk_problem problem;
    int64_t id;
    const char *reason = NULL;
    if (!tk_http_param_id(r, 0, &id)) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such result");
        return;
    }
    json_t *body = tk_http_body_object(r, &problem);
    const char *status =
        body ? tk_http_field_text(body, "status", STATUS_BYTES_MAX, true, &problem) : NULL;
    if (status) {
        reason = tk_http_field_text(body, "reason", REASON_BYTES_MAX, true, &problem);
    }
    if (reason) {
        tk_attendance_correct(r->ctx->lessons, &actor, r->ctx->now(), id, status, reason,
                              on_corrected, r);
    } else {
        tk_http_reply_problem(r, &problem);
    }
    json_decref(body);
}

const struct tk_route tk_attendance_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/lessons/{id}/attendance",
     .who = READERS | TK_WHO_TEACHER,
     .handle = of_lesson},
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/attendance.csv",
     .who = READERS,
     .cost = 20,
     .handle = csv},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/attendance/{id}/corrections",
     .who = TK_WHO_ADMIN,
     .type = "application/json",
     .handle = correct},
    {0},
};
