/* Who speaks and who would like to: every transition of the table in floor.h. */

#include "signaling/classroom/floor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#define A 1
#define B 2
#define C 3

static struct tk_floor f;

static int setup(void **state)
{
    f = (struct tk_floor){.mode = TK_FLOOR_SPEECH};
    return 0;
}

static void assert_hands(size_t count, const int64_t *rooms)
{
    assert_int_equal(count, f.hands_count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rooms[i], f.hands[i].room_id);
    }
}

static void hands_keep_their_order(void **state)
{
    assert_true(tk_floor_raise(&f, B, 10));
    assert_true(tk_floor_raise(&f, A, 10)); /* the same millisecond: who came first is first */
    assert_true(tk_floor_raise(&f, C, 20));
    assert_false(tk_floor_raise(&f, B, 30));
    assert_hands(3, (int64_t[]){B, A, C});
    assert_int_equal(10, f.hands[0].at_ms);
    assert_true(tk_floor_lower(&f, A));
    assert_false(tk_floor_lower(&f, A));
    assert_hands(2, (int64_t[]){B, C});
    assert_true(tk_floor_raise(&f, A, 40));
    assert_hands(3, (int64_t[]){B, C, A});
    assert_true(tk_floor_lower_all(&f));
    assert_false(tk_floor_lower_all(&f));
    assert_hands(0, NULL);
}

static void the_queue_has_an_end(void **state)
{
    for (int64_t room = 1; room <= TK_FLOOR_HANDS_MAX; room++) {
        assert_true(tk_floor_raise(&f, room, room));
    }
    assert_false(tk_floor_raise(&f, TK_FLOOR_HANDS_MAX + 1, 100));
    assert_int_equal(TK_FLOOR_HANDS_MAX, f.hands_count);
}

static void a_hand_falls_when_the_floor_is_given(void **state)
{
    tk_floor_raise(&f, A, 1);
    tk_floor_raise(&f, B, 2);
    assert_true(tk_floor_give(&f, A, 5));
    assert_int_equal(A, f.room_id);
    assert_int_equal(5, f.since_ms);
    assert_hands(1, (int64_t[]){B});
    assert_false(tk_floor_raise(&f, A, 6)); /* it speaks already */
}

static void a_second_click_changes_nothing(void **state)
{
    assert_true(tk_floor_give(&f, A, 5));
    assert_false(tk_floor_give(&f, A, 6));
    assert_int_equal(5, f.since_ms);
    assert_true(tk_floor_take(&f));
    assert_false(tk_floor_take(&f));
}

/* Two devices of the teacher at the same time, each another room. */
static void one_room_has_it_whoever_clicks(void **state)
{
    assert_true(tk_floor_give(&f, A, 5));
    assert_true(tk_floor_give(&f, B, 5));
    assert_int_equal(B, f.room_id);
    assert_false(tk_floor_leave(&f, A)); /* its page did not know yet */
    assert_int_equal(B, f.room_id);
}

static void leaving_late_takes_nothing_from_another(void **state)
{
    tk_floor_give(&f, A, 5);
    tk_floor_take(&f);
    assert_false(tk_floor_leave(&f, A));
    tk_floor_give(&f, B, 6);
    assert_false(tk_floor_leave(&f, A));
    assert_true(tk_floor_leave(&f, B));
    assert_int_equal(0, f.room_id);
}

static void who_drops_out_loses_floor_hand_and_picture(void **state)
{
    tk_floor_give(&f, A, 5);
    tk_floor_raise(&f, B, 6);
    tk_floor_set_large(&f, B);
    assert_true(tk_floor_drop(&f, B, 7, "page_closed"));
    assert_int_equal(A, f.room_id);
    assert_int_equal(0, f.lost_room_id);
    assert_int_equal(0, f.large_room_id);
    assert_hands(0, NULL);
    assert_false(tk_floor_drop(&f, B, 8, "page_closed"));
    assert_true(tk_floor_drop(&f, A, 9, "connection_lost"));
    assert_int_equal(0, f.room_id);
    assert_int_equal(A, f.lost_room_id);
    assert_string_equal("connection_lost", f.lost_reason);
}

static void that_it_lost_it_is_said_for_a_while(void **state)
{
    int64_t next = INT64_MAX;
    tk_floor_give(&f, A, 5);
    tk_floor_lose(&f, A, 1000, "no_media");
    assert_false(tk_floor_tick(&f, 1000, &next));
    assert_int_equal(1000 + TK_FLOOR_LOST_MS, next);
    assert_false(tk_floor_tick(&f, next - 1, &next));
    tk_floor_give(&f, B, 2000); /* another one's turn does not hide it */
    assert_int_equal(A, f.lost_room_id);
    assert_true(tk_floor_tick(&f, 1000 + TK_FLOOR_LOST_MS, &next));
    assert_int_equal(0, f.lost_room_id);
    tk_floor_lose(&f, B, 50000, "no_media");
    tk_floor_give(&f, B, 51000); /* it has it again */
    assert_int_equal(0, f.lost_room_id);
}

static void modes_leave_the_floor_where_it_is(void **state)
{
    enum tk_floor_mode mode;
    tk_floor_give(&f, A, 5);
    assert_true(tk_floor_set_mode(&f, TK_FLOOR_CHORAL));
    assert_false(tk_floor_set_mode(&f, TK_FLOOR_CHORAL));
    assert_int_equal(A, f.room_id);
    assert_true(tk_floor_mode_parse("music", &mode));
    assert_int_equal(TK_FLOOR_MUSIC, mode);
    assert_false(tk_floor_mode_parse("loud", &mode));
    assert_false(tk_floor_mode_parse(NULL, &mode));
    assert_string_equal("choral", tk_floor_mode_name(TK_FLOOR_CHORAL));
}

int main(void)
{
#define T(t) cmocka_unit_test_setup(t, setup)
    const struct CMUnitTest tests[] = {
        T(hands_keep_their_order),
        T(the_queue_has_an_end),
        T(a_hand_falls_when_the_floor_is_given),
        T(a_second_click_changes_nothing),
        T(one_room_has_it_whoever_clicks),
        T(leaving_late_takes_nothing_from_another),
        T(who_drops_out_loses_floor_hand_and_picture),
        T(that_it_lost_it_is_said_for_a_while),
        T(modes_leave_the_floor_where_it_is),
    };
    return cmocka_run_group_tests_name("floor", tests, NULL, NULL);
}
