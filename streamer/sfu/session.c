#include "streamer/sfu/parts.h"

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
    for (size_t i = 0; i < s->inbound_count; i++) {
        g_ptr_array_remove(s->lesson->tracks, s->inbounds[i]->track); /* destroys it */
        g_free(s->inbounds[i]);
    }
    g_hash_table_remove(s->sfu->sessions, s->id);
    g_ptr_array_remove(s->lesson->sessions, s);
    tk_peer_destroy(s->peer);
    g_free(s);
}

static struct tk_inbound *find_by_ssrc(struct tk_session *s, uint32_t ssrc)
{
    for (size_t i = 0; i < s->inbound_count; i++) {
        if (s->inbounds[i]->ssrc == ssrc || s->inbounds[i]->rtx_ssrc == ssrc) {
            return s->inbounds[i];
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

static bool has_mid(const struct tk_inbound *in, const struct tk_rtp *rtp)
{
    size_t len = 0;
    const uint8_t *mid = in->mid_ext ? tk_rtp_ext(rtp, in->mid_ext, &len) : NULL;
    return mid && len == strlen(in->mid) && memcmp(mid, in->mid, len) == 0;
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
        if (has_mid(in, rtp) || announces(in, rtp->ssrc)) {
            return in;
        }
        by_pt = by_pt || in->ssrc_count ? by_pt : in;
    }
    return by_pt;
}

/* Takes `rtp`'s new SSRC for the m-line, unless the one it has is alive. */
static bool adopt(struct tk_inbound *in, const struct tk_rtp *rtp, int64_t now_us)
{
    if (in->pt[rtp->pt] & TK_INBOUND_RTX) {
        in->rtx_ssrc = rtp->ssrc;
        return true;
    }
    if (in->ssrc && now_us - in->ssrc_us < OLD_SSRC_SILENT_US) {
        return false;
    }
    in->ssrc = rtp->ssrc;
    tk_recvstat_init(&in->stat, in->stat.hz);
    return true;
}

static struct tk_inbound *find_inbound(struct tk_session *s, const struct tk_rtp *rtp,
                                       int64_t now_us)
{
    if (!rtp->ssrc) {
        return NULL; /* it stands for none here, and nobody draws it in earnest */
    }
    struct tk_inbound *in = find_by_ssrc(s, rtp->ssrc);
    if (in) {
        return in->pt[rtp->pt] ? in : NULL;
    }
    in = find_by_content(s, rtp);
    return in && adopt(in, rtp, now_us) ? in : NULL;
}

/* RFC 4588 section 4: the original sequence number, then the original payload. */
static bool unwrap_rtx(struct tk_inbound *in, struct tk_rtp *rtp)
{
    if (!in->ssrc || rtp->payload_len <= 2) {
        return false; /* padding that probes the path */
    }
    rtp->seq = (uint16_t)((uint32_t)rtp->payload[0] << 8 | rtp->payload[1]);
    rtp->ssrc = in->ssrc;
    rtp->payload += 2;
    rtp->payload_len -= 2;
    return true;
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
    struct tk_inbound *in = find_inbound(s, &rtp, now_us);
    if (!in) {
        s->sfu->counts.unknown_ssrc++;
        return;
    }
    uint8_t kind = in->pt[rtp.pt];
    in->bytes += len;
    if (kind & TK_INBOUND_RTX) {
        if (!unwrap_rtx(in, &rtp)) {
            return;
        }
        tk_recvstat_on_repair(&in->stat, rtp.seq);
        tk_track_repair(in->track, kind & (TK_INBOUND_RTX - 1), &rtp, now_us);
    } else {
        in->ssrc_us = now_us;
        in->frames += rtp.marker;
        tk_recvstat_on_packet(&in->stat, rtp.seq, rtp.ts, now_us);
        tk_track_push(in->track, kind, &rtp, now_us);
    }
}
