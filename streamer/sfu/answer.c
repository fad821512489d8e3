#include "streamer/sfu/parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tk_sfu_refuse(struct tk_sfu_error *err, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err->code = code;
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    return -EINVAL;
}

/* Constrained baseline first: every decoder has it; then what can be sent in fragments. */
static int h264_rank(const struct tk_sdp_codec *c)
{
    uint32_t profile = c->profile_level >> 16;
    uint32_t constraints = c->profile_level >> 8 & 0xff;
    int rank = c->mode == 1 ? 10 : 0;
    if (profile == 0x42) {
        rank += (constraints & 0x40) ? 3 : 2;
    } else if (profile == 0x4d) {
        rank += 1;
    }
    return c->mode <= 1 ? rank : -1;
}

static const struct tk_sdp_codec *choose_codec(const struct tk_sdp_media *m, enum tk_codec codec)
{
    const struct tk_sdp_codec *best = NULL;
    for (size_t i = 0; i < m->codec_count; i++) {
        const struct tk_sdp_codec *c = &m->codecs[i];
        if (c->codec != codec || (codec == TK_CODEC_H264 && h264_rank(c) < 0)) {
            continue;
        }
        if (!best || (codec == TK_CODEC_H264 && h264_rank(c) > h264_rank(best))) {
            best = c;
        }
    }
    return best;
}

static void choose_codecs(struct tk_mline *line, const struct tk_sdp_media *m)
{
    for (enum tk_codec codec = TK_CODEC_OPUS; codec < TK_CODEC_COUNT; codec++) {
        const struct tk_sdp_codec *c = choose_codec(m, codec);
        if (!c) {
            continue;
        }
        line->pt[codec] = c->pt;
        line->feedback |= c->feedback;
        if (codec == TK_CODEC_H264) {
            line->h264_mode = c->mode;
            line->h264_level = c->profile_level;
        }
        for (size_t i = 0; i < m->codec_count; i++) {
            if (m->codecs[i].rtx && m->codecs[i].apt == c->pt) {
                line->rtx_pt[codec] = m->codecs[i].pt;
            }
        }
    }
}

static bool has_codec(const struct tk_mline *line)
{
    return line->pt[TK_CODEC_OPUS] || line->pt[TK_CODEC_H264] || line->pt[TK_CODEC_VP8];
}

/* The name under the m-line's mid, else under its kind, which serves one m-line only. */
static const char *wish(const json_t *names, const struct tk_sdp_media *m, bool kind_used[2])
{
    char mid[TK_SDP_MAX_MID + 1];
    snprintf(mid, sizeof(mid), "%.*s", (int)m->mid.len, m->mid.at ? m->mid.at : "");
    const char *name = json_string_value(json_object_get(names, mid));
    if (!name && m->kind != TK_SDP_OTHER && !kind_used[m->kind]) {
        name =
            json_string_value(json_object_get(names, m->kind == TK_SDP_VIDEO ? "video" : "audio"));
        kind_used[m->kind] = name != NULL;
    }
    return name && *name && strlen(name) <= TK_SFU_ID_MAX ? name : NULL;
}

static uint32_t random_u32(void)
{
    uint32_t v = 0;
    while (v == 0) {
        tk_random(&v, sizeof(v));
    }
    return v;
}

