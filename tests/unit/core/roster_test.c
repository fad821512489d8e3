#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/lesson_fixture.h"

static int refuse_writes(void *sql, struct tk_db *db)
{
    return tk_db_run(db, sql, "");
}

static void reports_become_attendance(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    assert_string_equal("joined", f->room_state);
    play(f, page, 60000);
    assert_string_equal("playing", f->room_state);
    check_result(f, "demo", 0, "attended", 60000, 60000);
    check_result(f, "demo", 1, "to_verify", 0, 60000);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
    assert_string_equal("absent", f->room_state);
    assert_string_equal("page_closed", f->room_cause);
}

static void same_report_counts_once(void **state)
{
    struct fixture *f = *state;
    int64_t frames = 0;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    pass(f, 5000);
    report(f, page, 1, 125);
    report(f, page, 1, 125);
    pass(f, 5000);
    report(f, page, 2, 125);
    report(f, page, 1, 125);
    tk_db_number(tk_store_reader(f->store), &frames, "SELECT sum(frames) FROM presence", "");
    assert_int_equal(250, frames);
    /* nor after the page came back with the same load */
    tk_roster_close(page, f->now, TK_PAGE_LOST);
    page = join(f, "demo", 0);
    report(f, page, 2, 125);
    tk_db_number(tk_store_reader(f->store), &frames, "SELECT sum(frames) FROM presence", "");
    assert_int_equal(250, frames);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void stalled_page_extends_nothing(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 10000);
    for (int i = 0; i < 4; i++) {
        pass(f, 5000);
        report(f, page, ++f->n, 0);
    }
    assert_string_equal("trouble", f->room_state);
    assert_string_equal("no_media", f->room_cause);
    check_result(f, "demo", 0, "technical", 10000, 30000);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void lost_connection_is_evidence_of_trouble(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 20000);
    pass(f, 29000);
    tk_roster_close(page, f->now, TK_PAGE_LOST);
    assert_string_equal("trouble", f->room_state);
    assert_string_equal("connection_lost", f->room_cause);
    pass(f, 31000);
    check_result(f, "demo", 0, "technical", 20000, 80000);
}

static void leaving_early_is_insufficient(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 20000);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
    pass(f, 60000);
    check_result(f, "demo", 0, "insufficient", 20000, 80000);
}

static void streamer_that_was_killed_blames_nobody(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 20000);
    tk_lessons_streamer(f->lessons, f->now, false);
    assert_string_equal("live", state_of(f, "demo"));
    pass(f, 5000);
    assert_string_equal("interrupted", state_of(f, "demo"));
    pass(f, 200 * 1000);
    streamer_up(f);
    media(f, "demo", true);
    assert_string_equal("live", state_of(f, "demo"));
    play(f, page, 20000);
    check_result(f, "demo", 0, "attended", 40000, 40000);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void killed_server_loses_nothing_acknowledged(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 30000);
    kill_server(f);
    tk_roster_close(page, f->now, TK_PAGE_LOST);
    f->now.wall_ms += 10 * MINUTE_MS;
    f->now.mono_ms = 1000; /* the machine was started again */
    start_server(f);
    assert_string_equal("interrupted", state_of(f, "demo"));
    tick(f);
    streamer_up(f);
    media(f, "demo", true);
    page = join(f, "demo", 0);
    f->n = 6;
    play(f, page, 30000);
    check_result(f, "demo", 0, "attended", 60000, 60000);
    json_t *root;
    result_of(f, "demo", 0, &root);
    json_t *sittings = json_object_get(root, "sittings");
    assert_int_equal(1, (int)json_array_size(sittings));
    const json_t *down = json_object_get(json_array_get(sittings, 0), "down");
    assert_int_equal(1, (int)json_array_size(down));
    json_decref(root);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void clock_that_jumps_changes_no_span(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 30000);
    f->now.wall_ms += HOUR_MS;
    play(f, page, 30000);
    f->now.wall_ms -= 2 * HOUR_MS;
    play(f, page, 30000);
    check_result(f, "demo", 0, "attended", 90000, 90000);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void demo_opens_again_as_a_new_sitting(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 30000);
    tk_lesson_end(f->lessons, &f->actor, f->now, "demo", on_done, f);
    wait_for_answer(f);
    assert_string_equal("ended", f->state);
    pass(f, 59000);
    assert_string_equal("ended", state_of(f, "demo"));
    pass(f, 1000);
    assert_string_equal("open", state_of(f, "demo"));
    assert_int_equal(2, tk_lessons_find(f->lessons, "demo")->sitting.number);
    json_t *root;
    result_of(f, "demo", 0, &root);
    const json_t *first = json_array_get(json_object_get(root, "sittings"), 1);
    const json_t *r = json_array_get(json_object_get(first, "results"), 0);
    assert_true(json_is_false(json_object_get(r, "provisional")));
    assert_string_equal("attended", json_string_value(json_object_get(r, "status")));
    json_decref(root);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void demo_is_cut_at_midnight(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    pass(f, 15 * HOUR_MS + 5000);
    const struct tk_lesson *l = tk_lessons_find(f->lessons, "demo");
    assert_int_equal(2, l->sitting.number);
    assert_string_equal("live", state_of(f, "demo"));
    check_result(f, "demo", 0, "to_verify", 0, 5000);
}

