#include "streamer/sfu/parts.h"

#include "config/log.h"
#include "streamer/wire/h264.h"
#include "streamer/wire/vp8.h"

#include <stdlib.h>
#include <string.h>

#define JUMP_MAX 1000           /* a larger step of the sequence number is a restart */
#define CLOCK_WRONG_US 10000000 /* a capture time so far from now is not of this stream */
#define SILENT_US 2000000
#define TOLD_A_SECOND 8    /* states; what a sender changes more often is told late */
#define FRAME_WAIT_US 2000 /* packets wait so long for the rest of their frame */

struct tk_track *tk_track_create(struct tk_lesson *lesson, struct tk_session *publisher,
                                 const char *from, const char *name, bool video)
{
    struct tk_track *t = g_new0(struct tk_track, 1);
    t->lesson = lesson;
    t->publisher = publisher;
    t->video = video;
    g_strlcpy(t->from, from, sizeof(t->from));
    g_strlcpy(t->name, name, sizeof(t->name));
    t->slots = g_ptr_array_new();
    g_ptr_array_add(lesson->tracks, t);
    return t;
}

static void tell(struct tk_track *t)
{
    const struct tk_sfu_handlers *h = &t->lesson->sfu->config.handlers;
    t->untold = false;
    const struct tk_sfu_track_state state = {.lesson = t->lesson->id,
                                             .from = t->from,
                                             .track = t->name,
                                             .live = t->live,
                                             .codec = tk_codec_name(t->codec),
                                             .width = t->width,
                                             .height = t->height,
                                             .cause = t->has_b ? "b_frames" : ""};
    h->on_track_state(h->ctx, &state);
}

void tk_track_set_live(struct tk_track *t, bool live)
{
    t->live = live;
    t->untold = true;
    if (t->told < TOLD_A_SECOND) {
        t->told++;
        tell(t);
    }
}

static void tell_rest(struct tk_track *t, int64_t now_us)
{
    if (now_us - t->told_us >= 1000000) {
        t->told_us = now_us;
        t->told = 0;
        if (t->untold) {
            tk_track_set_live(t, t->live);
        }
    }
}

void tk_track_set_clock(struct tk_track *t, uint32_t ts, int64_t at_us, int64_t now_us)
{
    if (at_us < now_us - CLOCK_WRONG_US || at_us > now_us + CLOCK_WRONG_US) {
        t->lesson->sfu->counts.malformed++;
        return;
    }
    tk_clock_set(&t->clock, t->video ? 90000 : 48000, ts, at_us);
    t->clock_us = now_us;
}

void tk_track_destroy(struct tk_track *t)
{
    if (t->live || t->untold) {
        t->live = false;
        tell(t);
    }
    while (t->slots->len > 0) {
        tk_slot_leave(g_ptr_array_index(t->slots, t->slots->len - 1), t);
    }
    g_ptr_array_remove(t->lesson->sfu->pending, t);
    g_ptr_array_unref(t->slots);
    tk_history_destroy(t->history);
    g_free(t);
}

/* Sequence numbers and timestamps begin anew: whom it fed waits for its next keyframe. */
static void restart(struct tk_track *t, enum tk_codec codec, const struct tk_rtp *rtp,
                    int64_t now_us)
{
    if (!t->history) {
        size_t picture = t->publisher ? TK_VIDEO_HISTORY : TK_SOURCE_HISTORY;
        t->history = tk_history_create(t->video ? picture : TK_AUDIO_HISTORY);
    } else {
        tk_history_clear(t->history);
    }
    for (guint i = t->slots->len; i-- > 0;) {
        tk_slot_restart(g_ptr_array_index(t->slots, i), t, now_us);
    }
    t->codec = codec;
    t->ssrc = rtp->ssrc;
    t->key_seq = 0;
    t->pending_count = 0;
    /* told after the last packet, it is about this stream already */
    bool told = t->clock.known && t->clock_us >= t->last_us;
    if (!told || llabs(tk_clock_at(&t->clock, rtp->ts) - now_us) > CLOCK_WRONG_US) {
        tk_clock_set(&t->clock, tk_codec_clock(codec), rtp->ts, now_us);
    }
}

static bool is_restart(const struct tk_track *t, enum tk_codec codec, const struct tk_rtp *rtp)
{
    if (!t->history || t->ssrc != rtp->ssrc || t->codec != codec) {
        return true;
    }
    int64_t newest = tk_history_newest(t->history);
    int64_t step = tk_history_extend(t->history, rtp->seq) - newest;
    return newest >= 0 && (step > JUMP_MAX || step < -JUMP_MAX);
}

struct look {
    bool key, b;
    uint16_t width, height;
};

static struct look look_at(enum tk_codec codec, const struct tk_rtp *rtp)
{
    struct look l = {.key = false};
    if (codec == TK_CODEC_H264) {
        struct tk_h264 h;
        tk_h264_look(rtp->payload, rtp->payload_len, &h);
        l = (struct look){h.key, h.b, h.width, h.height};
    } else if (codec == TK_CODEC_VP8) {
        struct tk_vp8 v;
        if (tk_vp8_parse(&v, rtp->payload, rtp->payload_len) == 0) {
            l = (struct look){v.key, false, v.width, v.height};
        }
    }
    return l;
}

