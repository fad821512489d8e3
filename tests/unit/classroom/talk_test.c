/* Signals, messages, countdown and question, each alone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "signaling/classroom/countdown.h"
#include "signaling/classroom/messages.h"
#include "signaling/classroom/question.h"
#include "signaling/classroom/signals.h"

#define A 1
#define B 2

static void a_signal_counts_once_while_it_is_shown(void **state)
{
    struct tk_signals s = {.count = 0};
    int64_t next = INT64_MAX;
    assert_true(tk_signals_send(&s, A, TK_SIGNAL_CANNOT_HEAR, 1000));
    assert_false(tk_signals_send(&s, A, TK_SIGNAL_CANNOT_HEAR, 5000));
    assert_true(tk_signals_send(&s, B, TK_SIGNAL_CANNOT_HEAR, 5000));
    assert_true(tk_signals_send(&s, A, TK_SIGNAL_TOO_FAST, 6000));
    assert_int_equal(3, s.count);
    assert_false(tk_signals_tick(&s, 5000 + TK_SIGNAL_SHOWN_MS - 1, &next));
    assert_int_equal(5000 + TK_SIGNAL_SHOWN_MS, next);
    assert_true(tk_signals_tick(&s, 5000 + TK_SIGNAL_SHOWN_MS, &next));
    assert_int_equal(1, s.count);
    assert_true(tk_signals_send(&s, A, TK_SIGNAL_CANNOT_HEAR, 40000));
}

static void hearing_again_takes_the_complaint_away(void **state)
{
    struct tk_signals s = {.count = 0};
    tk_signals_send(&s, A, TK_SIGNAL_CANNOT_HEAR, 1000);
    tk_signals_send(&s, B, TK_SIGNAL_CANNOT_HEAR, 1000);
    assert_true(tk_signals_send(&s, A, TK_SIGNAL_CLEAR, 2000));
    assert_int_equal(2, s.count);
    assert_int_equal(B, s.shown[0].room_id);
    assert_int_equal(TK_SIGNAL_CLEAR, s.shown[1].kind);
}

static void signals_have_an_end(void **state)
{
    struct tk_signals s = {.count = 0};
    for (int64_t room = 0; room < TK_SIGNALS_MAX + 10; room++) {
        assert_true(tk_signals_send(&s, room, TK_SIGNAL_CLEAR, 1000));
    }
    assert_int_equal(TK_SIGNALS_MAX, s.count);
}

static bool fits(const char *text, long max)
{
    return tk_message_text_fits(text, strlen(text), max);
}

static void a_message_is_a_line_of_text(void **state)
{
    assert_true(fits("请大家翻到第 7 页", 200));
    assert_true(fits("二胡🎻", 3));
    assert_false(fits("二胡🎻", 2));
    assert_false(fits("", 200));
    assert_false(fits(" \xe3\x80\x80", 200)); /* an ideographic space */
    assert_false(fits("a\nb", 200));
    assert_false(fits("a\x1b[2J", 200));
    assert_false(fits("a\x7f", 200));
    assert_false(fits("a\xe2\x80\xa8", 200)); /* a line separator */
    assert_false(fits("a\xe2\x80\xae"
                      "b",
                      200)); /* right to left override */
    assert_false(fits("\xff\xfe", 200));
    assert_false(fits("\xed\xa0\x80", 200)); /* half a surrogate pair */
    assert_false(tk_message_text_fits("a\0b", 3, 200));
}

static void the_oldest_messages_go(void **state)
{
    struct tk_messages m = {.last_id = 0};
    struct tk_class_message one = {.from = TK_MESSAGE_TEACHER, .text = "x"};
    for (int i = 0; i < TK_MESSAGES_KEPT + 5; i++) {
        tk_messages_add(&m, &one);
    }
    assert_int_equal(TK_MESSAGES_KEPT, m.kept.length);
    assert_int_equal(6, ((struct tk_class_message *)m.kept.head->data)->id);
    tk_messages_clear(&m);
    assert_int_equal(0, m.kept.length);
}

static void a_countdown_ends(void **state)
{
    struct tk_countdown c = {.started_ms = 0};
    int64_t next = INT64_MAX;
    assert_false(tk_countdown_stop(&c));
    tk_countdown_start(&c, 1000, 60);
    tk_countdown_start(&c, 2000, 5); /* one at a time: the newest */
    assert_int_equal(7000, c.ends_ms);
    tk_countdown_show_time(&c, 2000);
    assert_false(tk_countdown_tick(&c, 2000, &next));
    assert_int_equal(2000 + TK_TIME_SHOWN_MS, next);
    assert_true(tk_countdown_tick(&c, 2000 + TK_TIME_SHOWN_MS, &next));
    assert_int_equal(0, c.time_until_ms);
    assert_int_equal(0, c.started_ms); /* over since 7000 + 10 s */
    assert_false(tk_countdown_tick(&c, 90000, &next));
}

static void a_question_takes_the_newest_answer_until_it_is_closed(void **state)
{
    struct tk_question q = {.shown = false};
    bool changed = false;
    int64_t next = INT64_MAX;
    assert_false(tk_question_answer(&q, 1, A, (int[4]){1}, &changed));
    tk_question_ask(&q, 1000, 2, "?");
    assert_int_equal(1, q.last_id);
    assert_true(tk_question_answer(&q, 1, A, (int[4]){1, 2}, &changed));
    assert_true(changed);
    assert_true(tk_question_answer(&q, 1, A, (int[4]){1, 2}, &changed));
    assert_false(changed);
    assert_true(tk_question_answer(&q, 1, A, (int[4]){0, 3}, &changed));
    assert_true(tk_question_answer(&q, 1, B, (int[4]){9, 9}, &changed));
    assert_int_equal(2, q.answers_count);
    assert_int_equal(3, q.answers[0].counts[1]);
    assert_true(tk_question_close(&q, 2000));
    assert_false(tk_question_close(&q, 3000));
    assert_int_equal(2000, q.closed_ms);
    assert_false(tk_question_answer(&q, 1, A, (int[4]){5}, &changed)); /* too late */
    assert_false(tk_question_tick(&q, 2000 + TK_QUESTION_SHOWN_MS - 1, &next));
    assert_int_equal(2000 + TK_QUESTION_SHOWN_MS, next);
    assert_true(tk_question_tick(&q, next, &next));
    assert_false(q.shown);
    tk_question_ask(&q, 100000, 4, "");
    assert_int_equal(2, q.last_id);
    assert_false(tk_question_answer(&q, 1, A, (int[4]){5}, &changed)); /* the one before */
}

static void names_are_those_of_the_protocol(void **state)
{
    enum tk_signal_kind kind;
    enum tk_message_from from;
    assert_true(tk_signal_parse("too_fast", &kind));
    assert_string_equal("too_fast", tk_signal_name(kind));
    assert_false(tk_signal_parse("loud", &kind));
    assert_false(tk_signal_parse(NULL, &kind));
    assert_true(tk_message_from_parse("coteacher", &from));
    assert_string_equal("coteacher", tk_message_from_name(from));
    assert_false(tk_message_from_parse("pupil", &from));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_counts_once_while_it_is_shown),
        cmocka_unit_test(hearing_again_takes_the_complaint_away),
        cmocka_unit_test(signals_have_an_end),
        cmocka_unit_test(a_message_is_a_line_of_text),
        cmocka_unit_test(the_oldest_messages_go),
        cmocka_unit_test(a_countdown_ends),
        cmocka_unit_test(a_question_takes_the_newest_answer_until_it_is_closed),
        cmocka_unit_test(names_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
