#ifndef TK_STREAMER_WIRE_RTP_H
#define TK_STREAMER_WIRE_RTP_H

/*
 * An RTP packet's header, extensions and padding (RFC 3550 section 5.1, RFC 8285 one- and two-byte
 * headers). Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_rtp {
    bool marker;
    uint8_t pt;
    uint16_t seq;
    uint32_t ts, ssrc;
    const uint8_t *ext; /* what follows the extension's profile and length; NULL: none */
    size_t ext_len;
    uint16_t ext_profile;
    const uint8_t *payload; /* without padding */
    size_t payload_len;
};

/* 0, or -EINVAL for what isn't RTP or lies about its lengths. Points into `buf`. */
int tk_rtp_parse(struct tk_rtp *rtp, const uint8_t *buf, size_t len);

/* The extension `id` (1 to 14), or NULL. */
const uint8_t *tk_rtp_ext(const struct tk_rtp *rtp, int id, size_t *ret_len);

#endif
