/* Long because one story of each rule of forwarding stands here, on one fixture. */

#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"
#include "streamer/wire/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct viewer v;

/* `frames` frames of two packets, 40 ms apart; each `gop`th begins a group. */
static void play(struct packet *next, int frames, int gop, int *count)
{
    for (int i = 0; i < frames; i++, ++*count) {
        next->video = true;
        next->key = *count % gop == 0;
        next->marker = false;
        stage_source(next);
        next->seq++;
        next->key = false;
        next->marker = true;
        stage_source(next);
        next->seq++;
        next->ts += 3600;
        stage_run(40);
    }
}

/* Takes all that came: contiguous, never back in time. Returns how many. */
static int take_all(uint16_t *seq, uint32_t *ts)
{
    struct tk_rtp rtp;
    int n = 0;
    for (; viewer_rtp(&v, v.video_ssrc, &rtp); n++) {
        assert_true(*seq == 0 || rtp.seq == (uint16_t)(*seq + 1));
        assert_true(*ts == 0 || (int32_t)(rtp.ts - *ts) >= 0);
        *seq = rtp.seq;
        *ts = rtp.ts;
    }
    return n;
}

static void test_restart_is_one_stream(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 65000, .ts = 4294960000u};
    uint16_t seq = 0;
    uint32_t ts = 0;
    int count = 0;
    viewer_join(&v, "one", false);
    play(&p, 10, 50, &count);
    assert_int_equal(take_all(&seq, &ts), 20);
    assert_string_equal(stage.codec, "H264");

    struct packet again = {.ssrc = 2, .seq = 7, .ts = 99};
    count = 1; /* in the middle of a group: nothing until its keyframe */
    play(&again, 2, 50, &count);
    assert_int_equal(take_all(&seq, &ts), 0);
    count = 0;
    uint32_t before = ts;
    play(&again, 5, 50, &count);
    assert_int_equal(take_all(&seq, &ts), 10);
    assert_in_range(ts - before, 6 * 3600, 8 * 3600); /* as much as really passed */
    viewer_leave(&v);
}

static void test_join_asks_once(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10, .ts = 0};
    int count = 0;
    uint16_t seq = 0;
    uint32_t ts = 0;
    play(&p, 60, 1000, &count); /* a group too long to be sent again: 120 packets */
    struct viewer other;
    viewer_join(&v, "one", false);
    viewer_join(&other, "two", false);
    stage_run(30);
    assert_int_equal(stage.keyframes, 1);
    assert_int_equal(take_all(&seq, &ts), 0);
    count = 0;
    play(&p, 1, 1000, &count);
    assert_int_equal(take_all(&seq, &ts), 2);
    viewer_leave(&other);
    viewer_leave(&v);
}

static void test_source_that_makes_no_keyframe(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10, .ts = 0};
    int count = 0;
    uint16_t seq = 0;
    uint32_t ts = 0;
    tk_sfu_source_passthrough(stage.sfu, "demo", true);
    play(&p, 60, 1000, &count);
    viewer_join(&v, "one", false);
    stage_run(20);
    assert_in_range(take_all(&seq, &ts), 30, 90); /* in slices, not all at once */
    stage_run(40);
    play(&p, 2, 1000, &count);
    take_all(&seq, &ts);
    struct tk_rtp rtp;
    play(&p, 1, 1000, &count);
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    assert_int_equal(rtp.seq, (uint16_t)(seq + 1));
    assert_int_equal(rtp.ts, ts + 3600); /* live again, at its own pace */
    assert_int_equal(stage.keyframes, 0);
    viewer_leave(&v);
}

/* 4 s of 8 Mbit/s: also such a group is whole in the store when somebody comes at its end. */
static void test_long_group_of_a_camera(void **state)
{
    struct packet p = {.video = true, .key = true, .ssrc = 1, .seq = 10};
    uint16_t seq = 0;
    uint32_t ts = 0;
    tk_sfu_source_passthrough(stage.sfu, "demo", true);
    for (int i = 0; i < 3400; i++, p.seq++) {
        p.marker = i % 34 == 33;
        stage_source(&p);
        p.ts += p.marker ? 3600 : 0;
        p.key = false;
    }
    viewer_join(&v, "one", false);
    stage_run(30);
    assert_in_range(take_all(&seq, &ts), 60, 200);
    viewer_leave(&v);
}