/* True: a keyframe begins with packet `seq`. */
static bool note_key(struct tk_track *t, int64_t seq, uint32_t ts)
{
    if (t->key_seq && ts == t->key_ts) {
        t->key_seq = seq < t->key_seq ? seq : t->key_seq;
        return false;
    }
    if (t->key_seq && seq < t->key_seq) {
        return false; /* of an older group, come late */
    }
    t->key_seq = seq;
    t->key_ts = ts;
    tk_keyframe_came(&t->keyframe);
    return true;
}

static struct tk_packet *store(struct tk_track *t, const struct tk_rtp *rtp, int64_t now_us)
{
    struct tk_packet *p = tk_history_add(t->history, tk_history_extend(t->history, rtp->seq));
    if (!p) {
        return NULL; /* came twice, or too late */
    }
    p->arrival_us = now_us;
    p->ts = rtp->ts;
    p->len = (uint16_t)rtp->payload_len;
    p->marker = rtp->marker;
    p->key_start = false;
    memcpy(p->payload, rtp->payload, rtp->payload_len);
    return p;
}

static void hold(struct tk_track *t, int64_t seq, int64_t now_us)
{
    if (!t->is_pending) {
        t->is_pending = true;
        t->pending_us = now_us;
        g_ptr_array_add(t->lesson->sfu->pending, t);
    }
    t->pending[t->pending_count++] = seq;
}

static void say_state(struct tk_track *t, const struct look *l)
{
    bool resized = l->width && (l->width != t->width || l->height != t->height);
    if (resized) {
        t->width = l->width;
        t->height = l->height;
    }
    bool found_b = l->b && !t->has_b;
    if (found_b) {
        t->has_b = true;
        t->lesson->sfu->counts.b_frames++;
        tk_log_warning("the sender's B-frames will not play in browsers: set B-frames to 0 there",
                       "lesson=%s from=%s track=%s", t->lesson->id, t->from, t->name);
    }
    if (!t->live || resized || found_b) {
        tk_track_set_live(t, true);
    }
}

void tk_track_push(struct tk_track *t, enum tk_codec codec, const struct tk_rtp *rtp,
                   int64_t now_us)
{
    if (is_restart(t, codec, rtp)) {
        restart(t, codec, rtp, now_us);
    }
    struct tk_packet *p = t->history ? store(t, rtp, now_us) : NULL;
    if (!p) {
        return;
    }
    struct look l = look_at(codec, rtp);
    p->key_start = l.key && note_key(t, p->seq, p->ts);
    t->last_us = now_us;
    hold(t, p->seq, now_us);
    if (!t->video || p->marker || t->pending_count == TK_TRACK_MAX_PENDING) {
        tk_track_flush(t, now_us);
    }
    say_state(t, &l);
}

void tk_track_repair(struct tk_track *t, enum tk_codec codec, const struct tk_rtp *rtp,
                     int64_t now_us)
{
    if (!is_restart(t, codec, rtp)) {
        tk_track_push(t, codec, rtp, now_us);
    }
}

static void join_waiting(struct tk_track *t, int64_t first, int64_t now_us)
{
    for (guint i = 0; i < t->slots->len; i++) {
        struct tk_slot *slot = g_ptr_array_index(t->slots, i);
        bool ready = !t->video || t->key_seq >= first;
        if (slot->next == t && ready) {
            tk_slot_join(slot, t, t->video ? t->key_seq : first, now_us);
        }
    }
}

void tk_track_flush(struct tk_track *t, int64_t now_us)
{
    if (t->is_pending) {
        t->is_pending = false;
        g_ptr_array_remove_fast(t->lesson->sfu->pending, t);
    }
    if (t->pending_count == 0) {
        return;
    }
    int64_t first = t->pending[0];
    for (guint i = 0; i < t->slots->len; i++) {
        struct tk_slot *slot = g_ptr_array_index(t->slots, i);
        if (slot->feed == t && slot->state == TK_SLOT_LIVE) {
            tk_slot_send_pending(slot, t, now_us);
        }
    }
    t->pending_count = 0;
    join_waiting(t, first, now_us);
}

bool tk_track_has_group(const struct tk_track *t)
{
    return t->history && t->key_seq && tk_history_get(t->history, t->key_seq);
}

void tk_track_need_key(struct tk_track *t, int64_t now_us)
{
    if (!tk_keyframe_ask(&t->keyframe, now_us)) {
        return;
    }
    struct tk_sfu *sfu = t->lesson->sfu;
    sfu->counts.keyframes_asked++;
    if (t->publisher) {
        tk_session_ask_key(t->publisher, t);
    } else {
        sfu->config.handlers.on_keyframe(sfu->config.handlers.ctx, t->lesson->id);
    }
}

void tk_track_tick(struct tk_track *t, int64_t now_us)
{
    if (t->live && now_us - t->last_us >= SILENT_US) {
        tk_track_set_live(t, false);
    }
    tell_rest(t, now_us);
    if (now_us >= tk_keyframe_deadline(&t->keyframe)) {
        tk_track_need_key(t, now_us);
    }
    if (t->is_pending && now_us - t->pending_us >= FRAME_WAIT_US) {
        tk_track_flush(t, now_us);
    }
}
