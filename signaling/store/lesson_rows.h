#ifndef TK_SIGNALING_STORE_LESSON_ROWS_H
#define TK_SIGNALING_STORE_LESSON_ROWS_H

/* Rows of lesson, lesson_room, lesson_person, sitting, live_span and server_run. Any thread. */

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

struct tk_sitting_row {
    int64_t id; /* 0: none */
    int64_t number;
    int64_t opened_ms;
    int64_t live_ms;    /* first live; 0: not yet */
    int64_t started_ms; /* the teacher's tracks are to feed it since; 0: the source does */
    int64_t ended_ms;   /* 0: goes on */
};

/* Frees what it holds and empties it. */
void tk_lesson_row_clear(struct tk_lesson_row *row);

/* Fills `ret`, which the caller clears. -ENOENT where there is none. */
int tk_lesson_row(struct tk_db *db, const char *id, struct tk_lesson_row *ret);

#endif
