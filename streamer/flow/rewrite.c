#include "streamer/flow/rewrite.h"

#define SQUEEZED_S 10 /* so long after what was squeezed nothing of it comes any more */

void tk_rewrite_init(struct tk_rewrite *rw, uint32_t hz, uint16_t first_seq, uint32_t first_ts)
{
    *rw = (struct tk_rewrite){
        .hz = hz,
        .step = hz / 100,
        .out_seq = (uint16_t)(first_seq - 1),
        .out_ts = first_ts,
        .origin_ts = first_ts,
    };
}

static uint32_t ticks(const struct tk_rewrite *rw, int64_t us)
{
    return (uint32_t)(us * rw->hz / 1000000);
}

/* The timestamp of `at_us` on the slot's timeline, at least `after` ticks behind the newest. */
static uint32_t place(struct tk_rewrite *rw, int64_t at_us, uint32_t after)
{
    if (!rw->started) {
        rw->started = true;
        rw->origin_us = at_us;
        return rw->origin_ts;
    }
    uint32_t ts = rw->origin_ts + ticks(rw, at_us - rw->origin_us);
    return (int32_t)(ts - rw->out_ts) < (int32_t)after ? rw->out_ts + after : ts;
}

void tk_rewrite_join(struct tk_rewrite *rw, int64_t seq, uint32_t ts, int64_t at_us)
{
    rw->seq_shift = (int64_t)rw->out_seq + 1 - seq;
    rw->ts_shift = place(rw, at_us, rw->step) - ts;
    rw->squeeze = 0;
    rw->joined = true;
}

void tk_rewrite_join_past(struct tk_rewrite *rw, int64_t seq, uint32_t ts, uint32_t end_ts,
                          int64_t end_us, int64_t span_us)
{
    uint32_t span = ticks(rw, span_us);
    uint32_t length = end_ts - ts;
    rw->seq_shift = (int64_t)rw->out_seq + 1 - seq;
    if ((int32_t)length <= 0 || length <= span) {
        rw->ts_shift = place(rw, end_us - (int64_t)length * 1000000 / rw->hz, rw->step) - ts;
        rw->squeeze = 0;
    } else {
        rw->ts_shift = place(rw, end_us, rw->step + span) - end_ts;
        rw->squeeze_end = end_ts;
        rw->squeeze = (uint32_t)(((uint64_t)span << 16) / length);
    }
    rw->joined = true;
}

void tk_rewrite_join_picture(struct tk_rewrite *rw, const struct tk_vp8 *vp8)
{
    if (!rw->has_picture) {
        rw->has_picture = true;
        rw->picture = vp8->picture_id;
        rw->tl0 = vp8->tl0picidx;
        rw->picture_shift = 0;
        rw->tl0_shift = 0;
        return;
    }
    rw->picture_shift = (uint16_t)(rw->picture + 1 - vp8->picture_id);
    rw->tl0_shift = (uint8_t)(rw->tl0 + 1 - vp8->tl0picidx);
}

uint16_t tk_rewrite_seq(struct tk_rewrite *rw, int64_t seq)
{
    uint16_t out = (uint16_t)(seq + rw->seq_shift);
    if ((int16_t)(uint16_t)(out - rw->out_seq) > 0) {
        rw->out_seq = out;
    }
    return out;
}

uint32_t tk_rewrite_ts(struct tk_rewrite *rw, uint32_t ts)
{
    uint32_t out = ts + rw->ts_shift;
    int32_t left = (int32_t)(rw->squeeze_end - ts);
    if (rw->squeeze && left > 0) {
        out = rw->squeeze_end + rw->ts_shift - (uint32_t)((uint64_t)left * rw->squeeze >> 16);
    } else if (rw->squeeze && left < -(int32_t)(SQUEEZED_S * rw->hz)) {
        rw->squeeze = 0; /* else all would seem to be before the end again, 2^31 ticks later */
    }
    if ((int32_t)(out - rw->out_ts) > 0) {
        rw->out_ts = out;
    }
    return out;
}

uint16_t tk_rewrite_picture(struct tk_rewrite *rw, const struct tk_vp8 *vp8, uint8_t *ret_tl0)
{
    uint16_t mask = vp8->picture_bits == 15 ? 0x7fff : 0x7f;
    uint16_t out = (uint16_t)(vp8->picture_id + rw->picture_shift) & mask;
    uint16_t ahead = (uint16_t)(out - rw->picture) & mask;
    *ret_tl0 = (uint8_t)(vp8->tl0picidx + rw->tl0_shift);
    if (ahead && ahead <= mask / 2) {
        rw->picture = out;
        rw->tl0 = *ret_tl0;
    }
    return out;
}
