/* Hands, floor and talk in a lesson: who may, what is seen, what is told, what is on disk. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/classroom/lesson.h"

static void the_floor_goes_to_media_and_to_disk(void **state)
{
    come(0);
    come(1);
    DONE(room_act(0, "hand.raise", ""));
    DONE(act_room(&teacher, "floor.give", 0));
    assert_int_equal(room_ids[0], told.room_id);
    assert_true(told.sound);
    assert_string_equal("[]", seen(&teacher, "hands"));
    int floors = told.floors;
    DONE(act_room(&teacher, "floor.give", 0)); /* a double click */
    assert_int_equal(floors, told.floors);
    wait_ms(3000);
    DONE(act_room(&teacher, "floor.give", 1)); /* another device of the teacher */
    assert_int_equal(room_ids[1], told.room_id);
    DONE(room_act(0, "floor.leave", "")); /* late */
    assert_int_equal(room_ids[1], told.room_id);
    wait_ms(2000);
    DONE(act(&teacher, "floor.take", ""));
    assert_int_equal(0, told.room_id);
    assert_int_equal(2, number("SELECT count(*) FROM floor_turn WHERE ended_ms IS NOT NULL"));
    assert_int_equal(3000, number("SELECT last_ms - started_ms FROM floor_turn ORDER BY id"));
    assert_int_equal(2000, number("SELECT last_ms - started_ms FROM floor_turn ORDER BY id DESC"));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'floor.give'"));
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'floor.take'"));
}

static void in_choral_mode_the_floor_is_a_picture(void **state)
{
    come(0);
    DONE(act(&teacher, "mode.set", "\"mode\":\"choral\""));
    DONE(act_room(&teacher, "floor.give", 0));
    assert_int_equal(room_ids[0], told.room_id);
    assert_false(told.sound);
    DONE(act(&teacher, "mode.set", "\"mode\":\"speech\""));
    assert_true(told.sound);
    DONE(act_room(&teacher, "large.set", 1));
    assert_int_equal(room_ids[1], told.large);
    DONE(act(&teacher, "large.set", "\"room\":null"));
    assert_int_equal(0, told.large);
}

static void who_drops_out_loses_the_floor(void **state)
{
    come(0);
    come(0); /* a second page of it */
    come(1);
    DONE(room_act(1, "hand.raise", ""));
    DONE(act_room(&teacher, "floor.give", 0));
    go(0, "page_closed");
    assert_int_equal(room_ids[0], told.room_id);
    go(0, "connection_lost");
    assert_int_equal(0, told.room_id);
    assert_non_null(strstr(seen(&teacher, "lost"), "connection_lost"));
    go(1, "page_closed");
    assert_string_equal("[]", seen(&teacher, "hands"));
    REFUSED("conflict", act_room(&teacher, "floor.give", 0));
    REFUSED("conflict", act(&coteacher, "hand.raise", ""));
    wait_ms(21000);
    assert_string_equal("null", seen(&teacher, "lost"));
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'floor.lost'"));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'join'"));
    assert_int_equal(2, number("SELECT count(*) FROM event WHERE kind = 'leave'"));
}

static void dead_media_loses_the_floor_and_a_short_gap_does_not(void **state)
{
    come(0);
    streamer_up(fx);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], true, true, 1);
    DONE(act_room(&teacher, "floor.give", 0));
    wait_ms(10000);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], false, false, 1);
    wait_ms(3000);
    assert_int_equal(room_ids[0], told.room_id);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], false, true, 1);
    wait_ms(10000);
    assert_int_equal(room_ids[0], told.room_id);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], false, false, 0);
    wait_ms(6000);
    assert_int_equal(0, told.room_id);
    assert_non_null(strstr(seen(&teacher, "lost"), "no_media"));
    /* a room that never sent anything (no camera, no microphone yet) may have it */
    come(1);
    DONE(act_room(&teacher, "floor.give", 1));
    wait_ms(10000);
    assert_int_equal(room_ids[1], told.room_id);
}

