#include "signaling/store/lesson_rows.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

static const char *const kinds[] = {
    [TK_LESSON_LESSON] = "lesson",
    [TK_LESSON_TRAINING] = "training",
};
static const char *const states[] = {
    [TK_LESSON_SCHEDULED] = "scheduled", [TK_LESSON_OPEN] = "open",
    [TK_LESSON_LIVE] = "live",           [TK_LESSON_INTERRUPTED] = "interrupted",
    [TK_LESSON_ENDED] = "ended",         [TK_LESSON_CANCELLED] = "cancelled",
};

static int find_name(const char *const *names, int count, const char *text)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) {
            return i;
        }
    }
    return -ENOENT;
}

const char *tk_lesson_kind_name(enum tk_lesson_kind kind)
{
    return kinds[kind];
}

bool tk_lesson_kind_parse(const char *text, enum tk_lesson_kind *ret)
{
    int i = find_name(kinds, G_N_ELEMENTS(kinds), text);
    if (i >= 0) {
        *ret = (enum tk_lesson_kind)i;
    }
    return i >= 0;
}

const char *tk_lesson_state_name(enum tk_lesson_state state)
{
    return states[state];
}

bool tk_lesson_state_parse(const char *text, enum tk_lesson_state *ret)
{
    int i = find_name(states, G_N_ELEMENTS(states), text);
    if (i >= 0) {
        *ret = (enum tk_lesson_state)i;
    }
    return i >= 0;
}

void tk_lesson_row_clear(struct tk_lesson_row *row)
{
    g_free(row->source);
    g_free(row->cancel_reason);
    g_free(row->rooms);
    g_free(row->persons);
    memset(row, 0, sizeof(*row));
}

static int read_main(struct tk_db *db, const char *id, struct tk_lesson_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, kind, state, title, title_en, subject, start_ms, end_ms, source,"
                   " reopens, reopens_ms, cancel_reason, version, teacher_id, main_room_id,"
                   " (SELECT a.id FROM account a WHERE a.person_id = teacher_id AND"
                   "  a.role = 'teacher' AND a.disabled_ms IS NULL ORDER BY a.id LIMIT 1)"
                   " FROM lesson WHERE id = ?",
                   "t", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    tk_query_copy(&q, 0, ret->id, sizeof(ret->id));
    tk_lesson_kind_parse(tk_query_text(&q, 1), &ret->kind);
    tk_lesson_state_parse(tk_query_text(&q, 2), &ret->state);
    tk_query_copy(&q, 3, ret->title, sizeof(ret->title));
    tk_query_copy(&q, 4, ret->title_en, sizeof(ret->title_en));
    tk_query_copy(&q, 5, ret->subject, sizeof(ret->subject));
    ret->start_ms = tk_query_int(&q, 6);
    ret->end_ms = tk_query_int(&q, 7);
    ret->source = g_strdup(tk_query_text(&q, 8));
    ret->reopens = tk_query_int(&q, 9) != 0;
    ret->reopens_ms = tk_query_int(&q, 10);
    ret->cancel_reason = tk_query_null(&q, 11) ? NULL : g_strdup(tk_query_text(&q, 11));
    ret->version = tk_query_int(&q, 12);
    ret->teacher.id = tk_query_int(&q, 13);
    ret->main_room.id = tk_query_int(&q, 14);
    ret->teacher_account_id = tk_query_int(&q, 15);
    return 0;
}

static int read_rooms(struct tk_db *db, struct tk_lesson_row *row)
{
    GArray *rooms = g_array_new(FALSE, TRUE, sizeof(struct tk_room));
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "SELECT room_id FROM lesson_room WHERE lesson_id = ? ORDER BY room_id",
                   "t", row->id);
    while (tk_query_next(&q)) {
        struct tk_room room;
        if (tk_room_row(db, tk_query_int(&q, 0), &room) == 0) {
            g_array_append_val(rooms, room);
        }
    }
    row->rooms_count = rooms->len;
    row->rooms = (struct tk_room *)(void *)g_array_free(rooms, FALSE);
    return tk_query_result(&q);
}

