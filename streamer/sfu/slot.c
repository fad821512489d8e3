#include "streamer/sfu/parts.h"

#include "config/log.h"
#include "streamer/wire/bytes.h"
#include "streamer/wire/opus.h"
#include "streamer/wire/vp8.h"

#include <string.h>

#define RTP_HEADER 12
#define SLICE_PACKETS 10
#define SLICE_US 3000   /* as in sfu.c's timer of slices */
#define PACED_FRAME 24  /* packets of a frame that go out at once */
#define SHORT_GROUP 100 /* packets: such a group is sent again rather than a keyframe asked for */
#define KEY_WAIT_US 300000 /* then a longer group must do */
#define FRESH_US 200000    /* such a keyframe serves also a receiver that asks for one now */
#define REGAIN_US 3000000
#define KEY_QUIET_US 300000
#define REJOIN_US 1000000
#define EARLY_REPORTS 4

static bool is_short(const struct tk_layer *l)
{
    return tk_history_newest(l->history) - l->key_seq < SHORT_GROUP;
}

static bool can_make_key(const struct tk_layer *l)
{
    return l->track->publisher || !l->track->lesson->passthrough;
}

/* It gets another layer of the same track meanwhile. */
static bool goes_on(const struct tk_slot *slot, const struct tk_layer *layer, int64_t now_us)
{
    const struct tk_layer *feed = slot->feed;
    return feed && feed != layer && feed->track == layer->track && tk_layer_flows(feed, now_us);
}

static bool is_fresh(const struct tk_layer *l, int64_t now_us)
{
    return now_us - tk_history_get(l->history, l->key_seq)->arrival_us < FRESH_US;
}

/* The stored group will do. While another layer goes on its picture must not go back in time. */
static bool may_replay(const struct tk_slot *slot, const struct tk_layer *layer, int64_t now_us)
{
    if (!layer->live || !tk_layer_has_group(layer)) {
        return false;
    }
    if (goes_on(slot, layer, now_us)) {
        return is_fresh(layer, now_us);
    }
    return is_short(layer) || !can_make_key(layer);
}

void tk_slot_want(struct tk_slot *slot, struct tk_layer *layer, int64_t now_us)
{
    if (slot->next && slot->next != layer) {
        tk_slot_leave(slot, slot->next);
    }
    if (slot->feed == layer || slot->next == layer) {
        return;
    }
    slot->next = layer;
    slot->next_us = now_us;
    g_ptr_array_add(layer->slots, slot);
    if (!layer->track->video || !layer->history) {
        return; /* its next packet will do */
    }
    if (may_replay(slot, layer, now_us)) {
        tk_slot_join(slot, layer, layer->key_seq, now_us);
    } else {
        tk_layer_need_key(layer, now_us);
    }
}

static void go_idle(struct tk_slot *slot)
{
    if (slot->state == TK_SLOT_REPLAY) {
        g_ptr_array_remove(slot->session->sfu->replays, slot);
    }
    slot->feed = NULL;
    slot->state = TK_SLOT_IDLE;
}

void tk_slot_leave(struct tk_slot *slot, struct tk_layer *layer)
{
    if (!layer) {
        return;
    }
    if (slot->next == layer) {
        slot->next = NULL;
    }
    if (slot->feed == layer) {
        go_idle(slot);
    }
    g_ptr_array_remove(layer->slots, slot);
}

void tk_slot_restart(struct tk_slot *slot, struct tk_layer *layer, int64_t now_us)
{
    if (slot->feed != layer) {
        return;
    }
    go_idle(slot);
    if (slot->next) { /* it waits for another one anyhow */
        g_ptr_array_remove(layer->slots, slot);
    } else {
        slot->next = layer;
        slot->next_us = now_us;
    }
}

/* Nothing is transcoded: such a receiver has no picture until another layer feeds the slot. */
static void say_codec(struct tk_slot *slot, const struct tk_layer *layer)
{
    if (!slot->lacks_codec) {
        slot->lacks_codec = true;
        tk_log_warning("a receiver did not offer the track's codec, ignoring",
                       "peer=%s slot=%s codec=%s", slot->session->id, slot->name,
                       tk_codec_name(layer->codec));
    }
}

