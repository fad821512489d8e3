/*
 * Making and changing lessons. The fields are read here, everything that needs the database (do the
 * room and the teacher exist, are they free, is the version the one that was seen) is checked by
 * the job that writes, so that two administrators cannot pass each other by.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/lesson_state.h"
#include "signaling/core/random.h"

#define ID_CHARS 10
#define LENGTH_MIN_MS 60000
#define LENGTH_MAX_MS TK_DAY_MS
/* 2000 to 2100: anything else is a slip of units */
#define TIME_MIN_MS 946684800000LL
#define TIME_MAX_MS 4102444800000LL
#define CLAIM_BYTES 72 /* of a title within a sentence */

struct plan {
    struct tk_lessons *lessons;
    bool create;
    int64_t version; /* that the caller saw; 0: whatever */
    char id[TK_LESSON_ID_MAX + 1];
    enum tk_lesson_state state; /* as memory has it */
    json_t *fields;
    struct tk_actor actor;
    struct tk_now now;
    struct tk_problem problem;
    tk_lesson_done *done;
    void *arg;
};

static int wrong(struct tk_problem *problem, const char *field, const char *text)
{
    return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s", text);
}

static int read_text(const json_t *fields, const char *key, const char *what, char *out,
                     struct tk_problem *problem)
{
    const json_t *v = json_object_get(fields, key);
    if (!v) {
        return 0;
    }
    if (!tk_text_fits(v, TK_TITLE_MAX)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, what,
                              "%s is one line of at most %d bytes (40 Chinese characters)", what,
                              TK_TITLE_MAX);
    }
    g_strlcpy(out, json_string_value(v), TK_TITLE_MAX + 1);
    return 0;
}

static int read_texts(const json_t *fields, struct tk_lesson_row *row, struct tk_problem *problem)
{
    int r = read_text(fields, "title", "title", row->title, problem);
    if (r == 0) {
        r = read_text(fields, "title_en", "title_en", row->title_en, problem);
    }
    if (r == 0) {
        r = read_text(fields, "subject", "subject", row->subject, problem);
    }
    if (r == 0 && *row->title == '\0') {
        r = wrong(problem, "title", "A lesson needs a title");
    }
    const json_t *kind = json_object_get(fields, "kind");
    if (r == 0 && kind &&
        (!json_is_string(kind) || !tk_lesson_kind_parse(json_string_value(kind), &row->kind))) {
        r = wrong(problem, "kind", "A kind is lesson or training");
    }
    const json_t *source = json_object_get(fields, "source");
    if (r == 0 && source) {
        r = tk_source_check(source, problem);
    }
    if (r == 0 && source) {
        char *text = json_dumps(source, JSON_COMPACT | JSON_SORT_KEYS);
        g_free(row->source);
        row->source = g_strdup(text);
        free(text);
    }
    return r;
}

static int read_times(const json_t *fields, struct tk_lesson_row *row, struct tk_problem *problem)
{
    const json_t *start = json_object_get(fields, "start_ms");
    const json_t *end = json_object_get(fields, "end_ms");
    if ((start && !json_is_integer(start)) || (!start && row->start_ms == 0)) {
        return wrong(problem, "start_ms", "When it begins is needed, in milliseconds UTC");
    }
    if ((end && !json_is_integer(end)) || (!end && row->end_ms == 0)) {
        return wrong(problem, "end_ms", "When it ends is needed, in milliseconds UTC");
    }
    row->start_ms = start ? json_integer_value(start) : row->start_ms;
    row->end_ms = end ? json_integer_value(end) : row->end_ms;
    if (row->start_ms < TIME_MIN_MS || row->start_ms > TIME_MAX_MS) {
        return wrong(problem, "start_ms", "It begins between 2000 and 2100, in milliseconds UTC");
    }
    if (row->end_ms < row->start_ms + LENGTH_MIN_MS ||
        row->end_ms > row->start_ms + LENGTH_MAX_MS) {
        return wrong(problem, "end_ms", "A lesson takes one minute to 24 hours");
    }
    return 0;
}

