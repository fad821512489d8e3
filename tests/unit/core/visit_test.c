/* Silent visits: who may, what is on record, and when. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signaling/core/visit.h"
#include "signaling/store/audit_rows.h"
#include "signaling/store/visit_rows.h"
#include "tests/unit/core/lesson_fixture.h"

#define KEY "a1:17"

struct seen {
    int count;
    struct tk_visit_row rows[16];
};

static int take(void *ctx, const struct tk_visit_row *row)
{
    struct seen *s = ctx;
    s->rows[s->count++] = *row;
    return 0;
}

static struct seen rows_of(struct fixture *f)
{
    struct seen s = {0};
    settle(f);
    assert_int_equal(0, tk_visit_rows(tk_store_reader(f->store), 0, 16, take, &s));
    return s;
}

static int count_action(void *ctx, const struct tk_audit_entry *e)
{
    struct {
        const char *action;
        int count;
    } *c = ctx;
    c->count += strcmp(e->action, c->action) == 0;
    return 0;
}

static int audited(struct fixture *f, const char *action)
{
    struct {
        const char *action;
        int count;
    } c = {action, 0};
    settle(f);
    assert_int_equal(0, tk_audit_list(tk_store_reader(f->store), 0, 100, count_action, &c));
    return c.count;
}

static int add_account(void *arg, struct tk_db *db)
{
    struct fixture *f = arg;
    struct tk_password none = {.n = 2, .r = 1, .p = 1};
    return tk_account_row_add(db, "auditor", TK_ROLE_AUDITOR, f->demo.accounts[0].person_id, &none,
                              f->now.wall_ms, &f->actor.account_id);
}

static struct tk_visits *begin_all(struct fixture *f)
{
    struct tk_visits *v = NULL;
    if (f->actor.account_id == 0) {
        assert_int_equal(0, tk_store_run(f->store, add_account, f));
    }
    assert_int_equal(0, tk_visits_create(f->store, f->now, &v));
    return v;
}

static void begin(struct fixture *f, struct tk_visits *v, const char *lesson, const char *key)
{
    tk_visit_begin(v, f->now, &f->actor, lesson, key, on_reported, f);
    wait_for_answer(f);
}

static void let_pass(struct fixture *f, struct tk_visits *v, int64_t ms)
{
    for (int64_t left = ms; left > 0; left -= 1000) {
        f->now.wall_ms += 1000;
        f->now.mono_ms += 1000;
        tk_visits_tick(v, f->now);
        settle(f);
    }
}

static void it_is_on_record_before_it_begins(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    int64_t began_ms = f->now.wall_ms;
    tk_visit_begin(v, f->now, &f->actor, "demo", KEY, on_reported, f);
    assert_false(f->answered);
    assert_false(tk_visit_goes_on(v, "demo", KEY));
    wait_for_answer(f);
    assert_string_equal("", f->code);
    assert_true(tk_visit_goes_on(v, "demo", KEY));
    assert_false(tk_visit_goes_on(v, "week-1", KEY));
    struct seen s = rows_of(f);
    assert_int_equal(1, s.count);
    assert_int_equal(began_ms, s.rows[0].started_ms);
    assert_int_equal(0, s.rows[0].ended_ms);
    assert_string_equal("demo", s.rows[0].lesson_id);
    assert_string_equal("192.0.2.1", s.rows[0].ip);
    assert_int_equal(1, audited(f, "visit.begin"));
    let_pass(f, v, 12000);
    s = rows_of(f);
    assert_in_range(s.rows[0].last_ms, began_ms + 7000, began_ms + 12000);
    tk_visit_leave(v, f->now, "demo", KEY, false, 0);
    s = rows_of(f);
    assert_int_equal(began_ms + 12000, s.rows[0].ended_ms);
    assert_int_equal(1, audited(f, "visit.end"));
    assert_false(tk_visit_goes_on(v, "demo", KEY));
    tk_visits_destroy(v, f->now);
    assert_int_equal(1, audited(f, "visit.end"));
}

static void a_page_that_comes_back_goes_on(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    begin(f, v, "demo", KEY);
    let_pass(f, v, 5000);
    tk_visit_leave(v, f->now, "demo", KEY, true, 0);
    assert_false(tk_visit_goes_on(v, "demo", KEY));
    let_pass(f, v, 20000);
    begin(f, v, "demo", KEY);
    assert_true(tk_visit_goes_on(v, "demo", KEY));
    assert_int_equal(1, rows_of(f).count);
    tk_visits_destroy(v, f->now);
    assert_int_equal(1, audited(f, "visit.begin"));
    assert_int_equal(1, audited(f, "visit.end"));
}

static void one_that_does_not_ends_when_it_was_last_there(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    begin(f, v, "demo", KEY);
    let_pass(f, v, 60000);
    int64_t last_ms = f->now.wall_ms - 4000;
    tk_visit_leave(v, f->now, "demo", KEY, true, 4000);
    let_pass(f, v, 40000);
    struct seen s = rows_of(f);
    assert_int_equal(last_ms, s.rows[0].ended_ms);
    begin(f, v, "demo", KEY);
    assert_int_equal(2, rows_of(f).count);
    tk_visits_destroy(v, f->now);
}

static void who_leaves_before_it_is_on_disk_leaves_no_open_end(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    tk_visit_begin(v, f->now, &f->actor, "demo", KEY, on_reported, f);
    tk_visit_leave(v, f->now, "demo", KEY, true, 0);
    wait_for_answer(f);
    struct seen s = rows_of(f);
    assert_int_equal(1, s.count);
    assert_int_equal(s.rows[0].started_ms, s.rows[0].ended_ms);
    tk_visits_destroy(v, f->now);
}

/* The visits are dropped as they are: what a kill leaves is rows without an end. */
static int forget_end(void *arg, struct tk_db *db)
{
    return tk_db_run(db, "UPDATE visit SET ended_ms = NULL", "");
}

