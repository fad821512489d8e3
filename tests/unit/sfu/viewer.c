#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct stage stage;

static void on_peer(void *ctx, const char *peer, const char *lesson, const char *state,
                    const char *reason)
{
    snprintf(stage.peer_state, sizeof(stage.peer_state), "%s", state);
    snprintf(stage.peer_reason, sizeof(stage.peer_reason), "%s", reason);
}

static void on_track(void *ctx, const struct tk_sfu_track_state *t)
{
    stage.tracks_live += t->live;
    stage.tracks_dead += !t->live;
    stage.width = t->width;
    stage.live = t->live;
    snprintf(stage.track, sizeof(stage.track), "%s/%s", t->from, t->track);
    snprintf(stage.codec, sizeof(stage.codec), "%s", t->codec);
    snprintf(stage.cause, sizeof(stage.cause), "%s", t->cause);
}

static void on_keyframe(void *ctx, const char *lesson)
{
    stage.keyframes++;
}

void stage_feed(const char *slot, const char *from, const char *track, int layer)
{
    struct tk_sfu_feed feed = {.slot = slot, .from = from, .track = track, .layer = layer};
    assert_int_equal(tk_sfu_feed(stage.sfu, "demo", &feed, test_now_us), 0);
}

int stage_set_up(void **state)
{
    static const char *const hosts[] = {"192.0.2.7"};
    struct tk_transport_config transport = {.hosts = hosts, .host_count = 1};
    char err[200];
    memset(&stage, 0, sizeof(stage));
    assert_int_equal(tk_transport_open(&transport, &stage.transport, err, sizeof(err)), 0);
    struct tk_sfu_config config = {
        .transport = stage.transport,
        .handlers = {NULL, on_peer, on_track, on_keyframe},
    };
    stage.sfu = tk_sfu_create(&config);
    assert_non_null(stage.sfu);
    assert_int_equal(tk_sfu_lesson_open(stage.sfu, "demo"), 0);
    stage_feed("lesson.video", "source", "source.video", TK_SFU_ALL_LAYERS);
    stage_feed("lesson.audio", "source", "source.audio", TK_SFU_ALL_LAYERS);
    return 0;
}

int stage_tear_down(void **state)
{
    tk_sfu_destroy(stage.sfu);
    tk_transport_close(stage.transport);
    return 0;
}

static void turn(void)
{
    tk_transport_read(stage.transport, 0, test_now_us);
    tk_sfu_on_time(stage.sfu, test_now_us);
    tk_transport_on_time(stage.transport, test_now_us);
    tk_transport_flush(stage.transport);
}

void stage_run(int ms)
{
    for (int i = 0; i < ms; i++) {
        test_now_us += MS;
        turn();
    }
}

void stage_source(const struct packet *p)
{
    uint8_t buf[112] = {0x80, (uint8_t)((p->marker ? 0x80 : 0) | 96)};
    tk_put_u16(buf + 2, p->seq);
    tk_put_u32(buf + 4, p->ts);
    tk_put_u32(buf + 8, p->ssrc);
    buf[12] = p->video ? (p->key ? 0x65 : 0x41) : 0xfc;
    tk_put_u16(buf + 13, p->seq); /* to know it by */
    tk_sfu_source_rtp(stage.sfu, "demo", p->video, buf, sizeof(buf), test_now_us);
}

size_t make_offer(char *out, size_t cap, const char *dir, const char *fingerprint)
{
    static const char ice[] =
        "a=ice-ufrag:them\r\na=ice-pwd:theirtheirtheirtheirpw\r\na=setup:actpass\r\n";
    return (size_t)snprintf(
        out, cap,
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a v\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\n%sa=fingerprint:%s\r\na=rtcp-mux\r\na=%s\r\n"
        "a=rtpmap:111 opus/48000/2\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96 "
        "97\r\na=mid:v\r\n%sa=fingerprint:%s\r\na=rtcp-mux\r\na=%s\r\n"
        "a=rtpmap:96 H264/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
        "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
        "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n",
        ice, fingerprint, dir, ice, fingerprint, dir);
}

static void value_after(const char *text, const char *key, char *out, size_t cap)
{
    const char *at = strstr(text, key);
    assert_non_null(at);
    at += strlen(key);
    snprintf(out, cap, "%.*s", (int)strcspn(at, "\r "), at);
}

static uint32_t ssrc_of(const struct viewer *v, const char *group)
{
    char number[16];
    value_after(v->answer, group, number, sizeof(number));
    return (uint32_t)strtoul(number, NULL, 10);
}

static void check(struct viewer *v)
{
    char username[80];
    uint8_t buf[2048];
    snprintf(username, sizeof(username), "%s:them", v->ufrag);
    struct check c = {.username = username, .pwd = v->pwd, .use_candidate = true};
    size_t len = make_check(buf, sizeof(buf), &c);
    assert_int_equal(send(v->fd, buf, len, 0), len);
    turn();
    assert_true(recv(v->fd, buf, sizeof(buf), MSG_DONTWAIT) > 20);
}