/* 0 or null: none. */
static int read_id(const json_t *fields, const char *key, const char *text, int64_t *ret,
                   struct tk_problem *problem)
{
    const json_t *v = json_object_get(fields, key);
    if (v && !json_is_null(v) && (!json_is_integer(v) || json_integer_value(v) < 0)) {
        return wrong(problem, key, text);
    }
    if (v) {
        *ret = json_integer_value(v);
    }
    return 0;
}

static int read_places(struct tk_db *db, const json_t *fields, struct tk_lesson_row *row,
                       struct tk_problem *problem)
{
    int r = read_id(fields, "teacher_id", "teacher_id is the number of a person", &row->teacher.id,
                    problem);
    if (r == 0 && row->teacher.id != 0 && tk_person_row(db, row->teacher.id, &row->teacher) < 0) {
        r = wrong(problem, "teacher_id", "There is no such person");
    }
    if (r == 0) {
        r = read_id(fields, "main_room_id", "main_room_id is the number of a room",
                    &row->main_room.id, problem);
    }
    if (r == 0 && row->main_room.id != 0 &&
        tk_room_row(db, row->main_room.id, &row->main_room) < 0) {
        r = wrong(problem, "main_room_id", "There is no such room");
    }
    return r;
}

static int check_ids(const json_t *list, size_t max, const char *field, struct tk_problem *problem)
{
    size_t i;
    json_t *v;
    if (!json_is_array(list) || json_array_size(list) > max) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s is a list of at most %zu",
                              field, max);
    }
    json_array_foreach(list, i, v)
    {
        for (size_t k = 0; json_is_integer(v) && k < i; k++) {
            if (json_equal(v, json_array_get(list, k))) {
                return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s names %lld twice",
                                      field, (long long)json_integer_value(v));
            }
        }
        if (!json_is_integer(v)) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s is a list of numbers",
                                  field);
        }
    }
    return 0;
}

static int read_rooms(struct tk_db *db, const json_t *fields, struct tk_lesson_row *row,
                      struct tk_problem *problem)
{
    const json_t *list = json_object_get(fields, "room_ids");
    if (!list) {
        return 0;
    }
    int r = check_ids(list, TK_LESSON_ROOMS_MAX, "room_ids", problem);
    if (r < 0) {
        return r;
    }
    row->rooms_count = json_array_size(list);
    row->rooms = g_renew(struct tk_room, row->rooms, row->rooms_count);
    for (size_t i = 0; i < row->rooms_count; i++) {
        int64_t id = json_integer_value(json_array_get(list, i));
        if (tk_room_row(db, id, &row->rooms[i]) < 0) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "room_ids",
                                  "There is no room %lld", (long long)id);
        }
    }
    return 0;
}

static int read_persons(struct tk_db *db, const json_t *fields, struct tk_lesson_row *row,
                        struct tk_problem *problem)
{
    const json_t *list = json_object_get(fields, "person_ids");
    if (!list) {
        return 0;
    }
    int r = check_ids(list, TK_LESSON_PERSONS_MAX, "person_ids", problem);
    if (r < 0) {
        return r;
    }
    row->persons_count = json_array_size(list);
    row->persons = g_renew(struct tk_person, row->persons, row->persons_count);
    for (size_t i = 0; i < row->persons_count; i++) {
        int64_t id = json_integer_value(json_array_get(list, i));
        if (tk_person_row(db, id, &row->persons[i]) < 0) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "person_ids",
                                  "There is no person %lld", (long long)id);
        }
    }
    return 0;
}

/* What belongs together. */
static int check_whole(const struct tk_lesson_row *row, struct tk_problem *problem)
{
    for (size_t i = 0; i < row->rooms_count; i++) {
        if (row->rooms[i].id == row->main_room.id) {
            return wrong(problem, "room_ids", "The main room does not watch its own lesson");
        }
    }
    if (row->kind == TK_LESSON_LESSON && row->persons_count > 0) {
        return wrong(problem, "person_ids", "Persons are enrolled in a training, not in a lesson");
    }
    if (row->rooms_count == 0 && row->persons_count == 0) {
        return row->kind == TK_LESSON_TRAINING
                   ? wrong(problem, "person_ids", "A training needs a person or a room")
                   : wrong(problem, "room_ids", "A lesson needs a room that joins");
    }
    return 0;
}

