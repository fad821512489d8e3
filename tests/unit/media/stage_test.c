#include "signaling/media/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#define T0 1000000

static struct tk_stage stage;

static int setup(void **state)
{
    tk_stage_init(&stage);
    return 0;
}

static int claim(const char *key, const char *peer, bool started, int64_t now)
{
    struct tk_problem problem = {0};
    struct tk_publisher who = {0};
    strcpy(who.key, key);
    strcpy(who.name, key);
    struct tk_stage_claim c = {.who = &who, .peer = peer, .started = started};
    c.has[TK_STAGE_PEOPLE][TK_STAGE_VIDEO] = true;
    c.has[TK_STAGE_PEOPLE][TK_STAGE_AUDIO] = true;
    int r = tk_stage_claim(&stage, &c, now, &problem);
    if (r < 0) {
        assert_string_equal(problem.code, "conflict");
        assert_non_null(strstr(problem.detail, tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->name));
    }
    return r;
}

static void assert_fed(const char *from)
{
    struct tk_stage_feed video;
    struct tk_stage_feed audio;
    tk_stage_feed(&stage, TK_STAGE_LESSON_VIDEO, &video);
    tk_stage_feed(&stage, TK_STAGE_LESSON_AUDIO, &audio);
    assert_string_equal(video.from, from);
    assert_string_equal(audio.from, from);
}

static void assert_closing(const char *peer)
{
    char closing[TK_PEER_TEXT] = "";
    tk_stage_next_closing(&stage, closing);
    assert_string_equal(closing, peer);
}

