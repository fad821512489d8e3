#ifndef TK_SIGNALING_STORE_CHECK_ROWS_H
#define TK_SIGNALING_STORE_CHECK_ROWS_H

/* Rows of room_check. Any thread, with its own connection. */

#include "signaling/store/rollcall_rows.h"

#define TK_CHECK_TEXT 1024

struct tk_check_row {
    int64_t id;
    char op[TK_OP_TEXT];
    int64_t room_id;
    int64_t device_id;
    char lesson_id[TK_LESSON_ID_MAX + 1]; /* empty: for none */
    int64_t asked_by;                     /* 0: nobody */
    int64_t at_ms;
    char verdict[8];
    char result[TK_CHECK_TEXT]; /* JSON of PROTOCOL.md's Check */
    struct tk_doer asker;       /* set when read; role empty: nobody */
};

/* -EEXIST when the op is taken; -ENOENT when asked_by is no account. */
int tk_check_row_add(struct tk_db *db, const struct tk_check_row *row, int64_t *ret_id);
/* -ENOENT where there is none. */
int tk_check_row_op(struct tk_db *db, const char *op, struct tk_check_row *ret);
/* Of a room, the newest first. */
int tk_check_rows(struct tk_db *db, int64_t room_id, int64_t count,
                  int (*each)(void *ctx, const struct tk_check_row *row), void *ctx);
/* The newest of each room that has one. */
int tk_check_rows_newest(struct tk_db *db, int (*each)(void *ctx, const struct tk_check_row *row),
                         void *ctx);
/* How many of the room since then. */
int tk_check_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret);

#endif
