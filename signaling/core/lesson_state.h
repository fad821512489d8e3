#ifndef TK_SIGNALING_CORE_LESSON_STATE_H
#define TK_SIGNALING_CORE_LESSON_STATE_H

/*
 * What is inside struct tk_lessons, for lesson*.c and roster*.c; of rollcall.c, handover.c and the
 * like only the audit and the clock.
 *
 * Memory leads for what happens to a lesson, the store follows: a change marks the lesson dirty,
 * lesson_write.c puts what changed by id, and a write that failed is done again. What is planned
 * (create, patch, source) goes the other way: written first, then read back.
 */

#include <glib.h>

#include "signaling/core/lesson.h"
#include "signaling/core/tally.h"
#include "signaling/store/presence_rows.h"

#define TK_BEAT_MS 5000
#define TK_DAY_MS 86400000LL

struct tk_lessons {
    struct tk_store *store;
    const struct tk_settings *settings;
    bool serving;
    bool closing;      /* nothing is written any more */
    GHashTable *by_id; /* id → struct tk_lesson, owned */
    GArray *listeners; /* struct tk_lessons_listener */
    struct tk_tally tally;
    struct tk_sitting_ids ids; /* the last given out */
    bool streamer_up;
    int writes;            /* of lessons and reports, under way */
    int64_t run_id;        /* of server_run; 0: not serving */
    struct tk_now started; /* the run's steady clock */
    int64_t beat_mono_ms;
    int beat_result;      /* 0, or why the last heartbeat could not be written */
    int64_t load_mono_ms; /* when to look for lessons to come */
    int64_t sweep_mono_ms;
};

/* Somebody waits until what they changed is on disk. */
struct tk_lesson_waiter {
    tk_lesson_done *done;
    void *arg;
};

struct tk_lesson_audit {
    struct tk_actor actor;
    struct tk_now now;
    const char *action; /* static */
    json_t *before;     /* NULL: none */
    json_t *after;
};

/* What is not on disk yet. */
struct tk_lesson_dirt {
    bool state;
    GArray *sittings; /* struct tk_sitting_row */
    GArray *spans;    /* struct tk_live_row */
    GArray *evidence; /* struct tk_evidence_row */
    GArray *results;  /* int64_t: sittings that ended */
    GArray *audits;   /* struct tk_lesson_audit */
    GArray *waiters;  /* struct tk_lesson_waiter */
};

struct tk_lesson_private {
    struct tk_lessons *lessons;
    struct tk_now anchor;    /* the sitting's steady clock: wall_ms was at mono_ms */
    struct tk_live_row live; /* id 0: not live now */
    bool main_media;         /* packets of what feeds it arrive */
    bool plays;              /* they do, the streamer is there and it has begun */
    int64_t quiet_mono_ms;   /* since when it does not play */
    int64_t plays_mono_ms;   /* since when it does */
    int64_t reopen_mono_ms;
    int64_t told_mono_ms; /* figures of the rooms */
    struct tk_lesson_dirt dirt;
    bool writing;
};

/* lesson.c */
struct tk_lesson *tk_lessons_get(struct tk_lessons *ls, const char *id);
/* Reads it again after its plan changed; what happened to it stays as it is in memory. */
struct tk_lesson *tk_lessons_reload(struct tk_lessons *ls, const char *id);
void tk_lessons_load_pending(struct tk_lessons *ls, struct tk_now now);
void tk_lessons_tell(struct tk_lesson *l);        /* on_lesson */
void tk_lessons_tell_source(struct tk_lesson *l); /* on_media_source, when it is open */

int64_t tk_shanghai_midnight(int64_t at_ms); /* the last one before or at */

/* source.c: a string of at most `max` bytes on one line, without control characters */
bool tk_text_fits(const json_t *value, size_t max);

/* lesson_clock.c: every change of state is made by one of these */
void tk_lesson_take_up(struct tk_lesson *l, struct tk_now now); /* after a start of the server */
/* What is due; the next deadline, INT64_MAX for none. */
int64_t tk_lesson_tick(struct tk_lesson *l, struct tk_now now);
void tk_lesson_open_sitting(struct tk_lesson *l, struct tk_now now);
void tk_lesson_end_sitting(struct tk_lesson *l, struct tk_now now, const char *reason);
void tk_lesson_set_cancelled(struct tk_lesson *l, struct tk_now now, const char *reason);
void tk_lesson_set_started(struct tk_lesson *l, struct tk_now now, bool started);
void tk_lesson_update_live(struct tk_lesson *l, struct tk_now now);
/* Nothing is live from now on, for `cause`. */
void tk_lesson_close_span(struct tk_lesson *l, struct tk_now now, const char *cause);

/* lesson_write.c */
void tk_lesson_dirt_init(struct tk_lesson_dirt *d);
void tk_lesson_dirt_finish(struct tk_lesson_dirt *d);
/* Writes what is dirty, unless a write is under way: then after it. */
void tk_lesson_flush(struct tk_lesson *l, struct tk_now now);
/* Notes it for the next flush; takes the references. `done` NULL: nobody waits. */
void tk_lesson_note(struct tk_lesson *l, const struct tk_actor *actor, struct tk_now now,
                    const char *action, json_t *before, json_t *after);
void tk_lesson_wait(struct tk_lesson *l, tk_lesson_done *done, void *arg);
int tk_lesson_audit(struct tk_db *db, const char *lesson_id, const struct tk_lesson_audit *a);
void tk_lessons_beat(struct tk_lessons *ls, struct tk_now now);

/* roster.c */
struct tk_roster *tk_roster_create(void);
void tk_roster_destroy(struct tk_roster *r);
bool tk_roster_empty(const struct tk_roster *r); /* no pages */
/* Makes the seats those of the lesson's rooms and persons. */
void tk_roster_seats(struct tk_lesson *l);
/* A new sitting: what was before says nothing any more. */
void tk_roster_reset(struct tk_lesson *l, struct tk_now now);
/* States as they are now; tells what changed, figures only when they are due. */
void tk_roster_update(struct tk_lesson *l, struct tk_now now);
json_t *tk_roster_json(const struct tk_lesson *l);

#endif