static void a_kill_leaves_the_last_sign(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    begin(f, v, "demo", KEY);
    let_pass(f, v, 11000);
    tk_visits_destroy(v, f->now);
    assert_int_equal(0, tk_store_run(f->store, forget_end, NULL));
    struct seen s = rows_of(f);
    assert_int_equal(0, s.rows[0].ended_ms);
    f->now.wall_ms += HOUR_MS;
    v = begin_all(f);
    struct seen after = rows_of(f);
    assert_int_equal(s.rows[0].last_ms, after.rows[0].ended_ms);
    assert_int_equal(2, audited(f, "visit.end"));
    tk_visits_destroy(v, f->now);
}

/* A second connection of the load, to another lesson, neither ends nor hides the first visit. */
static void a_page_in_two_lessons_visits_both(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    tk_visit_begin(v, f->now, &f->actor, "demo", KEY, on_reported, f);
    begin(f, v, "week-1", KEY);
    settle(f);
    assert_true(tk_visit_goes_on(v, "demo", KEY));
    assert_true(tk_visit_goes_on(v, "week-1", KEY));
    assert_int_equal(2, rows_of(f).count);
    tk_visit_leave(v, f->now, "week-1", KEY, false, 0);
    settle(f);
    assert_true(tk_visit_goes_on(v, "demo", KEY));
    assert_int_equal(1, audited(f, "visit.end"));
    tk_visits_destroy(v, f->now);
}

static void so_many_at_once(void **state)
{
    struct fixture *f = *state;
    struct tk_visits *v = begin_all(f);
    char key[TK_VISIT_KEY];
    for (int i = 0; i < TK_VISITS_AT_ONCE; i++) {
        g_snprintf(key, sizeof(key), "a1:%d", i);
        begin(f, v, "demo", key);
        assert_string_equal("", f->code);
    }
    begin(f, v, "demo", "a1:99");
    assert_string_equal("rate_limited", f->code);
    tk_visit_leave(v, f->now, "demo", "a1:0", false, 0);
    begin(f, v, "demo", "a1:99");
    assert_string_equal("", f->code);
    tk_visits_destroy(v, f->now);
}

static enum tk_watch may(struct fixture *f, const char *lesson, enum tk_role role,
                         int64_t person_id, int64_t school_id, const char *code)
{
    struct tk_problem problem = {0};
    struct tk_account account = {
        .id = 9, .role = role, .person_id = person_id, .school_id = school_id};
    enum tk_watch w = tk_visit_may(tk_lessons_find(f->lessons, lesson), &account, &problem);
    assert_string_equal(code, problem.code ? problem.code : "");
    return w;
}

static void who_may(void **state)
{
    struct fixture *f = *state;
    const struct tk_lesson *demo = tk_lessons_find(f->lessons, "demo");
    int64_t teacher = demo->row.teacher.id;
    int64_t village = demo->row.rooms[0].school_id;
    int64_t enrolled = tk_lessons_find(f->lessons, "training-1")->row.persons[0].id;
    assert_int_equal(TK_WATCH_VISIT, may(f, "demo", TK_ROLE_AUDITOR, 1000, 0, ""));
    assert_int_equal(TK_WATCH_VISIT, may(f, "demo", TK_ROLE_ADMIN, 1000, 0, ""));
    /* what is not open cannot be looked in on */
    assert_int_equal(TK_WATCH_REFUSED, may(f, "week-1", TK_ROLE_AUDITOR, 1000, 0, "conflict"));
    assert_int_equal(TK_WATCH_KNOWN, may(f, "demo", TK_ROLE_TEACHER, teacher, 0, ""));
    assert_int_equal(TK_WATCH_REFUSED, may(f, "demo", TK_ROLE_TEACHER, 1000, 0, "forbidden"));
    assert_int_equal(TK_WATCH_REFUSED, may(f, "demo", TK_ROLE_TEACHER, 1000, village, "forbidden"));
    assert_int_equal(TK_WATCH_KNOWN, may(f, "training-1", TK_ROLE_TEACHER, enrolled, 0, ""));
    assert_int_equal(TK_WATCH_KNOWN, may(f, "demo", TK_ROLE_COTEACHER, 1000, village, ""));
    assert_int_equal(TK_WATCH_KNOWN, may(f, "training-1", TK_ROLE_COTEACHER, enrolled, 0, ""));
    assert_int_equal(TK_WATCH_REFUSED, may(f, "demo", TK_ROLE_COTEACHER, 1000, 9999, "forbidden"));
    assert_int_equal(TK_WATCH_REFUSED, may(f, "demo", TK_ROLE_COTEACHER, 1000, 0, "forbidden"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_is_on_record_before_it_begins),
        T(a_page_that_comes_back_goes_on),
        T(one_that_does_not_ends_when_it_was_last_there),
        T(who_leaves_before_it_is_on_disk_leaves_no_open_end),
        T(a_kill_leaves_the_last_sign),
        T(a_page_in_two_lessons_visits_both),
        T(so_many_at_once),
        T(who_may),
    };
    return cmocka_run_group_tests_name("visit", tests, NULL, NULL);
}
