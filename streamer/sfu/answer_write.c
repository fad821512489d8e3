#include "streamer/sfu/parts.h"

#include <errno.h>
#include <string.h>

/* Chromium's own parameter: else its picture begins at 300 kbit/s and a quarter of its size. */
#define START "x-google-start-bitrate=1200"

/*
 * A village's microphone sends next to nothing while all are silent (RFC 7587 section 6.1). The
 * main side's never pauses: it may be music. Nobody's bit rate is limited here.
 */
static bool may_pause(const struct tk_mline *line)
{
    return line->inbound && g_str_has_prefix(line->inbound->track->name, "room.");
}

static void write_codec(struct tk_sdp_writer *w, const struct tk_mline *line, enum tk_codec codec)
{
    int pt = line->pt[codec];
    bool audio = codec == TK_CODEC_OPUS;
    if (!pt) {
        return;
    }
    tk_sdp_print(w, "a=rtpmap:%d %s/%u%s\r\n", pt, tk_codec_name(codec), tk_codec_clock(codec),
                 audio ? "/2" : "");
    if (audio) {
        tk_sdp_print(w, "a=fmtp:%d minptime=10;stereo=1;sprop-stereo=1;useinbandfec=1%s\r\n", pt,
                     may_pause(line) ? ";usedtx=1" : "");
    } else if (codec == TK_CODEC_H264) {
        tk_sdp_print(w,
                     "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=%d;"
                     "profile-level-id=%06x%s\r\n",
                     pt, line->h264_mode, line->h264_level, line->inbound ? ";" START : "");
    } else if (line->inbound) {
        tk_sdp_print(w, "a=fmtp:%d " START "\r\n", pt);
    }
    static const struct {
        uint8_t bit;
        const char *name;
    } feedback[] = {
        {TK_SDP_FB_REMB, "goog-remb"},
        {TK_SDP_FB_NACK, "nack"},
        {TK_SDP_FB_PLI, "nack pli"},
        {TK_SDP_FB_FIR, "ccm fir"},
    };
    for (size_t i = 0; i < sizeof(feedback) / sizeof(feedback[0]); i++) {
        if (line->feedback & feedback[i].bit) {
            tk_sdp_print(w, "a=rtcp-fb:%d %s\r\n", pt, feedback[i].name);
        }
    }
    if (line->rtx_pt[codec]) {
        tk_sdp_print(w, "a=rtpmap:%d rtx/%u\r\na=fmtp:%d apt=%d\r\n", line->rtx_pt[codec],
                     tk_codec_clock(codec), line->rtx_pt[codec], pt);
    }
}

static bool has_rtx(const struct tk_mline *line)
{
    return line->rtx_pt[TK_CODEC_OPUS] || line->rtx_pt[TK_CODEC_H264] || line->rtx_pt[TK_CODEC_VP8];
}

/* One media stream for each word before the dot, so that its sound and picture are in step. */
static void write_slot(struct tk_sdp_writer *w, const struct tk_session *session,
                       const struct tk_mline *line)
{
    const struct tk_slot *slot = line->slot;
    int stream = (int)strcspn(slot->name, ".");
    tk_sdp_print(w, "a=msid:%.*s %s\r\n", stream, slot->name, slot->name);
    if (has_rtx(line)) {
        tk_sdp_print(w, "a=ssrc-group:FID %u %u\r\n", slot->ssrc, slot->rtx_ssrc);
    }
    uint32_t ssrcs[] = {slot->ssrc, slot->rtx_ssrc};
    for (size_t i = 0; i < (has_rtx(line) ? 2 : 1); i++) {
        tk_sdp_print(w, "a=ssrc:%u cname:%s\r\na=ssrc:%u msid:%.*s %s\r\n", ssrcs[i],
                     session->cname, ssrcs[i], stream, slot->name, slot->name);
    }
}

static void write_transport(struct tk_sdp_writer *w, const struct tk_session *session)
{
    tk_sdp_print(w, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:%s\r\n",
                 tk_peer_local_ufrag(session->peer), tk_peer_local_pwd(session->peer),
                 tk_transport_fingerprint(session->sfu->config.transport),
                 session->dtls_active ? "active" : "passive");
}

static void write_candidates(struct tk_sdp_writer *w, const struct tk_session *session)
{
    char lines[4096];
    if (tk_transport_candidates(session->sfu->config.transport, session->loopback, lines,
                                sizeof(lines)) < 0) {
        w->failed = true;
        return;
    }
    tk_sdp_print(w, "%sa=end-of-candidates\r\n", lines);
}

static void write_mid(struct tk_sdp_writer *w, const struct tk_sdp_media *m)
{
    if (m->mid.len) {
        tk_sdp_print(w, "a=mid:%.*s\r\n", (int)m->mid.len, m->mid.at);
    }
}

