#ifndef TK_STREAMER_FLOW_REWRITE_H
#define TK_STREAMER_FLOW_REWRITE_H

/*
 * Makes one unbroken stream for a receiver's slot of whatever feeds it: another track, the same
 * one restarted, a group of pictures sent again faster than real time. Pure; any thread.
 *
 * Guarantees: the first packet after a join follows the newest sent before by one sequence number;
 * its timestamp is that of its capture on the slot's own timeline, but never less than `step` after
 * the newest sent; between joins both differ from the source's by a constant, so that gaps stay
 * gaps. Picture ids (VP8) go on in the same way.
 */

#include "streamer/wire/vp8.h"

#include <stdbool.h>
#include <stdint.h>

struct tk_rewrite {
    uint32_t hz;
    uint32_t step; /* ticks; the owner keeps it at the length of the newest packet */
    bool started, joined;
    int64_t seq_shift;
    uint32_t ts_shift;
    uint16_t out_seq; /* the newest sent */
    uint32_t out_ts;
    int64_t origin_us; /* the slot's timeline: origin_ts was at origin_us */
    uint32_t origin_ts;

    /* before squeeze_end a tick of the source is squeeze/65536 ticks here */
    uint32_t squeeze_end, squeeze;

    bool has_picture;
    uint16_t picture, picture_shift; /* picture: the newest sent */
    uint8_t tl0, tl0_shift;
};

/* The first packet gets `first_seq` and `first_ts`: random (RFC 3550 section 5.1). */
void tk_rewrite_init(struct tk_rewrite *rw, uint32_t hz, uint16_t first_seq, uint32_t first_ts);

/* A source goes on from packet `seq` of timestamp `ts`, captured at `at_us`. */
void tk_rewrite_join(struct tk_rewrite *rw, int64_t seq, uint32_t ts, int64_t at_us);

/*
 * The same from an old packet on: what lies between `ts` and `end_ts` (captured at `end_us`) is
 * shown within `span_us`.
 */
void tk_rewrite_join_past(struct tk_rewrite *rw, int64_t seq, uint32_t ts, uint32_t end_ts,
                          int64_t end_us, int64_t span_us);

/* The next join goes on with VP8 picture `vp8` as its first. */
void tk_rewrite_join_picture(struct tk_rewrite *rw, const struct tk_vp8 *vp8);

/* The numbers under which packet `seq` with `ts` goes out; remembers the newest. */
uint16_t tk_rewrite_seq(struct tk_rewrite *rw, int64_t seq);
uint32_t tk_rewrite_ts(struct tk_rewrite *rw, uint32_t ts);
uint16_t tk_rewrite_picture(struct tk_rewrite *rw, const struct tk_vp8 *vp8, uint8_t *ret_tl0);

#endif
