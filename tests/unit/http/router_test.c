#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "signaling/http/router.h"

#define HOST "tongke.example:8443"
#define OURS "https://tongke.example:8443"

struct fixture {
    struct tk_http *http;
    struct tk_http_ctx ctx;
    int64_t mono_ms;
    struct tk_http_incoming in;
    /* the reply */
    int replies;
    int status;
    char head[2048];
    char body[1024];
    bool head_only;
    /* what the handlers saw */
    char seen[256];
    struct tk_request *held;
};

static struct fixture *current;

static struct tk_now now(void)
{
    return (struct tk_now){.wall_ms = 1790000000000, .mono_ms = current->mono_ms};
}

static void on_reply(void *arg, const struct tk_http_reply *reply)
{
    struct fixture *f = arg;
    gsize len;
    const char *bytes = g_bytes_get_data(reply->body, &len);
    f->replies++;
    f->status = reply->status;
    f->head_only = reply->head_only;
    g_strlcpy(f->head, reply->head->str, sizeof(f->head));
    g_snprintf(f->body, sizeof(f->body), "%.*s", (int)len, len ? bytes : "");
}

static void see(struct tk_request *r)
{
    const char *query = tk_http_query(r, "q");
    g_snprintf(current->seen, sizeof(current->seen), "%s|%s|%s|%.*s",
               r->params[0] ? r->params[0] : "", r->params[1] ? r->params[1] : "",
               query ? query : "", (int)r->body_len, (const char *)r->body);
    tk_http_header(r, "X-Seen", "%s", "one\r\nX-Evil: two");
    tk_http_reply(r, 200, "text/plain", "hello", 5);
}

static void hold(struct tk_request *r)
{
    current->held = r;
}

static bool refuse(struct tk_request *r)
{
    tk_http_fail(r, TK_PROBLEM_CONFLICT, "field", "%s", "refused before the body");
    return false;
}

static bool fallback(struct tk_request *r)
{
    if (strcmp(r->path, "/nowhere") == 0) {
        return false;
    }
    g_snprintf(current->seen, sizeof(current->seen), "file %s", r->path);
    tk_http_reply_empty(r, 200);
    return true;
}

static const struct tk_route routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/things/{id}", .handle = see},
    {.method = TK_HTTP_PUT,
     .pattern = "/things/{id}/parts/{part}",
     .type = "application/json",
     .body_max = 10,
     .handle = see},
    {.method = TK_HTTP_POST, .pattern = "/things/{id}", .handle = hold},
    {.method = TK_HTTP_DELETE, .pattern = "/things/{id}", .who = TK_WHO_ADMIN, .handle = see},
    {.method = TK_HTTP_POST,
     .pattern = "/media/{lesson}",
     .flags = TK_ROUTE_BEARER | TK_ROUTE_CORS,
     .type = "application/sdp",
     .handle = see},
    {.method = TK_HTTP_POST, .pattern = "/refused", .check = refuse, .handle = see},
    {.method = TK_HTTP_GET, .pattern = "/dear", .cost = 900, .handle = see},
    {0},
};
static const struct tk_route *const tables[] = {routes, NULL};

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    current = f;
    f->ctx.now = now;
    f->http = tk_http_create(&f->ctx, tables, fallback);
    f->in.address = "192.0.2.7";
    f->in.headers[TK_HTTP_HOST] = HOST;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tk_http_destroy(f->http);
    g_free(f);
    return 0;
}

static struct tk_request *begin(struct fixture *f, const char *method, const char *path)
{
    f->in.method = method;
    f->in.path = path;
    f->replies = 0;
    f->status = 0;
    f->seen[0] = '\0';
    return tk_http_open(f->http, &f->in, on_reply, f);
}

static void ask(struct fixture *f, const char *method, const char *path, const char *body)
{
    char length[16];
    if (body) {
        g_snprintf(length, sizeof(length), "%zu", strlen(body));
        f->in.headers[TK_HTTP_CONTENT_LENGTH] = length;
    }
    struct tk_request *r = begin(f, method, path);
    if (r && body) {
        tk_http_body(r, body, strlen(body));
    }
    if (r) {
        tk_http_run(r);
    }
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = NULL;
}

static void path_and_query_reach_the_handler(void **state)
{
    struct fixture *f = *state;
    static const char *const queries[] = {"p=1", "q=a=b", "q=second", NULL};
    f->in.queries = queries;
    ask(f, "GET", "/things/十二", NULL);
    assert_int_equal(200, f->status);
    assert_string_equal("十二||a=b|", f->seen);
    assert_string_equal("hello", f->body);
}

static void header_values_cannot_break_out(void **state)
{
    struct fixture *f = *state;
    ask(f, "GET", "/things/1", NULL);
    assert_non_null(strstr(f->head, "X-Seen: one\r\n"));
    assert_null(strstr(f->head, "X-Evil"));
}