/* RFC 8829 section 5.3.1: a rejected m-line keeps its formats and has port 0. */
static void write_rejected(struct tk_sdp_writer *w, const struct tk_sdp_media *m)
{
    tk_sdp_print(w, "m=%.*s 0 %.*s %.*s\r\nc=IN IP4 0.0.0.0\r\n", (int)m->name.len, m->name.at,
                 (int)m->proto.len, m->proto.at, (int)m->formats.len, m->formats.at);
    write_mid(w, m);
    tk_sdp_print(w, "a=inactive\r\n");
}

static void write_ext(struct tk_sdp_writer *w, const struct tk_sdp_media *m, const char *uri)
{
    if (tk_sdp_ext(m, uri)) {
        tk_sdp_print(w, "a=extmap:%d %s\r\n", tk_sdp_ext(m, uri), uri);
    }
}

static void write_exts(struct tk_sdp_writer *w, const struct tk_mline *line,
                       const struct tk_sdp_media *m)
{
    write_ext(w, m, TK_URI_MID);
    if (line->inbound && !line->inbound->video) {
        write_ext(w, m, TK_URI_LEVEL);
    } else if (line->inbound) {
        write_ext(w, m, TK_URI_RID);
        write_ext(w, m, TK_URI_REPAIRED);
    }
}

/* RFC 8853: the layers that are taken, in the order of the offer. */
static void write_layers(struct tk_sdp_writer *w, const struct tk_session *session,
                         const struct tk_inbound *in)
{
    char list[TK_TRACK_MAX_LAYERS * (TK_SDP_MAX_RID + 1) + 1] = "";
    for (size_t i = 0; i < session->stream_count; i++) {
        const struct tk_stream *stream = session->streams[i];
        if (stream->inbound == in && stream->rid[0]) {
            tk_sdp_print(w, "a=rid:%s recv\r\n", stream->rid);
            g_strlcat(list, list[0] ? ";" : "", sizeof(list));
            g_strlcat(list, stream->rid, sizeof(list));
        }
    }
    if (list[0]) {
        tk_sdp_print(w, "a=simulcast:recv %s\r\n", list);
    }
}

static void write_line(struct tk_sdp_writer *w, const struct tk_session *session,
                       const struct tk_mline *line, const struct tk_sdp_media *m)
{
    static const char *const dirs[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    tk_sdp_print(w, "m=%.*s 9 %.*s", (int)m->name.len, m->name.at, (int)m->proto.len, m->proto.at);
    for (enum tk_codec c = TK_CODEC_OPUS; c < TK_CODEC_COUNT; c++) {
        if (line->pt[c]) {
            tk_sdp_print(w, " %d", line->pt[c]);
        }
        if (line->rtx_pt[c]) {
            tk_sdp_print(w, " %d", line->rtx_pt[c]);
        }
    }
    tk_sdp_print(w, "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
    write_transport(w, session);
    write_mid(w, m);
    write_exts(w, line, m);
    tk_sdp_print(w, "a=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n", dirs[line->dir]);
    for (enum tk_codec c = TK_CODEC_OPUS; c < TK_CODEC_COUNT; c++) {
        write_codec(w, line, c);
    }
    if (line->slot) {
        write_slot(w, session, line);
    }
    if (line->inbound) {
        write_layers(w, session, line->inbound);
    }
}

static void write_head(struct tk_sdp_writer *w, const struct tk_session *session,
                       const struct tk_sdp *offer)
{
    tk_sdp_print(w, "v=0\r\no=- %" G_GUINT64_FORMAT " %u IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
                 session->origin, session->version);
    if (offer->bundle.at) {
        tk_sdp_print(w, "a=group:BUNDLE");
        for (size_t i = 0; i < session->mline_count; i++) {
            const struct tk_text mid = offer->media[i].mid;
            if (session->mlines[i].accepted && offer->media[i].bundled) {
                tk_sdp_print(w, " %.*s", (int)mid.len, mid.at);
            }
        }
        tk_sdp_print(w, "\r\n");
    }
    tk_sdp_print(w, "a=ice-lite\r\na=msid-semantic: WMS *\r\n");
}

int tk_answer_write(struct tk_session *session, const struct tk_sdp *offer, char *out, size_t cap)
{
    struct tk_sdp_writer w = {.buf = out, .cap = cap};
    bool first = true;
    session->version++;
    write_head(&w, session, offer);
    for (size_t i = 0; i < session->mline_count; i++) {
        if (!session->mlines[i].accepted) {
            write_rejected(&w, &offer->media[i]);
            continue;
        }
        write_line(&w, session, &session->mlines[i], &offer->media[i]);
        if (first) {
            write_candidates(&w, session);
        }
        first = false;
    }
    return w.failed ? -ENOSPC : 0;
}
