#ifndef TK_STREAMER_FLOW_RTXMAP_H
#define TK_STREAMER_FLOW_RTXMAP_H

/*
 * For one receiver: which stored packet went out under which sequence number, and whether it may
 * be sent again (RFC 4588): at most 3 times, not within max(rtt, 40 ms) of the last resend, all
 * resends within 15 % of what was sent and a start of 60 kB. Pure; any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_RTXMAP_SIZE 1024 /* 2 s of 4 Mbit/s; a power of two */

struct tk_rtxmap_entry {
    int64_t in_seq; /* 0: empty */
    uint32_t out_ts;
    uint32_t sent_ms; /* low bits of the monotonic clock */
    uint16_t out_seq;
    uint8_t resends;
};

struct tk_rtxmap {
    int64_t budget_bytes;
    struct tk_rtxmap_entry ring[TK_RTXMAP_SIZE];
};

void tk_rtxmap_clear(struct tk_rtxmap *m);

/* The stored packet `in_seq` of `bytes` went out now as `out_seq` with `out_ts`. */
void tk_rtxmap_sent(struct tk_rtxmap *m, uint16_t out_seq, int64_t in_seq, uint32_t out_ts,
                    size_t bytes, int64_t now_us);

/* The entry of `out_seq` when it may be resent now (which this counts), else NULL. */
const struct tk_rtxmap_entry *tk_rtxmap_resend(struct tk_rtxmap *m, uint16_t out_seq, int rtt_ms,
                                               int64_t now_us);

/* What the resend cost. */
void tk_rtxmap_spent(struct tk_rtxmap *m, size_t bytes);

#endif
