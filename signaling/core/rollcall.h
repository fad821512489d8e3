#ifndef TK_SIGNALING_CORE_ROLLCALL_H
#define TK_SIGNALING_CORE_ROLLCALL_H

/*
 * Roll calls and who looks after a room: a co-teacher's word on a lesson, kept as it was given.
 * Both are sent again until they are answered, so that each is named by an `op` and kept once; a
 * correction is another roll call, and the one that was marked last counts. Loop thread.
 */

#include "signaling/core/credentials.h"
#include "signaling/core/lesson.h"
#include "signaling/store/rollcall_rows.h"

#define TK_ROLLCALL_PUPILS_MAX 200
#define TK_ROLLCALL_SEAT_MAX 8
/* Marked without a network and sent once it is back. */
#define TK_ROLLCALL_LATE_MS (14 * 86400000LL)
/* A room's clock may be wrong by that. */
#define TK_ROLLCALL_CLOCK_MS (5 * 60000LL)
/* Of one room in a day. */
#define TK_ROLLCALL_DAY_MAX 60

/* Who asks, and from where. */
struct tk_rollcall_asker {
    const struct tk_credentials *credentials;
    const char *address;
};

/*
 * `again`: it was kept before. `counts`: it is the room's newest in the lesson's newest sitting.
 * `row` is NULL with a problem.
 */
typedef void tk_rollcall_done(void *arg, const struct tk_problem *problem,
                              const struct tk_rollcall_row *row, bool again, bool counts);

/*
 * `fields`, borrowed, are PROTOCOL.md's: {op,lesson,room,expected,present,absent,marked_ms}. By a
 * co-teacher of the room's school, or by a device of the room; also when the lesson is over.
 * conflict: the op was used for something else, the lesson is cancelled.
 */
void tk_rollcall_add(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                     struct tk_now now, const json_t *fields, tk_rollcall_done *done, void *arg);

/* `row` is NULL with a problem. */
typedef void tk_duty_done(void *arg, const struct tk_problem *problem,
                          const struct tk_duty_row *row, bool again);

/* {op,lesson,room,person_id?,name?}: by a co-teacher of the room's school. */
void tk_duty_hand_over(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                       struct tk_now now, const json_t *fields, tk_duty_done *done, void *arg);

/* PROTOCOL.md's RollCall and Duty; new references. */
json_t *tk_rollcall_json(const struct tk_rollcall_row *row);
json_t *tk_duty_json(const struct tk_duty_row *row);

/* The roll call and the duty that count for a room in the lesson as it is now. -ENOENT: none. */
int tk_rollcall_kept(struct tk_lessons *ls, const struct tk_lesson *lesson, int64_t room_id,
                     struct tk_rollcall_row *ret);
int tk_duty_now(struct tk_lessons *ls, const struct tk_lesson *lesson, int64_t room_id,
                struct tk_duty_row *ret);

/* GET /coteach: what a co-teacher looks after today; NULL with a problem. */
json_t *tk_coteach_json(struct tk_lessons *ls, struct tk_now now, const struct tk_account *account,
                        struct tk_problem *problem);

/*
 * The room `room_id` of `lesson` and who of those asking may speak for it: a co-teacher of its
 * school, before a device of its own (`devices`: whether one may). 0 or a problem.
 */
struct tk_room_doer {
    const struct tk_room *room;
    int64_t account_id; /* of account and device one is 0 */
    int64_t device_id;
    struct tk_actor actor;
};
int tk_room_doer(const struct tk_lesson *lesson, int64_t room_id,
                 const struct tk_rollcall_asker *asker, bool devices, struct tk_room_doer *ret,
                 struct tk_problem *problem);

/* Reads `lesson` and `room` of the fields and finds the lesson; 0 or a problem. */
int tk_room_doer_find(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                      const json_t *fields, bool devices, const struct tk_lesson **ret_lesson,
                      struct tk_room_doer *ret, struct tk_problem *problem);

#endif
