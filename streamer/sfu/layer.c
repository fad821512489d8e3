#include "streamer/sfu/parts.h"

#include "config/log.h"
#include "streamer/wire/h264.h"
#include "streamer/wire/vp8.h"

#include <stdlib.h>
#include <string.h>

#define JUMP_MAX 1000           /* a larger step of the sequence number is a restart */
#define CLOCK_WRONG_US 10000000 /* a capture time so far from now is not of this stream */
#define SILENT_US 2000000
#define FLOWS_US 500000
#define FRAME_WAIT_US 2000 /* packets wait so long for the rest of their frame */

void tk_layer_init(struct tk_layer *l, struct tk_track *track)
{
    l->track = track;
    l->slots = g_ptr_array_new();
}

void tk_layer_finish(struct tk_layer *l)
{
    while (l->slots->len > 0) {
        tk_slot_leave(g_ptr_array_index(l->slots, l->slots->len - 1), l);
    }
    g_ptr_array_remove(l->track->lesson->sfu->pending, l);
    g_ptr_array_unref(l->slots);
    tk_history_destroy(l->history);
}

void tk_layer_set_dead(struct tk_layer *l)
{
    if (l->live) {
        l->live = false;
        tk_track_update(l->track);
    }
}

bool tk_layer_flows(const struct tk_layer *l, int64_t now_us)
{
    return l->live && now_us - l->last_us < FLOWS_US;
}

void tk_layer_set_clock(struct tk_layer *l, uint32_t ts, int64_t at_us, int64_t now_us)
{
    if (at_us < now_us - CLOCK_WRONG_US || at_us > now_us + CLOCK_WRONG_US) {
        l->track->lesson->sfu->counts.malformed++;
        return;
    }
    tk_clock_set(&l->clock, l->track->video ? 90000 : 48000, ts, at_us);
    l->clock_us = now_us;
}

static struct tk_history *create_history(const struct tk_track *t)
{
    if (!t->video) {
        return tk_history_create(TK_AUDIO_HISTORY);
    }
    if (!t->publisher) {
        return tk_history_create(TK_SOURCE_HISTORY);
    }
    return tk_history_create(t->layer_count > 1 ? TK_LAYER_HISTORY : TK_VIDEO_HISTORY);
}

/* Sequence numbers and timestamps begin anew: whom it fed waits for its next keyframe. */
static void restart(struct tk_layer *l, enum tk_codec codec, const struct tk_rtp *rtp,
                    int64_t now_us)
{
    if (!l->history) {
        l->history = create_history(l->track);
    } else {
        tk_history_clear(l->history);
    }
    for (guint i = l->slots->len; i-- > 0;) {
        tk_slot_restart(g_ptr_array_index(l->slots, i), l, now_us);
    }
    l->codec = codec;
    l->ssrc = rtp->ssrc;
    l->key_seq = 0;
    l->pending_count = 0;
    /* told after the last packet, it is about this stream already */
    bool told = l->clock.known && l->clock_us >= l->last_us;
    if (!told || llabs(tk_clock_at(&l->clock, rtp->ts) - now_us) > CLOCK_WRONG_US) {
        tk_clock_set(&l->clock, tk_codec_clock(codec), rtp->ts, now_us);
    }
}

static bool is_restart(const struct tk_layer *l, enum tk_codec codec, const struct tk_rtp *rtp)
{
    if (!l->history || l->ssrc != rtp->ssrc || l->codec != codec) {
        return true;
    }
    int64_t newest = tk_history_newest(l->history);
    int64_t step = tk_history_extend(l->history, rtp->seq) - newest;
    return newest >= 0 && (step > JUMP_MAX || step < -JUMP_MAX);
}

struct look {
    bool key, b;
    uint16_t width, height;
};

static struct look look_at(enum tk_codec codec, const struct tk_rtp *rtp)
{
    struct look look = {.key = false};
    if (codec == TK_CODEC_H264) {
        struct tk_h264 h;
        tk_h264_look(rtp->payload, rtp->payload_len, &h);
        look = (struct look){h.key, h.b, h.width, h.height};
    } else if (codec == TK_CODEC_VP8) {
        struct tk_vp8 v;
        if (tk_vp8_parse(&v, rtp->payload, rtp->payload_len) == 0) {
            look = (struct look){v.key, false, v.width, v.height};
        }
    }
    return look;
}

/* True: a keyframe begins with packet `seq`. */
static bool note_key(struct tk_layer *l, int64_t seq, uint32_t ts)
{
    if (l->key_seq && ts == l->key_ts) {
        l->key_seq = seq < l->key_seq ? seq : l->key_seq;
        return false;
    }
    if (l->key_seq && seq < l->key_seq) {
        return false; /* of an older group, come late */
    }
    l->key_seq = seq;
    l->key_ts = ts;
    tk_keyframe_came(&l->keyframe);
    return true;
}

