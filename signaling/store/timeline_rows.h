#ifndef TK_SIGNALING_STORE_TIMELINE_ROWS_H
#define TK_SIGNALING_STORE_TIMELINE_ROWS_H

/* What happened in a sitting and who spoke in it, read back with names. Any thread. */

#include "signaling/store/rollcall_rows.h"

struct tk_timeline_row {
    int64_t at_ms;
    const char *kind;    /* borrowed, as the other texts */
    struct tk_room room; /* id 0: none */
    struct tk_doer by;   /* role empty: the server itself */
    const char *data;    /* a JSON object */
};

/* The newest `count` of a sitting, in order of time. */
int tk_timeline_rows(struct tk_db *db, int64_t sitting_id, int64_t count,
                     int (*each)(void *ctx, const struct tk_timeline_row *row), void *ctx);
int tk_timeline_rows_count(struct tk_db *db, int64_t sitting_id, int64_t *ret);

struct tk_speech_row {
    struct tk_room room; /* id 0: the main classroom */
    int64_t turns;
    int64_t floor_ms;
    int64_t spoke_ms;
};

/* The main classroom, then the rooms of the sitting's lesson and those that had the floor. */
int tk_speech_rows(struct tk_db *db, int64_t sitting_id,
                   int (*each)(void *ctx, const struct tk_speech_row *row), void *ctx);

#endif
