#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct viewer near, far, other, sender;
static struct packet picture = {.video = true, .key = true, .marker = true, .ssrc = 1, .seq = 10};
static uint16_t seq;

static void play_source(void)
{
    stage_source(&picture);
    picture.seq++;
    picture.ts += 3600;
    stage_run(40);
}

static void publish(bool video)
{
    uint8_t buf[112] = {0x80, (uint8_t)(0x80 | (video ? 96 : 111))};
    tk_put_u16(buf + 2, ++seq);
    tk_put_u32(buf + 4, seq * 3600u);
    tk_put_u32(buf + 8, video ? 777 : 778);
    buf[12] = video ? 0x65 : 0xfc;
    viewer_send_rtp(&sender, buf, sizeof(buf));
}

static int count(struct viewer *v, uint32_t ssrc)
{
    struct tk_rtp rtp;
    int n = 0;
    while (viewer_rtp(v, ssrc, &rtp)) {
        n++;
    }
    return n;
}

static void join(struct viewer *v, const char *id, const char *group, bool publishes)
{
    struct viewer_wish wish = {.id = id, .group = group, .publishes = publishes};
    viewer_join_as(v, &wish);
}

/* Two pages of one room: what one sends, the other does not get; its slot is empty meanwhile. */
static void test_a_place_does_not_get_itself(void **state)
{
    join(&near, "near", "room1", false);
    join(&far, "far", "room2", false);
    play_source();
    assert_int_equal(count(&near, near.video_ssrc), 1);
    assert_int_equal(count(&far, far.video_ssrc), 1);
    join(&sender, "sender", "room1", true);
    stage_feed("lesson.video", "sender", "people.video", TK_SFU_ALL_LAYERS);
    stage_feed("lesson.audio", "sender", "people.audio", TK_SFU_ALL_LAYERS);
    for (int i = 0; i < 5; i++) {
        publish(true);
        play_source();
    }
    assert_int_equal(count(&near, near.video_ssrc), 0); /* nor the source, which it had before */
    assert_int_equal(count(&far, far.video_ssrc), 5);
    publish(false);
    publish(false);
    stage_run(10);
    assert_int_equal(count(&near, near.audio_ssrc), 0);
    assert_int_equal(count(&far, far.audio_ssrc), 2);
    stage_feed("lesson.video", "source", "source.video", TK_SFU_ALL_LAYERS);
    play_source();
    assert_int_equal(count(&near, near.video_ssrc) > 0, 1); /* and it comes back */
    viewer_leave(&sender);
    viewer_leave(&far);
    viewer_leave(&near);
}

/* The floor goes from one room to another that is silent, or not there yet, or to nobody. */
static void test_a_turn_ends_at_once(void **state)
{
    static const char *const next[] = {"other", "unborn"};
    join(&far, "far", "room2", false);
    join(&other, "other", "room3", true);
    join(&sender, "sender", "room1", true);
    for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++) {
        stage_feed("lesson.audio", "sender", "people.audio", TK_SFU_ALL_LAYERS);
        stage_feed("lesson.video", "sender", "people.video", TK_SFU_ALL_LAYERS);
        publish(false);
        publish(true);
        stage_run(10);
        assert_int_equal(count(&far, far.audio_ssrc), 1);
        publish(true);
        stage_run(10);
        stage_feed("lesson.audio", next[i], "people.audio", TK_SFU_ALL_LAYERS);
        stage_feed("lesson.video", next[i], "people.video", TK_SFU_ALL_LAYERS);
        count(&far, 0);
        for (int n = 0; n < 5; n++) {
            publish(false);
            publish(true);
            stage_run(10);
            assert_int_equal(count(&far, far.audio_ssrc), 0);
        }
        stage_feed("lesson.audio", "sender", "people.audio", TK_SFU_ALL_LAYERS);
        publish(false);
        stage_run(10);
        assert_int_equal(count(&far, far.audio_ssrc), 1); /* nothing of what was said meanwhile */
    }
    publish(true);
    stage_run(10);
    assert_int_equal(count(&far, far.video_ssrc), 0);
    viewer_leave(&sender);
    viewer_leave(&other);
    viewer_leave(&far);
}

/* No group is no group. */
static void test_without_a_group(void **state)
{
    join(&near, "near", "", false);
    join(&sender, "sender", "", true);
    stage_feed("lesson.video", "sender", "people.video", TK_SFU_ALL_LAYERS);
    publish(true);
    stage_run(40);
    assert_int_equal(count(&near, near.video_ssrc), 1);
    viewer_leave(&sender);
    viewer_leave(&near);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_place_does_not_get_itself),
        TEST(test_a_turn_ends_at_once),
        TEST(test_without_a_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