static void ask_key(void)
{
    uint8_t buf[64];
    struct tk_writer w;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_rtcp_write_rr(&w, 5, NULL, 0);
    tk_rtcp_write_pli(&w, 5, v.video_ssrc);
    viewer_send_rtcp(&v, buf, tk_writer_len(&w));
}

static void test_key_storm(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10};
    int count = 0;
    viewer_join(&v, "one", false);
    play(&p, 20, 1000, &count);
    for (int i = 0; i < 1000; i++) {
        ask_key();
        stage_run(1);
    }
    assert_in_range(stage.keyframes, 2, 3);
    viewer_leave(&v);
}

static void test_nack_is_answered_by_rtx(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10};
    struct tk_rtp rtp;
    int count = 0;
    uint8_t buf[64];
    struct tk_writer w;
    viewer_join(&v, "one", false);
    play(&p, 5, 1000, &count);
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    uint16_t lost = rtp.seq;
    uint32_t ts = rtp.ts;
    uint8_t first[100];
    memcpy(first, rtp.payload, 100);
    tk_writer_init(&w, buf, sizeof(buf));
    tk_rtcp_write_nack(&w, 5, v.video_ssrc, &lost, 1);
    for (int i = 0; i < 10; i++) { /* a storm: at most three, none within 40 ms */
        viewer_send_rtcp(&v, buf, tk_writer_len(&w));
    }
    assert_true(viewer_rtp(&v, v.rtx_ssrc, &rtp));
    assert_int_equal(rtp.pt, 97);
    assert_int_equal(rtp.ts, ts);
    assert_int_equal(rtp.payload_len, 102);
    assert_int_equal(rtp.payload[0] << 8 | rtp.payload[1], lost);
    assert_memory_equal(rtp.payload + 2, first, 100);
    assert_false(viewer_rtp(&v, v.rtx_ssrc, &rtp));
    viewer_leave(&v);
}

static void test_reports_are_in_step(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10, .ts = 1000};
    uint8_t buf[2048];
    bool rtcp;
    size_t len;
    int count = 0;
    uint32_t newest = 0, reported = 0;
    tk_sfu_source_clock(stage.sfu, "demo", true, p.ts, test_now_us, test_now_us);
    viewer_join(&v, "one", false);
    play(&p, 40, 1000, &count);
    struct tk_rtp rtp;
    while ((len = viewer_take(&v, buf, &rtcp)) > 0) {
        struct tk_reader r;
        struct tk_rtcp c;
        tk_reader_init(&r, buf, len);
        if (rtcp && tk_rtcp_next(&r, &c) && c.type == TK_RTCP_SR) {
            reported = c.rtp_ts;
            assert_int_equal(c.ssrc, v.video_ssrc);
            assert_true(c.packets > 0);
            /* what was captured now, not what was sent last: 0 to 40 ms after it */
            assert_in_range(reported - newest, 0, 3600);
        } else if (!rtcp && tk_rtp_parse(&rtp, buf, len) == 0) {
            newest = rtp.ts;
        }
    }
    assert_int_not_equal(reported, 0);
    viewer_leave(&v);
}

static void publish(struct viewer *from, uint16_t seq, uint32_t ts, bool key)
{
    uint8_t buf[112] = {0x80, 0x80 | 96};
    tk_put_u16(buf + 2, seq);
    tk_put_u32(buf + 4, ts);
    tk_put_u32(buf + 8, 777);
    buf[12] = key ? 0x65 : 0x41;
    viewer_send_rtp(from, buf, sizeof(buf));
}

