#ifndef TK_SIGNALING_CORE_LESSON_H
#define TK_SIGNALING_CORE_LESSON_H

/*
 * Lessons: their states, who may, what changes them. scheduled → open (join_before_min before) →
 * live ⇄ interrupted → ended, or cancelled; one that reopens (`demo`) opens again as a new sitting,
 * and at each midnight of Asia/Shanghai. What comes in from pages and media is in roster.h and
 * below, the JSON of PROTOCOL.md in lesson_json.h. Loop thread; no clock of its own.
 *
 * Wiring: create, listen, then tick at each deadline that it returns. A bridge hands on_media_* to
 * tk_media_* and tk_media's handlers to tk_lessons_main_media and its neighbours.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "signaling/core/access.h"
#include "signaling/core/now.h"
#include "signaling/core/problem.h"
#include "signaling/store/account_rows.h"
#include "signaling/store/lesson_rows.h"
#include "signaling/store/sitting_rows.h"
#include "signaling/store/store.h"

struct tk_lessons;
struct tk_roster;

/* Who sends people to a lesson, as media tells it. */
struct tk_lesson_publisher {
    char key[64]; /* "token:12", "account:3"; "" for nobody */
    char name[160];
    char name_en[160];
    bool live;
    char cause[16]; /* why rooms cannot show it: b_frames; "": they can */
};

/* Borrowed wherever it is handed out: valid until the next call that takes `now` or `actor`. */
struct tk_lesson {
    struct tk_lesson_row row; /* id, kind, title, teacher, rooms, times, source, state, version */
    int64_t join_from_ms;
    struct tk_sitting_row sitting; /* the newest; id 0: none yet */
    json_t *source;                /* PROTOCOL.md's Source */
    json_t *source_status;         /* PROTOCOL.md's SourceStatus */
    struct tk_lesson_publisher publisher;
    struct tk_roster *roster; /* roster.h */
    struct tk_lesson_private *private;
};

/* Any may be NULL. Called on changes, also automatic ones, with the lesson as it is now. */
struct tk_lessons_listener {
    void *ctx;
    /* state, title, rooms … changed; which lesson a room belongs to now may have changed too */
    void (*on_lesson)(void *ctx, const struct tk_lesson *lesson);
    /* PROTOCOL.md's RoomStatus that changed, borrowed; figures alone at most every 2 s */
    void (*on_room_status)(void *ctx, const struct tk_lesson *lesson, const json_t *rooms);
    void (*on_source_status)(void *ctx, const struct tk_lesson *lesson);
    void (*on_publisher)(void *ctx, const struct tk_lesson *lesson);
    /* media should have the lesson, with lesson->source (none where kind is none) */
    void (*on_media_open)(void *ctx, const struct tk_lesson *lesson);
    void (*on_media_source)(void *ctx, const struct tk_lesson *lesson);
    /* a teacher's tracks feed the lesson as soon as they are live; false: back to the source */
    void (*on_media_start)(void *ctx, const struct tk_lesson *lesson, bool started);
    void (*on_media_close)(void *ctx, const char *lesson_id, const char *reason);
};

/*
 * `serving`: this is the server: it notes its run, takes up what the last run left (its down time
 * counts for nobody) and drives the states. Otherwise (command line without a server) nothing
 * happens by itself. 0 or -errno. Everything passed in outlives it.
 */
int tk_lessons_create(struct tk_store *store, const struct tk_settings *settings, bool serving,
                      struct tk_now now, struct tk_lessons **ret);

/* Clean end of the server: intervals and live spans are closed and on disk. Then only destroy. */
void tk_lessons_stop(struct tk_lessons *ls, struct tk_now now);

/* NULL is fine. Without tk_lessons_stop before it is as if the server was killed. */
void tk_lessons_destroy(struct tk_lessons *ls);

/* Several may listen (copied). A new one is told on_media_open, _start of all open lessons. */
void tk_lessons_listen(struct tk_lessons *ls, const struct tk_lessons_listener *listener);

/* Takes out the listener with this ctx. */
void tk_lessons_unlisten(struct tk_lessons *ls, const void *ctx);

/* Does what is due; returns when (mono_ms) to call again, at most 1 s later. */
int64_t tk_lessons_tick(struct tk_lessons *ls, struct tk_now now);

