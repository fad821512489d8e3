/* The supervision of the streamer, and what it is asked. */

#include "tests/unit/media/scripted.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>

#include "signaling/media/streamer.h"

static void it_starts_and_gets_what_was_opened_before(void **state)
{
    assert_false(tk_media_ready(w.media));
    scripted_open_demo();
    assert_true(tk_media_ready(w.media));
    assert_int_equal(w.ups, 1);
    json_t *status = tk_media_source_status(w.media, "demo");
    assert_string_equal(json_string_value(json_object_get(status, "kind")), "demo");
    json_decref(status);
}

static void a_killed_streamer_is_back_with_its_state(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("v=0", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "");
    kill((pid_t)tk_media_stats(w.media).pid, SIGKILL);
    UNTIL(w.downs == 1);
    assert_false(w.main_live);
    UNTIL(w.gone == 1);
    assert_string_equal(w.reason, "streamer");
    assert_false(tk_media_peer_exists(w.media, peer));
    UNTIL(w.main_live);
    assert_int_equal(w.ups, 2);
    assert_int_equal(tk_media_stats(w.media).starts, 2);
    assert_int_equal(w.failed, 0);
}

static void a_question_that_kills_it_is_answered(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("die", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "unavailable");
    UNTIL(w.ups == 2);
}

static void an_offer_before_the_streamer_runs_waits_for_it(void **state)
{
    char peer[TK_PEER_TEXT];
    tk_media_lesson_open(w.media, "demo");
    assert_int_equal(tk_media_stats(w.media).pid, 0);
    assert_int_equal(scripted_create("v=0", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "");
}

static void a_hung_streamer_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("hang", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).hung, 1);
}

static void malformed_events_are_counted_and_dropped(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("garbage", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_int_equal(tk_media_stats(w.media).malformed, 3);
    assert_string_equal(w.code, "");
    assert_int_equal(w.downs, 0);
}

static void a_streamer_that_sends_nonsense_without_end_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("nonsense", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).malformed, TK_STREAMER_MALFORMED_MAX + 1);
    UNTIL(strcmp(w.source_state, "live") == 0);
}

static void a_streamer_that_floods_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    assert_int_equal(scripted_create("flood", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).malformed, 0);
    assert_int_equal(tk_media_stats(w.media).hung, 0);
}

static void errors_become_problems_in_the_contracts_order(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    scripted_create("v=0", "token:1", peer);
    UNTIL(w.answers == 1);
    assert_string_equal(w.publisher, "token:1");
    scripted_create("bad", "token:2", peer);
    UNTIL(w.answers == 2);
    assert_string_equal(w.code, "bad_request");
    scripted_create("codec", "token:2", peer);
    UNTIL(w.answers == 3);
    assert_string_equal(w.code, "codec");
    scripted_create("v=0", "token:2", peer);
    UNTIL(w.answers == 4);
    assert_string_equal(w.code, "conflict");
    assert_false(tk_media_peer_exists(w.media, peer));
    scripted_create("v=0", "token:1", peer);
    UNTIL(w.answers == 5);
    assert_string_equal(w.code, "");
    UNTIL(w.gone == 1);
    assert_string_equal(w.reason, "replaced");
}

static void a_full_queue_restarts_the_streamer(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    kill((pid_t)tk_media_stats(w.media).pid, SIGSTOP);
    int n = 0;
    while (scripted_create("v=0", NULL, peer) == 0) {
        assert_true(++n < 100000);
    }
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).overflows, 1);
    assert_int_equal(w.answers, n);
    assert_string_equal(w.code, "unavailable");
}

static void closing_a_lesson_ends_its_sessions(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    scripted_create("v=0", "token:1", peer);
    UNTIL(w.answers == 1);
    tk_media_lesson_close(w.media, "demo", "ended");
    assert_int_equal(w.gone, 1);
    assert_string_equal(w.reason, "lesson");
    assert_string_equal(w.publisher, "");
    assert_int_equal(scripted_create("v=0", NULL, peer), -ENOENT);
}

static void a_closed_session_answers_what_waits(void **state)
{
    char peer[TK_PEER_TEXT];
    scripted_open_demo();
    scripted_create("v=0", NULL, peer);
    tk_media_peer_close(w.media, peer, "closed");
    assert_int_equal(w.answers, 1);
    assert_string_equal(w.code, "not_found");
    scripted_create("v=0", NULL, peer);
    tk_media_disown(w.media, &w, "closed");
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.gone, 0);
}

static void no_program_is_said_at_once(void **state)
{
    struct tk_media *m = NULL;
    char err[256];
    struct tk_media_config config = {.settings = &w.settings, .program = "/nonexistent/streamer"};
    assert_int_equal(tk_media_create(&config, &m, err, sizeof(err)), -ENOENT);
    assert_non_null(strstr(err, "/nonexistent/streamer"));
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seam-fd") == 0) {
        return scripted_streamer();
    }
#define T(f) cmocka_unit_test_setup_teardown(f, scripted_setup, scripted_teardown)
    const struct CMUnitTest tests[] = {
        T(it_starts_and_gets_what_was_opened_before),
        T(a_killed_streamer_is_back_with_its_state),
        T(a_question_that_kills_it_is_answered),
        T(an_offer_before_the_streamer_runs_waits_for_it),
        T(a_hung_streamer_is_replaced),
        T(malformed_events_are_counted_and_dropped),
        T(a_streamer_that_sends_nonsense_without_end_is_replaced),
        T(a_streamer_that_floods_is_replaced),
        T(errors_become_problems_in_the_contracts_order),
        T(a_full_queue_restarts_the_streamer),
        T(closing_a_lesson_ends_its_sessions),
        T(a_closed_session_answers_what_waits),
        T(no_program_is_said_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
