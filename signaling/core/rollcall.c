/* Roll calls: read, checked, kept once. */

#include "signaling/core/rollcall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/field.h"
#include "signaling/core/lesson_state.h"

#define TIME_MAX_MS 4102444800000LL /* 2100 */
/* A teacher may open a lesson that long before the rooms may join. */
#define EARLY_MS (60 * 60000LL)

int tk_room_doer(const struct tk_lesson *lesson, int64_t room_id,
                 const struct tk_rollcall_asker *asker, bool devices, struct tk_room_doer *ret,
                 struct tk_problem *problem)
{
    const struct tk_credentials *c = asker->credentials;
    struct tk_room_doer d = {0};
    for (size_t i = 0; i < lesson->row.rooms_count; i++) {
        d.room = lesson->row.rooms[i].id == room_id ? &lesson->row.rooms[i] : d.room;
    }
    if (!d.room) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "room",
                              "This room is not one of the lesson's");
    }
    g_strlcpy(d.actor.ip, asker->address, sizeof(d.actor.ip));
    const struct tk_account *account = tk_credentials_account(c, 1u << TK_ROLE_COTEACHER);
    if (account && account->school_id != 0 && account->school_id == d.room->school_id) {
        d.account_id = d.actor.account_id = account->id;
        g_strlcpy(d.actor.name, account->login, sizeof(d.actor.name));
        *ret = d;
        return 0;
    }
    for (int i = 0; devices && i < c->devices_count; i++) {
        if (c->devices[i].room.id == room_id) {
            d.device_id = c->devices[i].id;
            g_strlcpy(d.actor.name, c->devices[i].key, sizeof(d.actor.name));
            *ret = d;
            return 0;
        }
    }
    return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "room",
                          "This room is another school's, or another device's");
}

int tk_room_doer_find(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                      const json_t *fields, bool devices, const struct tk_lesson **ret_lesson,
                      struct tk_room_doer *ret, struct tk_problem *problem)
{
    const char *id = json_string_value(json_object_get(fields, "lesson"));
    const json_t *room = json_object_get(fields, "room");
    if (!id) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "lesson", "lesson is a lesson's id");
    }
    if (!json_is_integer(room)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "room", "room is a room's id");
    }
    *ret_lesson = tk_lessons_find(ls, id);
    if (!*ret_lesson) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, "lesson", "There is no such lesson");
    }
    return tk_room_doer(*ret_lesson, json_integer_value(room), asker, devices, ret, problem);
}

struct adding {
    struct tk_lessons *lessons;
    struct tk_now now;
    struct tk_actor actor;
    struct tk_rollcall_row row; /* as it came, then as it is kept */
    struct tk_problem
        unless; /* why it is refused unless it was kept before; code NULL: it is not */
    struct tk_problem problem;
    bool reopens;
    bool again;
    bool counts;
    tk_rollcall_done *done;
    void *arg;
};

/* A school's own seat number, "7" or "A12": never a name, which has no digit. */
static bool is_seat(const char *seat)
{
    size_t len = seat ? strlen(seat) : 0;
    bool digit = false;
    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isalnum(seat[i])) {
            return false;
        }
        digit = digit || g_ascii_isdigit(seat[i]);
    }
    return digit && len <= TK_ROLLCALL_SEAT_MAX;
}

static int read_absent(const json_t *fields, struct tk_rollcall_row *row,
                       struct tk_problem *problem)
{
    const json_t *absent = json_object_get(fields, "absent");
    if (!absent || json_is_null(absent)) {
        g_strlcpy(row->absent, "[]", sizeof(row->absent));
        return 0;
    }
    size_t count = json_array_size(absent);
    if (!json_is_array(absent) || (int64_t)count > row->expected - row->present) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "absent",
                              "absent are the seat numbers of at most those who are missing");
    }
    g_autoptr(GHashTable) seats = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < count; i++) {
        const char *seat = json_string_value(json_array_get(absent, i));
        if (!is_seat(seat)) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "absent",
                                  "A seat number has at most %d letters and digits, a digit among "
                                  "them; no names",
                                  TK_ROLLCALL_SEAT_MAX);
        }
        if (!g_hash_table_add(seats, (gpointer)(guintptr)seat)) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "absent",
                                  "Seat number %s is there twice", seat);
        }
    }
    char *text = json_dumps(absent, JSON_COMPACT);
    g_strlcpy(row->absent, text, sizeof(row->absent));
    free(text);
    return 0;
}

