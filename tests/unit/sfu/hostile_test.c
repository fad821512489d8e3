/* A publisher that sends anything at all, while others are served by the same thread. */

#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"
#include "streamer/wire/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define ROUNDS 1200 /* 24 s: nobody renews consent */

static const char simulcast[] =
    "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
    "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
    "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";

static struct viewer watcher, hostile;

static uint32_t any(uint32_t below)
{
    return viewer_random() % below;
}

/* Right in most respects: what is wrong in all is dropped early. */
static void send_rtp(void)
{
    static const uint8_t pts[] = {96, 97, 98, 111, 0, 127};
    static const uint8_t first[] = {0x65, 0x41, 0x67, 0x7c, 0x10, 0x90, 0xfc, 0x00};
    static uint16_t seq;
    uint8_t buf[200] = {0x90, pts[any(sizeof(pts))]};
    uint8_t *p = buf + 12;
    seq = (uint16_t)(seq + (any(20) ? 1 : any(0x7000)));
    buf[1] |= any(2) ? 0x80 : 0;
    tk_put_u16(buf + 2, seq);
    tk_put_u32(buf + 4, any(50) ? seq * 90u : any(UINT32_MAX));
    tk_put_u32(buf + 8, any(8) ? 100 + any(6) : watcher.video_ssrc);
    tk_put_u16(p, 0xbede);
    tk_put_u16(p + 2, 1);
    p[4] = 9 << 4;
    p[5] = "va\0x"[any(4)];
    p[6] = (uint8_t)((10 + any(2)) << 4);
    p[7] = (uint8_t) "qhfz"[any(4)];
    for (size_t i = 20; i < sizeof(buf); i++) {
        buf[i] = (uint8_t)any(256);
    }
    buf[20] = first[any(sizeof(first))];
    int len = 20 + (int)any(140);
    if (srtp_protect(hostile.client.send, buf, &len) == srtp_err_status_ok) {
        send(hostile.fd, buf, (size_t)len, 0); /* else its own SRTP refused the jump */
    }
}

/* NACK, PLI, BYE and SR that name its own, the watcher's, or nobody's. */
static void send_rtcp(void)
{
    static const uint8_t types[] = {200, 201, 203, 205, 206};
    uint8_t buf[28] = {(uint8_t)(0x80 | any(4)), types[any(sizeof(types))]};
    tk_put_u16(buf + 2, sizeof(buf) / 4 - 1);
    for (size_t i = 4; i < sizeof(buf); i += 4) {
        tk_put_u32(buf + i, any(3) ? 100 + any(6) : any(2) ? watcher.video_ssrc : any(UINT32_MAX));
    }
    viewer_send_rtcp(&hostile, buf, sizeof(buf));
}

static void join_hostile(void)
{
    const struct viewer_wish wish = {
        .id = "hostile", .group = "room1", .publishes = true, .more = simulcast};
    viewer_join_as(&hostile, &wish);
}

/* The watcher hears every packet of the teacher's, whatever else comes. */
static void test_anything_at_all(void **state)
{
    struct packet sound = {.marker = true, .ssrc = 7, .seq = 100};
    struct tk_rtp rtp;
    int sent = 0, heard = 0;
    viewer_join(&watcher, "watcher", false);
    join_hostile();
    for (int i = 0; i < ROUNDS; i++) {
        for (uint32_t n = any(6); n > 0; n--) {
            send_rtp();
        }
        if (any(3) == 0) {
            send_rtcp();
        }
        if (any(10) == 0) {
            stage_feed("lesson.video", any(4) ? "hostile" : "source", "people.video",
                       (int)any(TK_SFU_ALL_LAYERS + 1));
        }
        if (any(100) == 0) {
            tk_sfu_peer_close(stage.sfu, "hostile", "bye");
            viewer_leave(&hostile);
            join_hostile();
        }
        stage_source(&sound);
        sound.seq++;
        sound.ts += 960;
        sent++;
        stage_run(20);
        while (viewer_rtp(&watcher, watcher.audio_ssrc, &rtp)) {
            heard++;
        }
    }
    assert_int_equal(heard, sent);
    assert_true(stage.tracks_live > 10); /* much of it was taken */
    viewer_leave(&hostile);
    viewer_leave(&watcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_anything_at_all, stage_set_up, stage_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
