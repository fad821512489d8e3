#include "signaling/core/lesson_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/lesson_state.h"

#define PER_PAGE 50
#define PER_PAGE_MAX 200

/* 0 stands for no value. */
static json_t *number_or_null(int64_t value)
{
    return value != 0 ? json_integer(value) : json_null();
}

json_t *tk_room_json(const struct tk_room *r)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)r->id, "name", r->name,
                     "name_en", r->name_en, "school", r->school, "school_en", r->school_en);
}

json_t *tk_person_json(const struct tk_person *p)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)p->id, "name", p->name,
                     "name_en", p->name_en, "school", p->school, "school_en", p->school_en);
}

static json_t *teacher_json(const struct tk_lesson_row *row)
{
    if (row->teacher.id == 0) {
        return json_null();
    }
    json_t *o = tk_person_json(&row->teacher);
    json_object_set_new(o, "account_id", number_or_null(row->teacher_account_id));
    return o;
}

static json_t *sitting_json(const struct tk_sitting_row *s)
{
    if (s->id == 0) {
        return json_null();
    }
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "number", json_integer(s->number));
    json_object_set_new(o, "opened_ms", json_integer(s->opened_ms));
    json_object_set_new(o, "live_ms", number_or_null(s->live_ms));
    json_object_set_new(o, "ended_ms", number_or_null(s->ended_ms));
    return o;
}

void tk_lesson_etag(const struct tk_lesson *l, char *out, size_t cap)
{
    snprintf(out, cap, "\"%lld-%s-%lld\"", (long long)l->row.version,
             tk_lesson_state_name(l->row.state), (long long)l->sitting.id);
}

int64_t tk_lesson_etag_parse(const char *if_match)
{
    char *end = NULL;
    if (strcmp(if_match, "*") == 0) {
        return 0;
    }
    const char *text = strncmp(if_match, "W/", 2) == 0 ? if_match + 2 : if_match;
    text += *text == '"';
    errno = 0;
    long long version = strtoll(text, &end, 10);
    bool whole = end != text && (*end == '\0' || *end == '"' || *end == '-');
    return whole && errno == 0 && version > 0 ? version : -1;
}

static void add_plan(json_t *o, const struct tk_lesson_row *row)
{
    json_t *rooms = json_array();
    json_t *persons = json_array();
    for (size_t i = 0; i < row->rooms_count; i++) {
        json_array_append_new(rooms, tk_room_json(&row->rooms[i]));
    }
    for (size_t i = 0; i < row->persons_count; i++) {
        json_array_append_new(persons, tk_person_json(&row->persons[i]));
    }
    json_object_set_new(o, "id", json_string(row->id));
    json_object_set_new(o, "title", json_string(row->title));
    json_object_set_new(o, "title_en", json_string(row->title_en));
    json_object_set_new(o, "kind", json_string(tk_lesson_kind_name(row->kind)));
    json_object_set_new(o, "subject", json_string(row->subject));
    json_object_set_new(o, "teacher", teacher_json(row));
    json_object_set_new(o, "main_room",
                        row->main_room.id != 0 ? tk_room_json(&row->main_room) : json_null());
    json_object_set_new(o, "rooms", rooms);
    json_object_set_new(o, "persons", persons);
    json_object_set_new(o, "start_ms", json_integer(row->start_ms));
    json_object_set_new(o, "end_ms", json_integer(row->end_ms));
    json_object_set_new(o, "reopens", json_boolean(row->reopens));
    json_object_set_new(o, "reopens_ms", number_or_null(row->reopens_ms));
    json_object_set_new(o, "cancel_reason",
                        row->cancel_reason ? json_string(row->cancel_reason) : json_null());
}

json_t *tk_lesson_json(const struct tk_lesson *l)
{
    char etag[64];
    if (!l) {
        return json_null();
    }
    json_t *o = json_object();
    tk_lesson_etag(l, etag, sizeof(etag));
    add_plan(o, &l->row);
    json_object_set_new(o, "state", json_string(tk_lesson_state_name(l->row.state)));
    json_object_set_new(o, "join_from_ms", json_integer(l->join_from_ms));
    json_object_set_new(o, "sitting", sitting_json(&l->sitting));
    json_object_set_new(o, "started", json_boolean(l->sitting.started_ms != 0));
    json_object_set_new(o, "version", json_integer(l->row.version));
    json_object_set_new(o, "etag", json_string(etag));
    return o;
}