static int read_fields(const json_t *fields, struct tk_rollcall_row *row,
                       struct tk_problem *problem)
{
    int r = tk_field_op(fields, row->op, problem);
    if (r == 0) {
        r = tk_field_count(fields, "expected", TK_ROLLCALL_PUPILS_MAX, -1, &row->expected, problem);
    }
    if (r == 0) {
        r = tk_field_count(fields, "present", TK_ROLLCALL_PUPILS_MAX, -1, &row->present, problem);
    }
    if (r == 0 && row->present > row->expected) {
        r = tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "present",
                           "More are present than are expected");
    }
    if (r == 0) {
        r = read_absent(fields, row, problem);
    }
    if (r == 0) {
        r = tk_field_count(fields, "marked_ms", TIME_MAX_MS, -1, &row->marked_ms, problem);
    }
    return r;
}

/* What depends on the moment: not asked of what was kept before and is sent again. */
static void check_moment(const struct tk_lesson *l, struct tk_now now, int64_t marked_ms,
                         struct tk_problem *problem)
{
    if (l->row.state == TK_LESSON_CANCELLED) {
        tk_problem_set(problem, TK_PROBLEM_CONFLICT, "lesson", "This lesson was cancelled");
    } else if (marked_ms > now.wall_ms + TK_ROLLCALL_CLOCK_MS) {
        tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "marked_ms",
                       "It was marked in the future: set this device's clock");
    } else if (marked_ms < now.wall_ms - TK_ROLLCALL_LATE_MS) {
        tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "marked_ms",
                       "It was marked more than 14 days ago");
    } else if (!l->row.reopens && marked_ms < l->join_from_ms - EARLY_MS) {
        tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "marked_ms",
                       "It was marked long before this lesson");
    }
}

static bool is_same(const struct tk_rollcall_row *a, const struct tk_rollcall_row *b)
{
    return strcmp(a->lesson_id, b->lesson_id) == 0 && a->room_id == b->room_id &&
           a->expected == b->expected && a->present == b->present && a->marked_ms == b->marked_ms &&
           strcmp(a->absent, b->absent) == 0;
}

static int note(const struct adding *a, struct tk_db *db)
{
    const struct tk_rollcall_row *row = &a->row;
    struct tk_lesson_audit audit = {
        a->actor, a->now, "rollcall.add", NULL,
        json_pack("{s:I, s:I, s:I, s:I, s:I}", "rollcall", (json_int_t)row->id, "room",
                  (json_int_t)row->room_id, "expected", (json_int_t)row->expected, "present",
                  (json_int_t)row->present, "marked_ms", (json_int_t)row->marked_ms)};
    int r = tk_lesson_audit(db, row->lesson_id, &audit);
    json_decref(audit.after);
    return r;
}

static int add_new(struct adding *a, struct tk_db *db)
{
    struct tk_rollcall_row *row = &a->row;
    int64_t today = 0;
    if (a->unless.code) {
        a->problem = a->unless;
        return -EPERM;
    }
    int r = tk_rollcall_rows_since(db, row->room_id, row->received_ms - TK_DAY_MS, &today);
    if (r == 0 && today >= TK_ROLLCALL_DAY_MAX) {
        return tk_problem_set(&a->problem, TK_PROBLEM_RATE_LIMITED, NULL,
                              "At most %d roll calls of a room in a day", TK_ROLLCALL_DAY_MAX);
    }
    if (r == 0) {
        int64_t by_ms = a->reopens ? row->marked_ms + TK_ROLLCALL_CLOCK_MS : INT64_MAX;
        r = tk_sitting_opened_by(db, row->lesson_id, by_ms, &row->sitting_id);
        r = r == -ENOENT ? 0 : r;
    }
    if (r == 0) {
        r = tk_rollcall_row_add(db, row, &row->id);
    }
    return r == 0 ? note(a, db) : r;
}

