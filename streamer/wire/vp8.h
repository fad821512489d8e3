#ifndef TK_STREAMER_WIRE_VP8_H
#define TK_STREAMER_WIRE_VP8_H

/*
 * VP8's payload descriptor (RFC 7741 section 4.2) and the head of its frame. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_vp8 {
    bool start;    /* the first packet of a frame */
    bool key;      /* and that of a keyframe; width and height are set */
    uint8_t layer; /* temporal, 0 where there is none */
    uint16_t width, height;
    uint16_t picture_id;
    uint8_t picture_bits;             /* 0: none, 7, 15 */
    uint8_t picture_at, tl0picidx_at; /* where in the payload; 0: not there */
    uint8_t tl0picidx;
};

/* 0, or -EBADMSG: shorter than it says. */
int tk_vp8_parse(struct tk_vp8 *ret, const uint8_t *payload, size_t len);

/* Writes the changed numbers into a copy of the payload that was parsed to `vp8`. */
void tk_vp8_rewrite(const struct tk_vp8 *vp8, uint8_t *payload, uint16_t picture_id,
                    uint8_t tl0picidx);

#endif
