#ifndef TK_SIGNALING_CLASSROOM_CLASSROOM_STATE_H
#define TK_SIGNALING_CLASSROOM_CLASSROOM_STATE_H

/*
 * What is inside struct tk_classroom, for classroom.c, rooms.c, acts.c, class_json.c, replay.c,
 * timeline.c only. Times in `_ms` are of the lesson's clock unless a name says mono.
 */

#include <glib.h>

#include "signaling/classroom/classroom.h"
#include "signaling/classroom/countdown.h"
#include "signaling/classroom/floor.h"
#include "signaling/classroom/messages.h"
#include "signaling/classroom/question.h"
#include "signaling/classroom/signals.h"
#include "signaling/core/rate.h"
#include "signaling/store/event_rows.h"

/* Events of one room, and of the teacher, in one sitting: nobody may fill the disk. */
#define TK_CLASS_EVENTS_MAX 5000
#define TK_CLASS_VERDICT_MAX 8

/*
 * Rates of the table of messages: so many at once, so many a minute, from each sender. A message
 * costs 60 tokens, so that tokens a second are messages a minute.
 */
#define TK_CLASS_RATE_COST 60
enum tk_class_rate {
    TK_CLASS_RATE_HAND,
    TK_CLASS_RATE_LEAD,
    TK_CLASS_RATE_SIGNAL,
    TK_CLASS_RATE_MESSAGE,
    TK_CLASS_RATE_ANSWER,
    TK_CLASS_RATES,
};

struct tk_class_asked {
    int64_t account_id;
    int64_t mono_ms;
};

struct tk_classroom {
    struct tk_store *store;
    struct tk_lessons *lessons;
    struct tk_boards *boards; /* NULL: not listened to */
    struct tk_now (*now)(void);
    GHashTable *by_id; /* lesson id → struct tk_class_lesson, owned */
    GArray *listeners; /* struct tk_class_listener */
    GHashTable *asked; /* room id → struct tk_class_asked: a check, by whom */
    struct tk_rate *rates[TK_CLASS_RATES];
    int64_t last_turn_id;
    int writes; /* under way */
};

struct tk_class_room {
    int64_t id;
    int pages;   /* of it, open now */
    bool joined; /* as the timeline has it */
    bool video;
    bool audio;
    int tile;
    int64_t
        silent_mono_ms;   /* since when nothing arrives from it; 0: something does, or never did */
    int64_t roll_call_ms; /* 0: none */
    int expected;
    int present;
    int64_t check_ms; /* 0: none */
    char verdict[TK_CLASS_VERDICT_MAX];
    int events;
};

/* Who feeds what, as it was last told. */
struct tk_class_told {
    int64_t room_id;
    bool sound;
    int64_t large_room_id;
};

struct tk_class_lesson {
    struct tk_classroom *cr;
    char id[TK_LESSON_ID_MAX + 1];
    bool open;
    bool live;
    struct tk_sitting_row sitting;
    struct tk_floor floor;
    struct tk_signals signals;
    struct tk_messages messages;
    struct tk_countdown countdown;
    struct tk_question question;
    GArray *rooms; /* struct tk_class_room */
    int teacher_events;
    int noted; /* by others */
    struct tk_class_told told;
    int64_t grace_mono_ms; /* until when rooms may come back after a restart; 0: no matter */
    /* speaking */
    struct tk_turn_row turn; /* id 0: nobody has the floor */
    int64_t main_spoke_ms;
    int64_t main_last_ms;
    bool main_changed;
    /* what is not on disk yet */
    GPtrArray *notes; /* struct tk_event_row with its own data */
    GArray *turns;    /* struct tk_turn_row that ended or began */
    int64_t flush_mono_ms;
    int writes;
};

/* classroom.c */
struct tk_class_room *tk_class_room(struct tk_class_lesson *l, int64_t room_id);
struct tk_class_lesson *tk_class_find_open(struct tk_classroom *cr, const char *id);
int64_t tk_class_clock(const struct tk_class_lesson *l, struct tk_now now);
/* After every change: the turn on disk, the media and the pages follow. `reason`, static: why a
 * turn that is over ended. */
void tk_class_follow(struct tk_class_lesson *l, struct tk_now now, const char *reason);
void tk_class_tell(struct tk_class_lesson *l); /* on_class */

/* rooms.c */
/* Notes those that are there and that the timeline does not have yet. */
void tk_class_join(struct tk_class_lesson *l, int64_t at_ms);
/* Its floor and its hand fall; noted for `reason` (static, PROTOCOL.md's `lost`). */
void tk_class_drop_out(struct tk_class_lesson *l, struct tk_now now, struct tk_class_room *room,
                       const char *reason);
/* Who dropped out; the next deadline by the steady clock. */
int64_t tk_class_tick_rooms(struct tk_class_lesson *l, struct tk_now now);

/* timeline.c */
/* Notes an event for the next write; takes the reference of `data`, which may be NULL. */
void tk_timeline_note(struct tk_class_lesson *l, int64_t at_ms, const char *kind, int64_t room_id,
                      const struct tk_class_actor *actor, json_t *data);
/* Writes what is noted; `done`, which may be NULL, when all until now is on disk. */
void tk_timeline_write(struct tk_class_lesson *l, tk_access_done *done, void *arg);
/* Turn and speech as they are now, at intervals. */
void tk_timeline_flush(struct tk_class_lesson *l, struct tk_now now);
void tk_timeline_end_turn(struct tk_class_lesson *l, int64_t at_ms, const char *reason);
void tk_timeline_begin_turn(struct tk_class_lesson *l, int64_t at_ms, int64_t room_id);

/* replay.c */
/* Takes up what the events of the sitting say; true: there were any. */
bool tk_class_replay(struct tk_class_lesson *l);

#endif
