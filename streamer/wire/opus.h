#ifndef TK_STREAMER_WIRE_OPUS_H
#define TK_STREAMER_WIRE_OPUS_H

/* How long an Opus packet plays (RFC 6716 section 3). Any thread. */

#include <stddef.h>
#include <stdint.h>

/* In samples of 48 kHz; 0: not an Opus packet (longer than 120 ms, or empty). */
uint32_t tk_opus_samples(const uint8_t *payload, size_t len);

#endif
