#include "signaling/store/timeline_rows.h"

static void room_of(struct tk_query *q, int column, struct tk_room *ret)
{
    *ret = (struct tk_room){.id = tk_query_int(q, column)};
    tk_query_copy(q, column + 1, ret->name, sizeof(ret->name));
    tk_query_copy(q, column + 2, ret->name_en, sizeof(ret->name_en));
    tk_query_copy(q, column + 3, ret->school, sizeof(ret->school));
    tk_query_copy(q, column + 4, ret->school_en, sizeof(ret->school_en));
}

int tk_timeline_rows(struct tk_db *db, int64_t sitting_id, int64_t count,
                     int (*each)(void *ctx, const struct tk_timeline_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT e.at_ms, e.kind, e.data, r.id, r.name, r.name_en, s.name, s.name_en,"
                   " CASE WHEN a.id IS NOT NULL THEN a.role"
                   "  WHEN d.id IS NOT NULL THEN 'device' END,"
                   " coalesce(p.name, dr.name), coalesce(p.name_en, dr.name_en)"
                   " FROM (SELECT * FROM event WHERE sitting_id = ?"
                   "  ORDER BY at_ms DESC, id DESC LIMIT ?) e"
                   " LEFT JOIN room r ON r.id = e.room_id LEFT JOIN school s ON s.id = r.school_id"
                   " LEFT JOIN account a ON a.id = e.account_id"
                   " LEFT JOIN person p ON p.id = a.person_id"
                   " LEFT JOIN device d ON d.id = e.device_id LEFT JOIN room dr"
                   " ON dr.id = d.room_id ORDER BY e.at_ms, e.id",
                   "ii", sitting_id, count);
    while (tk_query_next(&q)) {
        struct tk_timeline_row row = {
            .at_ms = tk_query_int(&q, 0),
            .kind = tk_query_text(&q, 1),
            .data = tk_query_text(&q, 2),
        };
        room_of(&q, 3, &row.room);
        tk_query_copy(&q, 8, row.by.role, sizeof(row.by.role));
        tk_query_copy(&q, 9, row.by.name, sizeof(row.by.name));
        tk_query_copy(&q, 10, row.by.name_en, sizeof(row.by.name_en));
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_timeline_rows_count(struct tk_db *db, int64_t sitting_id, int64_t *ret)
{
    return tk_db_number(db, ret, "SELECT count(*) FROM event WHERE sitting_id = ?", "i",
                        sitting_id);
}

int tk_speech_rows(struct tk_db *db, int64_t sitting_id,
                   int (*each)(void *ctx, const struct tk_speech_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT 0, '', '', '', '', 0, 0, coalesce((SELECT spoke_ms FROM main_speech"
                   "  WHERE sitting_id = ?1), -1)"
                   " UNION ALL "
                   "SELECT * FROM (SELECT r.id, r.name, r.name_en, s.name, s.name_en, count(t.id),"
                   "  coalesce(sum(coalesce(t.ended_ms, t.last_ms) - t.started_ms), 0),"
                   "  coalesce(sum(t.spoke_ms), 0) FROM room r JOIN school s ON s.id = r.school_id"
                   "  LEFT JOIN floor_turn t ON t.room_id = r.id AND t.sitting_id = ?1"
                   "  WHERE r.id IN (SELECT lr.room_id FROM lesson_room lr JOIN sitting i"
                   "    ON i.lesson_id = lr.lesson_id WHERE i.id = ?1"
                   "   UNION SELECT room_id FROM floor_turn WHERE sitting_id = ?1)"
                   "  GROUP BY r.id ORDER BY r.id)",
                   "i", sitting_id);
    while (tk_query_next(&q)) {
        struct tk_speech_row row = {
            .turns = tk_query_int(&q, 5),
            .floor_ms = tk_query_int(&q, 6),
            .spoke_ms = tk_query_int(&q, 7),
        };
        room_of(&q, 0, &row.room);
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}