static struct tk_packet *store(struct tk_layer *l, const struct tk_rtp *rtp, int64_t now_us)
{
    struct tk_packet *p = tk_history_add(l->history, tk_history_extend(l->history, rtp->seq));
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

static void hold(struct tk_layer *l, int64_t seq, int64_t now_us)
{
    if (!l->is_pending) {
        l->is_pending = true;
        l->pending_us = now_us;
        g_ptr_array_add(l->track->lesson->sfu->pending, l);
    }
    l->pending[l->pending_count++] = seq;
}

static void say_state(struct tk_layer *l, const struct look *look)
{
    struct tk_track *t = l->track;
    bool resized = look->width && (look->width != l->width || look->height != l->height);
    if (resized) {
        l->width = look->width;
        l->height = look->height;
    }
    bool found_b = look->b && !t->has_b;
    if (found_b) {
        t->has_b = true;
        t->untold = true;
        t->lesson->sfu->counts.b_frames++;
        tk_log_warning("the sender's B-frames will not play in browsers: set B-frames to 0 there",
                       "lesson=%s from=%s track=%s", t->lesson->id, t->from, t->name);
    }
    if (!l->live || resized || found_b) {
        l->live = true;
        tk_track_update(t);
    }
}

void tk_layer_push(struct tk_layer *l, enum tk_codec codec, const struct tk_rtp *rtp,
                   int64_t now_us)
{
    if (is_restart(l, codec, rtp)) {
        restart(l, codec, rtp, now_us);
    }
    struct tk_packet *p = l->history ? store(l, rtp, now_us) : NULL;
    if (!p) {
        return;
    }
    struct look look = look_at(codec, rtp);
    p->key_start = look.key && note_key(l, p->seq, p->ts);
    l->last_us = now_us;
    hold(l, p->seq, now_us);
    if (!l->track->video || p->marker || l->pending_count == TK_LAYER_MAX_PENDING) {
        tk_layer_flush(l, now_us);
    }
    say_state(l, &look);
}

void tk_layer_repair(struct tk_layer *l, enum tk_codec codec, const struct tk_rtp *rtp,
                     int64_t now_us)
{
    if (!is_restart(l, codec, rtp)) {
        tk_layer_push(l, codec, rtp, now_us);
    }
}

static void join_waiting(struct tk_layer *l, int64_t first, int64_t now_us)
{
    for (guint i = 0; i < l->slots->len; i++) {
        struct tk_slot *slot = g_ptr_array_index(l->slots, i);
        bool ready = !l->track->video || l->key_seq >= first;
        if (slot->next == l && ready) {
            tk_slot_join(slot, l, l->track->video ? l->key_seq : first, now_us);
        }
    }
}

void tk_layer_flush(struct tk_layer *l, int64_t now_us)
{
    if (l->is_pending) {
        l->is_pending = false;
        g_ptr_array_remove_fast(l->track->lesson->sfu->pending, l);
    }
    if (l->pending_count == 0) {
        return;
    }
    int64_t first = l->pending[0];
    for (guint i = 0; i < l->slots->len; i++) {
        struct tk_slot *slot = g_ptr_array_index(l->slots, i);
        if (slot->feed == l && slot->state == TK_SLOT_LIVE) {
            tk_slot_send_pending(slot, l, now_us);
        }
    }
    l->pending_count = 0;
    join_waiting(l, first, now_us);
}

bool tk_layer_has_group(const struct tk_layer *l)
{
    return l->history && l->key_seq && tk_history_get(l->history, l->key_seq);
}

void tk_layer_need_key(struct tk_layer *l, int64_t now_us)
{
    if (!tk_keyframe_ask(&l->keyframe, now_us)) {
        return;
    }
    struct tk_sfu *sfu = l->track->lesson->sfu;
    sfu->counts.keyframes_asked++;
    if (l->track->publisher) {
        tk_session_ask_key(l->track->publisher, l);
    } else {
        sfu->config.handlers.on_keyframe(sfu->config.handlers.ctx, l->track->lesson->id);
    }
}

void tk_layer_tick(struct tk_layer *l, int64_t now_us)
{
    if (now_us - l->last_us >= SILENT_US) {
        tk_layer_set_dead(l);
    }
    if (now_us >= tk_keyframe_deadline(&l->keyframe)) {
        tk_layer_need_key(l, now_us);
    }
    if (l->is_pending && now_us - l->pending_us >= FRAME_WAIT_US) {
        tk_layer_flush(l, now_us);
    }
}