json_t *tk_lesson_rooms_json(const struct tk_lesson *l)
{
    return tk_roster_json(l);
}

json_t *tk_lesson_source_json(const struct tk_lesson *l)
{
    if (l->source_status) {
        return json_incref(l->source_status);
    }
    const char *kind = json_string_value(json_object_get(l->source, "kind"));
    return json_pack("{s:s, s:s, s:s, s:i, s:b}", "kind", kind ? kind : "none", "state", "none",
                     "cause", "", "restarts", 0, "passthrough", 0);
}

json_t *tk_lesson_publisher_json(const struct tk_lesson *l)
{
    const struct tk_lesson_publisher *p = &l->publisher;
    return *p->key ? json_pack("{s:s, s:s, s:b, s:s}", "name", p->name, "name_en", p->name_en,
                               "live", p->live, "cause", p->cause)
                   : json_null();
}

static int take_id(void *ctx, const char *id)
{
    g_ptr_array_add(ctx, g_strdup(id));
    return 0;
}

static int check_filter(struct tk_now now, const struct tk_lessons_filter *f,
                        struct tk_lesson_search *s, struct tk_problem *problem)
{
    enum tk_lesson_state state;
    s->from_ms = f->from_ms;
    s->to_ms = f->to_ms;
    if (f->from_ms == 0 && f->to_ms == 0) {
        s->from_ms = tk_shanghai_midnight(now.wall_ms);
        s->to_ms = s->from_ms + TK_DAY_MS;
    } else if (f->to_ms == 0) {
        s->to_ms = f->from_ms + TK_DAY_MS;
    }
    if (s->to_ms <= s->from_ms) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "to_ms",
                              "The end of the period is not after its beginning");
    }
    if (f->state && !tk_lesson_state_parse(f->state, &state)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "state",
                              "A state is scheduled, open, live, interrupted, ended or cancelled");
    }
    if (f->per_page < 0 || f->per_page > PER_PAGE_MAX || f->page < 0 || f->page > 1000000) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, f->page < 0 ? "page" : "per_page",
                              "Pages count from 1 and have 1 to %d lessons", PER_PAGE_MAX);
    }
    s->state = f->state;
    s->teacher_id = f->teacher_id;
    s->count = f->per_page ? f->per_page : PER_PAGE;
    s->offset = (f->page ? f->page - 1 : 0) * s->count;
    return 0;
}

json_t *tk_lessons_list_json(struct tk_lessons *ls, struct tk_now now,
                             const struct tk_lessons_filter *filter, struct tk_problem *problem)
{
    struct tk_lesson_search search = {0};
    int64_t total = 0;
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    if (check_filter(now, filter, &search, problem) < 0) {
        return NULL;
    }
    int r = tk_lesson_ids(tk_store_reader(ls->store), &search, &total, take_id, ids);
    if (r < 0) {
        tk_problem_from_errno(problem, r);
        return NULL;
    }
    json_t *lessons = json_array();
    for (guint i = 0; i < ids->len; i++) {
        const struct tk_lesson *l = tk_lessons_find(ls, ids->pdata[i]);
        if (l) {
            json_array_append_new(lessons, tk_lesson_json(l));
        }
    }
    return json_pack("{s:o, s:I, s:I, s:I}", "lessons", lessons, "total", (json_int_t)total, "page",
                     (json_int_t)(filter->page ? filter->page : 1), "per_page",
                     (json_int_t)search.count);
}

static void add_live(void *ctx, const struct tk_lesson *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "lesson", tk_lesson_json(l));
    json_object_set_new(o, "rooms", tk_roster_json(l));
    json_object_set_new(o, "source", tk_lesson_source_json(l));
    json_object_set_new(o, "publisher", tk_lesson_publisher_json(l));
    json_array_append_new(ctx, o);
}

json_t *tk_lessons_live_json(struct tk_lessons *ls)
{
    json_t *lessons = json_array();
    tk_lessons_each_open(ls, add_live, lessons);
    return json_pack("{s:o}", "lessons", lessons);
}
