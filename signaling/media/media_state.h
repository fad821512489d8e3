#ifndef TK_SIGNALING_MEDIA_MEDIA_STATE_H
#define TK_SIGNALING_MEDIA_MEDIA_STATE_H

/*
 * What is inside struct tk_media, for media.c (lessons, events), rooms.c (rooms' tracks),
 * peers.c (sessions) and ask.c (commands that are answered) only.
 */

#include <glib.h>

#include "signaling/media/gallery.h"
#include "signaling/media/media.h"
#include "signaling/media/stage.h"
#include "signaling/media/streamer.h"

struct tk_media_lesson {
    char *id;
    json_t *source;
    json_t *source_status;
    struct tk_stage stage;
    struct tk_stage_feed fed[TK_STAGE_SLOTS]; /* what the streamer was told */
    struct tk_gallery gallery;
    bool main_live;
    struct tk_publisher publisher; /* what the listener was told; key empty: nobody */
    guint timer;
    struct tk_media *media;
};

struct tk_media {
    const struct tk_settings *settings;
    struct tk_media_handlers handlers;
    struct tk_streamer *streamer;
    GHashTable *lessons; /* id → struct tk_media_lesson */
    GHashTable *peers;   /* id → struct tk_media_peer */
    GHashTable *asked;   /* command id → struct asked of ask.c */
    guint timer_asked;
    GQueue waiting; /* peer.create while no streamer runs */
    json_t *counters;
    struct tk_media_stats stats;
};

struct tk_media_peer {
    char id[TK_PEER_TEXT];
    char *lesson;
    struct tk_peer_owner owner;
    char tag[TK_PEER_TAG_MAX];
    int version;
    bool publishes;
    struct tk_publisher who;
    struct tk_stage_claim claim; /* who, peer point into this */
    bool in_gallery;
    struct tk_gallery_peer seat;
};

int64_t tk_media_now_ms(void);

struct tk_media_lesson *tk_media_lesson_find(const struct tk_media *m, const char *lesson);

/* Carries out what the stage decided: feeds, peers to close, what listeners are told, its timer. */
void tk_media_lesson_update(struct tk_media_lesson *l);

/* `layer` < 0: all. */
void tk_media_send_feed(struct tk_media_lesson *l, const char *slot,
                        const struct tk_stage_feed *feed, int layer);

/* rooms.c: */
/* What of slots and tracks is the gallery's; problem bad_field, forbidden. */
int tk_media_seat_read(struct tk_media_peer *p, const struct tk_peer_config *c,
                       struct tk_problem *problem);
/* Takes the peer's seat; unavailable. */
int tk_media_seat_take(struct tk_media_lesson *l, struct tk_media_peer *p,
                       struct tk_problem *problem);
/* Carries out what the gallery decided: feeds, what rooms send, what listeners are told. */
void tk_media_rooms_update(struct tk_media_lesson *l);
unsigned tk_media_live_rooms(const struct tk_media *m);
void tk_media_on_voice(struct tk_media *m, const json_t *event);

/* peers.c: */
void tk_media_peer_free(gpointer peer);
struct tk_media_peer *tk_media_peer_find(const struct tk_media *m, const char *peer);
/* Takes it out of the lesson and the table. `held`: its publisher may come back. */
void tk_media_peer_forget(struct tk_media *m, struct tk_media_peer *p, bool held);
void tk_media_peer_send_close(struct tk_media *m, const char *peer, const char *reason);
void tk_media_peers_init(struct tk_media *m);
void tk_media_peers_finish(struct tk_media *m);
/* All sessions of `lesson` (NULL: of all) are over; their owners are told. */
void tk_media_peers_gone(struct tk_media *m, const char *lesson, const char *reason);
void tk_media_on_peer_state(struct tk_media *m, const json_t *event);
void tk_media_on_peer_stats(struct tk_media *m, const json_t *event);

/* ask.c: */
void tk_media_ask_init(struct tk_media *m);
void tk_media_ask_finish(struct tk_media *m);
/* A streamer was started: what waited for one goes to it. */
void tk_media_ask_flush(struct tk_media *m);
/* What still waits for an answer about this session is answered not_found; `owner` NULL: not. */
void tk_media_ask_cancel(struct tk_media *m, const struct tk_peer_owner *owner, const char *peer);
/* The streamer ended: what was asked is answered `unavailable`, all sessions are over. */
void tk_media_peers_reset(struct tk_media *m);
void tk_media_on_answer(struct tk_media *m, const json_t *event);
void tk_media_on_error(struct tk_media *m, const json_t *event);

#endif
