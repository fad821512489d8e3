#ifndef TK_SIGNALING_CORE_ROOM_CHECK_H
#define TK_SIGNALING_CORE_ROOM_CHECK_H

/* Checks of rooms, judged (check.h) and kept. Loop thread. */

#include "signaling/core/check.h"
#include "signaling/core/lesson.h"
#include "signaling/store/check_rows.h"

/* Of one room in a day. */
#define TK_ROOM_CHECK_DAY_MAX 200
#define TK_ROOM_CHECKS_SHOWN 20

/* `row` is NULL with a problem; `again`: it was kept before. */
typedef void tk_room_check_done(void *arg, const struct tk_problem *problem,
                                const struct tk_check_row *row, bool again);

/* `fields`, borrowed: {op,lesson?,asked_by?,result}, by that device for its room. */
void tk_room_check_add(struct tk_lessons *ls, const struct tk_device *device, struct tk_now now,
                       const json_t *fields, tk_room_check_done *done, void *arg);

/* GET /rooms/{id}/checks, or of all rooms (0) the newest of each; NULL with a problem. */
json_t *tk_room_checks_json(struct tk_lessons *ls, int64_t room_id, struct tk_problem *problem);

#endif
