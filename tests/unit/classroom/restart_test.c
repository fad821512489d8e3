/* The server ends in the middle of a lesson, kindly or not, and the lesson goes on after it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/classroom/lesson.h"

/* Ends and starts again: the next run finds what is on disk. */
static void restart(int64_t down_ms)
{
    settle(fx);
    tk_classroom_destroy(cr);
    kill_server(fx);
    fx->now.wall_ms += down_ms;
    fx->now.mono_ms = 77000;
    memset(&told, 0, sizeof(told));
    start_server(fx);
    begin_classroom();
}

static void talk(void)
{
    come(0);
    come(1);
    DONE(act(&teacher, "mode.set", "\"mode\":\"music\""));
    DONE(room_act(1, "hand.raise", ""));
    DONE(act_room(&teacher, "floor.give", 0));
    DONE(act(&teacher, "message.send", "\"text\":\"翻到第七页\""));
    DONE(act(&teacher, "question.ask", "\"choices\":3,\"text\":\"几个?\""));
    DONE(room_act(1, "question.answer", "\"question\":1,\"counts\":{\"B\":12}"));
    DONE(act(&teacher, "countdown.start", "\"seconds\":600"));
    tk_classroom_roll_call(cr, fx->now, "demo", room_ids[1], 21, 20, 0, 0);
}

static void the_lesson_goes_on_as_it_was(void **state)
{
    talk();
    wait_ms(2000);
    restart(4000);
    assert_int_equal(room_ids[0], told.room_id);
    assert_true(told.sound);
    assert_string_equal("\"music\"", seen(&teacher, "mode"));
    assert_non_null(strstr(seen(&teacher, "hands"), "\"room\""));
    assert_non_null(strstr(seen(&teacher, "messages"), "翻到第七页"));
    assert_non_null(strstr(seen(&teacher, "question"), "\"B\":12"));
    assert_non_null(strstr(seen(&teacher, "countdown"), "ends_ms"));
    assert_non_null(strstr(seen(&teacher, "rooms"), "\"present\":20"));
    /* the turn of the last run ended with its last sign; a new one has begun */
    assert_int_equal(1, number("SELECT count(*) FROM floor_turn WHERE end_reason = 'server_down'"
                               " AND ended_ms = last_ms"));
    assert_int_equal(1, number("SELECT count(*) FROM floor_turn WHERE ended_ms IS NULL"));
    assert_int_equal(0, number("SELECT count(*) FROM floor_turn a JOIN floor_turn b"
                               " ON a.id < b.id WHERE a.last_ms > b.started_ms"));
    /* the next question is not the same one */
    DONE(act(&teacher, "question.ask", "\"choices\":2"));
    assert_non_null(strstr(seen(&teacher, "question"), "\"id\":2"));
}

static void who_comes_back_in_time_keeps_the_floor(void **state)
{
    talk();
    restart(4000);
    come(0);
    come(1);
    wait_ms(30000);
    assert_int_equal(room_ids[0], told.room_id);
    assert_non_null(strstr(seen(&teacher, "hands"), "\"room\""));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'join'"));
    assert_int_equal(0, number("SELECT count(*) FROM event WHERE kind = 'leave'"));
}

static void who_does_not_has_dropped_out(void **state)
{
    talk();
    restart(4000);
    wait_ms(21000);
    assert_int_equal(0, told.room_id);
    assert_string_equal("[]", seen(&teacher, "hands"));
    assert_non_null(strstr(seen(&teacher, "lost"), "connection_lost"));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'leave'"));
}

static void what_is_spoken_goes_on_being_counted(void **state)
{
    streamer_up(fx);
    media(fx, "demo", true);
    tk_classroom_voice(cr, fx->now, "demo", 0, 900, 1000);
    wait_ms(6000);
    restart(1000);
    streamer_up(fx);
    media(fx, "demo", true);
    tk_classroom_voice(cr, fx->now, "demo", 0, 100, 1000);
    wait_ms(6000);
    assert_int_equal(1000, number("SELECT spoke_ms FROM main_speech"));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'live'"));
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'interrupted'"));
}

static void another_day_is_another_lesson(void **state)
{
    talk();
    restart(24 * HOUR_MS);
    tick(fx);
    assert_string_equal("open", state_of(fx, "demo"));
    assert_int_equal(0, told.room_id);
    assert_string_equal("\"speech\"", seen(&teacher, "mode"));
    assert_string_equal("[]", seen(&teacher, "messages"));
    assert_int_equal(0, number("SELECT count(*) FROM floor_turn WHERE ended_ms IS NULL"));
}

/* Whatever stands in the timeline, it does no harm. */
static int strange_events(void *arg, struct tk_db *db)
{
    return tk_db_run(
        db,
        "INSERT INTO event (sitting_id, at_ms, kind, data)"
        " SELECT max(sitting.id), opened_ms, value, '{\"choices\":99,\"seconds\":\"x\"}'"
        " FROM sitting, json_each('[\"hand.raise\",\"mode\",\"message\",\"question\","
        "\"answer\",\"countdown\",\"floor.give\",\"of.the.future\"]')"
        " WHERE lesson_id = 'demo' GROUP BY value",
        "");
}

static void strange_events_do_no_harm(void **state)
{
    settle(fx);
    assert_int_equal(0, tk_store_run(fx->store, strange_events, NULL));
    restart(1000);
    assert_string_equal("null", seen(&teacher, "floor"));
    assert_string_equal("null", seen(&teacher, "countdown"));
    assert_non_null(strstr(seen(&teacher, "question"), "\"choices\":4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        C(the_lesson_goes_on_as_it_was),  C(who_comes_back_in_time_keeps_the_floor),
        C(who_does_not_has_dropped_out),  C(what_is_spoken_goes_on_being_counted),
        C(another_day_is_another_lesson), C(strange_events_do_no_harm),
    };
    return cmocka_run_group_tests_name("restart", tests, NULL, NULL);
}
