#include "signaling/store/place_rows.h"

#include <errno.h>
#include <string.h>

int tk_school_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_school *school),
                   void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "SELECT id, name, name_en, poor_village FROM school ORDER BY id", "");
    while (tk_query_next(&q)) {
        struct tk_school s = {.id = tk_query_int(&q, 0), .poor_village = tk_query_int(&q, 3)};
        tk_query_copy(&q, 1, s.name, sizeof(s.name));
        tk_query_copy(&q, 2, s.name_en, sizeof(s.name_en));
        int r = each(ctx, &s);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_school_row_named(struct tk_db *db, const char *name, int64_t *ret_id)
{
    return tk_db_number(db, ret_id, "SELECT id FROM school WHERE name = ?1 OR name_en = ?1", "t",
                        name);
}

int tk_school_row_add(struct tk_db *db, const struct tk_school *school, int64_t at_ms,
                      int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO school (name, name_en, poor_village, created_ms)"
                        " VALUES (?, ?, ?, ?)",
                        "ttii", school->name, school->name_en, (int64_t)school->poor_village,
                        at_ms);
}

#define ROOM                                                                                       \
    "SELECT r.id, r.name, r.name_en, s.id, s.name, s.name_en FROM room r"                          \
    " JOIN school s ON s.id = r.school_id"

static struct tk_room room_of(struct tk_query *q)
{
    struct tk_room r = {.id = tk_query_int(q, 0), .school_id = tk_query_int(q, 3)};
    tk_query_copy(q, 1, r.name, sizeof(r.name));
    tk_query_copy(q, 2, r.name_en, sizeof(r.name_en));
    tk_query_copy(q, 4, r.school, sizeof(r.school));
    tk_query_copy(q, 5, r.school_en, sizeof(r.school_en));
    return r;
}

int tk_room_row(struct tk_db *db, int64_t id, struct tk_room *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, ROOM " WHERE r.id = ?", "i", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    *ret = room_of(&q);
    return 0;
}

int tk_room_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_room *room), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, ROOM " WHERE r.retired_ms IS NULL ORDER BY r.id", "");
    while (tk_query_next(&q)) {
        struct tk_room room = room_of(&q);
        int r = each(ctx, &room);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_room_row_add(struct tk_db *db, int64_t school_id, const char *name, const char *name_en,
                    int64_t at_ms, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO room (school_id, name, name_en, created_ms)"
                        " VALUES (?, ?, ?, ?)",
                        "itti", school_id, name, name_en ? name_en : "", at_ms);
}

#define PERSON                                                                                     \
    "SELECT p.id, p.name, p.name_en, p.school_id, s.name, s.name_en FROM person p"                 \
    " LEFT JOIN school s ON s.id = p.school_id"

static struct tk_person person_of(struct tk_query *q)
{
    struct tk_person p = {.id = tk_query_int(q, 0), .school_id = tk_query_int(q, 3)};
    tk_query_copy(q, 1, p.name, sizeof(p.name));
    tk_query_copy(q, 2, p.name_en, sizeof(p.name_en));
    tk_query_copy(q, 4, p.school, sizeof(p.school));
    tk_query_copy(q, 5, p.school_en, sizeof(p.school_en));
    return p;
}

int tk_person_row(struct tk_db *db, int64_t id, struct tk_person *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, PERSON " WHERE p.id = ?", "i", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    *ret = person_of(&q);
    return 0;
}

int tk_person_rows(struct tk_db *db, int64_t school_id,
                   int (*each)(void *ctx, const struct tk_person *person), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   PERSON " WHERE p.retired_ms IS NULL AND (?1 = 0 OR p.school_id = ?1)"
                          " ORDER BY p.id",
                   "i", school_id);
    while (tk_query_next(&q)) {
        struct tk_person person = person_of(&q);
        int r = each(ctx, &person);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_person_row_add(struct tk_db *db, int64_t school_id, const char *name, const char *name_en,
                      const char *staff_number, int64_t at_ms, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO person (school_id, name, name_en, staff_number, created_ms)"
                        " VALUES (?, ?, ?, ?, ?)",
                        "ottti", school_id, name, name_en ? name_en : "", staff_number, at_ms);
}