static int read_persons(struct tk_db *db, struct tk_lesson_row *row)
{
    GArray *persons = g_array_new(FALSE, TRUE, sizeof(struct tk_person));
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT person_id FROM lesson_person WHERE lesson_id = ? ORDER BY person_id",
                   "t", row->id);
    while (tk_query_next(&q)) {
        struct tk_person person;
        if (tk_person_row(db, tk_query_int(&q, 0), &person) == 0) {
            g_array_append_val(persons, person);
        }
    }
    row->persons_count = persons->len;
    row->persons = (struct tk_person *)(void *)g_array_free(persons, FALSE);
    return tk_query_result(&q);
}

int tk_lesson_row(struct tk_db *db, const char *id, struct tk_lesson_row *ret)
{
    memset(ret, 0, sizeof(*ret));
    int r = read_main(db, id, ret);
    if (r == 0 && ret->teacher.id != 0) {
        r = tk_person_row(db, ret->teacher.id, &ret->teacher);
    }
    if (r == 0 && ret->main_room.id != 0) {
        r = tk_room_row(db, ret->main_room.id, &ret->main_room);
    }
    if (r == 0) {
        r = read_rooms(db, ret);
    }
    if (r == 0) {
        r = read_persons(db, ret);
    }
    if (r < 0) {
        tk_lesson_row_clear(ret);
    }
    return r;
}

/* Who was enrolled before keeps the day and school of the enrolment. */
static int put_members(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms)
{
    int r = tk_db_run(db, "DELETE FROM lesson_room WHERE lesson_id = ?", "t", row->id);
    for (size_t i = 0; r == 0 && i < row->rooms_count; i++) {
        r = tk_db_run(db, "INSERT INTO lesson_room (lesson_id, room_id) VALUES (?, ?)", "ti",
                      row->id, row->rooms[i].id);
    }
    g_autoptr(GString) kept = g_string_new("[");
    for (size_t i = 0; i < row->persons_count; i++) {
        g_string_append_printf(kept, "%s%lld", i ? "," : "", (long long)row->persons[i].id);
    }
    g_string_append_c(kept, ']');
    if (r == 0) {
        r = tk_db_run(db,
                      "DELETE FROM lesson_person WHERE lesson_id = ? AND person_id NOT IN"
                      " (SELECT value FROM json_each(?))",
                      "tt", row->id, kept->str);
    }
    for (size_t i = 0; r == 0 && i < row->persons_count; i++) {
        r = tk_db_run(db,
                      "INSERT INTO lesson_person (lesson_id, person_id, school_id, enrolled_ms)"
                      " VALUES (?1, ?2, (SELECT school_id FROM person WHERE id = ?2), ?3)"
                      " ON CONFLICT DO NOTHING",
                      "tii", row->id, row->persons[i].id, at_ms);
    }
    return r;
}

int tk_lesson_row_add(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms)
{
    int r = tk_db_run(db,
                      "INSERT INTO lesson (id, kind, title, title_en, subject, teacher_id,"
                      " main_room_id, start_ms, end_ms, source, reopens, created_ms, updated_ms)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "tttttooiitiii", row->id, kinds[row->kind], row->title, row->title_en,
                      row->subject, row->teacher.id, row->main_room.id, row->start_ms, row->end_ms,
                      row->source, (int64_t)row->reopens, at_ms, at_ms);
    return r < 0 ? r : put_members(db, row, at_ms);
}

int tk_lesson_row_plan(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms)
{
    int r = tk_db_run(db,
                      "UPDATE lesson SET kind = ?, title = ?, title_en = ?, subject = ?,"
                      " teacher_id = ?, main_room_id = ?, start_ms = ?, end_ms = ?, source = ?,"
                      " version = version + 1, updated_ms = ? WHERE id = ? AND version = ?",
                      "ttttooiititi", kinds[row->kind], row->title, row->title_en, row->subject,
                      row->teacher.id, row->main_room.id, row->start_ms, row->end_ms, row->source,
                      at_ms, row->id, row->version);
    if (r == 0 && tk_db_changes(db) == 0) {
        return -ESTALE;
    }
    return r < 0 ? r : put_members(db, row, at_ms);
}

