/* A publisher in three layers of simulcast, and who gets which of them. */

#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"
#include "streamer/wire/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FRAME_MS 40
#define LAYERS 3

static const char simulcast[] =
    "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
    "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
    "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";

static struct viewer v, sender;
static uint16_t seqs[LAYERS];
static uint32_t frame;
static bool silent[LAYERS], key[LAYERS];
static int asked[LAYERS]; /* keyframes, since it was looked at */

/* ssrc 100, 200, 300; each with a clock of its own; the payload's third byte tells the layer. */
static void send_packet(int layer, uint16_t seq, bool is_key, bool repaired)
{
    static uint16_t rtx_seq;
    uint8_t buf[140] = {0x90, (uint8_t)(0x80 | (repaired ? 97 : 96))};
    uint8_t *p = buf + 12;
    tk_put_u16(buf + 2, repaired ? ++rtx_seq : seq);
    tk_put_u32(buf + 4, frame * FRAME_MS * 90 + (uint32_t)layer * 1000003u);
    tk_put_u32(buf + 8, (uint32_t)(layer + 1) * 100 + repaired);
    tk_put_u16(p, 0xbede);
    tk_put_u16(p + 2, 1);
    p[4] = 9 << 4;
    p[5] = 'v';
    p[6] = (uint8_t)((repaired ? 11 : 10) << 4);
    p[7] = (uint8_t) "qhf"[layer];
    p += 8;
    if (repaired) {
        tk_put_u16(p, seq);
        p += 2;
    }
    p[0] = is_key ? 0x65 : 0x41;
    p[1] = 0x88;
    p[2] = (uint8_t)layer;
    viewer_send_rtp(&sender, buf, (size_t)(p + 60 - buf));
}

static void count_asked(void)
{
    uint8_t buf[2048];
    bool rtcp;
    size_t len;
    while ((len = viewer_take(&sender, buf, &rtcp)) > 0) {
        struct tk_reader r;
        struct tk_rtcp c;
        tk_reader_init(&r, buf, len);
        while (rtcp && tk_rtcp_next(&r, &c)) {
            if (c.type == TK_RTCP_PSFB && c.count == TK_RTCP_FMT_PLI) {
                assert_in_range(c.media, 100, 300);
                asked[c.media / 100 - 1]++;
            }
        }
    }
}

/* One frame of each layer; one that was asked for a keyframe makes it when `answers`. */
static void play(int frames, bool answers)
{
    for (int i = 0; i < frames; i++) {
        for (int k = 0; k < LAYERS; k++) {
            bool now = key[k] || (answers && asked[k]);
            if (!silent[k]) {
                send_packet(k, seqs[k]++, now, false);
                key[k] = false;
                asked[k] = now ? 0 : asked[k];
            }
        }
        frame++;
        stage_run(FRAME_MS);
        count_asked();
    }
}

static struct {
    uint16_t seq;
    uint32_t ts;
    int layer, count;
} got;

/* All that came is one unbroken stream; `got` then is the newest. Returns how many of `layer`. */
static int take(int layer)
{
    struct tk_rtp rtp;
    int n = 0;
    while (viewer_rtp(&v, v.video_ssrc, &rtp)) {
        if (got.count++ > 0) {
            assert_int_equal(rtp.seq, (uint16_t)(got.seq + 1));
            assert_in_range(rtp.ts - got.ts, 1, 4 * 90000);
        }
        got.seq = rtp.seq;
        got.ts = rtp.ts;
        if (rtp.payload[2] != got.layer) {
            assert_int_equal(rtp.payload[0], 0x65); /* changes at a keyframe */
        }
        got.layer = rtp.payload[2];
        n += got.layer == layer;
    }
    return n;
}

static int set_up(void **state)
{
    stage_set_up(state);
    memset(&got, 0, sizeof(got));
    got.layer = -1;
    frame = 1;
    for (int k = 0; k < LAYERS; k++) {
        seqs[k] = (uint16_t)(1000 * (k + 1));
        silent[k] = false;
        key[k] = true;
        asked[k] = 0;
    }
    struct viewer_wish wish = {.id = "s", .publishes = true, .more = simulcast};
    viewer_join_as(&sender, &wish);
    viewer_join(&v, "v", false);
    return 0;
}

static int tear_down(void **state)
{
    viewer_leave(&v);
    viewer_leave(&sender);
    return stage_tear_down(state);
}

static void feed(int layer)
{
    stage_feed("lesson.video", "s", "people.video", layer);
}