static void source_feeds_until_the_publisher_is_started_and_live(void **state)
{
    tk_stage_track(&stage, "source", "source.video", true, T0);
    assert_fed("source");
    assert_true(tk_stage_main_live(&stage));
    assert_int_equal(claim("account:1", "p1", false, T0), 0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    assert_fed("source");
    tk_stage_start(&stage, true, T0);
    assert_fed("p1");
    tk_stage_start(&stage, false, T0);
    assert_fed("source");
}

static void start_before_live_waits_for_packets(void **state)
{
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    assert_fed("source");
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    assert_fed("p1");
}

static void sound_alone_goes_on_air_after_a_while(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.audio", true, T0);
    assert_fed("source");
    assert_int_equal(tk_stage_on_time(&stage, T0), T0 + TK_STAGE_ALONE_MS);
    tk_stage_on_time(&stage, T0 + TK_STAGE_ALONE_MS);
    assert_fed("p1");
}

static void same_key_takes_over_without_a_gap(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    assert_int_equal(claim("token:1", "p2", true, T0), 0);
    assert_fed("p1");
    assert_closing("");
    tk_stage_track(&stage, "p2", "people.video", true, T0);
    assert_fed("p2");
    assert_closing("p1");
    assert_closing("");
}

static void a_failed_take_over_leaves_the_older(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    claim("token:1", "p2", true, T0);
    tk_stage_gone(&stage, "p2", false, T0);
    assert_fed("p1");
    assert_true(tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->live);
    claim("token:1", "p3", true, T0);
    claim("token:1", "p4", true, T0);
    assert_closing("p3");
    assert_fed("p1");
}

static void another_key_is_told_who_publishes(void **state)
{
    claim("token:1", "p1", true, T0);
    assert_int_equal(claim("token:2", "p2", true, T0), -EEXIST);
    assert_string_equal(tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->key, "token:1");
    tk_stage_gone(&stage, "p1", false, T0);
    assert_null(tk_stage_publisher(&stage, TK_STAGE_PEOPLE));
    assert_int_equal(claim("token:2", "p2", true, T0), 0);
}

static void a_lost_publisher_is_waited_for(void **state)
{
    claim("account:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_gone(&stage, "p1", true, T0);
    assert_fed("");
    assert_false(tk_stage_main_live(&stage));
    assert_int_equal(claim("account:2", "p2", true, T0 + 1), -EEXIST);
    assert_int_equal(tk_stage_on_time(&stage, T0 + 1), T0 + TK_STAGE_HOLD_MS);
    tk_stage_on_time(&stage, T0 + TK_STAGE_HOLD_MS);
    assert_fed("source");
    assert_int_equal(claim("account:2", "p2", true, T0 + TK_STAGE_HOLD_MS), 0);
}

static void a_lost_publisher_that_returns_goes_on(void **state)
{
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_reset(&stage, T0);
    assert_fed("");
    assert_int_equal(claim("account:1", "p2", false, T0 + 900), 0);
    tk_stage_track(&stage, "p2", "people.video", true, T0 + 1000);
    assert_fed("p2");
    assert_int_equal(tk_stage_on_time(&stage, T0 + 60000), INT64_MAX);
    assert_fed("p2");
}

static void an_interruption_keeps_the_publisher(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_track(&stage, "p1", "people.video", false, T0 + 5000);
    assert_fed("p1");
    assert_false(tk_stage_main_live(&stage));
}

static void a_silent_publisher_makes_way_for_a_source_that_plays(void **state)
{
    int64_t silent = T0 + 5000;
    tk_stage_track(&stage, "source", "source.video", true, T0);
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_track(&stage, "p1", "people.audio", true, T0);
    tk_stage_track(&stage, "p1", "people.audio", false, silent);
    assert_int_equal(tk_stage_on_time(&stage, silent), INT64_MAX);
    tk_stage_track(&stage, "p1", "people.video", false, silent);
    assert_fed("p1");
    assert_false(tk_stage_main_live(&stage));
    assert_int_equal(tk_stage_silent_ms(&stage, silent), TK_STAGE_SILENT_MS);
    int64_t at = silent - TK_STAGE_SILENT_MS + TK_STAGE_HOLD_MS;
    assert_int_equal(tk_stage_on_time(&stage, silent + 1), at);
    assert_fed("p1");
    assert_int_equal(tk_stage_on_time(&stage, at), INT64_MAX);
    assert_fed("source");
    assert_true(tk_stage_main_live(&stage));
    assert_int_equal(claim("account:2", "p2", false, at + 1), -EEXIST);
    tk_stage_track(&stage, "p1", "people.video", true, at + 1000);
    assert_fed("p1");
}

static void a_silent_publisher_that_comes_anew_is_on_air_at_once(void **state)
{
    tk_stage_track(&stage, "source", "source.video", true, T0);
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_track(&stage, "p1", "people.video", false, T0);
    tk_stage_on_time(&stage, T0 + TK_STAGE_HOLD_MS);
    assert_fed("source");
    assert_int_equal(claim("account:1", "p2", false, T0 + TK_STAGE_HOLD_MS), 0);
    assert_closing("p1");
    assert_fed("source");
    tk_stage_track(&stage, "p2", "people.video", true, T0 + TK_STAGE_HOLD_MS + 1);
    assert_fed("p2");
}

static void the_wait_for_a_silent_publisher_does_not_begin_anew(void **state)
{
    int64_t at = T0 - TK_STAGE_SILENT_MS + TK_STAGE_HOLD_MS;
    tk_stage_track(&stage, "source", "source.video", true, T0);
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_track(&stage, "p1", "people.video", false, T0);
    tk_stage_gone(&stage, "p1", true, T0 + 3000);
    assert_int_equal(tk_stage_on_time(&stage, T0 + 3000), at);
    claim("account:1", "p2", false, T0 + 4000); /* and sends nothing */
    assert_int_equal(tk_stage_on_time(&stage, T0 + 4000), at);
    tk_stage_on_time(&stage, at);
    assert_fed("source");
}

static void a_silent_publisher_stays_where_no_source_plays(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_track(&stage, "p1", "people.video", false, T0);
    assert_int_equal(tk_stage_on_time(&stage, T0 + 60000), INT64_MAX);
    assert_fed("p1");
    tk_stage_track(&stage, "source", "source.audio", true, T0 + 60000);
    assert_fed("source");
}

static void what_cannot_be_shown_is_told_until_somebody_else_sends(void **state)
{
    claim("token:1", "p1", true, T0);
    tk_stage_cause(&stage, "p2", "b_frames");
    assert_string_equal(tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->cause, "");
    tk_stage_cause(&stage, "p1", "b_frames");
    assert_string_equal(tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->cause, "b_frames");
    claim("token:1", "p2", true, T0);
    assert_string_equal(tk_stage_publisher(&stage, TK_STAGE_PEOPLE)->cause, "");
}

static void a_released_publisher_that_is_lost_shows_the_source(void **state)
{
    tk_stage_start(&stage, true, T0);
    claim("account:1", "p1", false, T0);
    tk_stage_track(&stage, "p1", "people.video", true, T0);
    tk_stage_gone(&stage, "p1", true, T0);
    tk_stage_start(&stage, false, T0);
    assert_fed("source");
}

static void the_board_has_a_publisher_of_its_own(void **state)
{
    struct tk_publisher who = {.key = "token:9", .name = "screen"};
    struct tk_stage_claim c = {.who = &who, .peer = "b1"};
    struct tk_stage_feed feed;
    c.has[TK_STAGE_BOARD][TK_STAGE_VIDEO] = true;
    claim("token:1", "p1", true, T0);
    assert_int_equal(tk_stage_claim(&stage, &c, T0, NULL), 0);
    tk_stage_track(&stage, "b1", "board.video", true, T0);
    tk_stage_feed(&stage, TK_STAGE_BOARD_VIDEO, &feed);
    assert_string_equal(feed.from, "b1");
    assert_fed("source");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(source_feeds_until_the_publisher_is_started_and_live),
        T(start_before_live_waits_for_packets),
        T(sound_alone_goes_on_air_after_a_while),
        T(same_key_takes_over_without_a_gap),
        T(a_failed_take_over_leaves_the_older),
        T(another_key_is_told_who_publishes),
        T(a_lost_publisher_is_waited_for),
        T(a_lost_publisher_that_returns_goes_on),
        T(an_interruption_keeps_the_publisher),
        T(a_silent_publisher_makes_way_for_a_source_that_plays),
        T(a_silent_publisher_that_comes_anew_is_on_air_at_once),
        T(the_wait_for_a_silent_publisher_does_not_begin_anew),
        T(a_silent_publisher_stays_where_no_source_plays),
        T(what_cannot_be_shown_is_told_until_somebody_else_sends),
        T(a_released_publisher_that_is_lost_shows_the_source),
        T(the_board_has_a_publisher_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