static void a_streamer_that_was_killed_takes_no_floor(void **state)
{
    come(0);
    streamer_up(fx);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], true, true, 1);
    DONE(act_room(&teacher, "floor.give", 0));
    tk_lessons_streamer(fx->lessons, fx->now, false);
    tk_classroom_media(cr, fx->now, "demo", room_ids[0], false, false, 0);
    wait_ms(20000);
    assert_int_equal(room_ids[0], told.room_id);
    streamer_up(fx);
    wait_ms(18000); /* its page offers again */
    assert_int_equal(room_ids[0], told.room_id);
    wait_ms(4000);
    assert_int_equal(0, told.room_id);
}

static void who_may_not_is_refused(void **state)
{
    const struct tk_class_actor stranger = {.role = TK_CLASS_ROOM, .room_id = 999};
    int64_t rows = number("SELECT count(*) FROM event");
    come(0);
    REFUSED("forbidden", room_act(0, "floor.take", ""));
    REFUSED("forbidden", act(&coteacher, "mode.set", "\"mode\":\"music\""));
    REFUSED("forbidden", act(&viewer, "hand.raise", ""));
    REFUSED("forbidden", act(&teacher, "question.answer", ""));
    REFUSED("forbidden", act(&stranger, "hand.raise", ""));
    REFUSED("bad_request", act(&teacher, "no.such", ""));
    REFUSED("bad_field", act(&teacher, "floor.give", ""));
    REFUSED("bad_field", act(&teacher, "floor.give", "\"room\":1.5"));
    REFUSED("bad_field", act(&teacher, "hand.lower", ""));
    REFUSED("bad_field", act(&teacher, "countdown.start", "\"seconds\":3601"));
    REFUSED("bad_field", act(&teacher, "question.ask", "\"choices\":1"));
    REFUSED("bad_field", act(&teacher, "question.ask", "\"choices\":2,\"text\":7"));
    REFUSED("bad_field", room_act(0, "signal.send", "\"kind\":\"loud\""));
    REFUSED("bad_field", room_act(0, "message.send", "\"text\":\"\\u001b\""));
    assert_int_equal(rows + 1, number("SELECT count(*) FROM event")); /* that it joined */
}

static void after_the_end_nothing_is_done(void **state)
{
    come(0);
    DONE(act_room(&teacher, "floor.give", 0));
    tk_lesson_end(fx->lessons, &fx->actor, fx->now, "demo", on_done, fx);
    wait_for_answer(fx);
    assert_int_equal(0, told.room_id);
    assert_null(tk_classroom_json(cr, "demo", &teacher));
    REFUSED("conflict", room_act(0, "hand.raise", ""));
    assert_int_equal(1, number("SELECT count(*) FROM floor_turn WHERE end_reason = 'ended'"));
    assert_int_equal(0, number("SELECT count(*) FROM event WHERE kind = 'hand.raise'"));
    wait_ms(61000); /* it opens again: the page that stayed is there, and nothing else */
    assert_string_equal("open", state_of(fx, "demo"));
    assert_string_equal("null", seen(&teacher, "floor"));
    DONE(room_act(0, "hand.raise", ""));
    go(0, "page_closed");
    assert_string_equal("[]", seen(&teacher, "hands"));
}

