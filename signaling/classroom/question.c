#include "signaling/classroom/question.h"

#include <stdio.h>
#include <string.h>

bool tk_question_open(const struct tk_question *q)
{
    return q->shown && q->closed_ms == 0;
}

void tk_question_ask(struct tk_question *q, int64_t at_ms, int choices, const char *text)
{
    q->last_id++;
    q->shown = true;
    q->asked_ms = at_ms;
    q->closed_ms = 0;
    q->choices = choices;
    q->answers_count = 0;
    snprintf(q->text, sizeof(q->text), "%s", text);
}

bool tk_question_close(struct tk_question *q, int64_t at_ms)
{
    if (!tk_question_open(q)) {
        return false;
    }
    q->closed_ms = at_ms;
    return true;
}

bool tk_question_answer(struct tk_question *q, int64_t id, int64_t room_id,
                        const int counts[TK_QUESTION_CHOICES_MAX], bool *ret_changed)
{
    size_t i = 0;
    if (!tk_question_open(q) || id != q->last_id) {
        return false;
    }
    while (i < q->answers_count && q->answers[i].room_id != room_id) {
        i++;
    }
    if (i == TK_QUESTION_ROOMS_MAX) {
        return false;
    }
    struct tk_answer *a = &q->answers[i];
    *ret_changed = i == q->answers_count || memcmp(a->counts, counts, sizeof(a->counts)) != 0;
    q->answers_count += i == q->answers_count;
    a->room_id = room_id;
    memcpy(a->counts, counts, sizeof(a->counts));
    return true;
}

bool tk_question_tick(struct tk_question *q, int64_t at_ms, int64_t *ret_next_ms)
{
    int64_t until_ms = q->closed_ms + TK_QUESTION_SHOWN_MS;
    if (!q->shown || q->closed_ms == 0) {
        return false;
    }
    if (at_ms >= until_ms) {
        q->shown = false;
        return true;
    }
    *ret_next_ms = until_ms < *ret_next_ms ? until_ms : *ret_next_ms;
    return false;
}
