#ifndef TK_STREAMER_FLOW_CLOCK_H
#define TK_STREAMER_FLOW_CLOCK_H

/*
 * Which moment of the common (monotonic) clock an RTP timestamp stands for: one pair and a rate.
 *
 *   at_us(ts) = at_us + (int32)(ts − ts0) · 10⁶ / hz
 *
 * Pure; any thread.
 */

#include <stdbool.h>
#include <stdint.h>

struct tk_clock {
    bool known;
    uint32_t hz, ts;
    int64_t at_us;
};

static inline void tk_clock_set(struct tk_clock *c, uint32_t hz, uint32_t ts, int64_t at_us)
{
    *c = (struct tk_clock){.known = true, .hz = hz, .ts = ts, .at_us = at_us};
}

static inline int64_t tk_clock_at(const struct tk_clock *c, uint32_t ts)
{
    return c->at_us + (int64_t)(int32_t)(ts - c->ts) * 1000000 / c->hz;
}

static inline uint32_t tk_clock_ts(const struct tk_clock *c, int64_t at_us)
{
    return c->ts + (uint32_t)((at_us - c->at_us) * c->hz / 1000000);
}

#endif
