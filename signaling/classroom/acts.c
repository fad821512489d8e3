/* The messages of PROTOCOL.md's "In the lesson": who may send them, how often, what they do. */

#include <stdio.h>
#include <string.h>

#include "signaling/classroom/classroom_state.h"

#define T TK_CLASS_TEACHER
#define R TK_CLASS_ROOM
#define C TK_CLASS_COTEACHER

/* One message being carried out. */
struct act {
    struct tk_class_lesson *l;
    const struct tk_class_actor *actor;
    const json_t *message;
    int64_t at_ms;
    bool changed;       /* Class did */
    const char *reason; /* why a turn that is over ended */
    struct tk_problem *problem;
};

static int refuse(struct act *a, enum tk_problem_code code, const char *field, const char *text)
{
    return tk_problem_set(a->problem, code, field, "%s", text);
}

static const json_t *field_of(const struct act *a, const char *name)
{
    const json_t *v = json_object_get(a->message, name);
    return json_is_null(v) ? NULL : v;
}

/* The room that the message names, one of the lesson's. */
static int take_room(struct act *a, int64_t *ret)
{
    const json_t *v = field_of(a, "room");
    if (!json_is_integer(v) || !tk_class_room(a->l, json_integer_value(v))) {
        return refuse(a, TK_PROBLEM_BAD_FIELD, "room", "room is the id of a room of this lesson");
    }
    *ret = json_integer_value(v);
    return 0;
}

static int take_whole(struct act *a, const char *field, int64_t min, int64_t max, int64_t *ret)
{
    const json_t *v = field_of(a, field);
    if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
        return tk_problem_set(a->problem, TK_PROBLEM_BAD_FIELD, field,
                              "%s is a whole number from %lld to %lld", field, (long long)min,
                              (long long)max);
    }
    *ret = json_integer_value(v);
    return 0;
}

static int take_text(struct act *a, long max, const char **ret)
{
    const json_t *v = field_of(a, "text");
    if (!json_is_string(v) ||
        !tk_message_text_fits(json_string_value(v), json_string_length(v), max)) {
        return tk_problem_set(a->problem, TK_PROBLEM_BAD_FIELD, "text",
                              "text has 1 to %ld characters on one line", max);
    }
    *ret = json_string_value(v);
    return 0;
}

static void note(struct act *a, const char *kind, int64_t room_id, json_t *data)
{
    a->changed = true;
    tk_timeline_note(a->l, a->at_ms, kind, room_id, a->actor, data);
}

/* ---- hands and floor ---- */

static int must_be_there(struct act *a, int64_t room_id)
{
    const struct tk_class_room *room = tk_class_room(a->l, room_id);
    return room->pages > 0 ? 0
                           : refuse(a, TK_PROBLEM_CONFLICT, "room", "That room is not there now");
}

static int on_raise(struct act *a)
{
    int64_t room_id = a->actor->room_id;
    int r = must_be_there(a, room_id);
    if (r == 0 && tk_floor_raise(&a->l->floor, room_id, a->at_ms)) {
        note(a, "hand.raise", room_id, NULL);
    }
    return r;
}

static int on_lower(struct act *a)
{
    int64_t room_id = a->actor->room_id;
    if (a->actor->role == T && json_is_true(field_of(a, "all"))) {
        if (tk_floor_lower_all(&a->l->floor)) {
            note(a, "hand.lower", 0, json_pack("{s:b}", "all", 1));
        }
        return 0;
    }
    int r = a->actor->role == T ? take_room(a, &room_id) : 0;
    if (r == 0 && tk_floor_lower(&a->l->floor, room_id)) {
        note(a, "hand.lower", room_id, NULL);
    }
    return r;
}

static int on_give(struct act *a)
{
    int64_t room_id = 0;
    int r = take_room(a, &room_id);
    if (r == 0) {
        r = must_be_there(a, room_id);
    }
    if (r == 0 && tk_floor_give(&a->l->floor, room_id, a->at_ms)) {
        note(a, "floor.give", room_id, NULL);
        a->reason = "given";
    }
    return r;
}

static int on_take(struct act *a)
{
    int64_t room_id = a->l->floor.room_id;
    if (tk_floor_take(&a->l->floor)) {
        note(a, "floor.take", room_id, NULL);
        a->reason = "taken";
    }
    return 0;
}

static int on_leave(struct act *a)
{
    if (tk_floor_leave(&a->l->floor, a->actor->room_id)) {
        note(a, "floor.take", a->actor->room_id, NULL);
        a->reason = "left";
    }
    return 0;
}

static int on_mode(struct act *a)
{
    enum tk_floor_mode mode;
    const char *name = json_string_value(field_of(a, "mode"));
    if (!tk_floor_mode_parse(name, &mode)) {
        return refuse(a, TK_PROBLEM_BAD_FIELD, "mode", "mode: speech, music, choral");
    }
    if (tk_floor_set_mode(&a->l->floor, mode)) {
        note(a, "mode", 0, json_pack("{s:s}", "mode", name));
    }
    return 0;
}

