#ifndef TK_SIGNALING_STORE_PLACE_ROWS_H
#define TK_SIGNALING_STORE_PLACE_ROWS_H

/* Rows of school, room and person. Any thread, with its own connection. */

#include "signaling/store/query.h"

#define TK_NAME_MAX 96

struct tk_school {
    int64_t id;
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    bool poor_village;
};

struct tk_room {
    int64_t id;
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    int64_t school_id;
    char school[TK_NAME_MAX];
    char school_en[TK_NAME_MAX];
};

struct tk_person {
    int64_t id;
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    int64_t school_id; /* 0: none */
    char school[TK_NAME_MAX];
    char school_en[TK_NAME_MAX];
};

int tk_school_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_school *school),
                   void *ctx);
/* -ENOENT where there is none. */
int tk_school_row_named(struct tk_db *db, const char *name, int64_t *ret_id);
int tk_school_row_add(struct tk_db *db, const struct tk_school *school, int64_t at_ms,
                      int64_t *ret_id);

int tk_room_row(struct tk_db *db, int64_t id, struct tk_room *ret);
int tk_room_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_room *room), void *ctx);
int tk_room_row_add(struct tk_db *db, int64_t school_id, const char *name, const char *name_en,
                    int64_t at_ms, int64_t *ret_id);

int tk_person_row(struct tk_db *db, int64_t id, struct tk_person *ret);
/* Of one school; `school_id` 0: all. */
int tk_person_rows(struct tk_db *db, int64_t school_id,
                   int (*each)(void *ctx, const struct tk_person *person), void *ctx);
/* `school_id` and `staff_number` may be 0 and NULL. */
int tk_person_row_add(struct tk_db *db, int64_t school_id, const char *name, const char *name_en,
                      const char *staff_number, int64_t at_ms, int64_t *ret_id);

#endif