static void every_reply_is_hardened(void **state)
{
    struct fixture *f = *state;
    ask(f, "GET", "/things/1", NULL);
    assert_non_null(strstr(f->head, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(f->head, "frame-ancestors 'none'"));
    assert_non_null(strstr(f->head, "Cache-Control: no-store\r\n"));
    assert_null(strstr(f->head, "Access-Control"));
}

static void unknown_paths_are_files_or_not_found(void **state)
{
    struct fixture *f = *state;
    ask(f, "GET", "/things/1/2/3", NULL);
    assert_string_equal("file /things/1/2/3", f->seen);
    ask(f, "GET", "/refused", NULL); /* a page where only POST has a route */
    assert_string_equal("file /refused", f->seen);
    ask(f, "GET", "/nowhere", NULL);
    assert_int_equal(404, f->status);
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    ask(f, "POST", "/nothing", "");
    assert_int_equal(404, f->status);
    assert_non_null(strstr(f->head, "application/problem+json"));
    assert_non_null(strstr(f->body, "\"code\":\"not_found\""));
    ask(f, "GET", "/a\x01", NULL);
    assert_int_equal(400, f->status);
    ask(f, "GET", "/\xff", NULL);
    assert_int_equal(400, f->status);
}

static void other_methods_are_told_which_there_are(void **state)
{
    struct fixture *f = *state;
    ask(f, "PATCH", "/things/1", NULL);
    assert_int_equal(405, f->status);
    assert_non_null(strstr(f->head, "Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n"));
    ask(f, "OPTIONS", "/things/1", NULL);
    assert_int_equal(204, f->status);
    assert_non_null(strstr(f->head, "Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n"));
    assert_null(strstr(f->head, "Access-Control"));
    ask(f, "OPTIONS", "/media/demo", NULL);
    assert_non_null(strstr(f->head, "Access-Control-Allow-Origin: *\r\n"));
    assert_non_null(strstr(f->head, "Access-Control-Allow-Headers: Authorization"));
    ask(f, "HEAD", "/things/1", NULL);
    assert_int_equal(200, f->status);
    assert_true(f->head_only);
}

static void a_write_comes_from_a_page_of_ours(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_CONTENT_TYPE] = "application/json; charset=utf-8";
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(403, f->status);
    f->in.headers[TK_HTTP_ORIGIN] = "https://evil.example";
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(403, f->status);
    f->in.headers[TK_HTTP_SEC_FETCH_SITE] = "same-origin"; /* Origin says more */
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(403, f->status);
    f->in.headers[TK_HTTP_ORIGIN] = NULL;
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(200, f->status);
    assert_string_equal("1|2||{}", f->seen);
    f->in.headers[TK_HTTP_SEC_FETCH_SITE] = NULL;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(200, f->status);
    assert_int_equal(3, tk_http_stats(f->http)->foreign);
}

static void nobody_is_asked_to_log_in(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    ask(f, "DELETE", "/things/1", NULL);
    assert_int_equal(401, f->status);
    assert_non_null(strstr(f->body, "\"code\":\"unauthenticated\""));
    assert_string_equal("", f->seen);
}

static void bodies_are_refused_before_they_are_read(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    f->in.headers[TK_HTTP_CONTENT_TYPE] = "application/json";
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = "11";
    assert_null(begin(f, "PUT", "/things/1/parts/2"));
    assert_int_equal(413, f->status);
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = "99999999999999999999";
    assert_null(begin(f, "PUT", "/things/1/parts/2"));
    assert_int_equal(413, f->status);
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = "-1";
    assert_null(begin(f, "PUT", "/things/1/parts/2"));
    assert_int_equal(400, f->status);
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = "5,6";
    assert_null(begin(f, "PUT", "/things/1/parts/2"));
    assert_int_equal(400, f->status);
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = NULL;
    f->in.headers[TK_HTTP_TRANSFER_ENCODING] = "chunked";
    assert_null(begin(f, "PUT", "/things/1/parts/2"));
    assert_int_equal(411, f->status);
    f->in.headers[TK_HTTP_TRANSFER_ENCODING] = NULL;
    f->in.headers[TK_HTTP_CONTENT_TYPE] = "text/plain";
    ask(f, "PUT", "/things/1/parts/2", "{}");
    assert_int_equal(415, f->status);
}

static void media_needs_no_origin_and_is_open_to_other_sites(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_CONTENT_TYPE] = "application/sdp";
    f->in.headers[TK_HTTP_ORIGIN] = "https://other.example";
    ask(f, "POST", "/media/demo", "v=0");
    assert_int_equal(200, f->status);
    assert_non_null(strstr(f->head, "Access-Control-Allow-Origin: *\r\n"));
}

