/* GET /audit: who did what, newest first. */

#include "signaling/http/http.h"
#include "signaling/http/json.h"
#include "signaling/store/audit_rows.h"

#define PER_PAGE 50
#define PAGES_MAX 10000000

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *document_or_null(const char *text)
{
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_null();
}

static int add_entry(void *ctx, const struct tk_audit_entry *e)
{
    return json_array_append_new(
        ctx, json_pack("{s:I,s:I,s:s,s:o,s:s,s:s,s:o,s:o}", "seq", (json_int_t)e->seq, "at_ms",
                       (json_int_t)e->at_ms, "actor", e->actor, "ip", text_or_null(e->ip), "action",
                       e->action, "object", e->object, "before", document_or_null(e->before),
                       "after", document_or_null(e->after)));
}

static void list(struct tk_request *r)
{
    struct tk_db *db = tk_store_reader(r->ctx->store);
    struct tk_problem problem;
    int64_t total = 0;
    int64_t page;
    if (tk_http_query_int(r, "page", 1, 1, PAGES_MAX, &page) < 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "page", "Pages are counted from 1");
        return;
    }
    json_t *entries = json_array();
    int result = tk_audit_count(db, &total);
    if (result == 0) {
        result = tk_audit_list(db, (page - 1) * PER_PAGE, PER_PAGE, add_entry, entries);
    }
    if (result < 0) {
        json_decref(entries);
        tk_problem_from_errno(&problem, result);
        tk_http_reply_problem(r, &problem);
        return;
    }
    tk_http_reply_json(r, 200,
                       json_pack("{s:o,s:I,s:I,s:i}", "entries", entries, "total",
                                 (json_int_t)total, "page", (json_int_t)page, "per_page",
                                 PER_PAGE));
}

const struct tk_route tk_audit_routes[] = {
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/audit",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR,
     .handle = list},
    {0},
};
