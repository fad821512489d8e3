#ifndef TK_SIGNALING_MEDIA_STAGE_H
#define TK_SIGNALING_MEDIA_STAGE_H

/*
 * Who publishes in one lesson and what feeds its slots: state and now in, decisions out. No I/O.
 *
 * Groups (people, board) have one publisher each, by key. Rules:
 *  - the same key takes over from itself; the older peer feeds on until packets of the newer
 * arrive;
 *  - lesson.video and lesson.audio always come from one sender, the publisher of people or the
 *    source, so that sound and picture belong together: a track that it lacks is silent;
 *  - the publisher goes on air once the lesson is started (or it was made `started`: WHIP) and its
 *    picture arrives, or its sound alone for TK_STAGE_ALONE_MS; then it stays: an interruption of
 *    its link is an interruption of the lesson;
 *  - after TK_STAGE_HOLD_MS without a packet of it the source feeds instead, where the lesson has
 *    one that plays; the publisher is back on air as soon as its packets arrive again;
 *  - back to the source when released, or when the publisher is gone: at once when it said so or
 *    its media was found dead (that took 30 s), else (page closed or reloading, streamer restarted)
 *    after TK_STAGE_HOLD_MS, within which only the same key may come back.
 */

#include "signaling/media/media.h"

#define TK_STAGE_HOLD_MS 10000
#define TK_STAGE_ALONE_MS 2000
#define TK_STAGE_SILENT_MS 2000 /* a track is told to be silent so long after its last packet */

enum tk_stage_group {
    TK_STAGE_PEOPLE,
    TK_STAGE_BOARD,
    TK_STAGE_GROUPS, /* how many */
};

enum tk_stage_kind {
    TK_STAGE_VIDEO,
    TK_STAGE_AUDIO,
    TK_STAGE_KINDS, /* how many */
};

enum tk_stage_slot {
    TK_STAGE_LESSON_VIDEO,
    TK_STAGE_LESSON_AUDIO,
    TK_STAGE_BOARD_VIDEO,
    TK_STAGE_SLOTS, /* how many */
};

struct tk_stage_sender {
    char peer[TK_PEER_TEXT]; /* empty: none */
    bool has[TK_STAGE_KINDS];
    bool live[TK_STAGE_KINDS];
    int64_t sound_since_ms;
};

struct tk_stage_publisher {
    struct tk_publisher who; /* key empty: nobody */
    bool started;
    bool on_air;
    struct tk_stage_sender now;
    struct tk_stage_sender old; /* taken over from, feeds until `now` can */
    int64_t lost_ms;            /* both are gone since; 0: not */
    int64_t silent_ms;          /* on air, and nothing arrives since; 0: not */
};

#define TK_STAGE_CLOSING_MAX 8

struct tk_stage {
    bool started;
    bool source_live[TK_STAGE_KINDS];
    struct tk_stage_publisher publishers[TK_STAGE_GROUPS];
    char closing[TK_STAGE_CLOSING_MAX][TK_PEER_TEXT];
    int closing_count;
};

struct tk_stage_claim {
    const struct tk_publisher *who;
    const char *peer;
    bool started;
    bool has[TK_STAGE_GROUPS][TK_STAGE_KINDS];
};

/* Where a slot is fed from; both empty: nothing. */
struct tk_stage_feed {
    char from[TK_PEER_TEXT]; /* a peer or "source" */
    const char *track;
};

void tk_stage_init(struct tk_stage *s);

/* Takes the groups of which the claim has tracks. All, or none and a problem `conflict`. */
int tk_stage_claim(struct tk_stage *s, const struct tk_stage_claim *c, int64_t now_ms,
                   struct tk_problem *problem);

/* Packets of a track ("people.video" …, of "source": "source.video") arrive, or no longer. */
void tk_stage_track(struct tk_stage *s, const char *from, const char *track, bool live,
                    int64_t now_ms);

/* What arrives of this sender cannot be shown, "" it can. */
void tk_stage_cause(struct tk_stage *s, const char *from, const char *cause);

void tk_stage_start(struct tk_stage *s, bool started, int64_t now_ms);

/* `held`: the publisher has TK_STAGE_HOLD_MS to come back. */
void tk_stage_gone(struct tk_stage *s, const char *peer, bool held, int64_t now_ms);

/* The streamer ended: every peer is gone and may come back, nothing arrives. */
void tk_stage_reset(struct tk_stage *s, int64_t now_ms);

/* Carries out what is due; when to be called next, INT64_MAX: no need. */
int64_t tk_stage_on_time(struct tk_stage *s, int64_t now_ms);

void tk_stage_feed(const struct tk_stage *s, enum tk_stage_slot slot, struct tk_stage_feed *ret);

/* Packets of what feeds lesson.video or lesson.audio arrive. */
bool tk_stage_main_live(const struct tk_stage *s);

/* For how long nothing has come of the publisher that is on air; 0 where something does. */
int64_t tk_stage_silent_ms(const struct tk_stage *s, int64_t now_ms);

/* NULL: nobody. */
const struct tk_publisher *tk_stage_publisher(const struct tk_stage *s, enum tk_stage_group g);

/* Takes out one peer that was superseded and is to be closed; false: no more. */
bool tk_stage_next_closing(struct tk_stage *s, char ret_peer[TK_PEER_TEXT]);

const char *tk_stage_slot_name(enum tk_stage_slot slot);

/* Group and kind of a track's name; false: unknown. */
bool tk_stage_track_parse(const char *track, enum tk_stage_group *ret_group,
                          enum tk_stage_kind *ret_kind);

#endif
