/* The attendance of a lesson: its sittings with their results, corrections and evidence. */

#include <string.h>

#include "signaling/core/lesson_json.h"
#include "signaling/core/lesson_state.h"

/* The newest; a lesson that reopens has many. */
#define SITTINGS_MAX 60

struct view {
    struct tk_lessons *lessons;
    const struct tk_lesson *lesson;
    struct tk_db *db;
    struct tk_now now;
    json_t *out;
};

static int add_correction(void *ctx, const struct tk_correction_row *c)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(c->id));
    json_object_set_new(o, "status", json_string(c->status));
    json_object_set_new(o, "reason", json_string(c->reason));
    json_object_set_new(o, "by", json_string(c->by));
    json_object_set_new(o, "at_ms", json_integer(c->at_ms));
    return json_array_append_new(ctx, o);
}

static int add_evidence(void *ctx, const struct tk_evidence_row *e)
{
    json_t *o = json_object();
    json_object_set_new(o, "at_ms", json_integer(e->at_ms));
    json_object_set_new(o, "kind", json_string(e->kind));
    json_object_set_new(o, "text", json_string(e->text));
    return json_array_append_new(ctx, o);
}

static void add_attendee(json_t *o, const struct view *v, const struct tk_result_row *row)
{
    struct tk_room room;
    struct tk_person person;
    if (row->room_id != 0 && tk_room_row(v->db, row->room_id, &room) == 0) {
        json_object_set_new(o, "room", tk_room_json(&room));
    } else if (row->person_id != 0 && tk_person_row(v->db, row->person_id, &person) == 0) {
        json_object_set_new(o, "person", tk_person_json(&person));
    }
}

/* The thresholds that a result was computed with, so that the page can say why. */
static json_t *rules_json(struct tk_db *db, int64_t version)
{
    g_autofree char *text = NULL;
    json_t *rules = NULL;
    if (tk_rule_set_thresholds(db, version, &text) == 0) {
        rules = json_loads(text, 0, NULL);
    }
    return rules ? rules : json_object();
}

static int add_result(void *ctx, const struct tk_result_row *row)
{
    struct view *v = ctx;
    json_t *corrections = json_array();
    json_t *evidence = json_array();
    json_t *o = json_object();
    json_t *intervals = json_loads(row->intervals, 0, NULL);
    tk_evidence_rows(v->db, row->sitting_id, row->room_id, row->person_id, add_evidence, evidence);
    if (row->id != 0) {
        tk_correction_rows(v->db, row->id, add_correction, corrections);
    }
    json_object_set_new(o, "id", row->id != 0 ? json_integer(row->id) : json_null());
    add_attendee(o, v, row);
    json_object_set_new(o, "status", json_string(row->status));
    json_object_set_new(o, "coverage", row->coverage < 0 ? json_null() : json_real(row->coverage));
    json_object_set_new(o, "covered_ms", json_integer(row->covered_ms));
    json_object_set_new(o, "bridged_ms", json_integer(row->bridged_ms));
    json_object_set_new(o, "live_ms", json_integer(row->live_ms));
    json_object_set_new(o, "intervals", intervals ? intervals : json_array());
    json_object_set_new(o, "evidence", evidence);
    json_object_set_new(o, "rule_version", json_integer(row->rule_version));
    json_object_set_new(o, "rules", rules_json(v->db, row->rule_version));
    json_object_set_new(o, "computed_ms", json_integer(row->computed_ms));
    json_object_set_new(o, "provisional", json_boolean(row->provisional));
    json_object_set_new(o, "corrections", corrections);
    return json_array_append_new(v->out, o);
}

static json_t *results_json(struct view *v, const struct tk_sitting_row *s)
{
    bool stored = false;
    struct view results = *v;
    results.out = json_array();
    tk_result_rows_exist(v->db, s->id, &stored);
    if (stored) {
        tk_result_rows(v->db, s->id, add_result, &results);
        return results.out;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)tk_result_row_free);
    tk_tally_sitting(&v->lessons->tally, v->db, s->id, v->now.wall_ms, rows);
    for (guint i = 0; i < rows->len; i++) {
        add_result(&results, rows->pdata[i]);
    }
    return results.out;
}

struct spans {
    json_t *out;
    int64_t total_ms;
};

static void add_pair(json_t *out, int64_t from_ms, int64_t to_ms)
{
    json_array_append_new(out, json_pack("[I, I]", (json_int_t)from_ms, (json_int_t)to_ms));
}

static int add_live(void *ctx, const struct tk_live_row *row)
{
    struct spans *s = ctx;
    if (row->last_ms > row->started_ms) {
        add_pair(s->out, row->started_ms, row->last_ms);
        s->total_ms += row->last_ms - row->started_ms;
    }
    return 0;
}

static int add_down(void *ctx, int64_t down_ms, int64_t up_ms)
{
    add_pair(ctx, down_ms, up_ms);
    return 0;
}

static int add_sitting(void *ctx, const struct tk_sitting_row *s)
{
    struct view *v = ctx;
    struct spans live = {json_array(), 0};
    json_t *down = json_array();
    json_t *o = json_object();
    int64_t to_ms = s->ended_ms != 0 ? s->ended_ms : v->now.wall_ms;
    tk_live_rows(v->db, s->id, add_live, &live);
    tk_run_rows_down(v->db, s->opened_ms, to_ms, add_down, down);
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "number", json_integer(s->number));
    json_object_set_new(o, "lesson", json_string(v->lesson->row.id));
    json_object_set_new(o, "opened_ms", json_integer(s->opened_ms));
    json_object_set_new(o, "live", live.out);
    json_object_set_new(o, "down", down);
    json_object_set_new(o, "live_total_ms", json_integer(live.total_ms));
    json_object_set_new(o, "ended_ms", s->ended_ms ? json_integer(s->ended_ms) : json_null());
    json_object_set_new(o, "results", results_json(v, s));
    return json_array_append_new(v->out, o);
}

json_t *tk_attendance_json(struct tk_lessons *ls, struct tk_now now, const char *lesson_id,
                           struct tk_problem *problem)
{
    const struct tk_lesson *l = tk_lessons_find(ls, lesson_id);
    if (!l) {
        tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        return NULL;
    }
    struct view v = {ls, l, tk_store_reader(ls->store), now, json_array()};
    int r = tk_sitting_rows(v.db, lesson_id, SITTINGS_MAX, add_sitting, &v);
    if (r < 0) {
        json_decref(v.out);
        tk_problem_from_errno(problem, r);
        return NULL;
    }
    return json_pack("{s:o, s:o}", "lesson", tk_lesson_json(l), "sittings", v.out);
}
