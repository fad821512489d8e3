#include "streamer/sfu/parts.h"

#include "streamer/wire/opus.h"

#include <string.h>

#define OLD_SSRC_SILENT_US 500000 /* then another of the same m-line takes its place */
#define REPORT_EVERY_US 1000000

struct tk_session *tk_session_create(struct tk_lesson *lesson, const char *id, int64_t now_us)
{
    struct tk_session *s = g_new0(struct tk_session, 1);
    s->sfu = lesson->sfu;
    s->lesson = lesson;
    g_strlcpy(s->id, id, sizeof(s->id));
    uint64_t random[2];
    tk_random(random, sizeof(random));
    g_snprintf(s->cname, sizeof(s->cname), "%016" G_GINT64_MODIFIER "x", random[0]);
    s->origin = random[1] >> 2; /* RFC 8829 section 5.2.1: 62 bits at most */
    s->report_us = now_us + REPORT_EVERY_US;
    s->stats_us = now_us;
    g_ptr_array_add(lesson->sessions, s);
    g_hash_table_insert(s->sfu->sessions, s->id, s);
    return s;
}

void tk_session_destroy(struct tk_session *s)
{
    if (!s) {
        return;
    }
    for (size_t i = 0; i < s->slot_count; i++) {
        tk_slot_leave(s->slots[i], s->slots[i]->feed);
        tk_slot_leave(s->slots[i], s->slots[i]->next);
        g_free(s->slots[i]);
    }
    for (size_t i = 0; i < s->stream_count; i++) {
        g_free(s->streams[i]);
    }
    for (size_t i = 0; i < s->inbound_count; i++) {
        g_ptr_array_remove(s->lesson->tracks, s->inbounds[i]->track); /* destroys it */
        g_free(s->inbounds[i]);
    }
    g_hash_table_remove(s->sfu->sessions, s->id);
    g_ptr_array_remove(s->lesson->sessions, s);
    tk_peer_destroy(s->peer);
    g_free(s);
}

static struct tk_stream *find_by_ssrc(struct tk_session *s, uint32_t ssrc)
{
    for (size_t i = 0; i < s->stream_count; i++) {
        if (s->streams[i]->ssrc == ssrc || s->streams[i]->rtx_ssrc == ssrc) {
            return s->streams[i];
        }
    }
    return NULL;
}

static bool announces(const struct tk_inbound *in, uint32_t ssrc)
{
    for (size_t i = 0; i < in->ssrc_count; i++) {
        if (in->ssrcs[i] == ssrc) {
            return true;
        }
    }
    return false;
}

/* The header extension `id` says `text`. */
static bool says(const struct tk_rtp *rtp, uint8_t id, const char *text)
{
    size_t len = 0;
    const uint8_t *value = id ? tk_rtp_ext(rtp, id, &len) : NULL;
    return value && len == strlen(text) && memcmp(value, text, len) == 0;
}

/* RFC 8843 section 9.2: by mid, else by what the offer announced, else by payload type. */
static struct tk_inbound *find_by_content(struct tk_session *s, const struct tk_rtp *rtp)
{
    struct tk_inbound *by_pt = NULL;
    for (size_t i = 0; i < s->inbound_count; i++) {
        struct tk_inbound *in = s->inbounds[i];
        if (!in->pt[rtp->pt]) {
            continue;
        }
        if (says(rtp, in->mid_ext, in->mid) || announces(in, rtp->ssrc)) {
            return in;
        }
        by_pt = by_pt || in->ssrc_count ? by_pt : in;
    }
    return by_pt;
}

/* RFC 8852: a layer is known by its rid, what repairs it by its repaired rid. */
static struct tk_stream *find_layer(struct tk_session *s, const struct tk_inbound *in,
                                    const struct tk_rtp *rtp)
{
    uint8_t ext = in->pt[rtp->pt] & TK_INBOUND_RTX ? in->repaired_ext : in->rid_ext;
    for (size_t i = 0; i < s->stream_count; i++) {
        struct tk_stream *stream = s->streams[i];
        if (stream->inbound == in && (!stream->rid[0] || says(rtp, ext, stream->rid))) {
            return stream;
        }
    }
    return NULL;
}

/* Takes `rtp`'s new SSRC for the layer, unless the one it has is alive. */
static bool adopt(struct tk_stream *stream, const struct tk_rtp *rtp, int64_t now_us)
{
    if (stream->inbound->pt[rtp->pt] & TK_INBOUND_RTX) {
        stream->rtx_ssrc = rtp->ssrc;
        return true;
    }
    if (stream->ssrc && now_us - stream->ssrc_us < OLD_SSRC_SILENT_US) {
        return false;
    }
    stream->ssrc = rtp->ssrc;
    tk_recvstat_init(&stream->stat, stream->stat.hz);
    return true;
}

static struct tk_stream *find_stream(struct tk_session *s, const struct tk_rtp *rtp, int64_t now_us)
{
    if (!rtp->ssrc) {
        return NULL; /* it stands for none here, and nobody draws it in earnest */
    }
    struct tk_stream *stream = find_by_ssrc(s, rtp->ssrc);
    if (stream) {
        return stream->inbound->pt[rtp->pt] ? stream : NULL;
    }
    struct tk_inbound *in = find_by_content(s, rtp);
    stream = in ? find_layer(s, in, rtp) : NULL;
    return stream && adopt(stream, rtp, now_us) ? stream : NULL;
}

/* RFC 4588 section 4: the original sequence number, then the original payload. */
static bool unwrap_rtx(struct tk_stream *stream, struct tk_rtp *rtp)
{
    if (!stream->ssrc || rtp->payload_len <= 2) {
        return false; /* padding that probes the path */
    }
    rtp->seq = (uint16_t)((uint32_t)rtp->payload[0] << 8 | rtp->payload[1]);
    rtp->ssrc = stream->ssrc;
    rtp->payload += 2;
    rtp->payload_len -= 2;
    return true;
}

static void hear(const struct tk_inbound *in, const struct tk_rtp *rtp)
{
    size_t len;
    const uint8_t *level = tk_rtp_ext(rtp, in->level_ext, &len);
    if (level) {
        tk_speaker_add(&in->track->speaker, *level,
                       tk_opus_samples(rtp->payload, rtp->payload_len));
    }
}

void tk_session_on_rtp(void *ctx, uint8_t *packet, size_t len, int64_t now_us)
{
    struct tk_session *s = ctx;
    struct tk_rtp rtp;
    s->sfu->counts.packets_in++;
    if (tk_rtp_parse(&rtp, packet, len) < 0 || rtp.payload_len > TK_SFU_PAYLOAD_MAX) {
        s->sfu->counts.malformed++;
        return;
    }
    struct tk_stream *stream = find_stream(s, &rtp, now_us);
    if (!stream) {
        s->sfu->counts.unknown_ssrc++;
        return;
    }
    uint8_t kind = stream->inbound->pt[rtp.pt];
    stream->bytes += len;
    if (kind & TK_INBOUND_RTX) {
        if (!unwrap_rtx(stream, &rtp)) {
            return;
        }
        tk_recvstat_on_repair(&stream->stat, rtp.seq);
        tk_layer_repair(stream->layer, kind & (TK_INBOUND_RTX - 1), &rtp, now_us);
    } else {
        stream->ssrc_us = now_us;
        if (stream->inbound->level_ext) {
            hear(stream->inbound, &rtp);
        }
        stream->frames += rtp.marker;
        tk_recvstat_on_packet(&stream->stat, rtp.seq, rtp.ts, now_us);
        tk_layer_push(stream->layer, kind, &rtp, now_us);
    }
}