static void test_answer(void **state)
{
    assert_non_null(strstr(sender.answer, "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-st"));
    assert_non_null(strstr(sender.answer, "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repai"));
    assert_non_null(strstr(sender.answer, "a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\n"));
    assert_non_null(strstr(sender.answer, "a=simulcast:recv q;h;f\r\n"));
    assert_null(strstr(v.answer, "rid:"));
}

/* Up and down: at a keyframe of the new layer, the old one goes on until then. */
static void test_changes_at_a_keyframe(void **state)
{
    feed(0);
    play(5, true);
    assert_int_equal(take(0), 5);
    play(120, true); /* the stored groups are old now */
    assert_int_equal(take(0), 120);
    feed(2);
    play(10, false); /* no keyframe comes */
    assert_int_equal(take(0), 10);
    assert_in_range(asked[2], 1, 2); /* at most one each 500 ms */
    assert_int_equal(asked[0] + asked[1], 0);
    play(1, true);
    assert_int_equal(take(2), 1);
    play(5, true);
    assert_int_equal(take(2), 5);
    feed(1);
    play(3, true);
    assert_in_range(take(1), 2, 3);
    feed(TK_SFU_ALL_LAYERS);
    play(3, true);
    assert_in_range(take(2), 1, 3);
}

/* What changes its mind before the keyframe stays where it is. */
static void test_change_is_taken_back(void **state)
{
    feed(0);
    play(20, true);
    feed(2);
    play(2, false);
    feed(0);
    key[2] = true;
    play(5, false);
    take(0);
    assert_int_equal(got.layer, 0);
    assert_int_equal(got.count, 27);
}

/* Chromium begins with the small layers and adds the others. */
static void test_layers_begin_one_by_one(void **state)
{
    silent[1] = silent[2] = true;
    feed(TK_SFU_ALL_LAYERS);
    play(5, true);
    assert_int_equal(take(0), 5);
    silent[1] = false;
    play(2, true);
    assert_in_range(take(1), 1, 2);
    silent[2] = false;
    play(2, true);
    assert_in_range(take(2), 1, 2);
}

static void test_a_silent_layer_falls_back(void **state)
{
    feed(2);
    play(60, true);
    take(2);
    silent[2] = true;
    play(20, true); /* 500 ms until it is noticed; then its group from the store, and on */
    assert_in_range(take(1), 80, 80);
    assert_int_equal(take(1), 0);
    play(60, true); /* the groups are long now: a keyframe is asked for */
    take(1);
    silent[1] = true;
    play(20, true);
    assert_in_range(take(0), 4, 8);
    assert_true(stage.live);
    assert_int_equal(stage.tracks_dead, 0); /* it lives while any layer does */
    silent[2] = false;
    key[2] = true;
    play(40, true);
    take(0);
    assert_int_equal(got.layer, 0); /* not at once: it may go again */
    play(30, true);
    take(2);
    assert_int_equal(got.layer, 2);
    silent[0] = silent[2] = true;
    play(70, true);
    assert_int_equal(stage.tracks_dead, 1);
    silent[0] = false; /* above what is wanted, or below: better than nothing */
    key[0] = true;
    play(2, true);
    assert_in_range(take(0), 1, 2);
}

/* Only larger ones flow than are wanted: the smallest of them. */
static void test_better_too_large_than_nothing(void **state)
{
    silent[0] = true;
    feed(0);
    play(10, true);
    take(1);
    assert_int_equal(got.layer, 1);
}

/* Each layer is repaired and reported by itself. */
static void test_repair_of_a_layer(void **state)
{
    feed(1);
    play(5, true);
    take(1);
    uint16_t lost = seqs[1]++;
    play(2, true);
    assert_int_equal(viewer_rtp(&v, v.video_ssrc, &(struct tk_rtp){0}), true);
    struct tk_rtp rtp;
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    send_packet(1, lost, false, true);
    send_packet(0, lost, false, true); /* of another layer: no such packet there */
    stage_run(20);
    struct tk_rtp late;
    assert_true(viewer_rtp(&v, v.video_ssrc, &late));
    assert_int_equal(late.seq, (uint16_t)(rtp.seq - 2));
    assert_int_equal(late.payload[2], 1);
    assert_false(viewer_rtp(&v, v.video_ssrc, &late));
}