void tk_slot_join(struct tk_slot *slot, struct tk_layer *layer, int64_t seq, int64_t now_us)
{
    const struct tk_packet *first = tk_history_get(layer->history, seq);
    int64_t newest = tk_history_newest(layer->history);
    const struct tk_packet *last = tk_history_get(layer->history, newest);
    if (!slot->pt[layer->codec]) {
        say_codec(slot, layer);
        return;
    }
    if (!first || !last) {
        return; /* waits on */
    }
    struct tk_layer *old = slot->feed;
    go_idle(slot);
    if (old && old != layer) {
        g_ptr_array_remove(old->slots, slot);
    }
    int64_t slices = (newest - seq) / SLICE_PACKETS;
    tk_rewrite_join_past(&slot->rewrite, seq, first->ts, last->ts,
                         tk_clock_at(&layer->clock, last->ts), slices * SLICE_US);
    struct tk_vp8 vp8;
    if (layer->codec == TK_CODEC_VP8 && tk_vp8_parse(&vp8, first->payload, first->len) == 0) {
        tk_rewrite_join_picture(&slot->rewrite, &vp8);
    }
    tk_rtxmap_clear(&slot->sent);
    slot->feed = layer;
    slot->next = NULL;
    slot->first = slot->cursor = seq;
    slot->joined_us = now_us;
    slot->session->report_us = now_us; /* a receiver needs two to be in step */
    slot->session->early_reports = EARLY_REPORTS;
    slot->state = TK_SLOT_REPLAY;
    g_ptr_array_add(slot->session->sfu->replays, slot);
    slot->session->sfu->counts.replays += newest - seq >= SLICE_PACKETS;
    if (tk_slot_replay(slot, now_us)) {
        g_ptr_array_remove(slot->session->sfu->replays, slot);
        slot->state = TK_SLOT_LIVE;
    }
}

struct outgoing {
    uint8_t pt;
    uint16_t seq;
    uint32_t ts, ssrc;
};

static uint8_t *write_header(uint8_t *p, const struct outgoing *o, bool marker)
{
    p[0] = 0x80;
    p[1] = (uint8_t)(o->pt | (marker ? 0x80 : 0));
    tk_put_u16(p + 2, o->seq);
    tk_put_u32(p + 4, o->ts);
    tk_put_u32(p + 8, o->ssrc);
    return p + RTP_HEADER;
}

static void write_payload(struct tk_slot *slot, uint8_t *out, const struct tk_packet *p)
{
    struct tk_vp8 vp8;
    memcpy(out, p->payload, p->len);
    if (slot->feed->codec == TK_CODEC_VP8 && tk_vp8_parse(&vp8, p->payload, p->len) == 0) {
        uint8_t tl0;
        uint16_t picture = tk_rewrite_picture(&slot->rewrite, &vp8, &tl0);
        tk_vp8_rewrite(&vp8, out, picture, tl0);
    }
}

static void send_packet(struct tk_slot *slot, const struct tk_packet *p, int64_t now_us)
{
    struct tk_sfu *sfu = slot->session->sfu;
    struct tk_peer *peer = slot->session->peer;
    size_t len = RTP_HEADER + (size_t)p->len;
    if (p->seq < slot->first) {
        return; /* came late */
    }
    uint8_t *out = tk_peer_rtp_begin(peer, len);
    if (!out) {
        sfu->counts.no_room++;
        return;
    }
    struct outgoing o = {
        .pt = slot->pt[slot->feed->codec],
        .seq = tk_rewrite_seq(&slot->rewrite, p->seq),
        .ts = tk_rewrite_ts(&slot->rewrite, p->ts),
        .ssrc = slot->ssrc,
    };
    write_payload(slot, write_header(out, &o, p->marker), p);
    if (tk_peer_rtp_end(peer, len) < 0) {
        return;
    }
    if (slot->nack) {
        tk_rtxmap_sent(&slot->sent, o.seq, p->seq, o.ts, len, now_us);
    }
    slot->sent_us = now_us;
    slot->packets++;
    slot->octets += p->len;
    slot->bytes += len;
    slot->frames += p->marker;
    sfu->counts.packets_out++;
    sfu->counts.bytes_out += len;
}

/* True: caught up. */
static bool send_slice(struct tk_slot *slot, int64_t now_us)
{
    const struct tk_history *history = slot->feed->history;
    int64_t newest = tk_history_newest(history);
    for (int n = 0; n < SLICE_PACKETS && slot->cursor <= newest;) {
        const struct tk_packet *p = tk_history_get(history, slot->cursor++);
        if (p) {
            send_packet(slot, p, now_us);
            n++;
        }
    }
    return slot->cursor > newest;
}

/*
 * A keyframe of many packets goes in slices too: at once it would overflow the queue of a slow
 * link. The cursor takes it, and what comes meanwhile, from the store.
 */
static void pace(struct tk_slot *slot, const struct tk_layer *layer, int64_t now_us)
{
    slot->cursor = layer->pending[0];
    for (size_t i = 1; i < layer->pending_count; i++) {
        slot->cursor = MIN(slot->cursor, layer->pending[i]);
    }
    slot->state = TK_SLOT_REPLAY;
    g_ptr_array_add(slot->session->sfu->replays, slot);
    send_slice(slot, now_us);
}

void tk_slot_send_pending(struct tk_slot *slot, const struct tk_layer *layer, int64_t now_us)
{
    if (layer->pending_count > PACED_FRAME) {
        pace(slot, layer, now_us);
        return;
    }
    for (size_t i = 0; i < layer->pending_count; i++) {
        const struct tk_packet *p = tk_history_get(layer->history, layer->pending[i]);
        if (p) {
            send_packet(slot, p, now_us);
        }
    }
    if (!slot->video && layer->pending_count > 0) {
        const struct tk_packet *p = tk_history_get(layer->history, layer->pending[0]);
        uint32_t samples = p ? tk_opus_samples(p->payload, p->len) : 0;
        slot->rewrite.step = samples ? samples : slot->rewrite.step;
    }
}

