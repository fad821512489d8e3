#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "signaling/server/guard.h"
#include "signaling/server/server_state.h"
#include "tests/unit/store/temporary.h"

struct fixture {
    char *folder;
    struct tk_files *files;
    struct tk_http *http;
    struct tk_http_ctx ctx;
    struct tk_http_incoming in;
    int status;
    char head[2048];
    char body[256];
};

static struct fixture *current;

static struct tk_now now(void)
{
    return (struct tk_now){.wall_ms = 1790000000000, .mono_ms = 1};
}

static bool on_file(struct tk_request *r)
{
    return tk_files_reply(current->files, r);
}

static void put(const struct fixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int set_up(void **state)
{
    static const struct tk_route *const none[] = {NULL};
    char err[256];
    struct fixture *f = g_new0(struct fixture, 1);
    current = f;
    f->folder = temporary_make();
    g_autofree char *assets = g_build_filename(f->folder, "assets", NULL);
    assert_int_equal(0, g_mkdir(assets, 0700));
    put(f, "teach.html", "<p>teach");
    put(f, "teach.html.gz", "zipped");
    put(f, "assets/teach-ABC.js", "script");
    put(f, "assets/only.js.gz", "no plain one");
    put(f, ".hidden", "secret");
    assert_int_equal(0, tk_files_read(f->folder, &f->files, err, sizeof(err)));
    f->ctx.now = now;
    f->http = tk_http_create(&f->ctx, none, on_file);
    f->in.address = "192.0.2.7";
    f->in.headers[TK_HTTP_HOST] = "tongke.example";
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tk_http_destroy(f->http);
    tk_files_destroy(f->files);
    temporary_remove(g_build_filename(f->folder, "assets", NULL));
    temporary_remove(f->folder);
    g_free(f);
    return 0;
}

static void on_reply(void *arg, const struct tk_http_reply *reply)
{
    struct fixture *f = arg;
    gsize len;
    const char *bytes = g_bytes_get_data(reply->body, &len);
    f->status = reply->status;
    g_strlcpy(f->head, reply->head->str, sizeof(f->head));
    g_snprintf(f->body, sizeof(f->body), "%.*s", (int)len, len ? bytes : "");
}

static void get(struct fixture *f, const char *path)
{
    f->in.method = "GET";
    f->in.path = path;
    assert_null(tk_http_open(f->http, &f->in, on_reply, f));
}

static void pages_have_addresses_of_their_own(void **state)
{
    struct fixture *f = *state;
    get(f, "/teach/demo");
    assert_int_equal(200, f->status);
    assert_string_equal("<p>teach", f->body);
    assert_non_null(strstr(f->head, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(f->head, "Cache-Control: no-cache\r\n"));
    assert_non_null(strstr(f->head, "Content-Security-Policy: default-src 'self';"));
    assert_non_null(strstr(f->head, "frame-ancestors 'none'"));
    assert_null(strstr(f->head, "unsafe-inline"));
    assert_non_null(strstr(f->head, "Permissions-Policy: camera=(self), microphone=(self)"));
    get(f, "/admin"); /* a page that was not built */
    assert_int_equal(503, f->status);
}

static void hashed_names_are_kept_for_ever(void **state)
{
    struct fixture *f = *state;
    get(f, "/assets/teach-ABC.js");
    assert_string_equal("script", f->body);
    assert_non_null(strstr(f->head, "Content-Type: text/javascript"));
    assert_non_null(strstr(f->head, "max-age=31536000, immutable\r\n"));
    /* as a worker it may ask this server and compile decoders; it may not make code of text */
    assert_non_null(strstr(f->head, "Policy: default-src 'none'; connect-src 'self';"));
    assert_non_null(strstr(f->head, " 'wasm-unsafe-eval'\r\n"));
    assert_null(strstr(f->head, "'unsafe-eval'"));
}

static void compressed_files_go_to_those_who_take_them(void **state)
{
    struct fixture *f = *state;
    f->in.headers[TK_HTTP_ACCEPT_ENCODING] = "gzip, deflate, br";
    get(f, "/teach/demo");
    assert_string_equal("zipped", f->body);
    assert_non_null(strstr(f->head, "Content-Encoding: gzip\r\n"));
    assert_non_null(strstr(f->head, "Vary: Accept-Encoding\r\n"));
    f->in.headers[TK_HTTP_ACCEPT_ENCODING] = "gzip;q=0";
    get(f, "/teach/demo");
    assert_string_equal("<p>teach", f->body);
}

static void known_files_are_not_sent_again(void **state)
{
    struct fixture *f = *state;
    get(f, "/teach/demo");
    const char *tag = strstr(f->head, "ETag: ") + strlen("ETag: ");
    g_autofree char *known = g_strndup(tag, strcspn(tag, "\r"));
    f->in.headers[TK_HTTP_IF_NONE_MATCH] = known;
    get(f, "/teach/demo");
    assert_int_equal(304, f->status);
    assert_string_equal("", f->body);
    f->in.headers[TK_HTTP_IF_NONE_MATCH] = "\"other\"";
    get(f, "/teach/demo");
    assert_int_equal(200, f->status);
}

static void nothing_else_is_served(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {
        "/teach.html",     "/.hidden",     "/assets/../teach.html",
        "/assets/only.js", "/assets/",     "/../etc/passwd",
        "/teach/a/b",      "/teach/",      "/assets//etc",
        "/assets/.",       "//etc/passwd", "/assets/teach-ABC.js/",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        get(f, paths[i]);
        assert_int_equal(404, f->status);
    }
}

static void only_our_hosts_are_ours(void **state)
{
    static char *const hosts[] = {"tongke.example", "::1", "127.0.0.1", NULL};
    assert_true(tk_host_is_ours("tongke.example", hosts));
    assert_true(tk_host_is_ours("Tongke.Example:8445", hosts));
    assert_true(tk_host_is_ours("[::1]:8445", hosts));
    assert_true(tk_host_is_ours("127.0.0.1:1", hosts));
    assert_false(tk_host_is_ours("evil.example:8445", hosts));
    assert_false(tk_host_is_ours("tongke.example.evil", hosts));
    assert_false(tk_host_is_ours("", hosts));
}

static void connections_are_counted_by_address(void **state)
{
    struct tk_guard *g = tk_guard_create(2, 3);
    assert_true(tk_guard_admits(g, "192.0.2.1"));
    tk_guard_add(g, "192.0.2.1");
    tk_guard_add(g, "192.0.2.1");
    assert_false(tk_guard_admits(g, "192.0.2.1"));
    assert_true(tk_guard_admits(g, "2001:db8::1"));
    tk_guard_add(g, "2001:db8::1");
    assert_false(tk_guard_admits(g, "198.51.100.1")); /* in all */
    tk_guard_remove(g, "192.0.2.1");
    assert_true(tk_guard_admits(g, "192.0.2.1"));
    tk_guard_add(g, "2001:db8::2"); /* the same subscriber */
    tk_guard_remove(g, "192.0.2.1");
    assert_false(tk_guard_admits(g, "2001:db8::3"));
    assert_int_equal(2, tk_guard_open(g));
    assert_int_equal(3, tk_guard_refused(g));
    tk_guard_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(pages_have_addresses_of_their_own),
        T(hashed_names_are_kept_for_ever),
        T(compressed_files_go_to_those_who_take_them),
        T(known_files_are_not_sent_again),
        T(nothing_else_is_served),
        cmocka_unit_test(only_our_hosts_are_ours),
        cmocka_unit_test(connections_are_counted_by_address),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