int tk_lesson_row_state(struct tk_db *db, const struct tk_lesson_row *row, int64_t at_ms)
{
    return tk_db_run(db,
                     "UPDATE lesson SET state = ?, start_ms = ?, end_ms = ?, reopens_ms = ?,"
                     " cancel_reason = ?, updated_ms = ? WHERE id = ?",
                     "tiiotit", states[row->state], row->start_ms, row->end_ms, row->reopens_ms,
                     row->cancel_reason, at_ms, row->id);
}

int tk_lesson_row_source(struct tk_db *db, const char *id, const char *source, int64_t at_ms)
{
    int r = tk_db_run(db,
                      "UPDATE lesson SET source = ?, version = version + 1, updated_ms = ?"
                      " WHERE id = ?",
                      "tit", source, at_ms, id);
    return r == 0 && tk_db_changes(db) == 0 ? -ENOENT : r;
}

/* Which lessons stand against lesson ?1: of the same time, neither over nor one that reopens. */
#define OTHERS                                                                                     \
    " FROM lesson l JOIN lesson o ON o.start_ms < l.end_ms AND o.end_ms > l.start_ms"              \
    " AND o.id <> l.id AND o.reopens = 0 AND o.state NOT IN ('ended', 'cancelled')"

int tk_lesson_row_conflict(struct tk_db *db, const char *id, struct tk_lesson_conflict *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT o.title, p.name, 1, o.start_ms, o.end_ms" OTHERS
                   " JOIN person p ON p.id = o.teacher_id"
                   " WHERE l.id = ?1 AND l.reopens = 0 AND o.teacher_id = l.teacher_id"
                   " UNION ALL "
                   "SELECT o.title, s.name || ' ' || r.name, 0, o.start_ms, o.end_ms" OTHERS
                   " JOIN room r ON r.id IN (SELECT room_id FROM lesson_room"
                   "  WHERE lesson_id = l.id UNION ALL SELECT l.main_room_id)"
                   " JOIN school s ON s.id = r.school_id"
                   " WHERE l.id = ?1 AND l.reopens = 0 AND r.id IN (SELECT room_id FROM"
                   "  lesson_room WHERE lesson_id = o.id UNION ALL SELECT o.main_room_id) LIMIT 1",
                   "t", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    tk_query_copy(&q, 0, ret->title, sizeof(ret->title));
    tk_query_copy(&q, 1, ret->what, sizeof(ret->what));
    ret->teacher = tk_query_int(&q, 2) != 0;
    ret->start_ms = tk_query_int(&q, 3);
    ret->end_ms = tk_query_int(&q, 4);
    return 0;
}

static int each_id(struct tk_query *q, tk_lesson_id_each *each, void *ctx)
{
    while (tk_query_next(q)) {
        int r = each(ctx, tk_query_text(q, 0));
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(q);
}

int tk_lesson_ids_pending(struct tk_db *db, int64_t horizon_ms, tk_lesson_id_each *each, void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id FROM lesson WHERE (state IN ('scheduled', 'open', 'live',"
                   " 'interrupted') AND start_ms < ?) OR (state = 'ended' AND reopens = 1)"
                   " ORDER BY start_ms, id",
                   "i", horizon_ms);
    return each_id(&q, each, ctx);
}

/* A lesson that reopens is of every day since it was made. */
#define FOUND                                                                                      \
    " FROM lesson WHERE ((start_ms < ?2 AND end_ms > ?1) OR (reopens = 1 AND created_ms < ?2))"    \
    " AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR teacher_id = ?4)"                          \
    " AND (?5 IS NULL OR id IN (SELECT lr.lesson_id FROM lesson_room lr"                           \
    "  JOIN room r ON r.id = lr.room_id WHERE r.school_id = ?5))"

int tk_lesson_ids(struct tk_db *db, const struct tk_lesson_search *s, int64_t *ret_total,
                  tk_lesson_id_each *each, void *ctx)
{
    int r = tk_db_number(db, ret_total, "SELECT count(*)" FOUND, "iitoo", s->from_ms, s->to_ms,
                         s->state, s->teacher_id, s->school_id);
    if (r < 0) {
        return r;
    }
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "SELECT id" FOUND " ORDER BY start_ms, id LIMIT ?6 OFFSET ?7", "iitooii",
                   s->from_ms, s->to_ms, s->state, s->teacher_id, s->school_id, s->count,
                   s->offset);
    return each_id(&q, each, ctx);
}
