/*
 * After a restart in the middle of a sitting: what its events say is as it was, so that nobody has
 * to do again what they did. Floor, hands, mode, messages, countdown and question go on; signals
 * and the time shown are over soon anyway. Rooms that do not come back in time drop out
 * (classroom.c).
 */

#include <string.h>

#include "signaling/classroom/classroom_state.h"

struct event {
    struct tk_class_lesson *l;
    const struct tk_event_row *row;
    struct tk_class_room *room; /* NULL: none, or one that is no longer in the lesson */
    const json_t *data;
};

static const char *text_of(const struct event *e, const char *name)
{
    const char *text = json_string_value(json_object_get(e->data, name));
    return text ? text : "";
}

static int64_t number_of(const struct event *e, const char *name)
{
    return json_integer_value(json_object_get(e->data, name));
}

static void on_join(struct event *e)
{
    e->room->joined = true;
}

static void on_leave(struct event *e)
{
    e->room->joined = false;
    tk_floor_lower(&e->l->floor, e->room->id);
}

static void on_raise(struct event *e)
{
    tk_floor_raise(&e->l->floor, e->room->id, e->row->at_ms);
}

static void on_lower(struct event *e)
{
    if (json_is_true(json_object_get(e->data, "all"))) {
        tk_floor_lower_all(&e->l->floor);
    } else {
        tk_floor_lower(&e->l->floor, e->row->room_id);
    }
}

static void on_give(struct event *e)
{
    tk_floor_give(&e->l->floor, e->room->id, e->row->at_ms);
}

static void on_take(struct event *e)
{
    tk_floor_take(&e->l->floor);
}

static void on_mode(struct event *e)
{
    enum tk_floor_mode mode;
    if (tk_floor_mode_parse(text_of(e, "mode"), &mode)) {
        tk_floor_set_mode(&e->l->floor, mode);
    }
}

static void on_message(struct event *e)
{
    struct tk_class_message m = {.at_ms = e->row->at_ms, .room_id = e->row->room_id};
    if (tk_message_from_parse(text_of(e, "from"), &m.from)) {
        g_strlcpy(m.name, text_of(e, "name"), sizeof(m.name));
        g_strlcpy(m.name_en, text_of(e, "name_en"), sizeof(m.name_en));
        g_strlcpy(m.text, text_of(e, "text"), sizeof(m.text));
        tk_messages_add(&e->l->messages, &m);
    }
}

static void on_countdown(struct event *e)
{
    tk_countdown_stop(&e->l->countdown);
    if (number_of(e, "seconds") > 0) {
        tk_countdown_start(&e->l->countdown, e->row->at_ms, number_of(e, "seconds"));
    }
}

static void on_question(struct event *e)
{
    int64_t choices =
        CLAMP(number_of(e, "choices"), TK_QUESTION_CHOICES_MIN, TK_QUESTION_CHOICES_MAX);
    tk_question_ask(&e->l->question, e->row->at_ms, (int)choices, text_of(e, "text"));
}

static void on_answer(struct event *e)
{
    bool changed;
    int counts[TK_QUESTION_CHOICES_MAX];
    for (int i = 0; i < TK_QUESTION_CHOICES_MAX; i++) {
        const char key[] = {(char)('A' + i), '\0'};
        const json_t *n = json_object_get(json_object_get(e->data, "counts"), key);
        counts[i] = (int)CLAMP(json_integer_value(n), 0, TK_QUESTION_COUNT_MAX);
    }
    tk_question_answer(&e->l->question, number_of(e, "question"), e->room->id, counts, &changed);
}

static void on_close(struct event *e)
{
    tk_question_close(&e->l->question, e->row->at_ms);
}

static void on_roll_call(struct event *e)
{
    e->room->roll_call_ms = e->row->at_ms;
    e->room->expected = (int)number_of(e, "expected");
    e->room->present = (int)number_of(e, "present");
}

static void on_check(struct event *e)
{
    e->room->check_ms = e->row->at_ms;
    g_strlcpy(e->room->verdict, text_of(e, "verdict"), sizeof(e->room->verdict));
}

static void on_live(struct event *e)
{
    e->l->live = strcmp(e->row->kind, "live") == 0;
}

static const struct {
    const char *kind;
    void (*take)(struct event *e);
    bool room; /* nothing without one */
} table[] = {
    {"join", on_join, true},
    {"leave", on_leave, true},
    {"hand.raise", on_raise, true},
    {"hand.lower", on_lower, false},
    {"floor.give", on_give, true},
    {"floor.take", on_take, false},
    {"floor.lost", on_take, false},
    {"mode", on_mode, false},
    {"message", on_message, false},
    {"countdown", on_countdown, false},
    {"question", on_question, false},
    {"answer", on_answer, true},
    {"question.close", on_close, false},
    {"roll_call", on_roll_call, true},
    {"check", on_check, true},
    {"live", on_live, false},
    {"interrupted", on_live, false},
};

static int on_event(void *ctx, const struct tk_event_row *row)
{
    struct tk_class_lesson *l = ctx;
    struct event e = {.l = l, .row = row, .room = tk_class_room(l, row->room_id)};
    if (e.room) {
        e.room->events++;
    } else if (row->room_id == 0) {
        l->teacher_events++;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].kind, row->kind) == 0 && (e.room || !table[i].room)) {
            json_t *data = json_loads(row->data, 0, NULL);
            e.data = data;
            table[i].take(&e);
            json_decref(data);
            break;
        }
    }
    return 0;
}

bool tk_class_replay(struct tk_class_lesson *l)
{
    struct tk_db *db = tk_store_reader(l->cr->store);
    tk_event_rows(db, l->sitting.id, on_event, l);
    tk_main_speech(db, l->sitting.id, &l->main_spoke_ms);
    bool any = l->teacher_events > 0;
    for (guint i = 0; i < l->rooms->len; i++) {
        any = any || g_array_index(l->rooms, struct tk_class_room, i).events > 0;
    }
    return any;
}
