#include "streamer/sfu/parts.h"

#include "streamer/wire/rtcp.h"

#include <stdlib.h>

#define REPORT_EVERY_US 1000000
#define EARLY_EVERY_US 150000
#define COMPOUND_MAX 1200
#define LOCAL_SSRC 1 /* of reports where we send no media */
#define NTP_UNIX_S 2208988800LL
#define CLOCK_JUMP_US 1000000
/*
 * What a publisher may send, by the tracks it has: without an estimate of ours a browser starts at
 * 300 kbit/s and takes 20 s to a good picture; loss that it is told of makes it send less. A
 * picture may be a board of 1080 lines or three layers; sound may be music.
 */
#define VIDEO_BPS 2500000
#define AUDIO_BPS 300000

static uint64_t ntp_of(const struct tk_sfu *sfu, int64_t at_us)
{
    int64_t us = at_us + sfu->config.realtime_us + NTP_UNIX_S * 1000000;
    return (uint64_t)(us / 1000000) << 32 | (uint64_t)(us % 1000000 * 4294967296 / 1000000);
}

static uint32_t local_ssrc(const struct tk_session *s)
{
    return s->slot_count ? s->slots[0]->ssrc : LOCAL_SSRC;
}

/* ---- what comes in ---- */

static struct tk_slot *find_slot(struct tk_session *s, uint32_t ssrc)
{
    for (size_t i = 0; i < s->slot_count; i++) {
        if (s->slots[i]->ssrc == ssrc) {
            return s->slots[i];
        }
    }
    return NULL;
}

static struct tk_stream *find_stream(struct tk_session *s, uint32_t ssrc)
{
    for (size_t i = 0; ssrc && i < s->stream_count; i++) {
        if (s->streams[i]->ssrc == ssrc) {
            return s->streams[i];
        }
    }
    return NULL;
}

/* RFC 3550 section 6.4.1: round trip = now − LSR − DLSR, in 1/65536 s. */
static void read_reports(struct tk_session *s, struct tk_rtcp *p, int64_t now_us)
{
    struct tk_rtcp_report r;
    while (tk_rtcp_next_report(p, &r)) {
        struct tk_slot *slot = find_slot(s, r.ssrc);
        if (!slot) {
            continue;
        }
        slot->reported_us = now_us;
        slot->lost_share = r.lost_share;
        slot->jitter = r.jitter;
        int32_t trip =
            (int32_t)((uint32_t)(ntp_of(s->sfu, now_us) >> 16) - r.last_sr - r.delay_since_sr);
        if (r.last_sr && trip >= 0 && trip < 60 * 65536) {
            s->rtt_ms = (int)((int64_t)trip * 1000 / 65536);
        }
    }
}

/*
 * One clock for all that this sender sends, so that sound and picture stay in step: the least
 * delay seen, let up slowly for a clock that drifts.
 */
static int64_t sender_time(struct tk_session *s, uint64_t ntp, int64_t now_us)
{
    int64_t ntp_us = (int64_t)(ntp >> 32) * 1000000 + (int64_t)((ntp & 0xffffffff) * 1000000 >> 32);
    int64_t ahead = now_us - ntp_us;
    int64_t change = ahead - s->sender_clock_us;
    if (!s->has_sender_clock || change < 0 || change > CLOCK_JUMP_US) {
        s->sender_clock_us = ahead;
        s->has_sender_clock = true;
    } else {
        s->sender_clock_us += change / 64;
    }
    return ntp_us + s->sender_clock_us;
}

static void on_sr(struct tk_session *s, struct tk_rtcp *p, int64_t now_us)
{
    struct tk_stream *stream = find_stream(s, p->ssrc);
    if (stream && p->ntp) {
        tk_recvstat_on_sr(&stream->stat, p->ntp, now_us);
        tk_layer_set_clock(stream->layer, p->rtp_ts, sender_time(s, p->ntp, now_us), now_us);
    }
    read_reports(s, p, now_us);
}