static int on_large(struct act *a)
{
    int64_t room_id = 0;
    int r = field_of(a, "room") ? take_room(a, &room_id) : 0;
    if (r == 0) {
        a->changed = tk_floor_set_large(&a->l->floor, room_id);
    }
    return r;
}

/* ---- signals and messages ---- */

static int on_signal(struct act *a)
{
    enum tk_signal_kind kind;
    const char *name = json_string_value(field_of(a, "kind"));
    if (!tk_signal_parse(name, &kind)) {
        return refuse(a, TK_PROBLEM_BAD_FIELD, "kind", "kind: cannot_hear, too_fast, clear");
    }
    a->changed = true;
    if (tk_signals_send(&a->l->signals, a->actor->room_id, kind, a->at_ms)) {
        note(a, "signal", a->actor->room_id, json_pack("{s:s}", "kind", name));
    }
    return 0;
}

static int on_message(struct act *a)
{
    const char *text = NULL;
    int r = take_text(a, TK_MESSAGE_CHARS_MAX, &text);
    if (r < 0) {
        return r;
    }
    struct tk_class_message m = {
        .at_ms = a->at_ms,
        .from = a->actor->role == T   ? TK_MESSAGE_TEACHER
                : a->actor->role == R ? TK_MESSAGE_ROOM
                                      : TK_MESSAGE_COTEACHER,
        .room_id = a->actor->role == T ? 0 : a->actor->room_id,
    };
    g_strlcpy(m.name, a->actor->name ? a->actor->name : "", sizeof(m.name));
    g_strlcpy(m.name_en, a->actor->name_en ? a->actor->name_en : "", sizeof(m.name_en));
    g_strlcpy(m.text, text, sizeof(m.text));
    tk_messages_add(&a->l->messages, &m);
    note(a, "message", m.room_id,
         json_pack("{s:s, s:s, s:s, s:s}", "from", tk_message_from_name(m.from), "name", m.name,
                   "name_en", m.name_en, "text", m.text));
    return 0;
}

/* ---- time ---- */

static int on_time(struct act *a)
{
    tk_countdown_show_time(&a->l->countdown, a->at_ms);
    a->changed = true;
    return 0;
}

static int on_countdown(struct act *a)
{
    int64_t seconds = 0;
    int r = take_whole(a, "seconds", TK_COUNTDOWN_MIN_S, TK_COUNTDOWN_MAX_S, &seconds);
    if (r == 0) {
        tk_countdown_start(&a->l->countdown, a->at_ms, seconds);
        note(a, "countdown", 0, json_pack("{s:I}", "seconds", (json_int_t)seconds));
    }
    return r;
}

static int on_countdown_stop(struct act *a)
{
    if (tk_countdown_stop(&a->l->countdown)) {
        note(a, "countdown", 0, json_pack("{s:n}", "seconds"));
    }
    return 0;
}

/* ---- the question ---- */

static int on_close(struct act *a)
{
    if (tk_question_close(&a->l->question, a->at_ms)) {
        note(a, "question.close", 0,
             json_pack("{s:I}", "question", (json_int_t)a->l->question.last_id));
    }
    return 0;
}

static int on_ask(struct act *a)
{
    int64_t choices = 0;
    const char *text = "";
    int r = take_whole(a, "choices", TK_QUESTION_CHOICES_MIN, TK_QUESTION_CHOICES_MAX, &choices);
    const json_t *t = field_of(a, "text");
    if (r == 0 && t && !(json_is_string(t) && json_string_length(t) == 0)) {
        r = take_text(a, TK_QUESTION_TEXT_MAX, &text);
    }
    if (r < 0) {
        return r;
    }
    on_close(a);
    tk_question_ask(&a->l->question, a->at_ms, (int)choices, text);
    note(a, "question", 0,
         json_pack("{s:I, s:I, s:s}", "question", (json_int_t)a->l->question.last_id, "choices",
                   (json_int_t)choices, "text", text));
    return 0;
}

static int take_counts(struct act *a, int choices, int counts[TK_QUESTION_CHOICES_MAX])
{
    const json_t *object = field_of(a, "counts");
    size_t known = 0;
    for (int i = 0; i < choices; i++) {
        const char key[] = {(char)('A' + i), '\0'};
        const json_t *v = json_object_get(object, key);
        json_int_t n = json_integer_value(v);
        if (v && (!json_is_integer(v) || n < 0 || n > TK_QUESTION_COUNT_MAX)) {
            known = SIZE_MAX;
            break;
        }
        counts[i] = (int)n;
        known += v != NULL;
    }
    if (!json_is_object(object) || known != json_object_size(object)) {
        return tk_problem_set(a->problem, TK_PROBLEM_BAD_FIELD, "counts",
                              "counts has whole numbers from 0 to %d for A to %c",
                              TK_QUESTION_COUNT_MAX, 'A' + choices - 1);
    }
    return 0;
}

