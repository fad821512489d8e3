#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "signaling/core/credentials.h"
#include "signaling/core/link.h"
#include "tests/unit/store/temporary.h"

struct fixture {
    char *folder;
    struct tk_settings settings;
    struct tk_store *store;
    struct tk_access *access;
    struct tk_now now;
    bool answered;
    int64_t id;
    int64_t room_id;
    char token[TK_TOKEN_TEXT];
    struct tk_link link;
};

static int add_room(void *arg, struct tk_db *db)
{
    struct fixture *f = arg;
    struct tk_school school = {.name = "高台小学"};
    int64_t school_id;
    int r = tk_school_row_add(db, &school, 1, &school_id);
    return r < 0 ? r : tk_room_row_add(db, school_id, "主课堂", "", 1, &f->room_id);
}

static int set_up(void **state)
{
    char err[256];
    struct fixture *f = g_new0(struct fixture, 1);
    f->folder = temporary_make();
    tk_settings_defaults(&f->settings);
    g_autofree char *path = g_build_filename(f->folder, "tongke.db", NULL);
    assert_int_equal(0, tk_store_open(&f->store, path, err, sizeof(err)));
    f->access = tk_access_create(f->store, &f->settings);
    f->now = (struct tk_now){.wall_ms = 1790000000000, .mono_ms = 1000};
    assert_int_equal(0, tk_store_run(f->store, add_room, f));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tk_access_destroy(f->access);
    tk_store_close(f->store);
    temporary_remove(f->folder);
    g_free(f);
    return 0;
}

static void wait_for_answer(struct fixture *f)
{
    while (!f->answered) {
        tk_store_wait(f->store, 1000);
    }
    f->answered = false;
}

static void on_account(void *arg, const struct tk_problem *p, int64_t id, const char *password)
{
    struct fixture *f = arg;
    f->answered = true;
    f->id = id;
    assert_null(p);
}

static void on_made(void *arg, const struct tk_problem *p, const char *token)
{
    struct fixture *f = arg;
    f->answered = true;
    assert_null(p);
    g_strlcpy(f->token, token, sizeof(f->token));
}

static void on_used(void *arg, const struct tk_problem *p, const struct tk_link *link)
{
    struct fixture *f = arg;
    f->answered = true;
    assert_null(p);
    f->link = *link;
}

/* Signs a new account of the role in: its session's token is in f->link. */
static void sign_in(struct fixture *f, const char *login, enum tk_role role)
{
    struct tk_actor actor = {.name = "console"};
    struct tk_account_new n = {
        .login = login, .role = role, .name = "王老师", .password = "correct horse"};
    tk_account_add(f->access, &actor, f->now, &n, on_account, f);
    wait_for_answer(f);
    tk_link_make_account(f->access, &actor, f->now, f->id, "/", on_made, f);
    wait_for_answer(f);
    tk_link_use(f->access, "192.0.2.1", f->now, f->token, on_used, f);
    wait_for_answer(f);
}

static void enrol(struct fixture *f)
{
    struct tk_actor actor = {.name = "console"};
    tk_link_make_room(f->access, &actor, f->now, f->room_id, on_made, f);
    wait_for_answer(f);
    tk_link_use(f->access, "192.0.2.1", f->now, f->token, on_used, f);
    wait_for_answer(f);
}

static void one_browser_holds_several_roles(void **state)
{
    struct fixture *f = *state;
    struct tk_credentials c;
    sign_in(f, "teacher", TK_ROLE_TEACHER);
    g_autofree char *teacher = g_strdup(f->link.login.token);
    sign_in(f, "admin", TK_ROLE_ADMIN);
    g_autofree char *cookies =
        g_strdup_printf("a=b; tongke_teacher=%s;tongke_admin=%s ; c", teacher, f->link.login.token);
    tk_credentials_read(f->access, f->now, cookies, &c);
    assert_int_equal(2, c.accounts_count);
    assert_string_equal("teacher", tk_credentials_account(&c, 1u << TK_ROLE_TEACHER)->login);
    assert_string_equal("admin", tk_credentials_account(&c, ~0u)->login);
    assert_null(tk_credentials_account(&c, 1u << TK_ROLE_AUDITOR));
    assert_null(tk_credentials_device(&c, NULL));
}

static void a_session_counts_only_under_its_own_name(void **state)
{
    struct fixture *f = *state;
    struct tk_credentials c;
    sign_in(f, "teacher", TK_ROLE_TEACHER);
    g_autofree char *wrong = g_strdup_printf("tongke_admin=%s", f->link.login.token);
    tk_credentials_read(f->access, f->now, wrong, &c);
    assert_int_equal(0, c.accounts_count);
    g_autofree char *twice = g_strdup_printf("tongke_teacher=%s; tongke_teacher=%s",
                                             f->link.login.token, f->link.login.token);
    tk_credentials_read(f->access, f->now, twice, &c);
    assert_int_equal(1, c.accounts_count);
}