static bool is_ssrc_used(const struct tk_session *session, const struct tk_sdp *offer,
                         uint32_t ssrc)
{
    for (size_t i = 0; i < session->slot_count; i++) {
        if (session->slots[i]->ssrc == ssrc || session->slots[i]->rtx_ssrc == ssrc) {
            return true;
        }
    }
    for (size_t i = 0; i < offer->media_count; i++) {
        for (size_t j = 0; j < offer->media[i].ssrc_count; j++) {
            if (offer->media[i].ssrcs[j] == ssrc) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t new_ssrc(const struct tk_session *session, const struct tk_sdp *offer)
{
    uint32_t ssrc = random_u32();
    while (is_ssrc_used(session, offer, ssrc)) {
        ssrc = random_u32();
    }
    return ssrc;
}

static int add_slot(struct tk_session *session, struct tk_mline *line, const char *name,
                    const struct tk_sdp *offer, bool video, struct tk_sfu_error *err)
{
    if (session->slot_count == TK_SESSION_MAX_SLOTS) {
        return tk_sfu_refuse(err, "limit", "more than %d slots", TK_SESSION_MAX_SLOTS);
    }
    struct tk_slot *slot = g_new0(struct tk_slot, 1);
    slot->session = session;
    g_strlcpy(slot->name, name, sizeof(slot->name));
    slot->video = video;
    slot->nack = (line->feedback & TK_SDP_FB_NACK) != 0;
    slot->ssrc = new_ssrc(session, offer);
    session->slots[session->slot_count++] = slot;
    slot->rtx_ssrc = new_ssrc(session, offer);
    slot->rtx_seq = (uint16_t)(random_u32() & 0x7fff);
    memcpy(slot->pt, line->pt, sizeof(slot->pt));
    memcpy(slot->rtx_pt, line->rtx_pt, sizeof(slot->rtx_pt));
    /* RFC 3711 section 3.3.1: a start below 2^15 keeps sender and receiver on the same rollover */
    tk_rewrite_init(&slot->rewrite, video ? 90000 : 48000, (uint16_t)(random_u32() & 0x7fff),
                    random_u32());
    tk_rtxmap_clear(&slot->sent);
    line->slot = slot;
    line->dir |= TK_SDP_SEND;
    return 0;
}

static struct tk_stream *add_stream(struct tk_session *session, struct tk_inbound *in,
                                    struct tk_layer *layer)
{
    struct tk_stream *stream = g_new0(struct tk_stream, 1);
    stream->inbound = in;
    stream->layer = layer;
    tk_recvstat_init(&stream->stat, in->video ? 90000 : 48000);
    session->streams[session->stream_count++] = stream;
    return stream;
}

/* Layers can be told apart by their rid alone. */
static void add_streams(struct tk_session *session, struct tk_inbound *in,
                        const struct tk_sdp_media *m)
{
    struct tk_layer *layer = in->track->layers;
    struct tk_stream *stream = add_stream(session, in, layer);
    for (size_t i = 0; in->video && in->rid_ext && i < m->layer_count; i++) {
        stream = i ? add_stream(session, in, tk_track_add_layer(in->track)) : stream;
        snprintf(stream->rid, sizeof(stream->rid), "%.*s", (int)m->layers[i].len, m->layers[i].at);
    }
}

static int add_inbound(struct tk_session *session, struct tk_mline *line, const char *name,
                       const struct tk_sdp_media *m, struct tk_sfu_error *err)
{
    if (session->inbound_count == TK_SESSION_MAX_INBOUND) {
        return tk_sfu_refuse(err, "limit", "more than %d tracks", TK_SESSION_MAX_INBOUND);
    }
    for (size_t i = 0; i < session->inbound_count; i++) {
        if (strcmp(session->inbounds[i]->track->name, name) == 0) {
            return tk_sfu_refuse(err, "sdp", "two m-lines send the track '%s'", name);
        }
    }
    bool video = m->kind == TK_SDP_VIDEO;
    struct tk_inbound *in = g_new0(struct tk_inbound, 1);
    session->inbounds[session->inbound_count++] = in;
    in->track = tk_track_create(session->lesson, session, session->id, name, video);
    in->video = video;
    in->feedback = line->feedback;
    snprintf(in->mid, sizeof(in->mid), "%.*s", (int)m->mid.len, m->mid.at ? m->mid.at : "");
    for (enum tk_codec c = TK_CODEC_OPUS; c < TK_CODEC_COUNT; c++) {
        if (line->rtx_pt[c]) {
            in->pt[line->rtx_pt[c]] = (uint8_t)(c | TK_INBOUND_RTX);
        }
        if (line->pt[c]) {
            in->pt[line->pt[c]] = (uint8_t)c;
        }
    }
    in->mid_ext = tk_sdp_ext(m, TK_URI_MID);
    in->rid_ext = tk_sdp_ext(m, TK_URI_RID);
    in->level_ext = video ? 0 : tk_sdp_ext(m, TK_URI_LEVEL);
    in->repaired_ext = tk_sdp_ext(m, TK_URI_REPAIRED);
    in->ssrc_count = m->ssrc_count;
    memcpy(in->ssrcs, m->ssrcs, sizeof(in->ssrcs));
    memcpy(in->rtx_of, m->rtx_of, sizeof(in->rtx_of));
    add_streams(session, in, m);
    line->inbound = in;
    line->dir |= TK_SDP_RECV;
    return 0;
}

static int refuse_codecs(const struct tk_sdp_media *m, struct tk_sfu_error *err)
{
    return tk_sfu_refuse(err, "codec", "line %d: %s has no codec that is forwarded here; %s",
                         m->line, m->kind == TK_SDP_VIDEO ? "video" : "audio",
                         m->kind == TK_SDP_VIDEO ? "these are: H264, VP8" : "this is: opus");
}

static int choose_line(struct tk_session *session, struct tk_mline *line,
                       const struct tk_sdp *offer, const struct tk_sdp_media *m,
                       const char *const names[2], struct tk_sfu_error *err)
{
    const char *slot = m->dir & TK_SDP_RECV ? names[0] : NULL;
    const char *track = m->dir & TK_SDP_SEND ? names[1] : NULL;
    if (m->kind == TK_SDP_OTHER || (m->port == 0 && !m->bundle_only) || (!slot && !track)) {
        return 0;
    }
    choose_codecs(line, m);
    if (!has_codec(line)) {
        return refuse_codecs(m, err);
    }
    if (!m->rtcp_mux) {
        return tk_sfu_refuse(err, "sdp", "line %d: the m-line has no rtcp-mux", m->line);
    }
    line->accepted = true;
    int r = slot ? add_slot(session, line, slot, offer, m->kind == TK_SDP_VIDEO, err) : 0;
    return r == 0 && track ? add_inbound(session, line, track, m, err) : r;
}

static int check_bundle(const struct tk_session *session, const struct tk_sdp *offer,
                        struct tk_sfu_error *err)
{
    size_t accepted = 0;
    bool bundled = true;
    for (size_t i = 0; i < session->mline_count; i++) {
        accepted += session->mlines[i].accepted;
        bundled = bundled && (!session->mlines[i].accepted || offer->media[i].bundled);
    }
    if (accepted == 0) {
        return tk_sfu_refuse(err, "sdp", "no m-line receives or sends what is there for it");
    }
    if (accepted > 1 && !bundled) {
        return tk_sfu_refuse(err, "sdp", "the m-lines are not in one BUNDLE group");
    }
    return 0;
}

int tk_answer_choose(struct tk_session *session, const struct tk_sdp *offer, const json_t *slots,
                     const json_t *tracks, struct tk_sfu_error *err)
{
    bool slot_kinds[2] = {false, false}, track_kinds[2] = {false, false};
    session->mline_count = offer->media_count;
    for (size_t i = 0; i < offer->media_count; i++) {
        const struct tk_sdp_media *m = &offer->media[i];
        const char *names[2] = {NULL, NULL};
        names[0] = m->dir & TK_SDP_RECV ? wish(slots, m, slot_kinds) : NULL;
        names[1] = m->dir & TK_SDP_SEND ? wish(tracks, m, track_kinds) : NULL;
        int r = choose_line(session, &session->mlines[i], offer, m, names, err);
        if (r < 0) {
            return r;
        }
    }
    return check_bundle(session, offer, err);
}
