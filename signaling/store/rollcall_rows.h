#ifndef TK_SIGNALING_STORE_ROLLCALL_ROWS_H
#define TK_SIGNALING_STORE_ROLLCALL_ROWS_H

/* Rows of roll_call and coteach_duty. Any thread, with its own connection. */

#include "signaling/store/account_rows.h"

#define TK_OP_TEXT 37       /* an op has at most 36 characters */
#define TK_ABSENT_TEXT 2304 /* 200 seat numbers of 8 characters as a JSON array */

/* Who did something: a person by account, or a device by the name of its room. */
struct tk_doer {
    char role[12]; /* a role's name, or "device" */
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
};

struct tk_rollcall_row {
    int64_t id;
    char op[TK_OP_TEXT];
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t sitting_id; /* 0: none was yet */
    int64_t room_id;
    int64_t expected;
    int64_t present;
    char absent[TK_ABSENT_TEXT]; /* a JSON array of seat numbers */
    int64_t marked_ms;
    int64_t received_ms;
    int64_t account_id; /* of account and device one is 0 */
    int64_t device_id;
    struct tk_doer by; /* set when read */
};

/* -EEXIST when the op is taken. */
int tk_rollcall_row_add(struct tk_db *db, const struct tk_rollcall_row *row, int64_t *ret_id);
/* -ENOENT where there is none. */
int tk_rollcall_row_op(struct tk_db *db, const char *op, struct tk_rollcall_row *ret);
/* The one that counts, marked last, of a room in a lesson; `sitting_id` 0: of any sitting. */
int tk_rollcall_row_kept(struct tk_db *db, const char *lesson_id, int64_t sitting_id,
                         int64_t room_id, struct tk_rollcall_row *ret);
/* Of a lesson, marked last first. */
int tk_rollcall_rows(struct tk_db *db, const char *lesson_id, int64_t count,
                     int (*each)(void *ctx, const struct tk_rollcall_row *row), void *ctx);
/* How many pupils the room was last said to have. -ENOENT where nobody ever said. */
int tk_rollcall_expected(struct tk_db *db, int64_t room_id, int64_t *ret);
/* How many of the room came in since then. */
int tk_rollcall_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret);
/* The newest sitting of a lesson that had opened by then. -ENOENT where there is none. */
int tk_sitting_opened_by(struct tk_db *db, const char *lesson_id, int64_t at_ms, int64_t *ret_id);

struct tk_duty_row {
    int64_t id;
    char op[TK_OP_TEXT];
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t room_id;
    int64_t person_id; /* 0: no person here, `name` says who */
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX]; /* set when read */
    int64_t by_account_id;
    int64_t at_ms;
};

/* -EEXIST when the op is taken. */
int tk_duty_row_add(struct tk_db *db, const struct tk_duty_row *row, int64_t *ret_id);
/* -ENOENT where there is none. */
int tk_duty_row_op(struct tk_db *db, const char *op, struct tk_duty_row *ret);
/* The newest of a room in a lesson since then. */
int tk_duty_row_last(struct tk_db *db, const char *lesson_id, int64_t room_id, int64_t since_ms,
                     struct tk_duty_row *ret);
/* How many of the room since then. */
int tk_duty_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret);

#endif