static void on_corrected(void *arg, const struct tk_problem *p, int64_t id)
{
    struct fixture *f = arg;
    on_reported(arg, p);
    f->correction = id;
}

static void correction_stands_beside_the_result(void **state)
{
    struct fixture *f = *state;
    int64_t result = 0;
    tk_lesson_end(f->lessons, &f->actor, f->now, "demo", on_done, f);
    wait_for_answer(f);
    tk_db_number(tk_store_reader(f->store), &result, "SELECT min(id) FROM attendance_result", "");
    tk_attendance_correct(f->lessons, &f->actor, f->now, result, "absent", "", on_corrected, f);
    wait_for_answer(f);
    assert_string_equal("bad_field", f->code);
    tk_attendance_correct(f->lessons, &f->actor, f->now, result, "gone", "x", on_corrected, f);
    wait_for_answer(f);
    assert_string_equal("bad_field", f->code);
    tk_attendance_correct(f->lessons, &f->actor, f->now, 99, "absent", "x", on_corrected, f);
    wait_for_answer(f);
    assert_string_equal("not_found", f->code);
    tk_attendance_correct(f->lessons, &f->actor, f->now, result, "absent", "全班春游", on_corrected,
                          f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    json_t *root;
    json_t *r = result_of(f, "demo", 0, &root);
    assert_string_equal("to_verify", json_string_value(json_object_get(r, "status")));
    const json_t *c = json_array_get(json_object_get(r, "corrections"), 0);
    assert_string_equal("absent", json_string_value(json_object_get(c, "status")));
    assert_string_equal("全班春游", json_string_value(json_object_get(c, "reason")));
    json_decref(root);
}

static void training_is_attended_by_person(void **state)
{
    struct fixture *f = *state;
    pass(f, 7 * HOUR_MS + 30 * MINUTE_MS); /* 16:30 */
    streamer_up(f);
    media(f, "training-1", true);
    struct tk_attendee who = {.person_id = f->demo.accounts[1].person_id};
    struct tk_attendee stranger = {.person_id = f->demo.accounts[4].person_id};
    struct tk_page *page = tk_roster_open(f->lessons, f->now, "training-1", &who, "p");
    struct tk_page *other = tk_roster_open(f->lessons, f->now, "training-1", &stranger, "q");
    play(f, page, 60000);
    report(f, other, 1, 125);
    check_result(f, "training-1", 0, "attended", 60000, 60000);
    json_t *root;
    json_t *r = result_of(f, "training-1", 0, &root);
    const json_t *person = json_object_get(r, "person");
    assert_int_equal(who.person_id, json_integer_value(json_object_get(person, "id")));
    json_decref(root);
    int64_t strangers = 0;
    tk_db_number(tk_store_reader(f->store), &strangers,
                 "SELECT count(*) FROM presence WHERE person_id <> ?", "i", who.person_id);
    assert_int_equal(0, strangers);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
    tk_roster_close(other, f->now, TK_PAGE_LEFT);
}

static void clean_end_closes_everything(void **state)
{
    struct fixture *f = *state;
    int64_t open = 0;
    int64_t stopped = 0;
    streamer_up(f);
    media(f, "demo", true);
    pass(f, 20000);
    tk_lessons_stop(f->lessons, f->now);
    tk_db_number(tk_store_reader(f->store), &open,
                 "SELECT count(*) FROM live_span WHERE closed = 0 OR last_ms - started_ms <> 20000",
                 "");
    tk_db_number(tk_store_reader(f->store), &stopped,
                 "SELECT stopped_ms FROM server_run ORDER BY id DESC LIMIT 1", "");
    assert_int_equal(0, open);
    assert_int_equal(f->now.wall_ms, stopped);
}

/* A full disk: what cannot be written is not acknowledged, and is written once it can be. */
static void nothing_is_acknowledged_that_was_not_written(void **state)
{
    struct fixture *f = *state;
    int64_t rows = 0;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    pass(f, 5000);
    tk_store_run(f->store, refuse_writes,
                 "CREATE TRIGGER full BEFORE INSERT ON presence BEGIN"
                 " SELECT RAISE (ABORT, 'full'); END");
    report(f, page, 1, 125);
    assert_true(f->code[0] != '\0');
    tk_store_run(f->store, refuse_writes, "DROP TRIGGER full");
    report(f, page, 1, 125); /* the page sends it again */
    assert_string_equal("", f->code);
    tk_db_number(tk_store_reader(f->store), &rows,
                 "SELECT count(*) FROM presence WHERE frames = 125", "");
    assert_int_equal(1, rows);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

/* The same, when the page has stalled before it sends the report again. */
static void a_stall_acknowledges_nothing_unwritten(void **state)
{
    struct fixture *f = *state;
    int64_t rows = 0;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    pass(f, 5000);
    tk_store_run(f->store, refuse_writes,
                 "CREATE TRIGGER full BEFORE INSERT ON presence BEGIN"
                 " SELECT RAISE (ABORT, 'full'); END");
    report(f, page, 1, 125);
    pass(f, 5000);
    report(f, page, 2, 0);
    report(f, page, 1, 125);
    assert_true(f->code[0] != '\0');
    tk_store_run(f->store, refuse_writes, "DROP TRIGGER full");
    report(f, page, 1, 125);
    assert_string_equal("", f->code);
    tk_db_number(tk_store_reader(f->store), &rows,
                 "SELECT count(*) FROM presence WHERE frames = 125", "");
    assert_int_equal(1, rows);
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void what_happened_is_written_once_it_can_be(void **state)
{
    struct fixture *f = *state;
    int64_t rows = 0;
    settle(f);
    tk_store_run(f->store, refuse_writes,
                 "CREATE TRIGGER full BEFORE UPDATE ON lesson BEGIN"
                 " SELECT RAISE (ABORT, 'full'); END");
    tk_lesson_end(f->lessons, &f->actor, f->now, "demo", on_done, f);
    wait_for_answer(f);
    assert_true(f->code[0] != '\0');
    assert_string_equal("ended", state_of(f, "demo"));
    tk_store_run(f->store, refuse_writes, "DROP TRIGGER full");
    pass(f, 1000);
    tk_db_number(tk_store_reader(f->store), &rows,
                 "SELECT (SELECT count(*) FROM audit WHERE action = 'lesson.end') +"
                 " (SELECT count(*) FROM lesson WHERE id = 'demo' AND state = 'ended') +"
                 " (SELECT count(*) FROM attendance_result)",
                 "");
    assert_int_equal(4, rows);
}

static void coming_and_going_does_not_fill_the_disk(void **state)
{
    struct fixture *f = *state;
    int64_t rows = 0;
    streamer_up(f);
    media(f, "demo", true);
    for (int i = 0; i < 5100; i++) {
        tk_roster_close(join(f, "demo", 0), f->now, TK_PAGE_LEFT);
    }
    pass(f, 1000);
    settle(f);
    tk_db_number(tk_store_reader(f->store), &rows, "SELECT count(*) FROM evidence", "");
    assert_int_equal(5000, rows);
    /* of the other room all is told still */
    tk_roster_close(join(f, "demo", 1), f->now, TK_PAGE_LEFT);
    pass(f, 1000);
    settle(f);
    tk_db_number(tk_store_reader(f->store), &rows, "SELECT count(*) FROM evidence", "");
    assert_int_equal(5001, rows);
}

static void a_heartbeat_that_is_not_written_is_told(void **state)
{
    struct fixture *f = *state;
    pass(f, 6000);
    settle(f);
    assert_int_equal(0, tk_lessons_beat_result(f->lessons));
    tk_store_run(f->store, refuse_writes,
                 "CREATE TRIGGER full BEFORE UPDATE ON server_run BEGIN"
                 " SELECT RAISE (ABORT, 'full'); END");
    pass(f, 6000);
    settle(f);
    assert_true(tk_lessons_beat_result(f->lessons) < 0);
    tk_store_run(f->store, refuse_writes, "DROP TRIGGER full");
    pass(f, 6000);
    settle(f);
    assert_int_equal(0, tk_lessons_beat_result(f->lessons));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(reports_become_attendance),
        T(same_report_counts_once),
        T(stalled_page_extends_nothing),
        T(lost_connection_is_evidence_of_trouble),
        T(leaving_early_is_insufficient),
        T(streamer_that_was_killed_blames_nobody),
        T(killed_server_loses_nothing_acknowledged),
        T(clock_that_jumps_changes_no_span),
        T(demo_opens_again_as_a_new_sitting),
        T(demo_is_cut_at_midnight),
        T(correction_stands_beside_the_result),
        T(training_is_attended_by_person),
        T(clean_end_closes_everything),
        T(nothing_is_acknowledged_that_was_not_written),
        T(a_stall_acknowledges_nothing_unwritten),
        T(what_happened_is_written_once_it_can_be),
        T(coming_and_going_does_not_fill_the_disk),
        T(a_heartbeat_that_is_not_written_is_told),
    };
    return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
