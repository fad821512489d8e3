#ifndef TK_SIGNALING_STORE_ATTENDANCE_ROWS_H
#define TK_SIGNALING_STORE_ATTENDANCE_ROWS_H

/* Rows of rule_set, attendance_result and attendance_correction. Any thread. */

#include "signaling/store/lesson_rows.h"

#define TK_STATUS_MAX 16

/* The rule set with these thresholds (canonical JSON); a new version where there is none. */
int tk_rule_set_row(struct tk_db *db, const char *thresholds, int64_t at_ms, int64_t *ret_version);

/* Its thresholds, to be freed with g_free; -ENOENT where there is no such version. */
int tk_rule_set_thresholds(struct tk_db *db, int64_t version, char **ret);

struct tk_result_row {
    int64_t id; /* 0: provisional, not stored */
    int64_t sitting_id;
    int64_t room_id; /* one of the two */
    int64_t person_id;
    int64_t rule_version;
    char status[TK_STATUS_MAX];
    double coverage; /* negative: nothing was live */
    int64_t covered_ms;
    int64_t bridged_ms;
    int64_t live_ms;
    char *intervals; /* JSON [[from_ms,to_ms,"played"|"bridged"]] */
    int64_t computed_ms;
    bool provisional;
};

void tk_result_row_free(struct tk_result_row *row);

int tk_result_row_add(struct tk_db *db, const struct tk_result_row *row, int64_t *ret_id);
/* Whether the sitting has its results. */
int tk_result_rows_exist(struct tk_db *db, int64_t sitting_id, bool *ret);
int tk_result_rows(struct tk_db *db, int64_t sitting_id,
                   int (*each)(void *ctx, const struct tk_result_row *row), void *ctx);

/* Its lesson and status. -ENOENT: no such result. */
int tk_result_row_find(struct tk_db *db, int64_t id, char ret_lesson_id[TK_LESSON_ID_MAX + 1],
                       char ret_status[TK_STATUS_MAX]);

struct tk_correction_row {
    int64_t id;
    int64_t result_id;
    char status[TK_STATUS_MAX];
    const char *reason; /* of the row that is read */
    int64_t account_id; /* 0: the console */
    const char *by;     /* the person's name, or "console" */
    int64_t at_ms;
};

/* -ENOENT: no such result. */
int tk_correction_row_add(struct tk_db *db, const struct tk_correction_row *row, int64_t *ret_id);
/* Oldest first: the last one counts. */
int tk_correction_rows(struct tk_db *db, int64_t result_id,
                       int (*each)(void *ctx, const struct tk_correction_row *row), void *ctx);

/* What a report prints of a sitting and of a room or person in it; valid within the call. */
struct tk_sitting_view {
    int64_t id;
    int64_t number;
    int64_t opened_ms;
    int64_t ended_ms; /* 0: goes on */
    const char *lesson_id;
    const char *kind;
    const char *title;
    const char *title_en;
};

/* Sittings opened in [from, to), oldest first; `lesson_id` NULL: of all lessons. */
int tk_sitting_views(struct tk_db *db, int64_t from_ms, int64_t to_ms, const char *lesson_id,
                     int (*each)(void *ctx, const struct tk_sitting_view *view), void *ctx);

/* Name and school; a person's school is that of the enrolment. -ENOENT where there is none. */
struct tk_attendee_view {
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    char school[TK_NAME_MAX];
    char school_en[TK_NAME_MAX];
};
int tk_attendee_view(struct tk_db *db, const char *lesson_id, int64_t room_id, int64_t person_id,
                     struct tk_attendee_view *ret);

#endif
