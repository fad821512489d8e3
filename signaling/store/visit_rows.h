#ifndef TK_SIGNALING_STORE_VISIT_ROWS_H
#define TK_SIGNALING_STORE_VISIT_ROWS_H

/* Rows of visit: who looked in on a lesson silently. Any thread, with its own connection. */

#include "signaling/store/rollcall_rows.h"

struct tk_visit_row {
    int64_t id;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t sitting_id; /* 0: none */
    int64_t account_id;
    char ip[48];
    int64_t started_ms;
    int64_t last_ms;
    int64_t ended_ms; /* 0: it goes on */
    /* set when read */
    char login[TK_LOGIN_MAX + 1];
    struct tk_doer by;
    char title[128]; /* of the lesson */
    char title_en[128];
};

int tk_visit_row_add(struct tk_db *db, const struct tk_visit_row *row, int64_t *ret_id);
/* It goes on until then at least; nothing happens to one that has ended. */
int tk_visit_row_beat(struct tk_db *db, int64_t id, int64_t last_ms);
/* -ENOENT when it has ended already. */
int tk_visit_row_end(struct tk_db *db, int64_t id, int64_t ended_ms);
/* Those that go on; `each` may end them. */
int tk_visit_rows_open(struct tk_db *db, int (*each)(void *ctx, const struct tk_visit_row *row),
                       void *ctx);
/* How many an account began since then. */
int tk_visit_rows_since(struct tk_db *db, int64_t account_id, int64_t since_ms, int64_t *ret);
/* Newest first. */
int tk_visit_rows(struct tk_db *db, int64_t offset, int64_t count,
                  int (*each)(void *ctx, const struct tk_visit_row *row), void *ctx);
int tk_visit_rows_count(struct tk_db *db, int64_t *ret);

#endif