static void test_publisher_takes_over(void **state)
{
    static struct viewer teacher;
    struct packet p = {.ssrc = 1, .seq = 10};
    int count = 0;
    uint16_t seq = 0;
    uint32_t ts = 0;
    viewer_join(&v, "room", false);
    play(&p, 5, 1000, &count);
    assert_int_equal(take_all(&seq, &ts), 10);
    stage_feed("lesson.video", "teacher", "people.video", TK_SFU_ALL_LAYERS);
    viewer_join(&teacher, "teacher", true);
    play(&p, 2, 1000, &count);
    assert_int_equal(take_all(&seq, &ts), 4); /* the old goes on until the new has a keyframe */
    publish(&teacher, 500, 90000, true);
    assert_string_equal(stage.track, "teacher/people.video");
    publish(&teacher, 501, 93600, false);
    play(&p, 1, 1000, &count);
    assert_int_equal(take_all(&seq, &ts), 2); /* the teacher's, not the source's */

    publish(&teacher, 505, 100800, false); /* three are missing */
    stage_run(20);
    uint8_t buf[2048];
    bool rtcp, asked = false;
    size_t len;
    while ((len = viewer_take(&teacher, buf, &rtcp)) > 0) {
        struct tk_reader r;
        struct tk_rtcp c;
        tk_reader_init(&r, buf, len);
        while (rtcp && tk_rtcp_next(&r, &c)) {
            uint16_t first, mask;
            asked |= c.type == TK_RTCP_RTPFB && tk_rtcp_next_nack(&c, &first, &mask) &&
                     first == 502 && mask == 3;
        }
    }
    assert_true(asked);
    publish(&teacher, 500, 90000, true); /* a duplicate goes nowhere */
    struct tk_rtp rtp;
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    assert_int_equal(rtp.seq, (uint16_t)(seq + 4)); /* the gap stays, to be asked for */
    assert_false(viewer_rtp(&v, v.video_ssrc, &rtp));

    assert_int_equal(tk_sfu_peer_close(stage.sfu, "teacher", "closed"), 0);
    assert_string_equal(stage.peer_state, "gone");
    assert_int_equal(stage.tracks_dead, 1);
    viewer_leave(&teacher);
    viewer_leave(&v);
}

static void test_foreign_bye(void **state)
{
    static struct viewer teacher;
    uint8_t buf[64];
    struct tk_writer w;
    uint32_t ssrc = 4242;
    viewer_join(&teacher, "teacher", true);
    publish(&teacher, 500, 90000, true);
    assert_int_equal(stage.tracks_live, 1);
    tk_writer_init(&w, buf, sizeof(buf));
    tk_rtcp_write_bye(&w, &ssrc, 1);
    viewer_send_rtcp(&teacher, buf, tk_writer_len(&w));
    assert_int_equal(stage.tracks_dead, 0);
    ssrc = 777;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_rtcp_write_bye(&w, &ssrc, 1);
    viewer_send_rtcp(&teacher, buf, tk_writer_len(&w));
    assert_int_equal(stage.tracks_dead, 1);
    viewer_leave(&teacher);
}

/* A keyframe of 60 packets reaches a slow link in slices, and whole. */
static void test_large_frame(void **state)
{
    struct packet p = {.video = true, .key = true, .marker = true, .ssrc = 1, .seq = 10};
    uint16_t seq = 0;
    uint32_t ts = 0;
    viewer_join(&v, "one", false);
    stage_source(&p);
    stage_run(40);
    assert_int_equal(take_all(&seq, &ts), 1);
    p.ts += 3600;
    for (int i = 0; i < 60; i++) {
        p.seq++;
        p.marker = i == 59;
        stage_source(&p);
    }
    stage_run(1);
    assert_in_range(take_all(&seq, &ts), 5, 20);
    stage_run(30);
    assert_in_range(take_all(&seq, &ts), 40, 55);
    p.seq++;
    p.ts += 3600;
    stage_source(&p);
    stage_run(1);
    assert_int_equal(take_all(&seq, &ts), 1);
    viewer_leave(&v);
}

static void garbage_rtp(struct viewer *from)
{
    static const uint8_t pts[] = {96, 97, 111, 5};
    static uint16_t seq;
    uint8_t buf[1400];
    size_t len = 12 + viewer_random() % 1300;
    for (size_t i = 0; i < len; i++) {
        buf[i] = (uint8_t)viewer_random();
    }
    buf[0] = 0x80;
    buf[1] = pts[viewer_random() % 4] | (buf[1] & 0x80);
    seq = (uint16_t)(seq + (viewer_random() % 50 ? 1 + viewer_random() % 4 : 1500));
    tk_put_u16(buf + 2, seq); /* a sender of SRTP cannot go back far */
    tk_put_u32(buf + 8, 1 + viewer_random() % 3);
    viewer_send_rtp(from, buf, len);
}

/* Packets of types that are read, with lengths that may lie. */
static void garbage_rtcp(struct viewer *from)
{
    uint8_t buf[256];
    size_t len = 8 + viewer_random() % 240;
    for (size_t i = 0; i < len; i++) {
        buf[i] = (uint8_t)viewer_random();
    }
    for (size_t at = 0; at + 4 <= len; at += 4 + 4 * (viewer_random() % 8)) {
        buf[at] = (uint8_t)(0x80 | (buf[at] & 0x3f));
        buf[at + 1] = (uint8_t)(200 + viewer_random() % 8);
        tk_put_u16(buf + at + 2, (uint16_t)(viewer_random() % 10));
        if (at + 12 <= len && viewer_random() % 2) {
            tk_put_u32(buf + at + 8, from->video_ssrc);
        }
    }
    viewer_send_rtcp(from, buf, len);
}

