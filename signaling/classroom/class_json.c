/* PROTOCOL.md's Class, as each may see it. */

#include "signaling/classroom/classroom_state.h"

static json_t *number_or_null(int64_t value)
{
    return value != 0 ? json_integer(value) : json_null();
}

static json_t *floor_json(const struct tk_floor *f)
{
    return f->room_id == 0 ? json_null()
                           : json_pack("{s:I, s:I}", "room", (json_int_t)f->room_id, "since_ms",
                                       (json_int_t)f->since_ms);
}

static json_t *lost_json(const struct tk_floor *f)
{
    return f->lost_room_id == 0
               ? json_null()
               : json_pack("{s:I, s:I, s:s}", "room", (json_int_t)f->lost_room_id, "at_ms",
                           (json_int_t)f->lost_ms, "reason", f->lost_reason);
}

static json_t *hands_json(const struct tk_floor *f)
{
    json_t *all = json_array();
    for (size_t i = 0; i < f->hands_count; i++) {
        json_array_append_new(all, json_pack("{s:I, s:I}", "room", (json_int_t)f->hands[i].room_id,
                                             "at_ms", (json_int_t)f->hands[i].at_ms));
    }
    return all;
}

static json_t *signals_json(const struct tk_signals *s)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->count; i++) {
        json_array_append_new(all,
                              json_pack("{s:I, s:s, s:I}", "room", (json_int_t)s->shown[i].room_id,
                                        "kind", tk_signal_name(s->shown[i].kind), "at_ms",
                                        (json_int_t)s->shown[i].at_ms));
    }
    return all;
}

static bool may_read(const struct tk_class_message *m, const struct tk_class_actor *viewer)
{
    return m->from == TK_MESSAGE_TEACHER || viewer->role == TK_CLASS_TEACHER ||
           (viewer->role == TK_CLASS_COTEACHER && m->room_id == viewer->room_id);
}

static json_t *message_json(const struct tk_class_message *m)
{
    return json_pack("{s:I, s:I, s:s, s:o, s:s, s:s, s:s}", "id", (json_int_t)m->id, "at_ms",
                     (json_int_t)m->at_ms, "from", tk_message_from_name(m->from), "room",
                     number_or_null(m->room_id), "name", m->name, "name_en", m->name_en, "text",
                     m->text);
}

static json_t *messages_json(const struct tk_messages *m, const struct tk_class_actor *viewer)
{
    json_t *all = json_array();
    for (const GList *i = m->kept.tail; i && json_array_size(all) < TK_MESSAGES_SHOWN;
         i = i->prev) {
        if (may_read(i->data, viewer)) {
            json_array_insert_new(all, 0, message_json(i->data));
        }
    }
    return all;
}

static json_t *countdown_json(const struct tk_countdown *c)
{
    return c->started_ms == 0 ? json_null()
                              : json_pack("{s:I, s:I}", "started_ms", (json_int_t)c->started_ms,
                                          "ends_ms", (json_int_t)c->ends_ms);
}

static json_t *counts_json(const struct tk_answer *answer, int choices)
{
    json_t *counts = json_object();
    for (int i = 0; i < choices; i++) {
        const char key[] = {(char)('A' + i), '\0'};
        json_object_set_new(counts, key, json_integer(answer->counts[i]));
    }
    return counts;
}

/* Of the room or co-teacher alone; everybody's for the others. */
static bool is_for(const struct tk_class_actor *viewer, int64_t room_id)
{
    const unsigned some = TK_CLASS_ROOM | TK_CLASS_COTEACHER | TK_CLASS_GUEST;
    return !(viewer->role & some) || viewer->room_id == room_id;
}

static json_t *question_json(const struct tk_question *q, const struct tk_class_actor *viewer)
{
    if (!q->shown) {
        return json_null();
    }
    json_t *answers = json_array();
    for (size_t i = 0; i < q->answers_count; i++) {
        const struct tk_answer *a = &q->answers[i];
        if (q->closed_ms != 0 || is_for(viewer, a->room_id)) {
            json_array_append_new(answers, json_pack("{s:I, s:o}", "room", (json_int_t)a->room_id,
                                                     "counts", counts_json(a, q->choices)));
        }
    }
    return json_pack("{s:I, s:I, s:i, s:s, s:o, s:o}", "id", (json_int_t)q->last_id, "asked_ms",
                     (json_int_t)q->asked_ms, "choices", q->choices, "text", q->text, "answers",
                     answers, "closed_ms", number_or_null(q->closed_ms));
}

static json_t *room_json(const struct tk_class_room *r, const struct tk_class_actor *viewer)
{
    bool known = is_for(viewer, r->id);
    json_t *roll_call = known && r->roll_call_ms != 0
                            ? json_pack("{s:i, s:i, s:I}", "expected", r->expected, "present",
                                        r->present, "at_ms", (json_int_t)r->roll_call_ms)
                            : json_null();
    json_t *check = known && r->check_ms != 0 ? json_pack("{s:s, s:I}", "verdict", r->verdict,
                                                          "at_ms", (json_int_t)r->check_ms)
                                              : json_null();
    return json_pack("{s:I, s:b, s:b, s:b, s:o, s:o, s:o}", "id", (json_int_t)r->id, "here",
                     r->pages > 0, "video", r->video, "audio", r->audio, "tile",
                     number_or_null(r->tile), "roll_call", roll_call, "check", check);
}

json_t *tk_classroom_json(struct tk_classroom *cr, const char *lesson_id,
                          const struct tk_class_actor *viewer)
{
    const struct tk_class_lesson *l = g_hash_table_lookup(cr->by_id, lesson_id);
    if (!l || !l->open) {
        return NULL;
    }
    json_t *o = json_object();
    json_t *rooms = json_array();
    for (guint i = 0; i < l->rooms->len; i++) {
        json_array_append_new(rooms,
                              room_json(&g_array_index(l->rooms, struct tk_class_room, i), viewer));
    }
    json_object_set_new(o, "mode", json_string(tk_floor_mode_name(l->floor.mode)));
    json_object_set_new(o, "floor", floor_json(&l->floor));
    json_object_set_new(o, "lost", lost_json(&l->floor));
    json_object_set_new(o, "hands", hands_json(&l->floor));
    json_object_set_new(o, "signals", signals_json(&l->signals));
    json_object_set_new(o, "messages", messages_json(&l->messages, viewer));
    json_object_set_new(o, "time_shown_ms", number_or_null(l->countdown.time_until_ms));
    json_object_set_new(o, "countdown", countdown_json(&l->countdown));
    json_object_set_new(o, "question", question_json(&l->question, viewer));
    json_object_set_new(o, "large", number_or_null(l->floor.large_room_id));
    json_object_set_new(o, "rooms", rooms);
    return o;
}
