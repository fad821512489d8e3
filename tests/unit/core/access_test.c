/* Long because one story of each rule of access stands here, on one fixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "signaling/core/access.h"
#include "signaling/core/link.h"
#include "signaling/core/token.h"
#include "signaling/store/audit_rows.h"
#include "tests/unit/store/temporary.h"

#define DAY_MS 86400000LL
#define PASSWORD "correct horse"
#define TOWN "192.0.2.1"

struct fixture {
    char *folder;
    struct tk_settings settings;
    struct tk_store *store;
    struct tk_access *access;
    struct tk_actor actor;
    struct tk_now now;
    int64_t account_id;
    int64_t room_id;
    int64_t ended_account;
    int64_t revoked_device;
    /* the last answer */
    bool answered;
    char code[24];
    int64_t retry_after_s;
    char text[80];
    int64_t id;
    struct tk_login login;
    struct tk_link link;
    struct tk_device device;
};

static void wait_for_answer(struct fixture *f)
{
    while (!f->answered) {
        tk_store_wait(f->store, 1000);
    }
    f->answered = false;
}

static void take(struct fixture *f, const struct tk_problem *p, const char *text)
{
    f->answered = true;
    g_strlcpy(f->code, p ? p->code : "", sizeof(f->code));
    g_strlcpy(f->text, text ? text : "", sizeof(f->text));
    f->retry_after_s = p ? p->retry_after_s : 0;
    assert_true(p == NULL || p->detail[0]);
}

static void on_account(void *arg, const struct tk_problem *p, int64_t id, const char *password)
{
    struct fixture *f = arg;
    take(f, p, password);
    f->id = id;
}

static void on_done(void *arg, const struct tk_problem *p)
{
    take(arg, p, NULL);
}

static void on_text(void *arg, const struct tk_problem *p, const char *text)
{
    take(arg, p, text);
}

static void on_enrol_code(void *arg, const struct tk_problem *p, const char *text, int64_t at_ms)
{
    take(arg, p, text);
}

static void on_login(void *arg, const struct tk_problem *p, const struct tk_login *login)
{
    struct fixture *f = arg;
    take(f, p, login ? login->token : NULL);
    if (login) {
        f->login = *login;
    }
}

static void on_link(void *arg, const struct tk_problem *p, const struct tk_link *link)
{
    struct fixture *f = arg;
    take(f, p, NULL);
    if (link) {
        f->link = *link;
    }
}

static void on_enrolled(void *arg, const struct tk_problem *p, const struct tk_device *device,
                        const char *token)
{
    struct fixture *f = arg;
    take(f, p, token);
    if (device) {
        f->device = *device;
    }
}

static void on_account_ended(void *ctx, int64_t id)
{
    ((struct fixture *)ctx)->ended_account = id;
}

static void on_device_revoked(void *ctx, int64_t id)
{
    ((struct fixture *)ctx)->revoked_device = id;
}

static int add_places(void *arg, struct tk_db *db)
{
    struct fixture *f = arg;
    struct tk_school school = {.name = "高台小学", .name_en = "Gaotai"};
    int64_t school_id = 0;
    int64_t other = 0;
    int r = tk_school_row_add(db, &school, 1, &school_id);
    r = r < 0 ? r : tk_room_row_add(db, school_id, "录播室", "Studio", 1, &f->room_id);
    r = r < 0 ? r : tk_room_row_add(db, school_id, "一年级", "Grade 1", 1, &other);
    static const char *const ids[] = {"demo", "other"};
    for (int i = 0; r == 0 && i < 2; i++) {
        r = tk_db_run(db,
                      "INSERT INTO lesson (id, kind, title, start_ms, end_ms, created_ms,"
                      " updated_ms) VALUES (?, 'lesson', 't', 1, 2, 1, 1)",
                      "t", ids[i]);
    }
    return r;
}