static void test_garbage(void **state)
{
    static struct viewer teacher;
    struct packet p = {.ssrc = 1, .seq = 10};
    uint16_t seq = 0;
    uint32_t ts = 0;
    int count = 0;
    stage_feed("lesson.audio", "teacher", "people.audio", TK_SFU_ALL_LAYERS);
    viewer_join(&teacher, "teacher", true);
    viewer_join(&v, "one", false);
    for (int i = 0; i < 1500; i++) {
        garbage_rtp(&teacher);
        garbage_rtcp(&teacher);
        garbage_rtcp(&v);
        stage_run(1);
        take_all(&seq, &ts);
    }
    seq = 0;
    play(&p, 5, 50, &count); /* it still works for the others */
    assert_true(take_all(&seq, &ts) >= 10);
    viewer_leave(&teacher);
    viewer_leave(&v);
}

/* A large keyframe of `p`, which goes to receivers in slices: ends while they still get it. */
static void begin_large_frame(struct packet *p)
{
    p->video = p->key = true;
    p->marker = false;
    for (int i = 0; i < 70; i++, p->seq++) {
        stage_source(p);
    }
}

static void test_restart_while_sent_in_slices(void **state)
{
    struct packet p = {.video = true, .key = true, .marker = true, .ssrc = 1, .seq = 10};
    struct packet again = {.video = true, .marker = true, .ssrc = 2, .seq = 7};
    uint16_t seq = 0;
    uint32_t ts = 0;
    viewer_join(&v, "one", false);
    stage_source(&p);
    stage_run(40);
    p.seq++;
    p.ts += 3600;
    begin_large_frame(&p);
    stage_run(1);
    assert_in_range(take_all(&seq, &ts), 2, 60);
    stage_source(&again);
    stage_run(40);
    assert_int_equal(take_all(&seq, &ts), 0);
    again.key = true;
    again.seq++;
    stage_source(&again);
    stage_run(40);
    assert_int_equal(take_all(&seq, &ts), 1);
    viewer_leave(&v);
}

/* A slot that waits for another track has nothing to do with its old one's restart any more. */
static void test_restart_of_a_track_to_be_left(void **state)
{
    static struct viewer teacher;
    struct packet p = {.ssrc = 1, .seq = 10};
    struct packet again = {.ssrc = 2, .seq = 70};
    int count = 0;
    uint16_t seq = 0;
    uint32_t ts = 0;
    viewer_join(&v, "room", false);
    play(&p, 5, 1000, &count);
    stage_feed("lesson.video", "teacher", "people.video", TK_SFU_ALL_LAYERS);
    viewer_join(&teacher, "teacher", true);
    count = 0;
    play(&again, 1, 1000, &count);
    publish(&teacher, 500, 90000, true);
    assert_int_equal(take_all(&seq, &ts), 11); /* the restarted source feeds it no more */
    assert_int_equal(tk_sfu_peer_close(stage.sfu, "room", "closed"), 0);
    play(&again, 2, 1000, &count);
    viewer_leave(&teacher);
    viewer_leave(&v);
}

static void test_late_packet_from_before_the_join(void **state)
{
    static struct viewer teacher;
    struct tk_rtp rtp;
    stage_feed("lesson.video", "teacher", "people.video", TK_SFU_ALL_LAYERS);
    viewer_join(&v, "room", false);
    viewer_join(&teacher, "teacher", true);
    publish(&teacher, 500, 90000, true);
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    publish(&teacher, 499, 86400, false);
    assert_false(viewer_rtp(&v, v.video_ssrc, &rtp));
    publish(&teacher, 501, 93600, false);
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    viewer_leave(&teacher);
    viewer_leave(&v);
}

