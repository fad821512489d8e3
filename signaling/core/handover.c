/* Who looks after a room in a lesson, and what a co-teacher sees of today. */

#include <errno.h>
#include <string.h>

#include "signaling/core/field.h"
#include "signaling/core/lesson_json.h"
#include "signaling/core/lesson_state.h"
#include "signaling/core/rollcall.h"

#define LESSONS_MAX 100

struct handing {
    struct tk_lessons *lessons;
    struct tk_now now;
    struct tk_actor actor;
    struct tk_duty_row row; /* as it came, then as it is kept */
    int64_t school_id;
    struct tk_problem unless; /* why it is refused unless it was kept before */
    struct tk_problem problem;
    bool again;
    tk_duty_done *done;
    void *arg;
};

static int read_substitute(const json_t *fields, struct tk_duty_row *row,
                           struct tk_problem *problem)
{
    const json_t *person = json_object_get(fields, "person_id");
    const json_t *name = json_object_get(fields, "name");
    bool has_person = person && !json_is_null(person);
    bool has_name = name && !json_is_null(name);
    if (has_person == has_name) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "person_id",
                              "Say who looks after the room: either person_id or name");
    }
    if (has_person && (!json_is_integer(person) || json_integer_value(person) <= 0)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "person_id",
                              "person_id is a person's id");
    }
    if (has_name && (!tk_text_fits(name, TK_NAME_MAX - 1) ||
                     strspn(json_string_value(name), " ") == json_string_length(name))) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "name",
                              "A name is one line of 1 to %d bytes", TK_NAME_MAX - 1);
    }
    row->person_id = has_person ? json_integer_value(person) : 0;
    if (has_name) {
        g_strlcpy(row->name, json_string_value(name), sizeof(row->name));
        g_strstrip(row->name);
    }
    return 0;
}

static int note(const struct handing *h, struct tk_db *db)
{
    struct tk_lesson_audit audit = {h->actor, h->now, "duty.set", NULL,
                                    json_pack("{s:I, s:I, s:s}", "duty", (json_int_t)h->row.id,
                                              "room", (json_int_t)h->row.room_id, "name",
                                              h->row.name)};
    if (h->row.person_id != 0) {
        json_object_set_new(audit.after, "person", json_integer(h->row.person_id));
    }
    int r = tk_lesson_audit(db, h->row.lesson_id, &audit);
    json_decref(audit.after);
    return r;
}

static int add_new(struct handing *h, struct tk_db *db)
{
    struct tk_person person;
    int64_t today = 0;
    if (h->unless.code) {
        h->problem = h->unless;
        return -EPERM;
    }
    int r = h->row.person_id != 0 ? tk_person_row(db, h->row.person_id, &person) : 0;
    if (r == -ENOENT || (r == 0 && h->row.person_id != 0 && person.school_id != h->school_id)) {
        return tk_problem_set(&h->problem, TK_PROBLEM_BAD_FIELD, "person_id",
                              "This person is not of the room's school");
    }
    if (r == 0) {
        r = tk_duty_rows_since(db, h->row.room_id, h->now.wall_ms - TK_DAY_MS, &today);
    }
    if (r == 0 && today >= TK_ROLLCALL_DAY_MAX) {
        return tk_problem_set(&h->problem, TK_PROBLEM_RATE_LIMITED, NULL,
                              "At most %d handovers of a room in a day", TK_ROLLCALL_DAY_MAX);
    }
    return r == 0 ? tk_duty_row_add(db, &h->row, &h->row.id) : r;
}

static int hand_job(void *arg, struct tk_db *db)
{
    struct handing *h = arg;
    struct tk_duty_row there;
    int r = tk_duty_row_op(db, h->row.op, &there);
    if (r == 0 && (strcmp(there.lesson_id, h->row.lesson_id) != 0 ||
                   there.room_id != h->row.room_id || there.person_id != h->row.person_id ||
                   (there.person_id == 0 && strcmp(there.name, h->row.name) != 0))) {
        return tk_problem_set(&h->problem, TK_PROBLEM_CONFLICT, "op",
                              "This op was used for another handover");
    }
    h->again = r == 0;
    r = r == -ENOENT ? add_new(h, db) : r;
    if (r == 0) {
        r = tk_duty_row_op(db, h->row.op, &h->row);
    }
    return r == 0 && !h->again ? note(h, db) : r;
}

static void on_handed(void *arg, int result)
{
    struct handing *h = arg;
    if (result < 0 && !h->problem.code) {
        tk_problem_from_errno(&h->problem, result);
    }
    h->done(h->arg, result < 0 ? &h->problem : NULL, result < 0 ? NULL : &h->row, h->again);
    g_free(h);
}

