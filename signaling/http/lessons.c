/* Lessons: list, make, look at, change, end, cancel, choose the source. */

#include "signaling/core/lesson_json.h"
#include "signaling/http/http.h"

#define PEOPLE (TK_WHO_ADMIN | TK_WHO_TEACHER | TK_WHO_COTEACHER | TK_WHO_AUDITOR)
#define REASON_BYTES_MAX 400
#define JSON_TYPE "application/json"

static void reply_lesson(struct tk_request *r, int status, const struct tk_lesson *lesson)
{
    char etag[32];
    tk_lesson_etag(lesson, etag, sizeof(etag));
    tk_http_header(r, "ETag", "%s", etag);
    tk_http_reply_json(r, status, tk_lesson_json(lesson));
}

static void on_done(void *arg, const struct tk_problem *problem, const struct tk_lesson *lesson)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
    } else {
        reply_lesson(r, 200, lesson);
    }
}

static void on_created(void *arg, const struct tk_problem *problem, const struct tk_lesson *lesson)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_http_header(r, "Location", "/api/v1/lessons/%s", lesson->row.id);
    reply_lesson(r, 201, lesson);
}

/* Before the body is read: whether there is such a lesson. */
static bool lesson_exists(struct tk_request *r)
{
    if (tk_lessons_find(r->ctx->lessons, r->params[0])) {
        return true;
    }
    tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
    return false;
}

/* A teacher ends only lessons of their own. */
static bool may_end(struct tk_request *r)
{
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    if (!lesson) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        return false;
    }
    const struct tk_account *admin = tk_credentials_account(&r->credentials, TK_WHO_ADMIN);
    const struct tk_account *teacher = tk_credentials_account(&r->credentials, TK_WHO_TEACHER);
    if (teacher && tk_lesson_taught_by(lesson, teacher)) {
        r->account = teacher;
    } else if (!admin) {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "Only its own teacher may end the lesson");
        return false;
    }
    return true;
}

static void list(struct tk_request *r)
{
    struct tk_lessons_filter filter = {.state = tk_http_query(r, "state")};
    struct tk_problem problem;
    if (tk_http_query_int(r, "from_ms", 0, 0, INT64_MAX, &filter.from_ms) < 0 ||
        tk_http_query_int(r, "to_ms", 0, 0, INT64_MAX, &filter.to_ms) < 0 ||
        tk_http_query_int(r, "page", 1, 1, INT32_MAX, &filter.page) < 0 ||
        tk_http_query_int(r, "per_page", 0, 0, INT32_MAX, &filter.per_page) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_REQUEST, NULL,
                     "from_ms, to_ms, page and per_page are whole numbers");
        return;
    }
    json_t *lessons = tk_lessons_list_json(r->ctx->lessons, r->ctx->now(), &filter, &problem);
    if (lessons) {
        tk_http_reply_json(r, 200, lessons);
    } else {
        tk_http_reply_problem(r, &problem);
    }
}

static void show(struct tk_request *r)
{
    reply_lesson(r, 200, tk_lessons_find(r->ctx->lessons, r->params[0]));
}

static void create(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    json_t *fields = tk_http_fields(r);
    if (!fields) {
        return;
    }
    tk_lesson_create(r->ctx->lessons, &actor, r->ctx->now(), fields, on_created, r);
    json_decref(fields);
}

static void patch(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    const char *if_match = r->headers[TK_HTTP_IF_MATCH];
    int64_t version = if_match ? tk_lesson_etag_parse(if_match) : 0;
    if (!if_match || version < 0) {
        tk_http_fail(r, TK_PROBLEM_PRECONDITION_FAILED, NULL,
                     "Send If-Match with the ETag of the lesson that you saw");
        return;
    }
    json_t *fields = tk_http_fields(r);
    if (!fields) {
        return;
    }
    tk_lesson_patch(r->ctx->lessons, &actor, r->ctx->now(), r->params[0], version, fields, on_done,
                    r);
    json_decref(fields);
}

static void end(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    tk_lesson_end(r->ctx->lessons, &actor, r->ctx->now(), r->params[0], on_done, r);
}

static void cancel(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    struct tk_problem problem;
    json_t *body = tk_http_body_object(r, &problem);
    const char *reason =
        body ? tk_http_field_text(body, "reason", REASON_BYTES_MAX, true, &problem) : NULL;
    if (reason) {
        tk_lesson_cancel(r->ctx->lessons, &actor, r->ctx->now(), r->params[0], reason, on_done, r);
    } else {
        tk_http_reply_problem(r, &problem);
    }
    json_decref(body);
}

static void set_source(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    json_t *source = tk_http_fields(r);
    if (!source) {
        return;
    }
    tk_lesson_set_source(r->ctx->lessons, &actor, r->ctx->now(), r->params[0], source, on_done, r);
    json_decref(source);
}

const struct tk_route tk_lesson_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/api/v1/lessons", .who = PEOPLE, .handle = list},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/lessons",
     .who = TK_WHO_ADMIN,
     .type = JSON_TYPE,
     .handle = create},
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/lessons/{id}",
     .who = PEOPLE,
     .check = lesson_exists,
     .handle = show},
    {.method = TK_HTTP_PATCH,
     .pattern = "/api/v1/lessons/{id}",
     .who = TK_WHO_ADMIN,
     .type = JSON_TYPE,
     .check = lesson_exists,
     .handle = patch},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/lessons/{id}/end",
     .who = TK_WHO_ADMIN | TK_WHO_TEACHER,
     .check = may_end,
     .handle = end},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/lessons/{id}/cancel",
     .who = TK_WHO_ADMIN,
     .type = JSON_TYPE,
     .check = lesson_exists,
     .handle = cancel},
    {.method = TK_HTTP_PUT,
     .pattern = "/api/v1/lessons/{id}/source",
     .who = TK_WHO_ADMIN,
     .type = JSON_TYPE,
     .check = lesson_exists,
     .handle = set_source},
    {0},
};