static void on_rtpfb(struct tk_session *s, struct tk_rtcp *p, int64_t now_us)
{
    struct tk_slot *slot = find_slot(s, p->media);
    uint16_t seq, mask;
    while (slot && p->count == TK_RTCP_FMT_NACK && tk_rtcp_next_nack(p, &seq, &mask)) {
        s->sfu->counts.nacks++;
        tk_slot_resend(slot, seq, now_us);
        for (int i = 0; i < 16; i++) {
            if (mask >> i & 1) {
                tk_slot_resend(slot, (uint16_t)(seq + 1 + i), now_us);
            }
        }
    }
}

static void want_key(struct tk_session *s, uint32_t ssrc, int64_t now_us)
{
    struct tk_slot *slot = find_slot(s, ssrc);
    if (slot) {
        s->sfu->counts.plis++;
        tk_slot_need_key(slot, now_us);
    }
}

static void on_psfb(struct tk_session *s, struct tk_rtcp *p, int64_t now_us)
{
    uint32_t ssrc;
    uint8_t number;
    if (p->count == TK_RTCP_FMT_PLI) {
        want_key(s, p->media, now_us);
    }
    while (p->count == TK_RTCP_FMT_FIR && tk_rtcp_next_fir(p, &ssrc, &number)) {
        want_key(s, ssrc, now_us);
    }
}

static void on_bye(struct tk_session *s, struct tk_rtcp *p, int64_t now_us)
{
    uint32_t ssrc;
    while (tk_rtcp_next_bye(p, &ssrc)) {
        struct tk_stream *stream = find_stream(s, ssrc);
        if (stream) {
            stream->ssrc = 0;
            tk_layer_set_dead(stream->layer);
        }
    }
}

void tk_session_on_rtcp(void *ctx, uint8_t *packet, size_t len, int64_t now_us)
{
    static const struct {
        uint8_t type;
        void (*handle)(struct tk_session *s, struct tk_rtcp *p, int64_t now_us);
    } handlers[] = {
        {TK_RTCP_SR, on_sr},     {TK_RTCP_RR, read_reports}, {TK_RTCP_RTPFB, on_rtpfb},
        {TK_RTCP_PSFB, on_psfb}, {TK_RTCP_BYE, on_bye},
    };
    struct tk_session *s = ctx;
    struct tk_reader r;
    struct tk_rtcp p;
    tk_reader_init(&r, packet, len);
    while (tk_rtcp_next(&r, &p)) {
        for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
            if (handlers[i].type == p.type) {
                handlers[i].handle(s, &p, now_us);
            }
        }
    }
    s->sfu->counts.malformed += r.failed;
}

/* ---- what goes out ---- */

static void write_sender_reports(struct tk_session *s, struct tk_writer *w, int64_t now_us)
{
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct tk_slot *slot = s->slots[i];
        if (!slot->feed || !slot->packets) {
            continue;
        }
        uint32_t ts = tk_clock_ts(&slot->feed->clock, now_us) + slot->rewrite.ts_shift;
        tk_rtcp_write_sr(w, slot->ssrc, ntp_of(s->sfu, now_us), ts, slot->packets, slot->octets);
        tk_rtcp_write_cname(w, slot->ssrc, s->cname);
    }
}

static void write_receiver_report(struct tk_session *s, struct tk_writer *w, int64_t now_us)
{
    struct tk_rtcp_report reports[TK_SESSION_MAX_STREAMS];
    size_t n = 0;
    for (size_t i = 0; i < s->stream_count; i++) {
        struct tk_stream *stream = s->streams[i];
        if (stream->ssrc && stream->stat.started) {
            tk_recvstat_report(&stream->stat, now_us, &reports[n]);
            reports[n].ssrc = stream->ssrc;
            stream->lost_share = reports[n++].lost_share;
        }
    }
    if (n > 0) {
        tk_rtcp_write_rr(w, local_ssrc(s), reports, n);
        tk_rtcp_write_cname(w, local_ssrc(s), s->cname);
    }
}

