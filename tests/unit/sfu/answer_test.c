#include "tests/unit/sfu/viewer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char offer[32 * 1024 + 64], answer[TK_SFU_SDP_MAX];
static struct tk_sfu_error err;

static size_t load(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/sdp/%s", TEST_DATA, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(offer, 1, sizeof(offer) - 1, f);
    fclose(f);
    offer[n] = 0;
    return n;
}

static int create(const char *id, size_t len, const char *slots, const char *tracks)
{
    json_t *s = json_loads(slots, 0, NULL), *t = json_loads(tracks, 0, NULL);
    struct tk_sfu_peer_config config = {
        .id = id,
        .lesson = "demo",
        .slots = s,
        .tracks = t,
        .offer = offer,
        .offer_len = len,
        .loopback = true,
    };
    memset(&err, 0, sizeof(err));
    answer[0] = 0;
    int r = tk_sfu_peer_create(stage.sfu, &config, answer, sizeof(answer), test_now_us, &err);
    json_decref(s);
    json_decref(t);
    return r;
}

static bool says(const char *text)
{
    return strstr(answer, text) != NULL;
}

#define WATCH "{\"video\":\"lesson.video\",\"audio\":\"lesson.audio\"}"
#define PUBLISH "{\"video\":\"people.video\",\"audio\":\"people.audio\"}"

static void test_chromium_watch(void **state)
{
    assert_int_equal(create("p", load("chromium-watch.sdp"), WATCH, "{}"), 0);
    assert_true(says("a=group:BUNDLE 0 1\r\n")); /* without the data channel */
    assert_true(says("m=application 0 "));
    assert_true(says("a=ice-lite\r\n"));
    assert_true(says("a=setup:passive\r\n"));
    assert_true(says("a=sendonly\r\n"));
    assert_true(says("profile-level-id=42e01f\r\n"));
    assert_true(says("useinbandfec=1\r\n"));
    assert_true(says("a=msid:lesson lesson.video\r\n"));
    assert_true(says("a=msid:lesson lesson.audio\r\n"));
    assert_true(says("a=ssrc-group:FID "));
    assert_true(says("a=candidate:"));
    assert_false(says("x-google") || says("audio-level") || says("usedtx"));
    assert_int_equal(create("p", load("chromium-watch.sdp"), WATCH, "{}"), -EINVAL);
    assert_string_equal(err.code, "state");
}

static void test_publishers(void **state)
{
    assert_int_equal(create("c", load("chromium-publish.sdp"), "{}", PUBLISH), 0);
    assert_true(says("a=recvonly\r\n") && !says("a=ssrc:"));
    assert_true(says("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"));
    assert_true(says("stereo=1;sprop-stereo=1;useinbandfec=1\r\n")); /* music does not pause */
    assert_false(says("b=") || says("maxaveragebitrate"));
    assert_int_equal(create("o", load("obs-publish.sdp"), "{}", PUBLISH), 0);
    assert_true(says("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"));
    assert_int_equal(create("f", load("firefox-watch.sdp"), WATCH, "{}"), 0);
    assert_true(says("m=video 9 UDP/TLS/RTP/SAVPF 126 127 120 124\r\n"));
}

static void test_chromium_simulcast(void **state)
{
    size_t len = load("chromium-simulcast.sdp");
    assert_int_equal(create("r", len, "{}", "{\"0\":\"room.video\",\"1\":\"room.audio\"}"), 0);
    assert_true(says("m=video 9 UDP/TLS/RTP/SAVPF 108 109 96 97\r\n")); /* H.264 first */
    assert_true(says("a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"));
    assert_true(says("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\n"
                     "a=simulcast:recv q;h;f\r\n"));
    assert_true(says("stereo=1;sprop-stereo=1;useinbandfec=1;usedtx=1\r\n"));
    assert_false(says("b=") || says("maxaveragebitrate"));
}

/* All that a teacher's page may ever receive. */
static void test_chromium_tiles(void **state)
{
    size_t len = load("chromium-tiles.sdp");
    assert_int_equal(create("t", len,
                            "{\"0\":\"room1.video\",\"1\":\"room2.video\",\"2\":\"room3.video\","
                            "\"3\":\"room4.video\",\"4\":\"room5.video\",\"5\":\"room6.video\","
                            "\"6\":\"room7.video\",\"7\":\"room8.video\",\"8\":\"large.video\","
                            "\"9\":\"floor.audio\"}",
                            "{}"),
                     0);
    assert_true(says("a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9\r\n"));
    assert_true(says("a=msid:large large.video\r\n"));
    assert_in_range(strlen(answer), 1, 32 * 1024);
}

static void test_by_mid(void **state)
{
    assert_int_equal(create("p", load("chromium-watch.sdp"), "{\"1\":\"floor.audio\"}", "{}"), 0);
    assert_true(says("m=video 0 "));
    assert_true(says("a=msid:floor floor.audio\r\n"));
    assert_true(says("a=group:BUNDLE 1\r\n"));
}

