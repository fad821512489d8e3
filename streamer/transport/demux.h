#ifndef TK_STREAMER_TRANSPORT_DEMUX_H
#define TK_STREAMER_TRANSPORT_DEMUX_H

/* What a datagram is, by its first bytes: RFC 7983 §7, and RFC 5761 §4 for RTCP. Any thread. */

#include <stddef.h>
#include <stdint.h>

enum tk_kind {
    TK_KIND_UNKNOWN,
    TK_KIND_STUN,
    TK_KIND_DTLS,
    TK_KIND_RTP,
    TK_KIND_RTCP,
};

static inline enum tk_kind tk_demux(const uint8_t *buf, size_t len)
{
    if (len < 2) {
        return TK_KIND_UNKNOWN;
    }
    if (buf[0] <= 3) {
        return TK_KIND_STUN;
    }
    if (buf[0] >= 20 && buf[0] <= 63) {
        return TK_KIND_DTLS;
    }
    if (buf[0] >= 128 && buf[0] <= 191) {
        return buf[1] >= 192 && buf[1] <= 223 ? TK_KIND_RTCP : TK_KIND_RTP;
    }
    return TK_KIND_UNKNOWN;
}

#endif
