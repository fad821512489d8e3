#ifndef TK_SIGNALING_CORE_VISIT_H
#define TK_SIGNALING_CORE_VISIT_H

/*
 * Silent visits 巡课: an auditor or administrator looks in on an open lesson and leaves no trace in
 * it, but one on record: a row and an entry of the audit that are on disk before the page is shown
 * anything, and the end of it. A page that comes back goes on with its visit. Loop thread.
 *
 *     begin ──on disk──▶ goes on (a beat each 5 s) ──leave──▶ ended
 *                          ▲│ connection lost
 *                          └▼ waits 30 s ──▶ ended, when it was last there
 */

#include "signaling/core/lesson.h"

struct tk_visits;

#define TK_VISIT_BEAT_MS 5000
#define TK_VISIT_WAIT_MS 30000
#define TK_VISITS_AT_ONCE 8 /* of one account */
#define TK_VISITS_DAY_MAX 500
#define TK_VISIT_KEY 64

/* What an account's page may see of a lesson without taking part. */
enum tk_watch {
    TK_WATCH_REFUSED,
    TK_WATCH_KNOWN, /* enrolled, its teacher, or a co-teacher of one of its rooms: no visit */
    TK_WATCH_VISIT, /* auditor, administrator: silently, on record */
};

/* `problem` is set when it is refused: forbidden; conflict: not open, nothing to visit. */
enum tk_watch tk_visit_may(const struct tk_lesson *lesson, const struct tk_account *account,
                           struct tk_problem *problem);

/* Ends, at their last sign, the visits that a run before this left open. 0 or -errno. */
int tk_visits_create(struct tk_store *store, struct tk_now now, struct tk_visits **ret);
/* All end; what waits to be written is written by tk_store_close. */
void tk_visits_destroy(struct tk_visits *v, struct tk_now now); /* NULL is fine */

/*
 * A visit of the lesson by the page load `load`; the same one again goes on. `done` once it is on
 * disk (at once where it is already) or with a problem: rate_limited, unavailable.
 */
void tk_visit_begin(struct tk_visits *v, struct tk_now now, const struct tk_actor *actor,
                    const char *lesson_id, const char *load, tk_access_done *done, void *arg);

/* Whether the visit of `load` to that lesson goes on and is on disk. */
bool tk_visit_goes_on(const struct tk_visits *v, const char *lesson_id, const char *load);

/*
 * The page has gone, or the lesson is over; it was last there `ago_ms` ago. `lost`: it may come
 * back. Unknown ones are passed over.
 */
void tk_visit_leave(struct tk_visits *v, struct tk_now now, const char *lesson_id, const char *load,
                    bool lost, int64_t ago_ms);

/* Beats, and ends what did not come back; each second is often enough. */
void tk_visits_tick(struct tk_visits *v, struct tk_now now);

/* GET /visits: {visits,total,page,per_page}; NULL with a problem. */
json_t *tk_visits_json(struct tk_store *store, int64_t page, struct tk_problem *problem);

#endif
