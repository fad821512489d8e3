#ifndef TK_SIGNALING_CLASSROOM_CLASSROOM_H
#define TK_SIGNALING_CLASSROOM_CLASSROOM_H

/*
 * The lesson as a conversation: hands, the floor, modes, signals, messages, countdown, question.
 * What pages ask comes in as the messages of PROTOCOL.md ("In the lesson"); what everybody sees is
 * PROTOCOL.md's Class. Memory leads, the timeline on disk follows: an answer comes after COMMIT,
 * the effect at once. It never touches media: a listener carries the floor there. Loop thread.
 */

#include "signaling/core/lesson.h"

struct tk_boards; /* board.h */
struct tk_classroom;

/* Who may: bits of the table of messages. */
enum tk_class_role {
    TK_CLASS_TEACHER = 1,   /* of that lesson */
    TK_CLASS_ROOM = 2,      /* an enrolled device of a room of that lesson */
    TK_CLASS_COTEACHER = 4, /* of the school of a room of that lesson; `room_id` is that room */
    TK_CLASS_VIEWER = 8,    /* administrator, auditor: sees all, does nothing */
    TK_CLASS_GUEST = 16,    /* enrolled, or a co-teacher who looks on: nothing of one room alone */
};

struct tk_class_actor {
    enum tk_class_role role;
    int64_t room_id; /* room and co-teacher */
    int64_t account_id;
    int64_t device_id;
    const char *name; /* borrowed, for messages */
    const char *name_en;
};

struct tk_class_listener {
    void *ctx;
    /* Class changed; at most once for each turn of the loop is enough for whoever is told */
    void (*on_class)(void *ctx, const char *lesson_id);
    /*
     * Who feeds floor.audio and floor.video (0: nobody; `sound` false: picture only, in choral
     * mode) and the large picture (0: nobody chosen). Also told when a lesson opens.
     */
    void (*on_floor)(void *ctx, const char *lesson_id, int64_t room_id, bool sound,
                     int64_t large_room_id);
};

/*
 * Listens to `lessons` (opening, end). Everything passed in outlives it. A sitting that goes on
 * from an earlier run of the server is taken up from its events: floor, hands, mode, messages,
 * countdown and question are as they were; a room that is not back 20 s later has dropped out.
 */
struct tk_classroom *tk_classroom_create(struct tk_store *store, struct tk_lessons *lessons,
                                         struct tk_now (*now)(void));
void tk_classroom_destroy(struct tk_classroom *cr); /* NULL is fine */

void tk_classroom_listen(struct tk_classroom *cr, const struct tk_class_listener *listener);
void tk_classroom_unlisten(struct tk_classroom *cr, const void *ctx);

/* What is due: signals that fade, countdowns; returns when (mono_ms) to call again. */
int64_t tk_classroom_tick(struct tk_classroom *cr, struct tk_now now);

/*
 * Carries out one message. `done` exactly once: after COMMIT, or at once with a problem: forbidden
 * the role may not, conflict not in this state (the lesson is not open, the room is not there),
 * bad_field, rate_limited.
 */
void tk_classroom_act(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                      const struct tk_class_actor *actor, const char *type, const json_t *message,
                      tk_access_done *done, void *arg);

/* PROTOCOL.md's Class as `viewer` may see it: a new reference; NULL: the lesson is not open. */
json_t *tk_classroom_json(struct tk_classroom *cr, const char *lesson_id,
                          const struct tk_class_actor *viewer);

/* --- what others tell it; an unknown or closed lesson is passed over --- */

/* A page of the room has come; or gone, the last one's `reason` (static, PROTOCOL.md's `lost`) then
 * makes it lose the floor, and its hand falls. */
void tk_classroom_page_come(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id);
void tk_classroom_page_gone(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id, const char *reason);

/*
 * What arrives from the room, and its place among the small pictures (1…8, 0 none). A room on the
 * floor of which nothing arrives any more loses it after 5 s: a page that takes its session up
 * again needs less.
 */
void tk_classroom_media(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                        int64_t room_id, bool video, bool audio, int tile);

/* So long was spoken within the last `span_ms`, as the sender's audio levels say; room 0: the main
 * classroom. */
void tk_classroom_voice(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                        int64_t room_id, int64_t voice_ms, int64_t span_ms);

/* For Class: the room's roll call is on disk; its check has a result. Both are noted in the
 * timeline. */
void tk_classroom_roll_call(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id, int expected, int present, int64_t account_id,
                            int64_t device_id);
void tk_classroom_check(struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                        const char *verdict);

/* From now the timeline has which page everybody sees and what is shown. `boards` outlives it. */
void tk_classroom_listen_board(struct tk_classroom *cr, struct tk_boards *boards);

/* This account asked the room's pages for a check; for 10 minutes it is the one who may have. */
void tk_classroom_ask_check(struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                            int64_t account_id);
bool tk_classroom_asked_check(const struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                              int64_t account_id);

/* Notes something in the timeline of an open lesson's sitting: `kind` static text, `data` borrowed
 * or NULL. At most 5,000 in a sitting. */
void tk_classroom_note(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                       const char *kind, int64_t room_id, const struct tk_class_actor *actor,
                       const json_t *data);

#endif
