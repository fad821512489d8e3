#include "signaling/http/request.h"

#include <errno.h>
#include <string.h>

#define BEARER "Bearer "

static const char *const method_names[] = {"GET",   "HEAD",   "POST",   "PUT",
                                           "PATCH", "DELETE", "OPTIONS"};

static enum tk_http_method method_parse(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(method_names); i++) {
        if (strcmp(method_names[i], name) == 0) {
            return (enum tk_http_method)i;
        }
    }
    return TK_HTTP_OTHER;
}

/* UTF-8 without control characters, as nothing of ours has them. */
static bool is_clean(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return false;
        }
    }
    return g_utf8_validate(text, -1, NULL);
}

static bool is_path(const char *text)
{
    return text[0] == '/' && strlen(text) < TK_HTTP_PATH_MAX && is_clean(text);
}

static GHashTable *parse_queries(const char *const *queries)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; queries && queries[i]; i++) {
        const char *equals = strchr(queries[i], '=');
        size_t len = equals ? (size_t)(equals - queries[i]) : strlen(queries[i]);
        char *name = g_strndup(queries[i], len);
        if (is_clean(queries[i]) && !g_hash_table_contains(table, name)) {
            g_hash_table_insert(table, name, g_strdup(equals ? equals + 1 : ""));
        } else {
            g_free(name);
        }
    }
    return table;
}

struct tk_request *tk_request_create(const struct tk_http_ctx *ctx,
                                     const struct tk_http_incoming *incoming)
{
    struct tk_request *r = g_new0(struct tk_request, 1);
    struct tk_request_state *s = g_new0(struct tk_request_state, 1);
    r->state = s;
    r->ctx = ctx;
    r->method = method_parse(incoming->method);
    r->head = r->method == TK_HTTP_HEAD;
    if (r->head) {
        r->method = TK_HTTP_GET;
    }
    s->path = is_path(incoming->path) ? g_strdup(incoming->path) : NULL;
    s->queries = parse_queries(incoming->queries);
    s->head = g_string_new(NULL);
    s->body = g_byte_array_new();
    r->path = s->path;
    for (int i = 0; i < TK_HTTP_HEADERS; i++) {
        s->headers[i] = g_strdup(incoming->headers[i]);
        r->headers[i] = s->headers[i];
    }
    g_strlcpy(r->address, incoming->address, sizeof(r->address));
    r->loopback = incoming->loopback;
    r->secure = incoming->secure;
    return r;
}

void tk_request_free(struct tk_request *r)
{
    struct tk_request_state *s = r->state;
    for (int i = 0; i < TK_HTTP_HEADERS; i++) {
        g_free(s->headers[i]);
    }
    for (int i = 0; i < TK_HTTP_PARAMS_MAX; i++) {
        g_free(s->params[i]);
    }
    g_hash_table_unref(s->queries);
    g_free(s->path);
    g_byte_array_unref(s->body);
    g_string_free(s->head, TRUE);
    g_free(s);
    g_free(r);
}

bool tk_http_match(const char *pattern, const char *path, char *params[TK_HTTP_PARAMS_MAX])
{
    char *found[TK_HTTP_PARAMS_MAX] = {NULL};
    int n = 0;
    while (*pattern && *path) {
        if (*pattern != '{') {
            if (*pattern != *path) {
                break;
            }
            pattern++;
            path++;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (len == 0 || len >= TK_HTTP_PARAM_TEXT || n == TK_HTTP_PARAMS_MAX) {
            break;
        }
        found[n++] = g_strndup(path, len);
        pattern = strchr(pattern, '}') + 1;
        path += len;
    }
    bool matches = *pattern == '\0' && *path == '\0';
    for (int i = 0; i < n; i++) {
        if (matches) {
            params[i] = found[i];
        } else {
            g_free(found[i]);
        }
    }
    return matches;
}

const char *tk_http_query(struct tk_request *r, const char *name)
{
    return g_hash_table_lookup(r->state->queries, name);
}

int tk_http_query_int(struct tk_request *r, const char *name, int64_t fallback, int64_t min,
                      int64_t max, int64_t *ret)
{
    const char *text = tk_http_query(r, name);
    if (!text || !*text) {
        *ret = fallback;
        return 0;
    }
    return g_ascii_string_to_signed(text, 10, min, max, ret, NULL) ? 0 : -EINVAL;
}

const char *tk_http_bearer(const struct tk_request *r)
{
    const char *text = r->headers[TK_HTTP_AUTHORIZATION];
    if (!text || g_ascii_strncasecmp(text, BEARER, strlen(BEARER)) != 0) {
        return NULL;
    }
    text += strlen(BEARER);
    return text + strspn(text, " ");
}

struct tk_actor tk_http_actor(const struct tk_request *r)
{
    struct tk_actor actor = {0};
    if (r->account) {
        actor.account_id = r->account->id;
        g_strlcpy(actor.name, r->account->login, sizeof(actor.name));
    }
    g_strlcpy(actor.ip, r->address, sizeof(actor.ip));
    return actor;
}

bool tk_http_accepts_gzip(const struct tk_request *r)
{
    const char *accept = r->headers[TK_HTTP_ACCEPT_ENCODING];
    const char *found = accept ? strstr(accept, "gzip") : NULL;
    /* RFC 9110, section 12.4.2: a weight of 0 is a refusal */
    return found && !g_str_has_prefix(found + 4, ";q=0");
}

bool tk_http_has_type(const struct tk_request *r, const char *type)
{
    const char *text = r->headers[TK_HTTP_CONTENT_TYPE];
    if (!text) {
        return false;
    }
    size_t len = strcspn(text, "; \t");
    return len == strlen(type) && g_ascii_strncasecmp(text, type, len) == 0;
}

json_t *tk_http_body_object(struct tk_request *r, struct tk_problem *problem)
{
    json_error_t error;
    size_t len = r->body_len;
    /* an empty body stands for an empty object: every field of it may be optional */
    json_t *body = len ? json_loadb((const char *)r->body, len, JSON_REJECT_DUPLICATES, &error)
                       : json_object();
    if (!body) {
        tk_problem_set(problem, TK_PROBLEM_BAD_REQUEST, NULL, "Not JSON: line %d, column %d: %s",
                       error.line, error.column, error.text);
        return NULL;
    }
    if (!json_is_object(body)) {
        json_decref(body);
        tk_problem_set(problem, TK_PROBLEM_BAD_REQUEST, NULL, "The body must be a JSON object");
        return NULL;
    }
    return body;
}

json_t *tk_http_fields(struct tk_request *r)
{
    struct tk_problem problem;
    json_t *fields = tk_http_body_object(r, &problem);
    if (!fields) {
        tk_http_reply_problem(r, &problem);
    }
    return fields;
}

const char *tk_http_field_text(const json_t *body, const char *name, size_t max_bytes,
                               bool required, struct tk_problem *problem)
{
    const json_t *value = json_object_get(body, name);
    problem->code = NULL;
    if ((!value || json_is_null(value)) && !required) {
        return NULL;
    }
    if (!json_is_string(value) || json_string_length(value) > max_bytes ||
        (required && json_string_length(value) == 0)) {
        tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, name, "Must be a text of 1 to %zu bytes",
                       max_bytes);
        return NULL;
    }
    return json_string_value(value);
}

bool tk_http_param_id(const struct tk_request *r, int i, int64_t *ret)
{
    return g_ascii_string_to_signed(r->params[i], 10, 1, INT64_MAX, ret, NULL);
}