static void add_account(struct fixture *f, const char *login, enum tk_role role)
{
    struct tk_account_new n = {
        .login = login, .role = role, .name = "王老师", .password = PASSWORD};
    tk_account_add(f->access, &f->actor, f->now, &n, on_account, f);
    wait_for_answer(f);
}

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    char err[256];
    f->folder = temporary_make();
    g_autofree char *path = g_build_filename(f->folder, "tongke.db", NULL);
    tk_settings_defaults(&f->settings);
    assert_int_equal(0, tk_store_open(&f->store, path, err, sizeof(err)));
    assert_int_equal(0, tk_store_run(f->store, add_places, f));
    f->access = tk_access_create(f->store, &f->settings);
    struct tk_access_listener listener = {
        .ctx = f, .on_account_ended = on_account_ended, .on_device_revoked = on_device_revoked};
    tk_access_listen(f->access, &listener);
    f->actor = (struct tk_actor){.name = "console"};
    f->now = (struct tk_now){.wall_ms = 1790000000000, .mono_ms = 50000};
    add_account(f, "teacher", TK_ROLE_TEACHER);
    assert_string_equal("", f->code);
    f->account_id = f->id;
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

static void login_from(struct fixture *f, const char *address, const char *login,
                       const char *password)
{
    tk_session_login(f->access, address, f->now, login, password, on_login, f);
    wait_for_answer(f);
}

static void pass(struct fixture *f, int64_t ms)
{
    f->now.wall_ms += ms;
    f->now.mono_ms += ms;
}

static int check(struct fixture *f, const char *token)
{
    struct tk_account account;
    struct tk_problem problem;
    return tk_session_check(f->access, f->now, token, &account, &problem);
}

static void right_password_gives_a_session(void **state)
{
    struct fixture *f = *state;
    struct tk_account account;
    struct tk_problem problem;
    login_from(f, TOWN, "Teacher", PASSWORD); /* people write a capital */
    assert_string_equal("", f->code);
    assert_int_equal(52, strlen(f->login.token));
    assert_int_equal(12 * 3600, f->login.max_age_s);
    assert_int_equal(0, tk_session_check(f->access, f->now, f->login.token, &account, &problem));
    assert_int_equal(f->account_id, account.id);
    assert_int_equal(TK_ROLE_TEACHER, account.role);
    assert_string_equal("王老师", account.name);
    assert_int_equal(-EACCES, check(f, "x"));
}

static int nothing(void *arg, struct tk_db *db)
{
    return 0;
}

static void session_slides_and_ends(void **state)
{
    struct fixture *f = *state;
    login_from(f, TOWN, "teacher", PASSWORD);
    char token[TK_TOKEN_TEXT];
    g_strlcpy(token, f->login.token, sizeof(token));
    for (int i = 0; i < 4; i++) {
        pass(f, 11 * 3600000);
        assert_int_equal(0, check(f, token));
        /* jobs are done in order: once this one is, the use is written */
        assert_int_equal(0, tk_store_run(f->store, nothing, NULL));
    }
    pass(f, 12 * 3600000);
    assert_int_equal(-EACCES, check(f, token));
}

static void logout_ends_the_session(void **state)
{
    struct fixture *f = *state;
    login_from(f, TOWN, "teacher", PASSWORD);
    tk_session_end(f->access, TOWN, f->now, f->login.token, on_done, f);
    wait_for_answer(f);
    assert_int_equal(-EACCES, check(f, f->login.token));
    tk_session_end(f->access, TOWN, f->now, f->login.token, on_done, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
}

static void wrong_passwords_wait_longer_and_longer(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        login_from(f, TOWN, "teacher", "wrong");
        assert_string_equal("wrong_password", f->code);
    }
    /* now even the right one has to wait */
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("rate_limited", f->code);
    assert_int_equal(1, f->retry_after_s);
    /* from another address too: it is the login that is guessed at */
    login_from(f, "198.51.100.7", "teacher", PASSWORD);
    assert_string_equal("rate_limited", f->code);
    pass(f, 1000);
    login_from(f, TOWN, "teacher", "wrong");
    assert_string_equal("wrong_password", f->code);
    pass(f, 1000);
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("rate_limited", f->code);
    assert_int_equal(1, f->retry_after_s);
    pass(f, 1000);
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("", f->code);
    login_from(f, TOWN, "teacher", "wrong");
    assert_string_equal("wrong_password", f->code);
}

