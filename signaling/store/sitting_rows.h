#ifndef TK_SIGNALING_STORE_SITTING_ROWS_H
#define TK_SIGNALING_STORE_SITTING_ROWS_H

/*
 * Rows of sitting, live_span and server_run. Sittings and spans are put: added, or changed where
 * the id is there, so that a write that failed can be done again. Any thread.
 */

#include "signaling/store/account_rows.h"

struct tk_sitting_row {
    int64_t id; /* 0: none */
    int64_t number;
    int64_t opened_ms;
    int64_t live_ms;        /* first live; 0: not yet */
    int64_t started_ms;     /* the teacher's tracks are to feed it since; 0: the source does */
    int64_t ended_ms;       /* 0: goes on */
    const char *end_reason; /* static or NULL; not read back */
};

int tk_sitting_row_put(struct tk_db *db, const char *lesson_id, const struct tk_sitting_row *row);
/* Adds it where it is not there: what refers to it may overtake it. */
int tk_sitting_row_ensure(struct tk_db *db, const char *lesson_id,
                          const struct tk_sitting_row *row);
/* The newest of a lesson, or by id with the lesson's. -ENOENT where there is none. */
int tk_sitting_row_last(struct tk_db *db, const char *lesson_id, struct tk_sitting_row *ret);
int tk_sitting_row(struct tk_db *db, int64_t id, struct tk_sitting_row *ret,
                   char ret_lesson_id[TK_LESSON_ID_MAX + 1]);
/* Newest first, at most `count`. */
int tk_sitting_rows(struct tk_db *db, const char *lesson_id, int64_t count,
                    int (*each)(void *ctx, const struct tk_sitting_row *row), void *ctx);

struct tk_live_row {
    int64_t id;
    int64_t sitting_id;
    int64_t started_ms;
    int64_t last_ms;
    bool closed;
    const char *cause; /* why it ended; static or NULL */
};

int tk_live_row_put(struct tk_db *db, const struct tk_live_row *row);
/* It is live until last_ms; nothing happens to one that is closed or not there yet. */
int tk_live_row_beat(struct tk_db *db, const struct tk_live_row *row);
int tk_live_rows(struct tk_db *db, int64_t sitting_id,
                 int (*each)(void *ctx, const struct tk_live_row *row), void *ctx);
/* Closes what a run before this left open. */
int tk_live_rows_close(struct tk_db *db, const char *cause);

/* The largest ids given out so far. */
struct tk_sitting_ids {
    int64_t sitting;
    int64_t live;
    int64_t presence;
    int64_t evidence;
};
int tk_sitting_ids(struct tk_db *db, struct tk_sitting_ids *ret);

int tk_run_row_add(struct tk_db *db, int64_t at_ms, int64_t *ret_id);
int tk_run_row_beat(struct tk_db *db, int64_t id, int64_t at_ms);
int tk_run_row_stop(struct tk_db *db, int64_t id, int64_t at_ms);
/* The times in [from, to) in which no server ran, oldest first. */
int tk_run_rows_down(struct tk_db *db, int64_t from_ms, int64_t to_ms,
                     int (*each)(void *ctx, int64_t down_ms, int64_t up_ms), void *ctx);

#endif
