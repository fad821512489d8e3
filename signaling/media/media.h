#ifndef TK_SIGNALING_MEDIA_MEDIA_H
#define TK_SIGNALING_MEDIA_MEDIA_H

/*
 * tongke's side of the seam: starts, watches and restarts tongke-streamer, keeps the state that it
 * should have (lessons, sources, who feeds which slot) and replays it to a new one. Media sessions
 * do not survive a streamer: their owners are told and their pages offer again. Never touches a
 * media packet. Runs on the default GLib main context, whose thread owns it.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/settings.h"
#include "signaling/core/problem.h"

#define TK_PEER_TEXT 32 /* a peer's id, unguessable */
#define TK_SDP_MAX_BYTES (32 * 1024)
#define TK_PUBLISHER_KEY_MAX 64 /* "token:12", "account:3" */
#define TK_PUBLISHER_NAME_MAX 160
#define TK_PEER_TAG_MAX 96

struct tk_media;

/* Who sends a lesson's people or board. */
#define TK_PUBLISHER_CAUSE_MAX 16

struct tk_publisher {
    char key[TK_PUBLISHER_KEY_MAX]; /* the same key takes over from itself */
    char name[TK_PUBLISHER_NAME_MAX];
    char name_en[TK_PUBLISHER_NAME_MAX];
    bool live;                          /* packets of at least one of its tracks arrive */
    char cause[TK_PUBLISHER_CAUSE_MAX]; /* why rooms cannot show it: b_frames; "": they can */
};

/* What happens in the streamer, for the rules of core; any may be NULL. */
struct tk_media_handlers {
    void *ctx;
    /* a streamer is ready, or none is */
    void (*on_up)(void *ctx, bool up);
    /* packets of what feeds lesson.video or lesson.audio arrive, or have not for `ago_ms` */
    void (*on_main_media)(void *ctx, const char *lesson, bool live, int64_t ago_ms);
    /* PROTOCOL.md's SourceStatus, borrowed */
    void (*on_source_status)(void *ctx, const char *lesson, const json_t *status);
    /* who sends people; NULL: nobody */
    void (*on_publisher)(void *ctx, const char *lesson, const struct tk_publisher *publisher);
    /* what arrives from a room now, and its place among the small pictures (1…8, 0 none) */
    void (*on_room_media)(void *ctx, const char *lesson, int64_t room_id, bool video, bool audio,
                          int tile);
    /* speech in the last `span_ms`, by the sender's audio levels (RFC 6464); room 0: who feeds
     * lesson.audio; rooms: only who has the floor */
    void (*on_voice)(void *ctx, const char *lesson, int64_t room_id, int64_t voice_ms,
                     int64_t span_ms);
    /* the streamer could not even start once (program missing, port in use): one line for a person;
     * after a first success it is restarted for ever instead */
    void (*on_failed)(void *ctx, const char *text);
};

struct tk_media_config {
    const struct tk_settings *settings; /* outlives it */
    struct tk_media_handlers handlers;
    const char *program; /* NULL: as settings and place of this program say; else for tests */
};

/* Starts the streamer. 0; -ENOENT: no such program, `err` gets one line for a person; -errno. */
int tk_media_create(const struct tk_media_config *config, struct tk_media **ret, char *err,
                    size_t cap);

/* Ends the streamer (asked first, after 1 s killed) and waits for it. NULL is fine. */
void tk_media_destroy(struct tk_media *m);

/* Replaces the handlers given at creation: for who joins core and media after both exist. */
void tk_media_set_handlers(struct tk_media *m, const struct tk_media_handlers *handlers);

/* Desired state. Opening an open lesson or closing an unknown one does nothing. */
void tk_media_lesson_open(struct tk_media *m, const char *lesson);
void tk_media_lesson_close(struct tk_media *m, const char *lesson, const char *reason);
/* `source` as in PROTOCOL.md, borrowed; -ENOENT: the lesson is not open. */
int tk_media_lesson_source(struct tk_media *m, const char *lesson, const json_t *source);

/*
 * From now the page publisher's tracks feed the lesson as soon as they are live; released: back to
 * the source. A publisher that cannot say so itself (WHIP) has `started` in its peer's config.
 */
void tk_media_lesson_start(struct tk_media *m, const char *lesson);
void tk_media_lesson_release(struct tk_media *m, const char *lesson);

/*
 * Who feeds floor.audio and floor.video of everybody but that room itself; 0: nobody, `sound`
 * false: picture only. And who feeds large.video; 0: whoever has the floor, else the lowest tile.
 * No room's microphone is forwarded otherwise.
 */
void tk_media_lesson_floor(struct tk_media *m, const char *lesson, int64_t room_id, bool sound);
void tk_media_lesson_large(struct tk_media *m, const char *lesson, int64_t room_id);

