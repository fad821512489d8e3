#include <stdarg.h>
#include <string.h>

#include "signaling/http/request.h"

static const char *problem_type = "application/problem+json";

void tk_http_header(struct tk_request *r, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *value = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    value[strcspn(value, "\r\n")] = '\0';
    g_string_append_printf(r->state->head, "%s: %s\r\n", name, value);
    g_free(value);
}

/* Whether the handler has set this header itself. */
static bool has_header(const struct tk_request *r, const char *name)
{
    char *line = g_strconcat(name, ": ", NULL);
    const char *found = strstr(r->state->head->str, line);
    g_free(line);
    return found && (found == r->state->head->str || found[-1] == '\n');
}

static void common_headers(struct tk_request *r)
{
    tk_http_header(r, "X-Content-Type-Options", "nosniff");
    tk_http_header(r, "Referrer-Policy", "same-origin");
    if (!has_header(r, "Cache-Control")) {
        tk_http_header(r, "Cache-Control", "no-store");
    }
    if (!has_header(r, "Content-Security-Policy")) {
        tk_http_header(r, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (r->state->route && (r->state->route->flags & TK_ROUTE_CORS)) {
        tk_http_header(r, "Access-Control-Allow-Origin", "*");
        tk_http_header(r, "Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Patch");
    }
}

static void reply_bytes(struct tk_request *r, int status, const char *type, GBytes *body)
{
    if (type) {
        tk_http_header(r, "Content-Type", "%s", type);
    }
    common_headers(r);
    struct tk_http_reply reply = {
        .status = status, .head = r->state->head, .body = body, .head_only = r->head};
    tk_http_finish(r, &reply);
    g_bytes_unref(body);
}

void tk_http_reply(struct tk_request *r, int status, const char *content_type, const void *body,
                   size_t len)
{
    reply_bytes(r, status, content_type, g_bytes_new(body, len));
}

void tk_http_reply_empty(struct tk_request *r, int status)
{
    reply_bytes(r, status, NULL, g_bytes_new_static("", 0));
}

void tk_http_reply_shared(struct tk_request *r, int status, const char *content_type, GBytes *body)
{
    reply_bytes(r, status, content_type, g_bytes_ref(body));
}

static void reply_json(struct tk_request *r, int status, const char *type, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (!text) {
        tk_http_reply_empty(r, 500);
        return;
    }
    tk_http_reply(r, status, type, text, strlen(text));
    free(text);
}

void tk_http_reply_json(struct tk_request *r, int status, json_t *body)
{
    reply_json(r, status, "application/json", body);
}

void tk_http_reply_problem(struct tk_request *r, const struct tk_problem *problem)
{
    char type[64];
    g_snprintf(type, sizeof(type), "/problems/%s", problem->code);
    json_t *body =
        json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", type, "title", tk_problem_title(problem->code),
                  "status", problem->status, "detail", problem->detail, "code", problem->code);
    if (!body) { /* a detail that is not UTF-8 */
        body =
            json_pack("{s:s,s:s,s:i,s:s}", "type", type, "title", tk_problem_title(problem->code),
                      "status", problem->status, "code", problem->code);
    }
    if (problem->field) {
        json_object_set_new(body, "field", json_string(problem->field));
    }
    if (problem->retry_after_s > 0) {
        tk_http_header(r, "Retry-After", "%lld", (long long)problem->retry_after_s);
        json_object_set_new(body, "retry_after_s", json_integer(problem->retry_after_s));
    }
    if (problem->status == 401 && r->state->route && (r->state->route->flags & TK_ROUTE_BEARER)) {
        tk_http_header(r, "WWW-Authenticate", "Bearer realm=\"tongke\"");
    }
    reply_json(r, problem->status, problem_type, body);
}

void tk_http_fail(struct tk_request *r, enum tk_problem_code code, const char *field,
                  const char *fmt, ...)
{
    struct tk_problem problem;
    char detail[sizeof(problem.detail)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    tk_problem_set(&problem, code, field, "%s", detail);
    tk_http_reply_problem(r, &problem);
}

void tk_http_redirect(struct tk_request *r, int status, const char *location)
{
    tk_http_header(r, "Location", "%s", location);
    tk_http_reply_empty(r, status);
}

void tk_http_set_cookie(struct tk_request *r, const char *name, const char *value,
                        int64_t max_age_s)
{
    tk_http_header(r, "Set-Cookie", "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name,
                   value, (long long)max_age_s, r->secure ? "; Secure" : "");
}