static int add_job(void *arg, struct tk_db *db)
{
    struct adding *a = arg;
    struct tk_rollcall_row there;
    struct tk_rollcall_row newest;
    int64_t sitting_id = 0;
    int r = tk_rollcall_row_op(db, a->row.op, &there);
    if (r == 0 && !is_same(&there, &a->row)) {
        return tk_problem_set(&a->problem, TK_PROBLEM_CONFLICT, "op",
                              "This op was used for another roll call");
    }
    a->again = r == 0;
    r = r == -ENOENT ? add_new(a, db) : r;
    if (r == 0) {
        r = tk_rollcall_row_op(db, a->row.op, &a->row);
    }
    if (r == 0) {
        r = tk_sitting_opened_by(db, a->row.lesson_id, INT64_MAX, &sitting_id);
        r = r == -ENOENT ? 0 : r;
    }
    if (r == 0) {
        r = tk_rollcall_row_kept(db, a->row.lesson_id, a->reopens ? sitting_id : 0, a->row.room_id,
                                 &newest);
        a->counts = r == 0 && newest.id == a->row.id;
        r = r == -ENOENT ? 0 : r;
    }
    return r;
}

static void on_added(void *arg, int result)
{
    struct adding *a = arg;
    if (result < 0 && !a->problem.code) {
        tk_problem_from_errno(&a->problem, result);
    }
    a->done(a->arg, result < 0 ? &a->problem : NULL, result < 0 ? NULL : &a->row, a->again,
            a->counts);
    g_free(a);
}

void tk_rollcall_add(struct tk_lessons *ls, const struct tk_rollcall_asker *asker,
                     struct tk_now now, const json_t *fields, tk_rollcall_done *done, void *arg)
{
    struct tk_problem problem;
    struct tk_rollcall_row row = {.received_ms = now.wall_ms};
    struct tk_room_doer doer;
    const struct tk_lesson *lesson = NULL;
    int r = read_fields(fields, &row, &problem);
    if (r == 0) {
        r = tk_room_doer_find(ls, asker, fields, true, &lesson, &doer, &problem);
    }
    if (r < 0) {
        done(arg, &problem, NULL, false, false);
        return;
    }
    struct adding *a = g_new0(struct adding, 1);
    g_strlcpy(row.lesson_id, lesson->row.id, sizeof(row.lesson_id));
    row.room_id = doer.room->id;
    row.account_id = doer.account_id;
    row.device_id = doer.device_id;
    *a = (struct adding){.lessons = ls,
                         .now = now,
                         .actor = doer.actor,
                         .row = row,
                         .reopens = lesson->row.reopens,
                         .done = done,
                         .arg = arg};
    check_moment(lesson, now, row.marked_ms, &a->unless);
    r = tk_store_submit(ls->store, add_job, a, on_added);
    if (r < 0) {
        on_added(a, r);
    }
}

json_t *tk_rollcall_json(const struct tk_rollcall_row *row)
{
    json_t *absent = json_loads(row->absent, 0, NULL);
    return json_pack("{s:I, s:s, s:s, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:{s:s, s:s, s:s}}", "id",
                     (json_int_t)row->id, "op", row->op, "lesson", row->lesson_id, "sitting",
                     row->sitting_id ? json_integer(row->sitting_id) : json_null(), "room",
                     (json_int_t)row->room_id, "expected", (json_int_t)row->expected, "present",
                     (json_int_t)row->present, "absent", absent ? absent : json_array(),
                     "marked_ms", (json_int_t)row->marked_ms, "received_ms",
                     (json_int_t)row->received_ms, "by", "role", row->by.role, "name", row->by.name,
                     "name_en", row->by.name_en);
}

int tk_rollcall_kept(struct tk_lessons *ls, const struct tk_lesson *lesson, int64_t room_id,
                     struct tk_rollcall_row *ret)
{
    if (lesson->row.reopens && lesson->sitting.id == 0) {
        return -ENOENT;
    }
    return tk_rollcall_row_kept(tk_store_reader(ls->store), lesson->row.id,
                                lesson->row.reopens ? lesson->sitting.id : 0, room_id, ret);
}