void tk_duty_hand_over(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                       struct tk_now now, const json_t *fields, tk_duty_done *done, void *arg)
{
    struct tk_problem problem;
    struct tk_duty_row row = {.at_ms = now.wall_ms};
    struct tk_room_doer doer;
    const struct tk_lesson *lesson = NULL;
    int r = tk_field_op(fields, row.op, &problem);
    if (r == 0) {
        r = read_substitute(fields, &row, &problem);
    }
    if (r == 0) {
        r = tk_room_doer_find(ls, asker, fields, false, &lesson, &doer, &problem);
    }
    if (r < 0) {
        done(arg, &problem, NULL, false);
        return;
    }
    struct handing *h = g_new0(struct handing, 1);
    g_strlcpy(row.lesson_id, lesson->row.id, sizeof(row.lesson_id));
    row.room_id = doer.room->id;
    row.by_account_id = doer.account_id;
    *h = (struct handing){.lessons = ls,
                          .now = now,
                          .actor = doer.actor,
                          .row = row,
                          .school_id = doer.room->school_id,
                          .done = done,
                          .arg = arg};
    if (lesson->row.state == TK_LESSON_CANCELLED ||
        (lesson->row.state == TK_LESSON_ENDED && !lesson->row.reopens)) {
        tk_problem_set(&h->unless, TK_PROBLEM_CONFLICT, "lesson", "This lesson is over");
    }
    r = tk_store_submit(ls->store, hand_job, h, on_handed);
    if (r < 0) {
        on_handed(h, r);
    }
}

json_t *tk_duty_json(const struct tk_duty_row *row)
{
    json_t *person = row->person_id == 0
                         ? json_null()
                         : json_pack("{s:I, s:s, s:s}", "id", (json_int_t)row->person_id, "name",
                                     row->name, "name_en", row->name_en);
    return json_pack("{s:o, s:s, s:I}", "person", person, "name", row->name, "at_ms",
                     (json_int_t)row->at_ms);
}

int tk_duty_now(struct tk_lessons *ls, const struct tk_lesson *lesson, int64_t room_id,
                struct tk_duty_row *ret)
{
    /* a lesson that reopens begins each day anew */
    return tk_duty_row_last(tk_store_reader(ls->store), lesson->row.id, room_id,
                            lesson->row.reopens ? lesson->row.start_ms : 0, ret);
}

/* One room of a lesson as its co-teacher sees it. */
static json_t *look_after_json(struct tk_lessons *ls, const struct tk_lesson *l,
                               const struct tk_room *room)
{
    struct tk_rollcall_row kept;
    struct tk_duty_row duty;
    int64_t expected = 0;
    json_t *o = json_object();
    json_object_set_new(o, "lesson", tk_lesson_json(l));
    json_object_set_new(o, "room", tk_room_json(room));
    json_object_set_new(o, "roll_call",
                        tk_rollcall_kept(ls, l, room->id, &kept) == 0 ? tk_rollcall_json(&kept)
                                                                      : json_null());
    json_object_set_new(o, "expected",
                        tk_rollcall_expected(tk_store_reader(ls->store), room->id, &expected) == 0
                            ? json_integer(expected)
                            : json_null());
    json_object_set_new(
        o, "duty", tk_duty_now(ls, l, room->id, &duty) == 0 ? tk_duty_json(&duty) : json_null());
    return o;
}

static int add_person(void *ctx, const struct tk_person *p)
{
    return json_array_append_new(ctx, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)p->id, "name",
                                                p->name, "name_en", p->name_en));
}

static int take_id(void *ctx, const char *id)
{
    g_ptr_array_add(ctx, g_strdup(id));
    return 0;
}

json_t *tk_coteach_json(struct tk_lessons *ls, struct tk_now now, const struct tk_account *account,
                        struct tk_problem *problem)
{
    struct tk_db *db = tk_store_reader(ls->store);
    struct tk_lesson_search search = {.from_ms = tk_shanghai_midnight(now.wall_ms),
                                      .school_id = account->school_id,
                                      .count = LESSONS_MAX};
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    int64_t total = 0;
    search.to_ms = search.from_ms + TK_DAY_MS;
    if (account->school_id == 0) {
        tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, NULL, "This login is of no school");
        return NULL;
    }
    json_t *persons = json_array();
    int r = tk_lesson_ids(db, &search, &total, take_id, ids);
    if (r == 0) {
        r = tk_person_rows(db, account->school_id, add_person, persons);
    }
    if (r < 0) {
        json_decref(persons);
        tk_problem_from_errno(problem, r);
        return NULL;
    }
    json_t *lessons = json_array();
    for (guint i = 0; i < ids->len; i++) {
        const struct tk_lesson *l = tk_lessons_find(ls, ids->pdata[i]);
        for (size_t k = 0; l && k < l->row.rooms_count; k++) {
            if (l->row.rooms[k].school_id == account->school_id) {
                json_array_append_new(lessons, look_after_json(ls, l, &l->row.rooms[k]));
            }
        }
    }
    return json_pack("{s:{s:I, s:s, s:s}, s:I, s:{s:I, s:s, s:s}, s:o, s:o}", "school", "id",
                     (json_int_t)account->school_id, "name", account->school, "name_en",
                     account->school_en, "server_ms", (json_int_t)now.wall_ms, "account", "id",
                     (json_int_t)account->id, "name", account->name, "name_en", account->name_en,
                     "persons", persons, "lessons", lessons);
}
