#ifndef TK_STREAMER_SFU_SFU_H
#define TK_STREAMER_SFU_SFU_H

/*
 * The selective forwarding unit: lessons, the WebRTC sessions in them, the tracks that are sent to
 * us (by a session, or by the lesson's pipeline) and the slots that we feed. Knows neither the seam
 * nor processes: control joins it with both. No clock of its own. The worker's thread.
 *
 *   session ──sends──▶ track ──feeds──▶ slot ──of──▶ session
 *   pipeline ─────────▶
 */

#include "streamer/transport/transport.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SFU_ID_MAX 64
#define TK_SFU_SOURCE "source" /* what a track of the pipeline is from */
#define TK_SFU_SDP_MAX (48 * 1024)

struct tk_sfu;

struct tk_sfu_track_state {
    const char *lesson, *from, *track;
    bool live;
    const char *codec;
    int width, height;
    const char *cause; /* why receivers cannot show it: b_frames; else "" */
};

struct tk_sfu_handlers {
    void *ctx;
    /* `state`: checking connected gone. After gone the peer is no more. */
    void (*on_peer_state)(void *ctx, const char *peer, const char *lesson, const char *state,
                          const char *reason);
    void (*on_track_state)(void *ctx, const struct tk_sfu_track_state *state);
    /* The lesson's pipeline should make a keyframe. */
    void (*on_keyframe)(void *ctx, const char *lesson);
};

struct tk_sfu_config {
    struct tk_transport *transport; /* outlives the sfu */
    struct tk_sfu_handlers handlers;
    int64_t realtime_us; /* what the wall clock is ahead of the monotonic one, for reports */
    size_t max_peers;    /* 0: 1000 */
};

/* Why something was refused: a code of the seam's `error` and a text for a person. */
struct tk_sfu_error {
    const char *code;
    char text[256];
};

/* NULL: out of memory. */
struct tk_sfu *tk_sfu_create(const struct tk_sfu_config *config);

/* Ends every session without calling a handler. NULL does nothing. */
void tk_sfu_destroy(struct tk_sfu *sfu);

/* -EEXIST: it is open; -ENOSPC. */
int tk_sfu_lesson_open(struct tk_sfu *sfu, const char *lesson);

/* Its sessions are gone with reason lesson. -ENOENT. */
int tk_sfu_lesson_close(struct tk_sfu *sfu, const char *lesson);

bool tk_sfu_has_lesson(const struct tk_sfu *sfu, const char *lesson);

#define TK_SFU_ALL_LAYERS 2 /* of three */

struct tk_sfu_feed {
    const char *slot, *peer; /* peer NULL or "": of every receiver */
    const char *from, *track;
    int layer; /* the highest to forward, 0 the smallest; TK_SFU_ALL_LAYERS */
};

/*
 * `track` of `from` (a peer's id, TK_SFU_SOURCE, or "" for nothing) feeds `slot` of every receiver,
 * or of `peer` alone, from now on: video as soon as a keyframe is there, audio at once. What does
 * not exist yet feeds when it comes. -ENOENT: no lesson; -ENOSPC.
 */
int tk_sfu_feed(struct tk_sfu *sfu, const char *lesson, const struct tk_sfu_feed *feed,
                int64_t now_us);

struct tk_sfu_peer_config {
    const char *id, *lesson, *name;
    const char *group; /* sessions of one place never get each other's tracks; "" or NULL: none */
    const json_t *slots, *tracks; /* {mid or kind: name} */
    const char *offer;
    size_t offer_len;
    bool loopback;
};

/* Answers an offer with a new session. 0, or -EINVAL with `err`. */
int tk_sfu_peer_create(struct tk_sfu *sfu, const struct tk_sfu_peer_config *config, char *answer,
                       size_t cap, int64_t now_us, struct tk_sfu_error *err);

/* A whole offer with new ICE credentials, or a fragment. The answer may be empty. As above. */
int tk_sfu_peer_restart(struct tk_sfu *sfu, const char *peer, const char *sdp, size_t len,
                        char *answer, size_t cap, int64_t now_us, struct tk_sfu_error *err);

/* Says goodbye; on_peer_state is called with `reason`. -ENOENT. */
int tk_sfu_peer_close(struct tk_sfu *sfu, const char *peer, const char *reason);

/* What a lesson's pipeline says: see pipes.h. Unknown lessons are ignored. */
void tk_sfu_source_rtp(struct tk_sfu *sfu, const char *lesson, bool video, uint8_t *packet,
                       size_t len, int64_t now_us);
void tk_sfu_source_clock(struct tk_sfu *sfu, const char *lesson, bool video, uint32_t rtp_ts,
                         int64_t capture_us, int64_t now_us);
void tk_sfu_source_passthrough(struct tk_sfu *sfu, const char *lesson, bool passthrough);

/*
 * To be called after each batch of events: forwards what frames are whole, does what is due.
 * Returns the next deadline, INT64_MAX for none.
 */
int64_t tk_sfu_on_time(struct tk_sfu *sfu, int64_t now_us);

/*
 * What was measured since the last call, as the fields of stats.peers: one call of `each` for each
 * message of at most 100 peers. `peers` is borrowed.
 */
void tk_sfu_stats(struct tk_sfu *sfu, int64_t now_us,
                  void (*each)(void *ctx, const char *lesson, json_t *peers), void *ctx);

/*
 * How long was spoken since the last call, at most `span_ms`, as the fields of stats.voice: of
 * sound whose sender says how loud it is. One call of `each` for each message, as above.
 */
void tk_sfu_voice(struct tk_sfu *sfu, int64_t span_ms,
                  void (*each)(void *ctx, const char *lesson, json_t *tracks), void *ctx);

/* name → number, as tk_transport_counters. */
void tk_sfu_counters(const struct tk_sfu *sfu,
                     void (*each)(void *ctx, const char *name, uint64_t value), void *ctx);

#endif