static void test_reports_of_each_layer(void **state)
{
    uint8_t buf[2048];
    bool rtcp;
    size_t len;
    int reported[LAYERS] = {0};
    for (int i = 0; i < 30; i++) {
        for (int k = 0; k < LAYERS; k++) {
            send_packet(k, seqs[k]++, i == 0, false);
        }
        stage_run(FRAME_MS);
    }
    while ((len = viewer_take(&sender, buf, &rtcp)) > 0) {
        struct tk_reader r;
        struct tk_rtcp c;
        struct tk_rtcp_report report;
        tk_reader_init(&r, buf, len);
        while (rtcp && tk_rtcp_next(&r, &c)) {
            while (c.type == TK_RTCP_RR && tk_rtcp_next_report(&c, &report)) {
                assert_in_range(report.ssrc, 100, 300);
                reported[report.ssrc / 100 - 1]++;
            }
        }
    }
    for (int k = 0; k < LAYERS; k++) {
        assert_int_not_equal(reported[k], 0);
    }
}

/* A packet that names no layer, or one that was not agreed, is nobody's. */
static void test_unknown_rid(void **state)
{
    uint8_t buf[60] = {0x90, 0x80 | 96, 0,    1, 0, 0,      0,   0,       0,   0,   3,
                       0,    0xbe,      0xde, 0, 1, 9 << 4, 'v', 10 << 4, 'x', 0x65};
    viewer_send_rtp(&sender, buf, sizeof(buf));
    assert_int_equal(stage.tracks_live, 0);
    buf[19] = 'f';
    tk_put_u16(buf + 2, 2);
    viewer_send_rtp(&sender, buf, sizeof(buf));
    assert_int_equal(stage.tracks_live, 1);
}

static void take_voice(void *ctx, const char *lesson, json_t *tracks)
{
    json_t **ret = ctx;
    assert_string_equal(lesson, "demo");
    assert_null(*ret);
    *ret = json_copy(tracks);
}

static void send_sound(uint16_t seq, uint8_t level)
{
    uint8_t buf[40] = {0x90, 111,  0,    0, 0, 0,      0, 0, 0, 0,   4,
                       0,    0xbe, 0xde, 0, 1, 1 << 4, 0, 0, 0, 0x78};
    tk_put_u16(buf + 2, seq);
    buf[17] = level;
    viewer_send_rtp(&sender, buf, sizeof(buf));
}

/* What was spoken is told once, of sound that says how loud it is. */
static void test_voice_is_told(void **state)
{
    json_t *tracks = NULL;
    play(1, true);
    tk_sfu_voice(stage.sfu, 1000, take_voice, &tracks);
    assert_null(tracks); /* a picture has no voice */
    for (uint16_t i = 0; i < 50; i++) {
        send_sound(i, i < 20 ? 0x80 | 30 : 127);
    }
    tk_sfu_voice(stage.sfu, 1000, take_voice, &tracks);
    assert_int_equal(json_array_size(tracks), 1);
    const json_t *t = json_array_get(tracks, 0);
    assert_string_equal(json_string_value(json_object_get(t, "track")), "people.audio");
    assert_string_equal(json_string_value(json_object_get(t, "from")), "s");
    assert_int_equal(json_integer_value(json_object_get(t, "voice_ms")), 600); /* 20 · 20 + 200 */
    json_decref(tracks);
    tracks = NULL;
    send_sound(50, 0x80);
    tk_sfu_voice(stage.sfu, 10, take_voice, &tracks);
    t = json_array_get(tracks, 0);
    assert_int_equal(json_integer_value(json_object_get(t, "voice_ms")),
                     10); /* not over the span */
    json_decref(tracks);
}

/* Rids, numbers and feeds at random: nothing breaks, and a good stream still gets through. */
static void test_garbage(void **state)
{
    uint8_t buf[2048];
    bool rtcp;
    for (int i = 0; i < 3000; i++) {
        uint32_t r = viewer_random();
        int layer = (int)(r % LAYERS);
        seqs[layer] = (uint16_t)(seqs[layer] + (r >> 8 & 63 ? r >> 8 & 3 : 1500));
        frame += r >> 4 & 1;
        send_packet(layer, seqs[layer], r >> 14 & 1, (r >> 15 & 7) == 0);
        if ((r >> 20 & 31) == 0) {
            feed((int)(r >> 26 & 3) % LAYERS);
        }
        stage_run((int)(r >> 28));
        while (viewer_take(&v, buf, &rtcp) > 0) {
        }
    }
    got.count = 0;
    got.layer = -1;
    feed(2);
    play(70, true);
    take(2);
    assert_int_equal(got.layer, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer),
        TEST(test_changes_at_a_keyframe),
        TEST(test_change_is_taken_back),
        TEST(test_layers_begin_one_by_one),
        TEST(test_a_silent_layer_falls_back),
        TEST(test_better_too_large_than_nothing),
        TEST(test_repair_of_a_layer),
        TEST(test_reports_of_each_layer),
        TEST(test_unknown_rid),
        TEST(test_voice_is_told),
        TEST(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
