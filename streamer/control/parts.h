#ifndef TK_STREAMER_CONTROL_PARTS_H
#define TK_STREAMER_CONTROL_PARTS_H

/* Inside of control, for its own files only. The worker's thread. */

#include "streamer/control/control.h"
#include "streamer/sfu/sfu.h"

#include <glib.h>
#include <jansson.h>

#define TK_CONTROL_MAX_QUEUE 2048

struct tk_control {
    int fd;
    bool ended;
    GQueue queue; /* of json_t: events that the socket did not take yet */
    struct tk_transport *transport;
    struct tk_sfu *sfu;
    struct tk_pipes *pipes;
    int64_t now_us; /* of what is being handled, for events */
    int64_t stats_every_us, stats_us;
    int64_t voice_us; /* when the voices were told last */
    int64_t voice_span_ms;
    uint64_t commands, errors, dropped_events;
    char answer[TK_SFU_SDP_MAX];
};

/* events.c */
void tk_control_send(struct tk_control *c, json_t *event /* stolen */);
__attribute__((format(printf, 4, 5))) void tk_control_error(struct tk_control *c, json_int_t id,
                                                            const char *code, const char *fmt, ...);
void tk_control_on_peer_state(void *ctx, const char *peer, const char *lesson, const char *state,
                              const char *reason);
void tk_control_on_track_state(void *ctx, const struct tk_sfu_track_state *state);
void tk_control_on_source_state(void *ctx, const char *lesson, const char *kind, const char *state,
                                const char *cause, bool passthrough, int restarts);
void tk_control_send_stats(struct tk_control *c, int64_t now_us);
void tk_control_send_voices(struct tk_control *c, int64_t now_us);

/* commands.c: `message` has been checked against the seam */
void tk_control_do(struct tk_control *c, const json_t *message, int64_t now_us);

#endif
