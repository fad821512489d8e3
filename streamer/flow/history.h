#ifndef TK_STREAMER_FLOW_HISTORY_H
#define TK_STREAMER_FLOW_HISTORY_H

/*
 * The last packets of one track, shared by all its receivers: a ring by extended sequence number
 * that holds clear payloads, written once and then only read. Pure state, no clock. Any thread,
 * one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_HISTORY_PAYLOAD_MAX 1460

struct tk_packet {
    int64_t seq; /* extended: sender's sequence number and how often it wrapped */
    int64_t arrival_us;
    uint32_t ts;
    uint16_t len;
    bool marker;
    bool key_start; /* the first packet of a keyframe */
    uint8_t payload[TK_HISTORY_PAYLOAD_MAX];
};

struct tk_history;

/* `capacity` packets, a power of two. NULL: out of memory. */
struct tk_history *tk_history_create(size_t capacity);
void tk_history_destroy(struct tk_history *h);
/* In constant time. */
void tk_history_clear(struct tk_history *h);

/*
 * The sender's 16-bit `seq` as an extended one, the nearest to the newest stored. The first packet
 * gets an extended number that leaves room below it.
 */
int64_t tk_history_extend(const struct tk_history *h, uint16_t seq);

/*
 * The place for packet `seq`, to be filled by the caller at once; NULL: it is there already, or too
 * old. It takes the place of the packet `capacity` before it.
 */
struct tk_packet *tk_history_add(struct tk_history *h, int64_t seq);

/* NULL: never came, or no longer held. */
const struct tk_packet *tk_history_get(const struct tk_history *h, int64_t seq);

int64_t tk_history_newest(const struct tk_history *h); /* -1: empty */

#endif
