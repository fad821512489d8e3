#ifndef TK_STREAMER_PIPES_PIPES_H
#define TK_STREAMER_PIPES_PIPES_H

/*
 * The pipeline processes of this streamer, one for each lesson's source: starts tongke-pipeline,
 * limits it in memory and time, hands its RTP on, restarts it when it dies or falls silent. What is
 * inside a pipeline is its own business: hostile media ends one pipeline and no more. The words
 * spoken over the socket pair are in pipe_proto.h. The worker's thread; no handler may destroy the
 * pipes or set or remove a source.
 *
 *   none ──set──▶ starting ──first picture or sound──▶ live
 *                    ▲   └──────── ends, silent ────────┤
 *                    └── after 0, 0.2, 0.5, 1, 2, 5 s ──┴─▶ failed (it goes on trying)
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_PIPES_PAYLOAD_MAX 1200 /* bytes of RTP payload */
#define TK_PIPES_LESSON_MAX 64

struct tk_pipes;

struct tk_pipes_handlers {
    void *ctx;
    /*
     * RTP of a lesson's source: video H.264 packetization-mode 1 (90 kHz), audio Opus 48 kHz of
     * 20 ms. SSRC and payload type are the pipeline's own and, with sequence numbers and
     * timestamps, begin anew when it restarts. `packet` may be changed and is valid until return.
     */
    void (*on_rtp)(void *ctx, const char *lesson, bool video, uint8_t *packet, size_t len,
                   int64_t now_us);
    /*
     * RTP timestamp `rtp_ts` belongs to CLOCK_MONOTONIC time `capture_us`: before a track's first
     * packet and then about once a second, for sender reports.
     */
    void (*on_clock)(void *ctx, const char *lesson, bool video, uint32_t rtp_ts,
                     int64_t capture_us);
    /*
     * `state`: none, starting, live, failed; `cause`: one sentence in English, empty when there is
     * none; `passthrough`: its H.264 is forwarded as it came and makes no keyframe on request;
     * `restarts` counts since the source was set.
     */
    void (*on_state)(void *ctx, const char *lesson, const char *kind, const char *state,
                     const char *cause, bool passthrough, int restarts);
};

struct tk_pipes_config {
    const char *program;  /* of tongke-pipeline; NULL: the one beside this program */
    const char *data;     /* data folder: the demo lesson is in `demo` below it */
    int64_t memory_bytes; /* address space of one pipeline; 0: 2 GiB, negative: no limit */
    int64_t stall_us;     /* silent for so long: killed and restarted; 0: 5 s */
    struct tk_pipes_handlers handlers;
};

/* Copies `config`. -errno; the owner destroys it. */
int tk_pipes_create(const struct tk_pipes_config *config, struct tk_pipes **ret);

/* Ends every pipeline without calling a handler. NULL does nothing. */
void tk_pipes_destroy(struct tk_pipes *pipes);

/* One descriptor, readable when tk_pipes_read has something to do. Not the caller's to close. */
int tk_pipes_fd(const struct tk_pipes *pipes);

/*
 * Reads what is there, at most a bounded share of it for each pipeline; calls the handlers. What it
 * decides is due at once: tk_pipes_on_time is to be called after it, as after tk_pipes_set.
 */
void tk_pipes_read(struct tk_pipes *pipes, int64_t now_us);

/* Starts and kills what is due. Returns the next deadline (CLOCK_MONOTONIC), INT64_MAX for none. */
int64_t tk_pipes_on_time(struct tk_pipes *pipes, int64_t now_us);

/*
 * The lesson's source from now on: a Source object of signaling/PROTOCOL.md; kind none ends the
 * one there is. The same source again changes nothing. 0; -EINVAL with the reason in `err` and the
 * old source goes on. Handlers are called from tk_pipes_on_time, which is due at once.
 */
int tk_pipes_set(struct tk_pipes *pipes, const char *lesson, const json_t *source, char *err,
                 size_t err_cap);

/* Ends the lesson's source and forgets the lesson; no handler is called. */
void tk_pipes_remove(struct tk_pipes *pipes, const char *lesson);

/* Asks for a keyframe now; ignored where the source cannot make one. */
void tk_pipes_keyframe(struct tk_pipes *pipes, const char *lesson);

/* The pid of the lesson's pipeline, 0 for none; for tests and the log. */
int tk_pipes_pid(const struct tk_pipes *pipes, const char *lesson);

#endif
