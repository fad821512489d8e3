#ifndef TK_STREAMER_WIRE_H264_H
#define TK_STREAMER_WIRE_H264_H

/*
 * What a forwarder must see of H.264 in RTP (RFC 6184, packetization modes 0 and 1): where a
 * keyframe begins and how large its pictures are. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_h264 {
    bool key; /* holds (the beginning of) an IDR picture or a sequence parameter set */
    bool sps; /* width and height are set */
    bool b;   /* a picture that is shown before one that comes earlier: browsers can't */
    uint16_t width, height;
};

/* Looks into one RTP payload; what cannot be read is no keyframe. */
void tk_h264_look(const uint8_t *payload, size_t len, struct tk_h264 *ret);

#endif