/* Cut at a character. */
static void cut(char *text, size_t cap)
{
    size_t n = strlen(text);
    if (n >= cap) {
        for (n = cap - 1; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--) {
            continue;
        }
        text[n] = '\0';
    }
}

static int check_conflict(struct tk_db *db, const struct tk_lesson_row *row,
                          struct tk_problem *problem)
{
    struct tk_lesson_conflict c;
    char title[TK_TITLE_MAX + 1];
    int r = tk_lesson_row_conflict(db, row->id, &c);
    if (r < 0) {
        return r == -ENOENT ? 0 : r;
    }
    memcpy(title, row->title, sizeof(title));
    cut(title, CLAIM_BYTES);
    cut(c.title, CLAIM_BYTES);
    cut(c.what, 60);
    g_autoptr(GTimeZone) zone = g_time_zone_new_offset(8 * 3600);
    g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc(c.start_ms / 1000);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(start, zone);
    g_autofree char *when = g_date_time_format(local, "%m-%d %H:%M");
    return tk_problem_set(problem, TK_PROBLEM_CONFLICT, c.teacher ? "teacher_id" : "room_ids",
                          "“%s” and “%s” (%s) both claim %s %s", title, c.title, when,
                          c.teacher ? "teacher" : "room", c.what);
}

static bool has_any(const json_t *fields, const char *const *keys)
{
    for (; *keys; keys++) {
        if (json_object_get(fields, *keys)) {
            return true;
        }
    }
    return false;
}

/* Whether these fields may still change. */
static int check_moment(const struct plan *p, const struct tk_lesson_row *row,
                        struct tk_problem *problem)
{
    static const char *const when[] = {"start_ms", "end_ms", "kind", NULL};
    static const char *const begun[] = {"start_ms", "kind", NULL};
    if (p->create) {
        return 0;
    }
    if (p->state == TK_LESSON_ENDED && !row->reopens) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL,
                              "This lesson is over; it stays as it was");
    }
    if (p->state == TK_LESSON_CANCELLED) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL, "This lesson was cancelled");
    }
    if (row->reopens && has_any(p->fields, when)) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, "start_ms",
                              "This lesson always opens again: it has no planned time");
    }
    if (p->state != TK_LESSON_SCHEDULED && has_any(p->fields, begun)) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, "start_ms",
                              "This lesson is open: when it begins stays as it is");
    }
    return 0;
}

static int apply(struct plan *p, struct tk_db *db, struct tk_lesson_row *row)
{
    struct tk_problem *problem = &p->problem;
    int r = check_moment(p, row, problem);
    if (r == 0) {
        r = read_texts(p->fields, row, problem);
    }
    if (r == 0 && !row->reopens) {
        r = read_times(p->fields, row, problem);
    }
    if (r == 0) {
        r = read_places(db, p->fields, row, problem);
    }
    if (r == 0) {
        r = read_rooms(db, p->fields, row, problem);
    }
    if (r == 0) {
        r = read_persons(db, p->fields, row, problem);
    }
    return r == 0 ? check_whole(row, problem) : r;
}

static json_t *row_json(const struct tk_lesson_row *row)
{
    json_t *rooms = json_array();
    for (size_t i = 0; i < row->rooms_count; i++) {
        json_array_append_new(rooms, json_integer(row->rooms[i].id));
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:I}", "title", row->title, "kind",
                     tk_lesson_kind_name(row->kind), "subject", row->subject, "teacher_id",
                     (json_int_t)row->teacher.id, "main_room_id", (json_int_t)row->main_room.id,
                     "start_ms", (json_int_t)row->start_ms, "end_ms", (json_int_t)row->end_ms,
                     "room_ids", rooms, "persons", (json_int_t)row->persons_count);
}