static void each_reads_what_is_meant_for_them(void **state)
{
    const struct tk_class_actor other = room(1);
    come(0);
    come(1);
    DONE(act(&coteacher, "message.send", "\"text\":\"灯坏了\""));
    DONE(act(&teacher, "message.send", "\"text\":\"好\""));
    assert_non_null(strstr(seen(&teacher, "messages"), "灯坏了"));
    assert_non_null(strstr(seen(&coteacher, "messages"), "灯坏了"));
    assert_null(strstr(seen(&other, "messages"), "灯坏了"));
    assert_non_null(strstr(seen(&other, "messages"), "好"));
    assert_null(strstr(seen(&viewer, "messages"), "灯坏了"));
    DONE(act(&teacher, "question.ask", "\"choices\":2"));
    DONE(act(&coteacher, "question.answer", "\"question\":1,\"counts\":{\"A\":7}"));
    assert_non_null(strstr(seen(&teacher, "question"), "\"A\":7"));
    assert_null(strstr(seen(&other, "question"), "\"A\":7"));
    tk_classroom_roll_call(cr, fx->now, "demo", room_ids[0], 20, 19, 0, 0);
    tk_classroom_check(cr, fx->now, room_ids[0], "yellow");
    assert_non_null(strstr(seen(&teacher, "rooms"), "\"present\":19"));
    assert_non_null(strstr(seen(&coteacher, "rooms"), "yellow"));
    assert_null(strstr(seen(&other, "rooms"), "\"present\":19"));
    assert_null(strstr(seen(&other, "rooms"), "yellow"));
    DONE(act(&teacher, "question.close", ""));
    assert_non_null(strstr(seen(&other, "question"), "\"A\":7"));
}

static void asking_again_closes_the_question_before(void **state)
{
    come(0);
    DONE(act(&teacher, "question.ask", "\"choices\":2"));
    DONE(act(&teacher, "question.ask", "\"choices\":4,\"text\":\"?\""));
    REFUSED("conflict", room_act(0, "question.answer", "\"question\":1,\"counts\":{\"A\":1}"));
    DONE(room_act(0, "question.answer", "\"question\":2,\"counts\":{\"D\":1}"));
    REFUSED("bad_field", room_act(0, "question.answer", "\"question\":2,\"counts\":{\"E\":1}"));
    REFUSED("bad_field", room_act(0, "question.answer", "\"question\":2,\"counts\":[1]"));
    REFUSED("bad_field", room_act(0, "question.answer", "\"question\":2,\"counts\":{\"A\":-1}"));
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'question.close'"));
}

static void who_speaks_is_counted(void **state)
{
    streamer_up(fx);
    come(0);
    DONE(act_room(&teacher, "floor.give", 0));
    tk_classroom_voice(cr, fx->now, "demo", 0, 500, 1000); /* before it is live: counts not */
    tk_classroom_voice(cr, fx->now, "demo", room_ids[0], 500, 1000);
    media(fx, "demo", true);
    for (int i = 0; i < 20; i++) {
        wait_ms(1000);
        tk_classroom_voice(cr, fx->now, "demo", 0, 300, 1000);
        tk_classroom_voice(cr, fx->now, "demo", room_ids[0], 2000, 1000); /* never more than it */
        tk_classroom_voice(cr, fx->now, "demo", room_ids[1], 1000, 1000); /* has no floor */
    }
    /* at most 5 s of it are in memory only */
    assert_in_range(number("SELECT spoke_ms FROM floor_turn"), 14000, 20000);
    assert_in_range(number("SELECT spoke_ms FROM main_speech"), 4200, 6000);
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'live'"));
    DONE(act(&teacher, "floor.take", ""));
    assert_int_equal(20000, number("SELECT spoke_ms FROM floor_turn"));
    assert_int_equal(6000, number("SELECT spoke_ms FROM main_speech"));
}

static void nobody_fills_the_disk(void **state)
{
    int refused = 0;
    come(0);
    for (int i = 0; i < 21; i++) {
        refused += strcmp("rate_limited", room_act(0, "message.send", "\"text\":\"x\"")) == 0;
    }
    assert_in_range(refused, 1, 20);
    assert_int_equal(21 - refused, number("SELECT count(*) FROM event WHERE kind = 'message'"));
    DONE(act(&teacher, "message.send", "\"text\":\"x\"")); /* another sender is not held back */
    for (int i = 0; i < 6000; i++) {
        go(0, "connection_lost");
        come(0);
        if (i % 500 == 0) {
            settle(fx);
        }
    }
    assert_in_range(number("SELECT count(*) FROM event WHERE kind IN ('join', 'leave')"), 4000,
                    5000);
}