/* SourceStatus of an open lesson: a new reference, or NULL. */
json_t *tk_media_source_status(const struct tk_media *m, const char *lesson);

/* What a peer was measured to receive (or send), from RTCP. */
struct tk_peer_stats {
    double fps;
    double loss_pct;
    double rtt_ms;
    double jitter_ms;
    double in_kbps;
    double out_kbps;
    int w;
    int h;
};

/*
 * Whose a peer is. `on_answer` is called exactly once for each create and restart that
 * returned 0, later; the others any number of times until on_gone, which is the last for that peer.
 * After tk_media_disown none is called any more.
 */
struct tk_peer_owner {
    void *ctx;
    /* `problem` NULL: `sdp` is the answer ("" for a restart that needs none) */
    void (*on_answer)(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                      const char *sdp);
    /* reason: closed bye consent dtls lesson replaced streamer. May be NULL */
    void (*on_gone)(void *ctx, const char *peer, const char *reason);
    /* may be NULL */
    void (*on_stats)(void *ctx, const char *peer, const struct tk_peer_stats *stats);
    /* to who sends room.*: how many simulcast layers of its room.video are wanted now, 0…3, and
     * whether it is heard: PROTOCOL.md's `send`; first before on_answer. May be NULL */
    void (*on_send)(void *ctx, const char *peer, int layers, bool audio);
};

struct tk_peer_config {
    const char *lesson;
    const char *name;    /* for logs and statistics */
    const json_t *slots; /* {mid or kind: slot name} that it receives; NULL: none */
    const json_t *tracks;
    const char *offer;
    bool loopback;   /* the page is on this machine */
    bool started;    /* what it sends feeds the lesson without tk_media_lesson_start: WHIP */
    int64_t room_id; /* a room's page: it may send room.video and room.audio; else 0 */
    const char *publisher_key; /* needed with tracks of people and board */
    const char *publisher_name;
    const char *publisher_name_en;
    const char *tag;                   /* any text of the owner's, kept with the peer; NULL: "" */
    const struct tk_peer_owner *owner; /* copied */
    void *arg;                         /* for on_answer */
};

/*
 * Makes a media session: 0 and its id in `ret_peer`, or a problem: not_found the lesson is not
 * open, unavailable too much waits, bad_field an unknown track, forbidden a room's track of no room
 * or the teacher's of a room, bad_request too long. What is
 * found later comes with on_answer: bad_request a broken offer, codec none in common, conflict
 * somebody else publishes (named): in this order.
 */
int tk_media_peer_create(struct tk_media *m, const struct tk_peer_config *config,
                         char ret_peer[TK_PEER_TEXT], struct tk_problem *problem);

/* A new offer, or an sdpfrag with candidates or new ICE credentials. Problem not_found. */
int tk_media_peer_restart(struct tk_media *m, const char *peer, const char *sdp, void *arg,
                          struct tk_problem *problem);

/* Ends it; its owner's on_gone is not called. An unknown peer is no problem. `reason`: closed bye
 */
void tk_media_peer_close(struct tk_media *m, const char *peer, const char *reason);

/* Ends all peers of the owner with this ctx, who is going away: nothing is called any more. */
void tk_media_disown(struct tk_media *m, const void *owner_ctx, const char *reason);

bool tk_media_peer_exists(const struct tk_media *m, const char *peer);

/* The tag that the owner gave it; NULL: there is no such peer. Valid until the loop goes on. */
const char *tk_media_peer_tag(const struct tk_media *m, const char *peer);
/* How often its session was made anew (ICE restarts), for an ETag. */
int tk_media_peer_version(const struct tk_media *m, const char *peer);

/* For /healthz: a streamer is ready and answered within the last 5 s. */
bool tk_media_ready(const struct tk_media *m);

struct tk_media_stats {
    uint64_t starts;          /* of the streamer */
    uint64_t hung;            /* of these, after it was killed because it did not answer */
    uint64_t overflows;       /* after its command queue was full */
    uint64_t malformed;       /* events that did not fit the seam */
    uint64_t errors;          /* error events */
    uint64_t peers_made;      /* media sessions */
    uint64_t publish_refused; /* somebody else was publishing */
    uint64_t floors;          /* changes of who feeds floor.audio */
    uint32_t rooms;           /* of which something arrives now */
    uint32_t peers;           /* now */
    uint32_t queued;          /* commands waiting now */
    int64_t pid;              /* 0: none runs */
};

struct tk_media_stats tk_media_stats(const struct tk_media *m);

/* The streamer's own last counters, name → number, borrowed; NULL: none yet. For /metrics. */
const json_t *tk_media_counters(const struct tk_media *m);

#endif