/* 0, or -errno: why the last heartbeat, one each 5 s, could not be written. */
int tk_lessons_beat_result(const struct tk_lessons *ls);

/* NULL: there is no such lesson. */
const struct tk_lesson *tk_lessons_find(struct tk_lessons *ls, const char *id);

/* Every lesson that is open, live or interrupted now. */
void tk_lessons_each_open(struct tk_lessons *ls,
                          void (*each)(void *ctx, const struct tk_lesson *lesson), void *ctx);

/*
 * The lesson that a room's page should show: an open one, a live one before others, a lesson of the
 * timetable before one that reopens. And the room's next one of today, not yet open. NULL: none.
 */
const struct tk_lesson *tk_lessons_room_now(struct tk_lessons *ls, int64_t room_id);
const struct tk_lesson *tk_lessons_room_next(struct tk_lessons *ls, struct tk_now now,
                                             int64_t room_id);

bool tk_lesson_is_open(const struct tk_lesson *lesson); /* open, live or interrupted */
bool tk_lesson_taught_by(const struct tk_lesson *lesson, const struct tk_account *account);
bool tk_lesson_expects_room(const struct tk_lesson *lesson, int64_t room_id);
/* The sitting's steady clock, UTC: what happens in a lesson is written down by it. */
int64_t tk_lesson_clock(const struct tk_lesson *lesson, struct tk_now now);
bool tk_lesson_enrols(const struct tk_lesson *lesson, int64_t person_id);

/* --- commands: `actor` goes to the audit with the change; answers after COMMIT --- */

/* `problem` NULL: done, `lesson` as it is now. May be called before the command returns. */
typedef void tk_lesson_done(void *arg, const struct tk_problem *problem,
                            const struct tk_lesson *lesson);

/*
 * `fields`, borrowed: {title, title_en?, kind?, subject?, teacher_id?, main_room_id?, room_ids?,
 * person_ids?, start_ms, end_ms, source?}. Two lessons that claim one teacher or one room at one
 * time are a conflict, both named.
 */
void tk_lesson_create(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                      const json_t *fields, tk_lesson_done *done, void *arg);

/*
 * The same fields, those that are there. `version` is the lesson's that the caller saw (If-Match),
 * 0: whatever. Times and people only while it is scheduled; precondition_failed when it changed.
 */
void tk_lesson_patch(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                     const char *id, int64_t version, const json_t *fields, tk_lesson_done *done,
                     void *arg);

/* The teacher's tracks feed the lesson from now, as soon as they are live. Opens it if need be. */
void tk_lesson_start(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                     const char *id, tk_lesson_done *done, void *arg);
/* Back to the source. */
void tk_lesson_release(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                       const char *id, tk_lesson_done *done, void *arg);
void tk_lesson_end(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                   const char *id, tk_lesson_done *done, void *arg);
void tk_lesson_cancel(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                      const char *id, const char *reason, tk_lesson_done *done, void *arg);
void tk_lesson_set_source(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                          const char *id, const json_t *source, tk_lesson_done *done, void *arg);

/* 0, or a problem bad_field with what is wrong with this Source. */
int tk_source_check(const json_t *source, struct tk_problem *problem);

typedef void tk_correction_done(void *arg, const struct tk_problem *problem, int64_t correction_id);

/* A new entry beside a result that stays; `actor` needs an account_id unless it is the console. */
void tk_attendance_correct(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                           int64_t result_id, const char *status, const char *reason,
                           tk_correction_done *done, void *arg);

/* --- what media tells; an unknown or closed lesson is passed over --- */

/* Packets of what feeds the lesson arrive, or none do any more; it was so `ago_ms` ago already. */
void tk_lessons_main_media(struct tk_lessons *ls, struct tk_now now, const char *id, bool live,
                           int64_t ago_ms);
/* NULL: nobody publishes. */
void tk_lessons_publisher(struct tk_lessons *ls, struct tk_now now, const char *id,
                          const struct tk_lesson_publisher *publisher);
/* PROTOCOL.md's SourceStatus, borrowed. */
void tk_lessons_source_status(struct tk_lessons *ls, struct tk_now now, const char *id,
                              const json_t *status);
/* False: the streamer is gone; while it is, nothing is live and nobody is to blame. */
void tk_lessons_streamer(struct tk_lessons *ls, struct tk_now now, bool up);
bool tk_lessons_streamer_is_up(const struct tk_lessons *ls);

#endif