static void a_check_comes_before_length_and_type(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    f->in.headers[TK_HTTP_TRANSFER_ENCODING] = "chunked";
    assert_null(begin(f, "POST", "/refused"));
    assert_int_equal(409, f->status);
    assert_non_null(strstr(f->body, "\"field\":\"field\""));
    assert_int_equal(1, f->replies);
}

static void more_than_announced_is_ignored(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    f->in.headers[TK_HTTP_CONTENT_TYPE] = "application/json";
    f->in.headers[TK_HTTP_CONTENT_LENGTH] = "2";
    struct tk_request *r = begin(f, "PUT", "/things/1/parts/2");
    assert_non_null(r);
    assert_int_equal(2, tk_http_body_expected(r));
    tk_http_body(r, "{", 1);
    tk_http_body(r, "}extra", 6);
    tk_http_run(r);
    assert_string_equal("1|2||{}", f->seen);
}

static void late_replies_reach_the_client_or_nobody(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    ask(f, "POST", "/things/1", NULL);
    assert_int_equal(0, f->replies);
    assert_int_equal(1, tk_http_stats(f->http)->open);
    tk_http_reply_empty(f->held, 204);
    assert_int_equal(1, f->replies);
    ask(f, "POST", "/things/1", NULL);
    tk_http_abandon(f->held);
    tk_http_reply_empty(f->held, 204);
    assert_int_equal(0, f->replies);
    tk_http_abandon(begin(f, "POST", "/things/1"));
    assert_int_equal(0, tk_http_stats(f->http)->open);
}

static void replies_may_come_after_the_end(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ORIGIN] = OURS;
    ask(f, "POST", "/things/1", NULL);
    tk_http_abandon(f->held);
    tk_http_destroy(f->http);
    tk_http_reply_empty(f->held, 204); /* the last one frees it: the sanitizers look */
    f->http = NULL;
}

static void an_address_that_asks_too_often_waits(void **state)
{
    struct fixture *f = *state;
    ask(f, "GET", "/dear", NULL);
    assert_int_equal(200, f->status);
    ask(f, "GET", "/dear", NULL);
    assert_int_equal(429, f->status);
    assert_non_null(strstr(f->head, "Retry-After: 1\r\n"));
    f->in.address = "192.0.2.8";
    ask(f, "GET", "/dear", NULL);
    assert_int_equal(200, f->status);
    f->in.address = "192.0.2.7";
    f->mono_ms += 5000;
    ask(f, "GET", "/dear", NULL);
    assert_int_equal(200, f->status);
}

static void a_request_names_its_host(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_HOST] = NULL;
    ask(f, "GET", "/things/1", NULL);
    assert_int_equal(400, f->status);
    f->in.headers[TK_HTTP_HOST] = "evil.example";
    f->in.misdirected = true;
    ask(f, "GET", "/things/1", NULL);
    assert_int_equal(421, f->status);
    assert_string_equal("", f->seen);
}

static void json_bodies_are_objects_with_checked_fields(void **state)
{
    struct tk_request r = {.body = (const uint8_t *)"{\"a\":\"x\",\"b\":1}", .body_len = 15};
    struct tk_problem p;
    json_t *body = tk_http_body_object(&r, &p);
    assert_non_null(body);
    assert_string_equal("x", tk_http_field_text(body, "a", 5, true, &p));
    assert_null(tk_http_field_text(body, "b", 5, false, &p));
    assert_string_equal("bad_field", p.code);
    assert_null(tk_http_field_text(body, "c", 5, false, &p));
    assert_null(p.code);
    assert_null(tk_http_field_text(body, "c", 5, true, &p));
    assert_string_equal("c", p.field);
    json_decref(body);
    static const char *const bad[] = {"[]", "{\"a\":1,\"a\":2}", "{", "{}x", "\"a\""};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        r.body = (const uint8_t *)bad[i];
        r.body_len = strlen(bad[i]);
        assert_null(tk_http_body_object(&r, &p));
        assert_int_equal(400, p.status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(path_and_query_reach_the_handler),
        T(header_values_cannot_break_out),
        T(every_reply_is_hardened),
        T(unknown_paths_are_files_or_not_found),
        T(other_methods_are_told_which_there_are),
        T(a_write_comes_from_a_page_of_ours),
        T(nobody_is_asked_to_log_in),
        T(bodies_are_refused_before_they_are_read),
        T(media_needs_no_origin_and_is_open_to_other_sites),
        T(a_check_comes_before_length_and_type),
        T(more_than_announced_is_ignored),
        T(late_replies_reach_the_client_or_nobody),
        T(replies_may_come_after_the_end),
        T(an_address_that_asks_too_often_waits),
        T(a_request_names_its_host),
        T(json_bodies_are_objects_with_checked_fields),
    };
    return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
