#ifndef TK_STREAMER_FLOW_KEYFRAME_H
#define TK_STREAMER_FLOW_KEYFRAME_H

/*
 * Collapses the keyframe requests of all receivers of a track: at most one upstream in
 * TK_KEYFRAME_EVERY_US; one that comes too early waits, and lapses if a keyframe comes meanwhile.
 * Pure; any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define TK_KEYFRAME_EVERY_US 500000

struct tk_keyframe {
    bool asked; /* ever */
    bool waiting;
    int64_t asked_us;
};

/* Somebody needs a keyframe. True: ask upstream now. */
bool tk_keyframe_ask(struct tk_keyframe *k, int64_t now_us);

/* A keyframe began. */
void tk_keyframe_came(struct tk_keyframe *k);

/* When tk_keyframe_due may be true next; INT64_MAX: never. */
int64_t tk_keyframe_deadline(const struct tk_keyframe *k);

/* True: the request that waited goes upstream now. */
bool tk_keyframe_due(struct tk_keyframe *k, int64_t now_us);

#endif
