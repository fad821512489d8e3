#ifndef TK_SIGNALING_STORE_EVENT_ROWS_H
#define TK_SIGNALING_STORE_EVENT_ROWS_H

/*
 * Rows of event, floor_turn and main_speech: what happened within a sitting. Turns and speech are
 * put, and only grow, so that a write that failed can be done again, in any order. Any thread.
 */

#include "signaling/store/query.h"

#define TK_EVENT_KIND_MAX 24

struct tk_event_row {
    int64_t id; /* read back; given by the store */
    int64_t sitting_id;
    int64_t at_ms;
    const char *kind;   /* PROTOCOL.md's Event; static, or borrowed while reading */
    int64_t room_id;    /* 0: none */
    int64_t account_id; /* 0: none */
    int64_t device_id;  /* 0: none */
    const char *data;   /* a JSON object; NULL: empty */
};

int tk_event_row_add(struct tk_db *db, const struct tk_event_row *row);
/* As they happened. */
int tk_event_rows(struct tk_db *db, int64_t sitting_id,
                  int (*each)(void *ctx, const struct tk_event_row *row), void *ctx);

struct tk_turn_row {
    int64_t id; /* 0: none */
    int64_t sitting_id;
    int64_t room_id;
    int64_t started_ms;
    int64_t last_ms;
    int64_t ended_ms;       /* 0: goes on */
    const char *end_reason; /* static or NULL */
    int64_t spoke_ms;
};

int tk_turn_row_put(struct tk_db *db, const struct tk_turn_row *row);
/* Closes what a run before this left open, at its last sign. */
int tk_turn_rows_close(struct tk_db *db, const char *reason);
/* The largest id given out so far. */
int tk_turn_last_id(struct tk_db *db, int64_t *ret);

/* How long was spoken in the main classroom. */
int tk_main_speech_put(struct tk_db *db, int64_t sitting_id, int64_t spoke_ms, int64_t last_ms);
/* 0 where nothing was spoken. */
int tk_main_speech(struct tk_db *db, int64_t sitting_id, int64_t *ret_spoke_ms);

#endif