static void address_is_limited_over_many_logins(void **state)
{
    struct fixture *f = *state;
    char login[16];
    for (int i = 0; i < 20; i++) {
        snprintf(login, sizeof(login), "guess%d", i);
        login_from(f, "2001:db8:1:2::1", login, "wrong");
        assert_string_equal("wrong_password", f->code);
    }
    /* the same subscriber's next address */
    login_from(f, "2001:db8:1:2:ffff::9", "guess99", "wrong");
    assert_string_equal("rate_limited", f->code);
    login_from(f, "2001:db8:1:3::1", "teacher", PASSWORD);
    assert_string_equal("", f->code);
}

static uint64_t login_work(struct fixture *f, const char *login)
{
    uint64_t before = tk_password_work();
    login_from(f, TOWN, login, "wrong");
    assert_string_equal("wrong_password", f->code);
    return tk_password_work() - before;
}

static void unknown_login_costs_the_same(void **state)
{
    struct fixture *f = *state;
    uint64_t known = login_work(f, "teacher");
    assert_true(known > 0);
    assert_int_equal(known, login_work(f, "nobody"));
}

static void disabled_account_is_out_at_once(void **state)
{
    struct fixture *f = *state;
    login_from(f, TOWN, "teacher", PASSWORD);
    tk_account_disable(f->access, &f->actor, f->now, f->account_id, true, on_done, f);
    wait_for_answer(f);
    assert_int_equal(f->account_id, f->ended_account);
    assert_int_equal(-EACCES, check(f, f->login.token));
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("wrong_password", f->code);
    tk_account_disable(f->access, &f->actor, f->now, f->account_id, false, on_done, f);
    wait_for_answer(f);
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("", f->code);
}

static void only_administrator_stays(void **state)
{
    struct fixture *f = *state;
    add_account(f, "admin", TK_ROLE_ADMIN);
    tk_account_disable(f->access, &f->actor, f->now, f->id, true, on_done, f);
    wait_for_answer(f);
    assert_string_equal("conflict", f->code);
}

static void new_password_ends_all_sessions(void **state)
{
    struct fixture *f = *state;
    char old[2][TK_TOKEN_TEXT];
    for (int i = 0; i < 2; i++) {
        login_from(f, TOWN, "teacher", PASSWORD);
        g_strlcpy(old[i], f->login.token, TK_TOKEN_TEXT);
    }
    tk_account_set_password(f->access, &f->actor, f->now, f->account_id, NULL, on_account, f);
    wait_for_answer(f);
    char generated[80];
    g_strlcpy(generated, f->text, sizeof(generated));
    assert_int_equal(19, strlen(generated));
    assert_int_equal(f->account_id, f->ended_account);
    assert_int_equal(-EACCES, check(f, old[0]));
    assert_int_equal(-EACCES, check(f, old[1]));
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_string_equal("wrong_password", f->code);
    login_from(f, TOWN, "teacher", generated);
    assert_string_equal("", f->code);
}

static void bad_accounts_are_refused(void **state)
{
    struct fixture *f = *state;
    add_account(f, "teacher", TK_ROLE_AUDITOR);
    assert_string_equal("conflict", f->code);
    add_account(f, "With Space", TK_ROLE_AUDITOR);
    assert_string_equal("bad_field", f->code);
    add_account(f, "x", TK_ROLE_AUDITOR);
    assert_string_equal("bad_field", f->code);
    struct tk_account_new n = {
        .login = "short", .role = TK_ROLE_ADMIN, .name = "a", .password = "1234567"};
    tk_account_add(f->access, &f->actor, f->now, &n, on_account, f);
    wait_for_answer(f);
    assert_string_equal("bad_field", f->code);
    tk_account_set_password(f->access, &f->actor, f->now, 999, NULL, on_account, f);
    wait_for_answer(f);
    assert_string_equal("not_found", f->code);
}

static void make_token(struct fixture *f, const char *lesson, enum tk_token_act act)
{
    struct tk_token t = {.act = act};
    g_strlcpy(t.lesson_id, lesson, sizeof(t.lesson_id));
    tk_token_make(f->access, &f->actor, f->now, &t, DAY_MS, on_text, f);
    wait_for_answer(f);
}