static void handshake(struct viewer *v)
{
    uint8_t buf[2048];
    size_t len;
    ssize_t n;
    client_advance(&v->client);
    for (int i = 0; i < 20 && !v->client.done; i++) {
        while ((len = client_take(&v->client, buf, sizeof(buf)))) {
            assert_int_equal(send(v->fd, buf, len, 0), len);
        }
        turn();
        while ((n = recv(v->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
            client_receive(&v->client, buf, (size_t)n);
        }
    }
    assert_true(v->client.done);
    client_start_srtp(&v->client);
}

static void offer(struct viewer *v, const struct viewer_wish *wish)
{
    char text[4096];
    bool publishes = wish->publishes;
    size_t len =
        make_offer(text, sizeof(text), publishes ? "sendonly" : "recvonly", v->client.fingerprint);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", wish->more ? wish->more : "");
    json_t *none = json_object();
    json_t *names = publishes
                        ? json_pack("{s:s, s:s}", "video", "people.video", "audio", "people.audio")
                        : json_pack("{s:s, s:s}", "video", "lesson.video", "audio", "lesson.audio");
    struct tk_sfu_peer_config config = {
        .id = wish->id,
        .group = wish->group,
        .lesson = "demo",
        .slots = publishes ? none : names,
        .tracks = publishes ? names : none,
        .offer = text,
        .offer_len = len,
        .loopback = true,
    };
    struct tk_sfu_error err = {NULL, ""};
    int r = tk_sfu_peer_create(stage.sfu, &config, v->answer, sizeof(v->answer), test_now_us, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(r, 0);
    json_decref(names);
    json_decref(none);
}

void viewer_join(struct viewer *v, const char *id, bool publishes)
{
    struct viewer_wish wish = {.id = id, .publishes = publishes};
    viewer_join_as(v, &wish);
}

void viewer_join_as(struct viewer *v, const struct viewer_wish *wish)
{
    struct sockaddr_in sin = {.sin_family = AF_INET};
    memset(v, 0, sizeof(*v));
    client_init(&v->client, false, CLIENT_GCM, "sha-256");
    offer(v, wish);
    value_after(v->answer, "a=ice-ufrag:", v->ufrag, sizeof(v->ufrag));
    value_after(v->answer, "a=ice-pwd:", v->pwd, sizeof(v->pwd));
    if (!wish->publishes) {
        v->audio_ssrc = ssrc_of(v, "a=ssrc:");
        v->video_ssrc = ssrc_of(v, "a=ssrc-group:FID ");
        char pair[40];
        snprintf(pair, sizeof(pair), "a=ssrc-group:FID %u ", v->video_ssrc);
        v->rtx_ssrc = ssrc_of(v, pair);
    }
    v->fd = socket(AF_INET, SOCK_DGRAM, 0);
    sin.sin_port = htons(tk_transport_port(stage.transport));
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(v->fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    check(v);
    handshake(v);
    assert_string_equal(stage.peer_state, "connected");
}

void viewer_leave(struct viewer *v)
{
    client_finish(&v->client);
    close(v->fd);
}

size_t viewer_take(struct viewer *v, uint8_t *buf, bool *rtcp)
{
    ssize_t n = recv(v->fd, buf, 2048, MSG_DONTWAIT);
    while (n > 0 && (buf[0] < 128 || buf[0] > 191)) {
        n = recv(v->fd, buf, 2048, MSG_DONTWAIT);
    }
    if (n <= 0) {
        return 0;
    }
    int len = (int)n;
    *rtcp = buf[1] >= 192 && buf[1] <= 223;
    int r = *rtcp ? srtp_unprotect_rtcp(v->client.receive, buf, &len)
                  : srtp_unprotect(v->client.receive, buf, &len);
    assert_int_equal(r, 0);
    return (size_t)len;
}

bool viewer_rtp(struct viewer *v, uint32_t ssrc, struct tk_rtp *ret)
{
    static uint8_t buf[2048];
    bool rtcp;
    size_t len;
    while ((len = viewer_take(v, buf, &rtcp)) > 0) {
        if (!rtcp && tk_rtp_parse(ret, buf, len) == 0 && ret->ssrc == ssrc) {
            return true;
        }
    }
    return false;
}

void viewer_send_rtp(struct viewer *v, uint8_t *packet, size_t len)
{
    uint8_t buf[2048];
    int n = (int)len;
    memcpy(buf, packet, len);
    assert_int_equal(srtp_protect(v->client.send, buf, &n), 0);
    assert_int_equal(send(v->fd, buf, (size_t)n, 0), n);
    turn();
}

void viewer_send_rtcp(struct viewer *v, const uint8_t *packet, size_t len)
{
    uint8_t buf[2048];
    int n = (int)len;
    memcpy(buf, packet, len);
    assert_int_equal(srtp_protect_rtcp(v->client.send, buf, &n), 0);
    assert_int_equal(send(v->fd, buf, (size_t)n, 0), n);
    turn();
}

uint32_t viewer_random(void)
{
    static uint32_t x = 2463534242u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}