static int spoil(void *arg, struct tk_db *db)
{
    return tk_db_run(db, arg, "");
}

/* A full disk: the effect is there, the answer says that it is not kept, and it is kept later. */
static void what_cannot_be_written_is_written_later(void **state)
{
    come(0);
    settle(fx);
    tk_store_run(fx->store, spoil,
                 "CREATE TRIGGER full BEFORE INSERT ON event BEGIN"
                 " SELECT RAISE (ABORT, 'full'); END");
    assert_true(*act_room(&teacher, "floor.give", 0) != '\0');
    assert_int_equal(room_ids[0], told.room_id);
    assert_int_equal(0, number("SELECT count(*) FROM floor_turn"));
    assert_true(*act_room(&teacher, "floor.give", 0) != '\0'); /* it is still not on disk */
    tk_store_run(fx->store, spoil, "DROP TRIGGER full");
    wait_ms(6000);
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'floor.give'"));
    assert_int_equal(1, number("SELECT count(*) FROM floor_turn"));
}

static void set_rooms(const char *list)
{
    const struct tk_lesson *lesson = tk_lessons_find(fx->lessons, "demo");
    json_t *fields = json_pack("{s:n}", "main_room_id");
    json_object_set_new(fields, "room_ids", json_loads(list, 0, NULL));
    tk_lesson_patch(fx->lessons, &fx->actor, fx->now, "demo", lesson->row.version, fields, on_done,
                    fx);
    json_decref(fields);
    wait_for_answer(fx);
    assert_string_equal("", fx->code);
    settle(fx);
}

static void rooms_change_while_the_lesson_is_open(void **state)
{
    char list[80];
    come(0);
    come(1);
    g_snprintf(list, sizeof(list), "[%lld, %lld, %lld]", (long long)room_ids[0],
               (long long)room_ids[1], (long long)fx->demo.main_room_id);
    set_rooms(list);
    tk_classroom_page_come(cr, fx->now, "demo", fx->demo.main_room_id);
    struct tk_class_actor third = {.role = TK_CLASS_ROOM, .room_id = fx->demo.main_room_id};
    DONE(act(&third, "hand.raise", ""));
    DONE(act_room(&teacher, "floor.give", 1));
    DONE(act_room(&teacher, "large.set", 1));
    assert_int_equal(room_ids[1], told.room_id);
    g_snprintf(list, sizeof(list), "[%lld, %lld]", (long long)room_ids[0],
               (long long)fx->demo.main_room_id);
    set_rooms(list);
    assert_int_equal(0, told.room_id);
    assert_int_equal(0, told.large);
    go(1, "page_closed"); /* late */
    REFUSED("bad_field", act_room(&teacher, "floor.give", 1));
    assert_int_equal(1, number("SELECT count(*) FROM event WHERE kind = 'floor.lost'"));
    assert_non_null(strstr(seen(&teacher, "hands"), "room"));
    DONE(act_room(&teacher, "floor.give", 0));
    assert_int_equal(room_ids[0], told.room_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        C(the_floor_goes_to_media_and_to_disk),
        C(in_choral_mode_the_floor_is_a_picture),
        C(who_drops_out_loses_the_floor),
        C(dead_media_loses_the_floor_and_a_short_gap_does_not),
        C(a_streamer_that_was_killed_takes_no_floor),
        C(who_may_not_is_refused),
        C(after_the_end_nothing_is_done),
        C(each_reads_what_is_meant_for_them),
        C(asking_again_closes_the_question_before),
        C(who_speaks_is_counted),
        C(nobody_fills_the_disk),
        C(rooms_change_while_the_lesson_is_open),
        C(what_cannot_be_written_is_written_later),
    };
    return cmocka_run_group_tests_name("classroom", tests, NULL, NULL);
}
