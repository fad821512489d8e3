#ifndef TK_SIGNALING_MEDIA_STREAMER_H
#define TK_SIGNALING_MEDIA_STREAMER_H

/*
 * The process tongke-streamer and the socket to it: started, pinged, restarted (at once, then with
 * growing waits of at most 5 s), its messages checked, its commands queued up to a limit, beyond
 * which it is restarted. Knows nothing of lessons. Default GLib main context.
 *
 *   WAITING ──start_process()──▶ STARTING ──`ready`──▶ READY
 *      ▲                            │                    │  process or socket ended, no pong for
 *      └────────── on_child_exit() ◀──────┴────────────────────┘  5 s, queue full: end_process()
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_STREAMER_QUEUE_MAX 4096
#define TK_STREAMER_SILENT_MS 5000
#define TK_STREAMER_START_MS 10000
#define TK_STREAMER_MALFORMED_MAX 1000    /* of one process: more, and it is restarted */
#define TK_STREAMER_EVENTS_A_SECOND 20000 /* the same */

struct tk_streamer;

struct tk_streamer_handlers {
    void *ctx;
    /* a new process runs: `hello` and the desired state are to be sent now */
    void (*on_started)(void *ctx);
    void (*on_ready)(void *ctx, const json_t *ready);
    /* any checked event but ready and pong; borrowed */
    void (*on_event)(void *ctx, const char *type, const json_t *event);
    /* it is gone: what was asked will not be answered */
    void (*on_ended)(void *ctx, const char *cause);
    /* ended before it was ever ready */
    void (*on_failed)(void *ctx, const char *text);
};

struct tk_streamer_stats {
    uint64_t starts;
    uint64_t hung;
    uint64_t overflows;
    uint64_t malformed;
    uint64_t dropped; /* commands while no process ran */
    uint32_t queued;
    int64_t pid;
};

/* `program` is copied. 0; -ENOENT not an executable file; -errno. on_started is called before. */
int tk_streamer_create(const char *program, const struct tk_streamer_handlers *handlers,
                       struct tk_streamer **ret);
void tk_streamer_destroy(struct tk_streamer *s);

/* A number for a command that is answered. */
int64_t tk_streamer_next_id(struct tk_streamer *s);

/*
 * Sends or queues; takes the reference. 0; -EMSGSIZE too large for the seam; -EINVAL malformed
 * (logged: our own mistake); -EAGAIN no process runs now.
 */
int tk_streamer_send(struct tk_streamer *s, json_t *command);

bool tk_streamer_runs(const struct tk_streamer *s);
/* Ready, and answered within the last 5 s. */
bool tk_streamer_ready(const struct tk_streamer *s);

struct tk_streamer_stats tk_streamer_stats(const struct tk_streamer *s);

/* settings' own, else beside this program or in the build tree. 0 or -ENOENT. */
int tk_streamer_find(const char *setting, char *ret, size_t cap);

#endif
