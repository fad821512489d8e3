#include "signaling/core/room_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/field.h"
#include "signaling/core/lesson_state.h"

struct checking {
    struct tk_check_row row; /* as it came, then as it is kept */
    struct tk_problem problem;
    bool again;
    tk_room_check_done *done;
    void *arg;
};

static int read_lesson(struct tk_lessons *ls, const json_t *fields, struct tk_check_row *row,
                       struct tk_problem *problem)
{
    const json_t *v = json_object_get(fields, "lesson");
    if (!v || json_is_null(v)) {
        return 0;
    }
    const char *id = json_string_value(v);
    const struct tk_lesson *lesson = id ? tk_lessons_find(ls, id) : NULL;
    if (!lesson || !tk_lesson_expects_room(lesson, row->room_id)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "lesson",
                              "lesson is the id of one of the room's lessons");
    }
    g_strlcpy(row->lesson_id, lesson->row.id, sizeof(row->lesson_id));
    return 0;
}

static int read_fields(struct tk_lessons *ls, const json_t *fields, struct tk_check_row *row,
                       struct tk_problem *problem)
{
    struct tk_check check;
    int r = tk_field_op(fields, row->op, problem);
    if (r == 0) {
        r = read_lesson(ls, fields, row, problem);
    }
    if (r == 0) {
        r = tk_field_count(fields, "asked_by", INT64_MAX, 0, &row->asked_by, problem);
    }
    if (r == 0) {
        r = tk_check_parse(json_object_get(fields, "result"), &check, problem);
    }
    if (r < 0) {
        return r;
    }
    tk_check_judge(&check);
    json_t *result = tk_check_json(&check);
    char *text = json_dumps(result, JSON_COMPACT | JSON_REAL_PRECISION(12));
    g_strlcpy(row->verdict, tk_verdict_name(check.verdict), sizeof(row->verdict));
    g_strlcpy(row->result, text, sizeof(row->result));
    free(text);
    json_decref(result);
    return 0;
}

static int add_new(struct checking *c, struct tk_db *db)
{
    int64_t today = 0;
    int r = tk_check_rows_since(db, c->row.room_id, c->row.at_ms - TK_DAY_MS, &today);
    if (r == 0 && today >= TK_ROOM_CHECK_DAY_MAX) {
        return tk_problem_set(&c->problem, TK_PROBLEM_RATE_LIMITED, NULL,
                              "At most %d checks of a room in a day", TK_ROOM_CHECK_DAY_MAX);
    }
    r = r == 0 ? tk_check_row_add(db, &c->row, &c->row.id) : r;
    return r == -ENOENT ? tk_problem_set(&c->problem, TK_PROBLEM_BAD_FIELD, "asked_by",
                                         "asked_by is an account's id")
                        : r;
}

static int add_job(void *arg, struct tk_db *db)
{
    struct checking *c = arg;
    struct tk_check_row there;
    int r = tk_check_row_op(db, c->row.op, &there);
    if (r == 0 && (there.room_id != c->row.room_id || strcmp(there.result, c->row.result) != 0)) {
        return tk_problem_set(&c->problem, TK_PROBLEM_CONFLICT, "op",
                              "This op was used for another check");
    }
    c->again = r == 0;
    r = r == -ENOENT ? add_new(c, db) : r;
    return r == 0 ? tk_check_row_op(db, c->row.op, &c->row) : r;
}

static void on_added(void *arg, int result)
{
    struct checking *c = arg;
    if (result < 0 && !c->problem.code) {
        tk_problem_from_errno(&c->problem, result);
    }
    c->done(c->arg, result < 0 ? &c->problem : NULL, result < 0 ? NULL : &c->row, c->again);
    g_free(c);
}

void tk_room_check_add(struct tk_lessons *ls, const struct tk_device *device, struct tk_now now,
                       const json_t *fields, tk_room_check_done *done, void *arg)
{
    struct tk_problem problem;
    struct checking *c = g_new0(struct checking, 1);
    c->row.room_id = device->room.id;
    c->row.device_id = device->id;
    c->row.at_ms = now.wall_ms;
    c->done = done;
    c->arg = arg;
    if (read_fields(ls, fields, &c->row, &problem) < 0) {
        done(arg, &problem, NULL, false);
        g_free(c);
        return;
    }
    int r = tk_store_submit(ls->store, add_job, c, on_added);
    if (r < 0) {
        on_added(c, r);
    }
}

static int add_check(void *ctx, const struct tk_check_row *row)
{
    json_t *result = json_loads(row->result, 0, NULL);
    json_t *asker = *row->asker.role ? json_pack("{s:s, s:s, s:s}", "role", row->asker.role, "name",
                                                 row->asker.name, "name_en", row->asker.name_en)
                                     : json_null();
    return json_array_append_new(
        ctx,
        json_pack("{s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "id", (json_int_t)row->id, "room",
                  (json_int_t)row->room_id, "at_ms", (json_int_t)row->at_ms, "verdict",
                  row->verdict, "result", result ? result : json_object(), "lesson",
                  *row->lesson_id ? json_string(row->lesson_id) : json_null(), "asked_by", asker));
}

json_t *tk_room_checks_json(struct tk_lessons *ls, int64_t room_id, struct tk_problem *problem)
{
    json_t *checks = json_array();
    struct tk_db *db = tk_store_reader(ls->store);
    int r = room_id == 0 ? tk_check_rows_newest(db, add_check, checks)
                         : tk_check_rows(db, room_id, TK_ROOM_CHECKS_SHOWN, add_check, checks);
    if (r < 0) {
        json_decref(checks);
        tk_problem_from_errno(problem, r);
        return NULL;
    }
    return json_pack("{s:o}", "checks", checks);
}