static void write_estimate(struct tk_session *s, struct tk_writer *w)
{
    uint32_t ssrcs[TK_SESSION_MAX_STREAMS], bps = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->stream_count; i++) {
        if (s->streams[i]->ssrc && (s->streams[i]->inbound->feedback & TK_SDP_FB_REMB)) {
            ssrcs[n++] = s->streams[i]->ssrc;
        }
    }
    for (size_t i = 0; i < s->inbound_count; i++) {
        bps += s->inbounds[i]->video ? VIDEO_BPS : AUDIO_BPS;
    }
    if (n > 0) {
        tk_rtcp_write_remb(w, local_ssrc(s), bps, ssrcs, n);
    }
}

static void send_compound(struct tk_session *s, struct tk_writer *w)
{
    if (!w->failed && tk_writer_len(w) > 0) {
        tk_peer_rtcp_send(s->peer, w->start, tk_writer_len(w));
    }
}

void tk_session_report(struct tk_session *s, int64_t now_us)
{
    uint8_t buf[COMPOUND_MAX];
    struct tk_writer w;
    tk_writer_init(&w, buf, sizeof(buf));
    s->report_us = now_us + (s->early_reports > 0 ? EARLY_EVERY_US : REPORT_EVERY_US);
    s->early_reports -= s->early_reports > 0;
    write_sender_reports(s, &w, now_us);
    if (tk_writer_len(&w) > COMPOUND_MAX / 2) { /* of a session with many slots and tracks */
        send_compound(s, &w);
        tk_writer_init(&w, buf, sizeof(buf));
    }
    write_receiver_report(s, &w, now_us);
    write_estimate(s, &w);
    send_compound(s, &w);
}

/* RFC 3550 section 6.1: a compound begins with a report, be it empty. */
static void begin_feedback(struct tk_session *s, struct tk_writer *w, uint8_t *buf)
{
    tk_writer_init(w, buf, COMPOUND_MAX);
    tk_rtcp_write_rr(w, local_ssrc(s), NULL, 0);
}

void tk_session_ask_key(struct tk_session *s, const struct tk_layer *layer)
{
    uint8_t buf[COMPOUND_MAX];
    struct tk_writer w;
    for (size_t i = 0; i < s->stream_count; i++) {
        struct tk_stream *stream = s->streams[i];
        uint8_t feedback = stream->inbound->feedback;
        if (stream->layer != layer || !stream->ssrc) {
            continue;
        }
        begin_feedback(s, &w, buf);
        if ((feedback & TK_SDP_FB_FIR) && !(feedback & TK_SDP_FB_PLI)) {
            tk_rtcp_write_fir(&w, local_ssrc(s), stream->ssrc, stream->fir_number++);
        } else {
            tk_rtcp_write_pli(&w, local_ssrc(s), stream->ssrc);
        }
        send_compound(s, &w);
    }
}

void tk_session_nack(struct tk_session *s, int64_t now_us)
{
    uint8_t buf[COMPOUND_MAX];
    struct tk_writer w;
    uint16_t seqs[64];
    for (size_t i = 0; i < s->stream_count; i++) {
        struct tk_stream *stream = s->streams[i];
        if (!stream->stat.missing_count || !(stream->inbound->feedback & TK_SDP_FB_NACK)) {
            continue;
        }
        size_t n = tk_recvstat_nacks(&stream->stat, s->rtt_ms, now_us, seqs, 64);
        if (n > 0) {
            stream->nacks += n;
            begin_feedback(s, &w, buf);
            tk_rtcp_write_nack(&w, local_ssrc(s), stream->ssrc, seqs, n);
            send_compound(s, &w);
        }
    }
}

void tk_session_bye(struct tk_session *s)
{
    uint8_t buf[COMPOUND_MAX];
    struct tk_writer w;
    uint32_t ssrcs[TK_SESSION_MAX_SLOTS];
    for (size_t i = 0; i < s->slot_count; i++) {
        ssrcs[i] = s->slots[i]->ssrc;
    }
    if (s->slot_count > 0 && s->connected) {
        begin_feedback(s, &w, buf);
        tk_rtcp_write_bye(&w, ssrcs, s->slot_count);
        send_compound(s, &w);
    }
}