static void token_opens_one_lesson_one_way(void **state)
{
    struct fixture *f = *state;
    struct tk_token t;
    struct tk_problem p;
    make_token(f, "demo", TK_TOKEN_WATCH);
    assert_int_equal(0, tk_token_find(f->access, f->now, f->text, &t, &p));
    assert_int_equal(0, tk_token_allows(&t, "demo", TK_TOKEN_WATCH, &p));
    assert_int_equal(-EPERM, tk_token_allows(&t, "demo", TK_TOKEN_PUBLISH, &p));
    assert_int_equal(403, p.status);
    assert_int_equal(-EPERM, tk_token_allows(&t, "other", TK_TOKEN_WATCH, &p));
    pass(f, DAY_MS);
    assert_int_equal(-EACCES, tk_token_find(f->access, f->now, f->text, &t, &p));
    assert_int_equal(401, p.status);
    make_token(f, "missing", TK_TOKEN_WATCH);
    assert_string_equal("not_found", f->code);
}

static void secrets_of_one_kind_are_none_of_another(void **state)
{
    struct fixture *f = *state;
    struct tk_token t;
    struct tk_device d;
    struct tk_problem p;
    login_from(f, TOWN, "teacher", PASSWORD);
    assert_int_equal(-EACCES, tk_token_find(f->access, f->now, f->login.token, &t, &p));
    assert_int_equal(-EACCES, tk_device_check(f->access, f->now, "x", f->login.token, &d, &p));
    make_token(f, "demo", TK_TOKEN_PUBLISH);
    assert_int_equal(-EACCES, check(f, f->text));
    tk_link_use(f->access, TOWN, f->now, f->text, on_link, f);
    wait_for_answer(f);
    assert_string_equal("expired", f->code);
}

static void enrol(struct fixture *f, const char *address, const char *code)
{
    tk_device_enrol(f->access, address, f->now, code, "mini PC", on_enrolled, f);
    wait_for_answer(f);
}

static void make_code(struct fixture *f)
{
    tk_enrol_code_make(f->access, &f->actor, f->now, f->room_id, on_enrol_code, f);
    wait_for_answer(f);
}

static void code_enrols_once(void **state)
{
    struct fixture *f = *state;
    struct tk_device d;
    struct tk_problem p;
    make_code(f);
    char code[8];
    g_strlcpy(code, f->text, sizeof(code));
    assert_int_equal(6, strlen(code));
    enrol(f, TOWN, code);
    assert_string_equal("", f->code);
    assert_int_equal(0, tk_device_check(f->access, f->now, f->device.key, f->text, &d, &p));
    assert_int_equal(f->room_id, d.room.id);
    assert_string_equal("高台小学", d.room.school);
    assert_int_equal(-EACCES, tk_device_check(f->access, f->now, d.key, "wrong", &d, &p));
    char token[80];
    g_strlcpy(token, f->text, sizeof(token));
    enrol(f, TOWN, code);
    assert_string_equal("expired", f->code);
    tk_device_revoke(f->access, &f->actor, f->now, d.id, on_done, f);
    wait_for_answer(f);
    assert_int_equal(d.id, f->revoked_device);
    assert_int_equal(-EPERM, tk_device_check(f->access, f->now, d.key, token, &d, &p));
    assert_string_equal("revoked", p.code);
    tk_device_revoke(f->access, &f->actor, f->now, d.id, on_done, f);
    wait_for_answer(f);
    assert_string_equal("not_found", f->code);
}

static void old_and_replaced_codes_enrol_nothing(void **state)
{
    struct fixture *f = *state;
    char first[8];
    make_code(f);
    g_strlcpy(first, f->text, sizeof(first));
    make_code(f);
    char second[8];
    g_strlcpy(second, f->text, sizeof(second));
    if (strcmp(first, second) != 0) {
        enrol(f, TOWN, first);
        assert_string_equal("expired", f->code);
    }
    pass(f, 15 * 60000);
    enrol(f, TOWN, second);
    assert_string_equal("expired", f->code);
}

static void guessing_codes_is_limited(void **state)
{
    struct fixture *f = *state;
    char address[32];
    for (int i = 0; i < 5; i++) {
        enrol(f, TOWN, "badbad");
        assert_string_equal("expired", f->code);
    }
    enrol(f, TOWN, "badbad");
    assert_string_equal("rate_limited", f->code);
    for (int i = 0; i < 25; i++) { /* from everywhere: the limit for all together */
        snprintf(address, sizeof(address), "198.51.100.%d", i);
        enrol(f, address, "badbad");
        assert_string_equal("expired", f->code);
    }
    enrol(f, "203.0.113.1", "badbad");
    assert_string_equal("rate_limited", f->code);
}

