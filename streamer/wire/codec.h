#ifndef TK_STREAMER_WIRE_CODEC_H
#define TK_STREAMER_WIRE_CODEC_H

/* The codecs that Tongke forwards, and their RTP clocks. Any thread. */

#include <stdint.h>

enum tk_codec {
    TK_CODEC_NONE,
    TK_CODEC_OPUS,
    TK_CODEC_H264,
    TK_CODEC_VP8,
    TK_CODEC_COUNT,
};

/* As an rtpmap names it; "" for none. */
static inline const char *tk_codec_name(enum tk_codec codec)
{
    static const char *const names[TK_CODEC_COUNT] = {"", "opus", "H264", "VP8"};
    return names[codec];
}

/* Ticks a second: RFC 7587 section 4.1; RFC 6184 section 5.1; RFC 7741 section 4.1. */
static inline uint32_t tk_codec_clock(enum tk_codec codec)
{
    return codec == TK_CODEC_OPUS ? 48000 : 90000;
}

#endif