bool tk_slot_replay(struct tk_slot *slot, int64_t now_us)
{
    tk_layer_flush(slot->feed, now_us); /* so that what comes after the store's newest comes live */
    return send_slice(slot, now_us);
}

/* RFC 4588 section 4, or the very same packet again where RTX was not negotiated. */
static bool send_again(struct tk_slot *slot, const struct tk_packet *p,
                       const struct tk_rtxmap_entry *e)
{
    struct tk_peer *peer = slot->session->peer;
    uint8_t rtx_pt = slot->rtx_pt[slot->feed->codec];
    size_t len = RTP_HEADER + (size_t)p->len + (rtx_pt ? 2 : 0);
    uint8_t *out = tk_peer_rtp_begin(peer, len);
    if (!out) {
        return false;
    }
    struct outgoing o = {slot->pt[slot->feed->codec], e->out_seq, e->out_ts, slot->ssrc};
    if (rtx_pt) {
        o = (struct outgoing){rtx_pt, slot->rtx_seq++, e->out_ts, slot->rtx_ssrc};
    }
    out = write_header(out, &o, p->marker);
    if (rtx_pt) {
        tk_put_u16(out, e->out_seq);
        out += 2;
    }
    write_payload(slot, out, p);
    tk_rtxmap_spent(&slot->sent, len);
    return (rtx_pt ? tk_peer_rtp_end(peer, len) : tk_peer_rtp_end_again(peer, len)) == 0;
}

/* A packet that came late, while the cursor was past it, was never sent under its number. */
static void send_late(struct tk_slot *slot, uint16_t out_seq, int64_t now_us)
{
    const struct tk_rtxmap_entry *e = &slot->sent.ring[out_seq & (TK_RTXMAP_SIZE - 1)];
    int64_t newest = tk_history_newest(slot->feed->history);
    uint16_t behind = (uint16_t)(newest + slot->rewrite.seq_shift - out_seq);
    const struct tk_packet *p = tk_history_get(slot->feed->history, newest - behind);
    bool was_sent = e->in_seq && e->out_seq == out_seq;
    if (p && !was_sent && behind < TK_RTXMAP_SIZE && p->arrival_us >= slot->joined_us) {
        send_packet(slot, p, now_us);
    }
}

void tk_slot_resend(struct tk_slot *slot, uint16_t out_seq, int64_t now_us)
{
    slot->nacks++;
    if (!slot->feed || !slot->nack) {
        return;
    }
    const struct tk_rtxmap_entry *e =
        tk_rtxmap_resend(&slot->sent, out_seq, slot->session->rtt_ms, now_us);
    if (!e) {
        send_late(slot, out_seq, now_us);
        return;
    }
    const struct tk_packet *p = tk_history_get(slot->feed->history, e->in_seq);
    if (p && send_again(slot, p, e)) {
        slot->resent++;
        slot->session->sfu->counts.resent++;
    }
}

void tk_slot_need_key(struct tk_slot *slot, int64_t now_us)
{
    struct tk_layer *layer = slot->feed;
    slot->plis++;
    if (!layer || !slot->video || slot->state == TK_SLOT_REPLAY ||
        now_us - slot->joined_us < KEY_QUIET_US) {
        return; /* one is on its way */
    }
    if (can_make_key(layer)) {
        tk_layer_need_key(layer, now_us);
    } else if (now_us - slot->joined_us >= REJOIN_US && tk_layer_has_group(layer)) {
        tk_slot_join(slot, layer, layer->key_seq, now_us);
    }
}

/*
 * Which layer is due changes with what flows. Who lost one gets it again only after a while: each
 * change costs a keyframe, and a sender whose link is full stops and begins again all the time.
 */
static void follow_layers(struct tk_slot *slot, int64_t now_us)
{
    struct tk_layer *has = slot->next ? slot->next : slot->feed;
    if (!has || has->track->layer_count == 1) {
        return;
    }
    struct tk_layer *due = tk_track_choose(has->track, slot->max_layer, has, now_us);
    if (due < has && !tk_layer_flows(has, now_us)) {
        slot->fell_us = now_us;
    }
    if (due <= has || !slot->fell_us || now_us - slot->fell_us >= REGAIN_US) {
        tk_slot_want(slot, due, now_us);
    }
}

void tk_slot_tick(struct tk_slot *slot, int64_t now_us)
{
    follow_layers(slot, now_us);
    struct tk_layer *layer = slot->next;
    if (!layer || !layer->track->video || !layer->live || now_us - slot->next_us < KEY_WAIT_US) {
        return;
    }
    if (tk_layer_has_group(layer) && !goes_on(slot, layer, now_us)) {
        tk_slot_join(slot, layer, layer->key_seq, now_us);
    } else {
        tk_layer_need_key(layer, now_us);
    }
}