static void link_signs_in_once(void **state)
{
    struct fixture *f = *state;
    tk_link_make_account(f->access, &f->actor, f->now, f->account_id, "/teach/demo", on_text, f);
    wait_for_answer(f);
    char token[80];
    g_strlcpy(token, f->text, sizeof(token));
    tk_link_use(f->access, TOWN, f->now, token, on_link, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    assert_false(f->link.is_device);
    assert_string_equal("/teach/demo", f->link.page);
    assert_int_equal(0, check(f, f->link.login.token));
    tk_link_use(f->access, TOWN, f->now, token, on_link, f);
    wait_for_answer(f);
    assert_string_equal("expired", f->code);
    tk_link_make_account(f->access, &f->actor, f->now, f->account_id, "//evil.example", on_text, f);
    wait_for_answer(f);
    assert_string_equal("bad_field", f->code);
}

static void room_link_enrols_a_device(void **state)
{
    struct fixture *f = *state;
    struct tk_device d;
    struct tk_problem p;
    tk_link_make_room(f->access, &f->actor, f->now, f->room_id, on_text, f);
    wait_for_answer(f);
    pass(f, 15 * 60000 - 1);
    tk_link_use(f->access, TOWN, f->now, f->text, on_link, f);
    wait_for_answer(f);
    assert_true(f->link.is_device);
    assert_int_equal(
        0, tk_device_check(f->access, f->now, f->link.device_key, f->link.device_token, &d, &p));
    assert_non_null(strstr(f->link.page, d.key));
    tk_link_make_room(f->access, &f->actor, f->now, f->room_id, on_text, f);
    wait_for_answer(f);
    pass(f, 15 * 60000);
    tk_link_use(f->access, TOWN, f->now, f->text, on_link, f);
    wait_for_answer(f);
    assert_string_equal("expired", f->code);
    tk_link_make_room(f->access, &f->actor, f->now, 999, on_text, f);
    wait_for_answer(f);
    assert_string_equal("not_found", f->code);
}

static int no_secret(void *ctx, const struct tk_audit_entry *e)
{
    assert_null(e->after ? strstr(e->after, (const char *)ctx) : NULL);
    assert_null(strstr(e->object, (const char *)ctx));
    return 0;
}

static void everything_is_in_the_audit_and_no_secret_is(void **state)
{
    struct fixture *f = *state;
    struct tk_audit_check audit;
    int64_t n = 0;
    login_from(f, TOWN, "teacher", PASSWORD);
    make_code(f);
    char code[8];
    g_strlcpy(code, f->text, sizeof(code));
    make_token(f, "demo", TK_TOKEN_WATCH);
    struct tk_db *db = tk_store_reader(f->store);
    assert_int_equal(0, tk_audit_count(db, &n));
    assert_int_equal(4, n);
    assert_int_equal(0, tk_audit_verify(db, &audit));
    assert_int_equal(0, audit.bad_seq);
    assert_int_equal(0, tk_audit_list(db, 0, 100, no_secret, code));
    assert_int_equal(0, tk_audit_list(db, 0, 100, no_secret, f->text));
    assert_int_equal(0, tk_audit_list(db, 0, 100, no_secret, PASSWORD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(right_password_gives_a_session),
        T(session_slides_and_ends),
        T(logout_ends_the_session),
        T(wrong_passwords_wait_longer_and_longer),
        T(address_is_limited_over_many_logins),
        T(unknown_login_costs_the_same),
        T(disabled_account_is_out_at_once),
        T(only_administrator_stays),
        T(new_password_ends_all_sessions),
        T(bad_accounts_are_refused),
        T(token_opens_one_lesson_one_way),
        T(secrets_of_one_kind_are_none_of_another),
        T(code_enrols_once),
        T(old_and_replaced_codes_enrol_nothing),
        T(guessing_codes_is_limited),
        T(link_signs_in_once),
        T(room_link_enrols_a_device),
        T(everything_is_in_the_audit_and_no_secret_is),
    };
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
