#ifndef TK_SIGNALING_STORE_BOARD_ROWS_H
#define TK_SIGNALING_STORE_BOARD_ROWS_H

/* Rows of board_entry and lesson_file. Any thread, with its own connection. */

#include <stddef.h>

#include "signaling/store/query.h"

#define TK_FILE_ID_MAX 64
#define TK_FILE_TYPE_MAX 16

/* `entry` is JSON. -EEXIST: the number is taken. */
int tk_board_row_add(struct tk_db *db, const char *lesson_id, int64_t epoch, int64_t n,
                     int64_t at_ms, int64_t account_id, const char *entry);
/* In order of their numbers, from 1. */
int tk_board_rows(struct tk_db *db, const char *lesson_id, int64_t epoch,
                  int (*each)(void *ctx, const char *entry), void *ctx);
/* The newest number; 0 where there is none. */
int64_t tk_board_rows_last(struct tk_db *db, const char *lesson_id, int64_t epoch);

struct tk_file_row {
    char id[TK_FILE_ID_MAX + 1];
    char type[TK_FILE_TYPE_MAX];
    int64_t bytes;
    int64_t w;
    int64_t h;
};

/* -EEXIST: the lesson has it. */
int tk_file_row_add(struct tk_db *db, const char *lesson_id, const struct tk_file_row *row,
                    int64_t account_id, int64_t at_ms);
/* -ENOENT where there is none. */
int tk_file_row(struct tk_db *db, const char *lesson_id, const char *id, struct tk_file_row *ret);
/* How many a lesson has, and their bytes. */
int tk_file_rows_sum(struct tk_db *db, const char *lesson_id, int64_t *ret_count,
                     int64_t *ret_bytes);

#endif
