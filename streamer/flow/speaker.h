#ifndef TK_STREAMER_FLOW_SPEAKER_H
#define TK_STREAMER_FLOW_SPEAKER_H

/*
 * How long somebody speaks, by the audio levels of their packets (RFC 6464): the time of those that
 * are loud enough, and 200 ms after them, so that the gaps between words count as speech. A sender
 * that never sets the voice flag is taken by its level alone. Pure; any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define TK_SPEAKER_VOICE_DB 50 /* below full scale, of a packet that is marked as voice */
#define TK_SPEAKER_LOUD_DB 40  /* of one by a sender that marks none */
#define TK_SPEAKER_HANG_MS 200

struct tk_speaker {
    bool has_levels; /* ever */
    bool marks;      /* has set the voice flag, ever */
    uint32_t hang;   /* samples of 48 kHz that count still */
    uint64_t spoken; /* samples, since they were taken */
};

/* A packet of `samples` with the extension's byte. */
void tk_speaker_add(struct tk_speaker *s, uint8_t level, uint32_t samples);

/* Milliseconds that were spoken since the last call. */
uint32_t tk_speaker_take(struct tk_speaker *s);

#endif