static void devices_are_told_apart_by_their_key(void **state)
{
    struct fixture *f = *state;
    struct tk_credentials c;
    GString *cookies = g_string_new(NULL);
    enrol(f);
    g_string_append_printf(cookies, "tongke_device_%s=%s; ", f->link.device_key,
                           f->link.device_token);
    tk_credentials_read(f->access, f->now, cookies->str, &c);
    assert_int_equal(f->link.device_id, tk_credentials_device(&c, NULL)->id);
    enrol(f);
    g_string_append_printf(cookies, "tongke_device_%s=%s", f->link.device_key,
                           f->link.device_token);
    tk_credentials_read(f->access, f->now, cookies->str, &c);
    assert_int_equal(2, c.devices_count);
    assert_null(tk_credentials_device(&c, NULL));
    assert_int_equal(f->link.device_id, tk_credentials_device(&c, f->link.device_key)->id);
    assert_null(tk_credentials_device(&c, "other"));
    g_string_free(cookies, TRUE);
}

static void nonsense_is_passed_over(void **state)
{
    struct fixture *f = *state;
    struct tk_credentials c;
    static const char *const nonsense[] = {
        NULL,
        "",
        ";;;",
        "=",
        "tongke_",
        "tongke_admin",
        "tongke_admin=",
        "tongke_device_=x",
        "tongke_device_0123456789012345678901234567890=x",
        "tongke_admin=\xff\xfe",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        tk_credentials_read(f->access, f->now, nonsense[i], &c);
        assert_int_equal(0, c.accounts_count + c.devices_count);
    }
    GString *many = g_string_new(NULL);
    for (int i = 0; i < 1000; i++) {
        g_string_append(many, "tongke_admin=abc; ");
    }
    tk_credentials_read(f->access, f->now, many->str, &c);
    assert_int_equal(0, c.accounts_count);
    g_string_free(many, TRUE);
}

static void cookies_are_found_by_their_whole_name(void **state)
{
    char value[8];
    assert_true(tk_cookie_find("ab=1; b=2;c=3", "b", value, sizeof(value)));
    assert_string_equal("2", value);
    assert_false(tk_cookie_find("ab=1", "b", value, sizeof(value)));
    assert_false(tk_cookie_find("b=12345678", "b", value, sizeof(value)));
    assert_true(tk_cookie_find("b=1=2", "b", value, sizeof(value)));
    assert_string_equal("1=2", value);
}

static void origin_is_ours_when_its_host_is(void **state)
{
    static const struct {
        const char *origin;
        const char *site;
        const char *host;
        enum tk_origin expected;
    } cases[] = {
        {NULL, NULL, "a:1", TK_ORIGIN_NONE},
        {"https://a:1", NULL, "a:1", TK_ORIGIN_OURS},
        {"https://A:1", NULL, "a:1", TK_ORIGIN_OURS},
        {"https://a:2", NULL, "a:1", TK_ORIGIN_FOREIGN},
        {"https://a", NULL, "a:443", TK_ORIGIN_OURS},
        {"http://a", NULL, "a:80", TK_ORIGIN_OURS},
        {"http://a:443", NULL, "a", TK_ORIGIN_FOREIGN},
        {"https://[::1]:8443", NULL, "[::1]:8443", TK_ORIGIN_OURS},
        {"https://a:1.evil.example", NULL, "a:1", TK_ORIGIN_FOREIGN},
        {"https://evil.example", "same-origin", "a:1", TK_ORIGIN_FOREIGN},
        {"null", "same-origin", "a:1", TK_ORIGIN_FOREIGN},
        {"file://", NULL, "a:1", TK_ORIGIN_FOREIGN},
        {"https://", NULL, "", TK_ORIGIN_FOREIGN},
        {"https://a:1", NULL, NULL, TK_ORIGIN_FOREIGN},
        {NULL, "same-origin", "a:1", TK_ORIGIN_OURS},
        {NULL, "same-site", "a:1", TK_ORIGIN_FOREIGN},
        {NULL, "cross-site", "a:1", TK_ORIGIN_FOREIGN},
        {NULL, "none", "a:1", TK_ORIGIN_FOREIGN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(cases[i].expected,
                         tk_origin_check(cases[i].origin, cases[i].site, cases[i].host));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(one_browser_holds_several_roles),
        T(a_session_counts_only_under_its_own_name),
        T(devices_are_told_apart_by_their_key),
        T(nonsense_is_passed_over),
        cmocka_unit_test(cookies_are_found_by_their_whole_name),
        cmocka_unit_test(origin_is_ours_when_its_host_is),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
