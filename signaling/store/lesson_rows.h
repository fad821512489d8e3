#ifndef TK_SIGNALING_STORE_LESSON_ROWS_H
#define TK_SIGNALING_STORE_LESSON_ROWS_H

/* Rows of lesson, lesson_room and lesson_person. Any thread, with its own connection. */

#include "signaling/store/account_rows.h"

#define TK_TITLE_MAX 120 /* bytes: 40 Chinese characters */
#define TK_REASON_MAX 400
#define TK_LESSON_ROOMS_MAX 64
#define TK_LESSON_PERSONS_MAX 500

enum tk_lesson_kind {
    TK_LESSON_LESSON,
    TK_LESSON_TRAINING, /* attended by person */
};

enum tk_lesson_state {
    TK_LESSON_SCHEDULED,
    TK_LESSON_OPEN,
    TK_LESSON_LIVE,
    TK_LESSON_INTERRUPTED,
    TK_LESSON_ENDED,
    TK_LESSON_CANCELLED,
};

const char *tk_lesson_kind_name(enum tk_lesson_kind kind);
bool tk_lesson_kind_parse(const char *text, enum tk_lesson_kind *ret);
const char *tk_lesson_state_name(enum tk_lesson_state state);
bool tk_lesson_state_parse(const char *text, enum tk_lesson_state *ret);

struct tk_lesson_row {
    char id[TK_LESSON_ID_MAX + 1];
    enum tk_lesson_kind kind;
    enum tk_lesson_state state;
    char title[TK_TITLE_MAX + 1];
    char title_en[TK_TITLE_MAX + 1];
    char subject[TK_TITLE_MAX + 1];
    struct tk_person teacher;   /* id 0: none */
    int64_t teacher_account_id; /* the teacher account of that person; 0: none */
    struct tk_room main_room;   /* id 0: none */
    int64_t start_ms;
    int64_t end_ms;
    char *source; /* JSON */
    bool reopens;
    int64_t reopens_ms;  /* 0: not ended, or never again */
    char *cancel_reason; /* NULL: not cancelled */
    int64_t version;
    size_t rooms_count;
    struct tk_room *rooms;
    size_t persons_count; /* the enrolled of a training */
    struct tk_person *persons;
};

/* Frees what it holds and empties it. */
void tk_lesson_row_clear(struct tk_lesson_row *row);

/* Fills `ret`, which the caller clears. -ENOENT where there is none. */
int tk_lesson_row(struct tk_db *db, const char *id, struct tk_lesson_row *ret);

/*
 * Adds or, with `row->version` > 0, changes what is planned (not the state) and sets rooms and
 * enrolled persons by their ids; a change makes the next version. -EEXIST: the id is taken;
 * -ENOENT: no such lesson, room or person; -ESTALE: another version is there.
 */
int tk_lesson_row_add(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms);
int tk_lesson_row_plan(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms);

/* Sets state, times, reopens_ms and cancel_reason: what happens to a lesson. */
int tk_lesson_row_state(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms);

int tk_lesson_row_source(struct tk_db *db, const char *id, const char *source, int64_t at_ms);

struct tk_lesson_conflict {
    char title[TK_TITLE_MAX + 1]; /* of the other lesson */
    char what[TK_NAME_MAX];       /* the teacher or room that both claim */
    bool teacher;
    int64_t start_ms;
    int64_t end_ms;
};

/* A lesson that claims the same teacher or room at the same time. -ENOENT: none. */
int tk_lesson_row_conflict(struct tk_db *db, const char *id, struct tk_lesson_conflict *ret);

typedef int tk_lesson_id_each(void *ctx, const char *id);

/* Those that may open, are open or will reopen, and begin before `horizon_ms`. */
int tk_lesson_ids_pending(struct tk_db *db, int64_t horizon_ms, tk_lesson_id_each *each, void *ctx);

struct tk_lesson_search {
    int64_t from_ms; /* overlapping [from, to) */
    int64_t to_ms;
    const char *state;  /* NULL: any */
    int64_t teacher_id; /* 0: any */
    int64_t school_id;  /* 0: any; else one of its rooms takes part */
    int64_t offset;
    int64_t count;
};

/* In order of time; `ret_total` without offset and count. */
int tk_lesson_ids(struct tk_db *db, const struct tk_lesson_search *search, int64_t *ret_total,
                  tk_lesson_id_each *each, void *ctx);

#endif