static int on_answer(struct act *a)
{
    struct tk_question *q = &a->l->question;
    int counts[TK_QUESTION_CHOICES_MAX] = {0};
    int64_t id = 0;
    bool changed = false;
    int r = take_whole(a, "question", 1, INT64_MAX, &id);
    if (r < 0) {
        return r;
    }
    if (!tk_question_open(q) || id != q->last_id) {
        return refuse(a, TK_PROBLEM_CONFLICT, "question", "That question is closed");
    }
    r = take_counts(a, q->choices, counts);
    if (r == 0 && !tk_question_answer(q, id, a->actor->room_id, counts, &changed)) {
        return refuse(a, TK_PROBLEM_CONFLICT, "question", "That question takes no answer");
    }
    if (changed) {
        note(a, "answer", a->actor->room_id,
             json_pack("{s:I, s:O}", "question", (json_int_t)id, "counts", field_of(a, "counts")));
    }
    return r;
}

/* ---- the table ---- */

static const struct entry {
    const char *type;
    unsigned roles;
    int (*handle)(struct act *a);
    enum tk_class_rate rate;
} table[] = {
    {"hand.raise", R | C, on_raise, TK_CLASS_RATE_HAND},
    {"hand.lower", R | C | T, on_lower, TK_CLASS_RATE_HAND},
    {"floor.give", T, on_give, TK_CLASS_RATE_LEAD},
    {"floor.take", T, on_take, TK_CLASS_RATE_LEAD},
    {"floor.leave", R | C, on_leave, TK_CLASS_RATE_HAND},
    {"mode.set", T, on_mode, TK_CLASS_RATE_LEAD},
    {"signal.send", R | C, on_signal, TK_CLASS_RATE_SIGNAL},
    {"message.send", R | C | T, on_message, TK_CLASS_RATE_MESSAGE},
    {"time.show", T, on_time, TK_CLASS_RATE_LEAD},
    {"countdown.start", T, on_countdown, TK_CLASS_RATE_LEAD},
    {"countdown.stop", T, on_countdown_stop, TK_CLASS_RATE_LEAD},
    {"question.ask", T, on_ask, TK_CLASS_RATE_LEAD},
    {"question.close", T, on_close, TK_CLASS_RATE_LEAD},
    {"question.answer", R | C, on_answer, TK_CLASS_RATE_ANSWER},
    {"large.set", T, on_large, TK_CLASS_RATE_LEAD},
};

static const struct entry *find(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].type, type) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int limit(struct act *a, const struct entry *e, struct tk_now now)
{
    char key[TK_LESSON_ID_MAX + 80];
    const struct tk_class_actor *who = a->actor;
    snprintf(key, sizeof(key), "%s %d %lld %lld %lld", a->l->id, (int)who->role,
             (long long)who->room_id, (long long)who->account_id, (long long)who->device_id);
    if (!tk_rate_take(a->l->cr->rates[e->rate], key, TK_CLASS_RATE_COST, now.mono_ms)) {
        return refuse(a, TK_PROBLEM_RATE_LIMITED, NULL, "Too often: wait a moment");
    }
    int *events =
        who->role == T ? &a->l->teacher_events : &tk_class_room(a->l, who->room_id)->events;
    if (*events >= TK_CLASS_EVENTS_MAX) {
        return refuse(a, TK_PROBLEM_RATE_LIMITED, NULL, "Too much for one lesson");
    }
    ++*events;
    return 0;
}

static int check(struct act *a, const struct entry *e, const char *type)
{
    if (!(e->roles & a->actor->role)) {
        return tk_problem_set(a->problem, TK_PROBLEM_FORBIDDEN, NULL,
                              "%s is not for this page to send", type);
    }
    if (!a->l || !a->l->open) {
        return refuse(a, TK_PROBLEM_CONFLICT, NULL, "The lesson is not open");
    }
    if (a->actor->role != T && !tk_class_room(a->l, a->actor->room_id)) {
        return refuse(a, TK_PROBLEM_FORBIDDEN, NULL, "This room is not in the lesson");
    }
    return 0;
}

void tk_classroom_act(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                      const struct tk_class_actor *actor, const char *type, const json_t *message,
                      tk_access_done *done, void *arg)
{
    struct tk_problem problem;
    const struct entry *e = find(type);
    struct act a = {
        .l = g_hash_table_lookup(cr->by_id, lesson_id),
        .actor = actor,
        .message = message,
        .problem = &problem,
    };
    int r =
        e ? check(&a, e, type)
          : tk_problem_set(&problem, TK_PROBLEM_BAD_REQUEST, "type", "There is no such message");
    if (r == 0) {
        a.at_ms = tk_class_clock(a.l, now);
        r = limit(&a, e, now);
    }
    if (r == 0) {
        r = e->handle(&a);
    }
    if (r < 0) {
        done(arg, &problem);
        return;
    }
    if (a.changed) {
        tk_class_follow(a.l, now, a.reason);
    }
    tk_timeline_write(a.l, done, arg);
}
