#ifndef TK_STREAMER_FLOW_RECVSTAT_H
#define TK_STREAMER_FLOW_RECVSTAT_H

/*
 * One stream that a publisher sends us: what is lost of it and its jitter (RFC 3550 appendices A.3
 * and A.8), and which packets to ask for again. A packet is asked for when TK_RECVSTAT_REORDER
 * newer ones have come or it is 15 ms late, then each max(rtt, 40 ms), at most 8 times in 1 s.
 * Pure; any thread.
 */

#include "streamer/wire/rtcp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_RECVSTAT_REORDER 3
#define TK_RECVSTAT_MISSING 128

struct tk_recvstat_missing {
    int64_t seq, noticed_us, asked_us;
    int asked;
};

struct tk_recvstat {
    uint32_t hz;
    bool started;
    int64_t base, newest; /* extended sequence numbers */
    int64_t received, expected_before, received_before;
    uint32_t transit, jitter_16; /* jitter_16: 16 times the jitter in ticks */
    uint32_t last_sr;            /* the middle of its NTP time, 0 none */
    int64_t last_sr_us;
    size_t missing_count;
    struct tk_recvstat_missing missing[TK_RECVSTAT_MISSING]; /* in rising order */
};

void tk_recvstat_init(struct tk_recvstat *rs, uint32_t hz);
void tk_recvstat_on_packet(struct tk_recvstat *rs, uint16_t seq, uint32_t ts, int64_t now_us);
/* It came after all, as a retransmission. */
void tk_recvstat_on_repair(struct tk_recvstat *rs, uint16_t seq);
void tk_recvstat_on_sr(struct tk_recvstat *rs, uint64_t ntp, int64_t now_us);

/* The report block about it (without its ssrc) and the start of a new interval. */
void tk_recvstat_report(struct tk_recvstat *rs, int64_t now_us, struct tk_rtcp_report *ret);

/* Which to ask for now; returns how many, in rising order. */
size_t tk_recvstat_nacks(struct tk_recvstat *rs, int rtt_ms, int64_t now_us, uint16_t *seqs,
                         size_t cap);

#endif
