#ifndef TK_SIGNALING_CLASSROOM_QUESTION_H
#define TK_SIGNALING_CLASSROOM_QUESTION_H

/*
 * The quick question: choices A to D, answered by each room with how many chose which. One at a
 * time; the newest answer of a room counts until it is closed. State and now in, decisions out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_QUESTION_CHOICES_MAX 4
#define TK_QUESTION_CHOICES_MIN 2
#define TK_QUESTION_COUNT_MAX 99
#define TK_QUESTION_TEXT_MAX 100   /* characters, of 4 bytes at most */
#define TK_QUESTION_SHOWN_MS 60000 /* after it was closed */
#define TK_QUESTION_ROOMS_MAX 64

struct tk_answer {
    int64_t room_id;
    int counts[TK_QUESTION_CHOICES_MAX];
};

/* Zeroed is the beginning. */
struct tk_question {
    int64_t last_id; /* the last one's that was asked in this sitting */
    bool shown;
    int64_t asked_ms;
    int64_t closed_ms; /* 0: open */
    int choices;
    char text[TK_QUESTION_TEXT_MAX * 4 + 1];
    struct tk_answer answers[TK_QUESTION_ROOMS_MAX];
    size_t answers_count;
};

/* Whether one is open now. */
bool tk_question_open(const struct tk_question *q);
/* Asks the next one, whose id is then last_id; one that was open is closed with it. */
void tk_question_ask(struct tk_question *q, int64_t at_ms, int choices, const char *text);
/* Whether it was open. */
bool tk_question_close(struct tk_question *q, int64_t at_ms);
/* False: `id` is not the one that is open. `ret_changed`: the room had not said the same. */
bool tk_question_answer(struct tk_question *q, int64_t id, int64_t room_id,
                        const int counts[TK_QUESTION_CHOICES_MAX], bool *ret_changed);
/* Takes away one that was closed long enough ago; `ret_next_ms` as in floor.h. */
bool tk_question_tick(struct tk_question *q, int64_t at_ms, int64_t *ret_next_ms);

#endif