/* What is sent again of a stream from before makes nothing begin anew. */
static void test_repair_of_an_old_stream(void **state)
{
    static struct viewer teacher;
    struct tk_rtp rtp;
    uint8_t rtx[40] = {0x80, 97, 0, 1};
    stage_feed("lesson.video", "teacher", "people.video", TK_SFU_ALL_LAYERS);
    viewer_join(&v, "room", false);
    viewer_join(&teacher, "teacher", true);
    publish(&teacher, 500, 90000, true);
    tk_put_u32(rtx + 8, 778);
    tk_put_u16(rtx + 12, 5000);
    viewer_send_rtp(&teacher, rtx, sizeof(rtx));
    publish(&teacher, 501, 93600, false);
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    uint16_t first = rtp.seq;
    assert_true(viewer_rtp(&v, v.video_ssrc, &rtp));
    assert_int_equal(rtp.seq, (uint16_t)(first + 1));
    viewer_leave(&teacher);
    viewer_leave(&v);
}

static void take_loss(void *ctx, const char *lesson, json_t *peers)
{
    *(double *)ctx = json_number_value(json_object_get(json_array_get(peers, 0), "loss_pct"));
}

/* Silence of a receiver is loss only while there is something to receive. */
static void test_silent_track_loses_nothing(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10};
    struct tk_rtcp_report report = {0};
    uint8_t buf[64];
    struct tk_writer w;
    int count = 0;
    double loss = -1;
    viewer_join(&v, "one", false);
    play(&p, 5, 1000, &count);
    report.ssrc = v.video_ssrc;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_rtcp_write_rr(&w, 5, &report, 1);
    viewer_send_rtcp(&v, buf, tk_writer_len(&w));
    stage_run(6000);
    tk_sfu_stats(stage.sfu, test_now_us, take_loss, &loss);
    assert_true(loss == 0);
    play(&p, 1, 1000, &count);
    stage_run(6000);
    tk_sfu_stats(stage.sfu, test_now_us, take_loss, &loss);
    assert_true(loss == 100);
    viewer_leave(&v);
}

/* A publisher that comes and goes all the time makes no flood of events. */
static void test_states_are_told_seldom(void **state)
{
    static struct viewer teacher;
    uint8_t buf[64];
    struct tk_writer w;
    uint32_t ssrc = 777;
    viewer_join(&teacher, "teacher", true);
    for (int i = 0; i < 200; i++) {
        publish(&teacher, (uint16_t)(500 + i), 90000, true);
        tk_writer_init(&w, buf, sizeof(buf));
        tk_rtcp_write_bye(&w, &ssrc, 1);
        viewer_send_rtcp(&teacher, buf, tk_writer_len(&w));
    }
    assert_in_range(stage.tracks_live + stage.tracks_dead, 2, 20);
    publish(&teacher, 700, 90000, true);
    stage_run(1100);
    assert_true(stage.live); /* the last word is told, if late */
    viewer_leave(&teacher);
}

static void test_lesson_closes(void **state)
{
    viewer_join(&v, "one", false);
    assert_int_equal(tk_sfu_lesson_close(stage.sfu, "demo"), 0);
    assert_string_equal(stage.peer_state, "gone");
    assert_string_equal(stage.peer_reason, "lesson");
    assert_false(tk_sfu_has_lesson(stage.sfu, "demo"));
    stage_run(50);
    viewer_leave(&v);
}

static void test_silence_and_consent(void **state)
{
    struct packet p = {.ssrc = 1, .seq = 10};
    int count = 0;
    viewer_join(&v, "one", false);
    play(&p, 2, 1000, &count);
    assert_int_equal(stage.tracks_dead, 0);
    stage_run(2100);
    assert_int_equal(stage.tracks_dead, 1);
    stage_run(29000);
    assert_string_equal(stage.peer_state, "gone");
    assert_string_equal(stage.peer_reason, "consent");
    viewer_leave(&v);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_restart_is_one_stream),
        TEST(test_join_asks_once),
        TEST(test_source_that_makes_no_keyframe),
        TEST(test_long_group_of_a_camera),
        TEST(test_key_storm),
        TEST(test_nack_is_answered_by_rtx),
        TEST(test_reports_are_in_step),
        TEST(test_publisher_takes_over),
        TEST(test_foreign_bye),
        TEST(test_large_frame),
        TEST(test_garbage),
        TEST(test_restart_while_sent_in_slices),
        TEST(test_restart_of_a_track_to_be_left),
        TEST(test_late_packet_from_before_the_join),
        TEST(test_repair_of_an_old_stream),
        TEST(test_silent_track_loses_nothing),
        TEST(test_states_are_told_seldom),
        TEST(test_lesson_closes),
        TEST(test_silence_and_consent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