static void refused(const char *id, const char *from, const char *to, const char *code,
                    const char *text)
{
    size_t len = load("obs-publish.sdp");
    for (char *at = strstr(offer, from); at; at = strstr(at + strlen(to), from)) {
        memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
        memcpy(at, to, strlen(to));
    }
    len = strlen(offer);
    assert_int_equal(create(id, len, "{}", PUBLISH), -EINVAL);
    assert_string_equal(err.code, code);
    assert_non_null(strstr(err.text, text));
}

static void test_refuses(void **state)
{
    refused("a", "H264/90000", "H265/90000", "codec", "H264, VP8");
    refused("b", "opus/48000/2", "PCMU/8000/1", "codec", "opus");
    refused("c", "a=rtcp-mux\r\n", "", "sdp", "rtcp-mux");
    refused("d", "a=group:BUNDLE 0 1\r\n", "", "sdp", "BUNDLE");
    refused("e", "a=ice-ufrag:Qv9T\r\n", "", "sdp", "ice-ufrag");
    refused("f", "a=fingerprint:sha-256 6B", "a=fingerprint:sha-256 ZZ", "sdp", "fingerprint");
    refused("g", "a=sendonly", "a=recvonly", "sdp", "no m-line");
    refused("h", "a=mid:1", "a=mid:0", "sdp", "line 25: mid");
    assert_int_equal(create("a", load("obs-publish.sdp"), "{}", PUBLISH), 0); /* nothing was left */
}

static int restart(const char *text)
{
    memset(&err, 0, sizeof(err));
    return tk_sfu_peer_restart(stage.sfu, "p", text, strlen(text), answer, sizeof(answer),
                               test_now_us, &err);
}

static void test_restart(void **state)
{
    static char before[sizeof(answer)];
    assert_int_equal(restart("a=ice-ufrag:abcd\r\n"), -EINVAL);
    assert_string_equal(err.code, "no_peer");
    assert_int_equal(create("p", load("obs-publish.sdp"), "{}", PUBLISH), 0);
    memcpy(before, answer, sizeof(before));
    assert_int_equal(restart("a=ice-ufrag:Qv9T\r\na=ice-pwd:2nFzQqGxQeSg1bZ8Q5yPzq\r\n"
                             "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
                             "a=candidate:1 1 UDP 1 192.0.2.1 5 typ host\r\n"),
                     0);
    assert_string_equal(answer, "");
    assert_int_equal(restart("a=ice-ufrag:Fresh\r\na=ice-pwd:2nFzQqGxQeSg1bZ8Q5yPzq\r\n"), 0);
    assert_true(says("a=ice-ufrag:") && !says("v=0"));
    assert_int_equal(restart("a=ice-ufrag:x\r\n"), -EINVAL);
    load("obs-publish.sdp");
    memcpy(strstr(offer, "Qv9T"), "Qv9U", 4);
    assert_int_equal(restart(offer), 0);
    assert_true(says("v=0\r\n") && says(" 2 IN IP4 127.0.0.1\r\n"));
    assert_string_not_equal(answer, before);
}

static void test_limits(void **state)
{
    size_t len = load("obs-publish.sdp");
    memset(offer + len, 'a', sizeof(offer) - len);
    assert_int_equal(create("p", sizeof(offer), "{}", PUBLISH), -EINVAL);
    assert_string_equal(err.code, "sdp");
    struct tk_sfu_feed feed = {.slot = "s", .from = "source", .track = "t"};
    assert_int_equal(tk_sfu_feed(stage.sfu, "none", &feed, 0), -ENOENT);
    int r = 0;
    for (int i = 0; i < 100 && r == 0; i++) {
        char slot[16];
        snprintf(slot, sizeof(slot), "s%d", i);
        feed.slot = slot;
        r = tk_sfu_feed(stage.sfu, "demo", &feed, 0);
    }
    assert_int_equal(r, -ENOSPC);
}

/* The first bytes of a slice are stage_source's sequence number: 0x9c is one of type B. */
static void test_b_frames_are_told(void **state)
{
    struct packet p = {.video = true, .marker = true, .ssrc = 7, .seq = 0x8800};
    stage_source(&p);
    assert_true(stage.live);
    assert_string_equal(stage.cause, "");
    p.ssrc = 8;
    p.seq = 0x9c00;
    stage_source(&p);
    assert_string_equal(stage.cause, "b_frames");
    int told = stage.tracks_live;
    p.seq++;
    stage_source(&p);
    assert_int_equal(stage.tracks_live, told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_chromium_watch),
        TEST(test_publishers),
        TEST(test_by_mid),
        TEST(test_chromium_simulcast),
        TEST(test_chromium_tiles),
        TEST(test_refuses),
        TEST(test_restart),
        TEST(test_limits),
        TEST(test_b_frames_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
