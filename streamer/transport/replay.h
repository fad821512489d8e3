#ifndef TK_STREAMER_TRANSPORT_REPLAY_H
#define TK_STREAMER_TRANSPORT_REPLAY_H

/*
 * Which indexes of one SSRC were seen (RFC 3711 §3.3.2): a ring of bits that ends with the highest.
 * Serves both ways: what was received twice, and what must not be sent twice. Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define TK_REPLAY_WINDOW 1024 /* packets; RFC 3711 §3.3.2: at least 64 */

struct tk_replay {
    uint32_t ssrc;
    uint64_t highest; /* ROC and sequence number (RFC 3711 §3.3.1); for RTCP its index */
    uint64_t seen[TK_REPLAY_WINDOW / 64];
};

void tk_replay_init(struct tk_replay *r, uint32_t ssrc, uint64_t index);

/* Also true of what is too old to know. */
bool tk_replay_is_seen(const struct tk_replay *r, uint64_t index);
void tk_replay_mark(struct tk_replay *r, uint64_t index);

/* RFC 3711 §3.3.1: the index nearest to the highest so far; `r` NULL: the first of its SSRC. */
uint64_t tk_replay_guess(const struct tk_replay *r, uint16_t seq);

#endif