static int note(const struct plan *p, struct tk_db *db, json_t *before, json_t *after)
{
    struct tk_lesson_audit a = {p->actor, p->now, p->create ? "lesson.create" : "lesson.patch",
                                before, after};
    return tk_lesson_audit(db, p->id, &a);
}

static int plan_row(struct plan *p, struct tk_db *db, struct tk_lesson_row *row)
{
    json_t *before = p->create ? NULL : row_json(row);
    int r = apply(p, db, row);
    if (r == 0) {
        r = p->create ? tk_lesson_row_add(db, row, p->now.wall_ms)
                      : tk_lesson_row_plan(db, row, p->now.wall_ms);
    }
    if (r == 0) {
        r = check_conflict(db, row, &p->problem);
    }
    if (r == 0) {
        json_t *after = row_json(row);
        r = note(p, db, before, after);
        json_decref(after);
    }
    json_decref(before);
    return r;
}

static int plan_job(void *arg, struct tk_db *db)
{
    struct plan *p = arg;
    struct tk_lesson_row row = {.source = NULL};
    int r = 0;
    if (p->create) {
        g_strlcpy(row.id, p->id, sizeof(row.id));
        row.source = g_strdup("{\"kind\":\"none\"}");
    } else {
        r = tk_lesson_row(db, p->id, &row);
        if (r == -ENOENT) {
            tk_problem_set(&p->problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        }
    }
    if (r == 0 && p->version != 0 && p->version != row.version) {
        r = tk_problem_set(&p->problem, TK_PROBLEM_PRECONDITION_FAILED, NULL,
                           "Somebody changed this lesson meanwhile; look at it again");
    }
    if (r == 0) {
        r = plan_row(p, db, &row);
    }
    tk_lesson_row_clear(&row);
    return r;
}

static void on_planned(void *arg, int result)
{
    struct plan *p = arg;
    struct tk_lesson *l = NULL;
    if (result < 0 && !p->problem.code) {
        tk_problem_from_errno(&p->problem, result);
    } else if (result >= 0) {
        l = tk_lessons_reload(p->lessons, p->id);
        if (json_object_get(p->fields, "source")) {
            tk_lessons_tell_source(l);
        }
        tk_lessons_tell(l);
        tk_roster_update(l, p->now);
    }
    p->done(p->arg, result < 0 ? &p->problem : NULL, l);
    json_decref(p->fields);
    g_free(p);
}

static void plan(struct plan *p, const json_t *fields)
{
    if (!json_is_object(fields)) {
        tk_problem_set(&p->problem, TK_PROBLEM_BAD_REQUEST, NULL, "A JSON object is needed");
        on_planned(p, -EBADMSG);
        return;
    }
    p->fields = json_deep_copy(fields);
    int r = tk_store_submit(p->lessons->store, plan_job, p, on_planned);
    if (r < 0) {
        on_planned(p, r);
    }
}

void tk_lesson_create(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                      const json_t *fields, tk_lesson_done *done, void *arg)
{
    struct plan *p = g_new0(struct plan, 1);
    *p = (struct plan){
        .lessons = ls, .create = true, .actor = *actor, .now = now, .done = done, .arg = arg};
    tk_random_base32(p->id, ID_CHARS);
    plan(p, fields);
}

void tk_lesson_patch(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                     const char *id, int64_t version, const json_t *fields, tk_lesson_done *done,
                     void *arg)
{
    struct plan *p = g_new0(struct plan, 1);
    const struct tk_lesson *l = tk_lessons_get(ls, id);
    *p = (struct plan){.lessons = ls,
                       .version = version,
                       .state = l ? l->row.state : TK_LESSON_SCHEDULED,
                       .actor = *actor,
                       .now = now,
                       .done = done,
                       .arg = arg};
    g_strlcpy(p->id, id, sizeof(p->id));
    plan(p, fields);
}
