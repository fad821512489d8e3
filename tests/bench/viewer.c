#include "tests/bench/viewer.h"

#include "streamer/wire/rtcp.h"
#include "streamer/wire/rtp.h"
#include "streamer/wire/stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECK_SLOW_US 2500000
#define CHECK_FAST_US 50000
#define REPORT_US 1000000
#define OWN_SSRC 0x6b656e68

static void random_text(char *out, size_t cap)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    RAND_bytes((unsigned char *)out, (int)cap);
    for (size_t i = 0; i + 1 < cap; i++) {
        out[i] = letters[out[i] & 31];
    }
    out[cap - 1] = 0;
}

int viewer_open(struct viewer *v, const char *ip)
{
    memset(v, 0, sizeof(*v));
    random_text(v->ufrag, sizeof(v->ufrag));
    random_text(v->pwd, sizeof(v->pwd));
    struct sockaddr_in sa = {.sin_family = AF_INET};
    int buffer = 1 << 20;
    v->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (v->fd < 0 || inet_pton(AF_INET, ip, &sa.sin_addr) != 1 ||
        bind(v->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
        return -errno;
    }
    setsockopt(v->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    return 0;
}

void viewer_close(struct viewer *v)
{
    if (v->dtls) {
        tk_dtls_close(v->dtls);
    }
    tk_dtls_destroy(v->dtls);
    tk_srtp_destroy(v->send);
    if (v->fd >= 0) {
        close(v->fd);
    }
}

/* The value after `key` up to the end of the line, or false. */
static bool line_value(const char *sdp, const char *key, char *out, size_t cap)
{
    const char *at = strstr(sdp, key);
    if (!at) {
        return false;
    }
    at += strlen(key);
    snprintf(out, cap, "%.*s", (int)strcspn(at, "\r\n"), at);
    return true;
}

static bool media_line(const char *sdp, const char *kind, const char *key, char *out, size_t cap)
{
    const char *m = strstr(sdp, kind);
    return m && line_value(m, key, out, cap);
}

/* The payload type that the description gives a codec. */
static int payload_type(const char *sdp, const char *codec, int fallback)
{
    const char *at = sdp;
    int pt;
    char name[32];
    while (sdp && (at = strstr(at, "a=rtpmap:"))) {
        at += strlen("a=rtpmap:");
        if (sscanf(at, "%d %31[^/]", &pt, name) == 2 && strcasecmp(name, codec) == 0) {
            return pt;
        }
    }
    return fallback;
}

static const char head[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE %s %s\r\n";
static const char media[] =
    "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=recvonly\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:%s\r\na=rtpmap:%d %s\r\n%s";

void viewer_describe(const struct viewer *v, const char *fingerprint, const char *to, char *out,
                     size_t cap)
{
    char mids[2][32] = {"0", "1"};
    const char *kinds[2] = {"audio", "video"};
    bool video_first = to && strstr(to, "m=video") && strstr(to, "m=video") < strstr(to, "m=audio");
    if (to) {
        media_line(to, "m=audio", "a=mid:", mids[0], sizeof(mids[0]));
        media_line(to, "m=video", "a=mid:", mids[1], sizeof(mids[1]));
    }
    int order[2] = {video_first ? 1 : 0, video_first ? 0 : 1};
    size_t at = (size_t)snprintf(out, cap, head, mids[order[0]], mids[order[1]]);
    for (int i = 0; i < 2 && at < cap; i++) {
        int k = order[i];
        int pt = k ? payload_type(to, "H264", 96) : payload_type(to, "opus", 111);
        char extra[160] = "";
        if (k) {
            snprintf(extra, sizeof(extra),
                     "a=fmtp:%d packetization-mode=1;profile-level-id=42e01f\r\n"
                     "a=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\n",
                     pt, pt, pt);
        }
        at += (size_t)snprintf(out + at, cap - at, media, kinds[k], pt, mids[k], v->ufrag, v->pwd,
                               fingerprint, to ? "active" : "actpass", pt,
                               k ? "H264/90000" : "opus/48000/2", extra);
    }
}

/* The first UDP candidate with an IPv4 address. */
static bool candidate(const char *sdp, struct sockaddr_in *ret)
{
    for (const char *at = sdp; (at = strstr(at, "a=candidate:")); at++) {
        char protocol[8], ip[64];
        int port;
        if (sscanf(at, "a=candidate:%*s %*d %7s %*s %63s %d", protocol, ip, &port) == 3 &&
            strcasecmp(protocol, "udp") == 0 && inet_pton(AF_INET, ip, &ret->sin_addr) == 1) {
            ret->sin_family = AF_INET;
            ret->sin_port = htons((uint16_t)port);
            return true;
        }
    }
    return false;
}

static void send_datagram(void *ctx, const uint8_t *buf, size_t len)
{
    struct viewer *v = ctx;
    if (send(v->fd, buf, len, 0) < 0 && errno != EAGAIN && errno != ECONNREFUSED) {
        perror("viewers: send");
    }
}

static uint32_t announced_ssrc(const char *sdp, const char *kind)
{
    char text[32];
    return media_line(sdp, kind, "a=ssrc:", text, sizeof(text)) ? (uint32_t)strtoul(text, NULL, 10)
                                                                : 0;
}

int viewer_start(struct viewer *v, struct tk_dtls_identity *identity, const char *sdp,
                 int64_t now_us)
{
    if (!line_value(sdp, "a=ice-ufrag:", v->remote_ufrag, sizeof(v->remote_ufrag)) ||
        !line_value(sdp, "a=ice-pwd:", v->remote_pwd, sizeof(v->remote_pwd)) ||
        !line_value(sdp, "a=fingerprint:", v->fingerprint, sizeof(v->fingerprint)) ||
        !candidate(sdp, &v->remote)) {
        return -EBADMSG;
    }
    v->video_ssrc = announced_ssrc(sdp, "m=video");
    v->audio_ssrc = announced_ssrc(sdp, "m=audio");
    if (connect(v->fd, (struct sockaddr *)&v->remote, sizeof(v->remote)) < 0) {
        return -errno;
    }
    v->identity = identity;
    v->joined_us = now_us;
    v->next_check_us = now_us;
    v->next_report_us = INT64_MAX;
    return tk_dtls_create(identity, v->fingerprint, true, send_datagram, v, &v->dtls);
}

static void write_attribute(struct tk_writer *w, uint16_t type, const void *value, size_t len)
{
    static const uint8_t zero[4];
    tk_write_u16(w, type);
    tk_write_u16(w, (uint16_t)len);
    tk_write_bytes(w, value, len);
    tk_write_bytes(w, zero, -len & 3);
}

static void send_check(struct viewer *v)
{
    static const uint8_t tie_breaker[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint8_t priority[4] = {0x7e, 0, 0, 0xff};
    uint8_t buf[400], transaction[TK_STUN_TRANSACTION_LEN];
    char username[96];
    RAND_bytes(transaction, sizeof(transaction));
    const struct tk_stun like = {.method = TK_STUN_METHOD_BINDING, .transaction = transaction};
    int n = snprintf(username, sizeof(username), "%s:%s", v->remote_ufrag, v->ufrag);
    struct tk_writer w;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_stun_write_header(&w, TK_STUN_REQUEST, &like);
    write_attribute(&w, TK_STUN_USERNAME, username, (size_t)n);
    write_attribute(&w, TK_STUN_ICE_CONTROLLING, tie_breaker, sizeof(tie_breaker));
    write_attribute(&w, TK_STUN_USE_CANDIDATE, NULL, 0);
    write_attribute(&w, TK_STUN_PRIORITY, priority, sizeof(priority));
    size_t covered;
    uint8_t *mac = tk_stun_write_integrity(&w, &covered);
    if (mac) {
        HMAC(EVP_sha1(), v->remote_pwd, (int)strlen(v->remote_pwd), buf, covered, mac, NULL);
    }
    tk_stun_write_fingerprint(&w);
    send_datagram(v, buf, tk_writer_len(&w));
}

/* The server checks us too when it isn't lite: it wants an answer. */
static void answer_check(struct viewer *v, const struct tk_stun *request)
{
    uint8_t buf[200];
    struct tk_writer w;
    size_t covered;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_stun_write_header(&w, TK_STUN_SUCCESS, request);
    tk_stun_write_mapped(&w, (const uint8_t *)&v->remote.sin_addr, 4, ntohs(v->remote.sin_port));
    uint8_t *mac = tk_stun_write_integrity(&w, &covered);
    if (mac) {
        HMAC(EVP_sha1(), v->pwd, (int)strlen(v->pwd), buf, covered, mac, NULL);
    }
    tk_stun_write_fingerprint(&w);
    send_datagram(v, buf, tk_writer_len(&w));
}

static void on_stun(struct viewer *v, const uint8_t *buf, size_t len, int64_t now_us)
{
    struct tk_stun stun;
    if (tk_stun_parse(&stun, buf, len) < 0) {
        return;
    }
    if (stun.class == TK_STUN_REQUEST) {
        answer_check(v, &stun);
    } else if (stun.class == TK_STUN_SUCCESS && !v->paired) {
        v->paired = true;
        tk_dtls_start(v->dtls, now_us);
    }
}

static void count_packet(struct viewer *v, const uint8_t *buf, size_t len, int64_t now_us)
{
    struct tk_reader r;
    tk_reader_init(&r, buf, len);
    tk_read_u8(&r);
    uint8_t pt = tk_read_u8(&r) & 127;
    uint16_t seq = tk_read_u16(&r);
    tk_read_u32(&r);
    uint32_t ssrc = tk_read_u32(&r);
    v->first_packet_us = v->first_packet_us ? v->first_packet_us : now_us;
    v->packets++;
    v->bytes += len;
    for (size_t i = 0; i < VIEWER_STREAMS; i++) {
        struct viewer_stream *s = &v->streams[i];
        if (s->packets && s->ssrc != ssrc) {
            continue;
        }
        int16_t step = s->packets ? (int16_t)(uint16_t)(seq - s->highest) : 1;
        s->gaps += step > 0 ? step - 1 : -1;
        s->highest = step > 0 ? seq : s->highest;
        s->ssrc = ssrc;
        s->pt = pt;
        s->packets++;
        return;
    }
}

static void send_rtcp(struct viewer *v, bool keyframe)
{
    uint8_t buf[400];
    struct tk_rtcp_report reports[VIEWER_STREAMS] = {0};
    size_t count = 0, len;
    for (size_t i = 0; i < VIEWER_STREAMS && v->streams[i].packets; i++) {
        reports[count].ssrc = v->streams[i].ssrc;
        reports[count].highest = v->streams[i].highest;
        count++;
    }
    struct tk_writer w;
    tk_writer_init(&w, buf, sizeof(buf) - TK_SRTCP_MAX_OVERHEAD);
    tk_rtcp_write_rr(&w, OWN_SSRC, reports, count);
    tk_rtcp_write_cname(&w, OWN_SSRC, "viewer");
    if (keyframe && v->video_ssrc) {
        tk_rtcp_write_pli(&w, OWN_SSRC, v->video_ssrc);
    }
    if (tk_srtp_protect_rtcp(v->send, buf, tk_writer_len(&w), &len) == 0) {
        send_datagram(v, buf, len);
    }
}

static void check_connected(struct viewer *v, int64_t now_us)
{
    enum tk_srtp_profile profile;
    uint8_t send_key[TK_SRTP_MASTER_MAX], receive_key[TK_SRTP_MASTER_MAX];
    if (v->connected_us || tk_dtls_state(v->dtls) != TK_DTLS_DONE ||
        !tk_dtls_keys(v->dtls, &profile, send_key, receive_key)) {
        return;
    }
    v->send = tk_srtp_create(tk_dtls_identity_ciphers(v->identity), profile, send_key, 4);
    v->connected_us = now_us;
    v->next_report_us = now_us + REPORT_US;
    send_rtcp(v, true);
}

void viewer_read(struct viewer *v, int64_t now_us)
{
    static uint8_t buffers[32][1600];
    static struct iovec iov[32];
    static struct mmsghdr messages[32];
    for (size_t i = 0; i < 32; i++) {
        iov[i] = (struct iovec){buffers[i], sizeof(buffers[i])};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
    }
    int n;
    do {
        n = recvmmsg(v->fd, messages, 32, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++) {
            const uint8_t *buf = buffers[i];
            size_t len = messages[i].msg_len;
            struct tk_drops drops = {0};
            if (buf[0] < 4) {
                on_stun(v, buf, len, now_us);
            } else if (buf[0] >= 20 && buf[0] < 64 && v->paired) {
                tk_dtls_receive(v->dtls, buf, len, now_us, &drops);
                check_connected(v, now_us);
            } else if (buf[0] >= 128 && len >= 12 && !(buf[1] >= 192 && buf[1] < 224)) {
                count_packet(v, buf, len, now_us);
            }
        }
    } while (n == 32);
}

void viewer_tick(struct viewer *v, int64_t now_us)
{
    if (now_us >= v->next_check_us) {
        send_check(v);
        v->next_check_us = now_us + (v->paired ? CHECK_SLOW_US : CHECK_FAST_US);
    }
    if (v->paired && !v->connected_us && now_us >= tk_dtls_next_deadline(v->dtls)) {
        tk_dtls_tick(v->dtls, now_us);
    }
    if (now_us >= v->next_report_us) {
        send_rtcp(v, false);
        v->next_report_us += REPORT_US;
    }
}
