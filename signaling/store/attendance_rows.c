#include "signaling/store/attendance_rows.h"

#include <errno.h>
#include <glib.h>

int tk_rule_set_row(struct tk_db *db, const char *thresholds, int64_t at_ms, int64_t *ret_version)
{
    int r = tk_db_number(db, ret_version, "SELECT version FROM rule_set WHERE thresholds = ?", "t",
                         thresholds);
    return r != -ENOENT ? r
                        : tk_db_insert(db, ret_version,
                                       "INSERT INTO rule_set (created_ms, thresholds)"
                                       " VALUES (?, ?)",
                                       "it", at_ms, thresholds);
}

int tk_rule_set_thresholds(struct tk_db *db, int64_t version, char **ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "SELECT thresholds FROM rule_set WHERE version = ?", "i", version);
    *ret = tk_query_next(&q) ? g_strdup(tk_query_text(&q, 0)) : NULL;
    int r = tk_query_result(&q);
    return r < 0 || *ret ? r : -ENOENT;
}

void tk_result_row_free(struct tk_result_row *row)
{
    if (row) {
        g_free(row->intervals);
        g_free(row);
    }
}

#define ADD_RESULT(coverage_sql)                                                                   \
    "INSERT INTO attendance_result (sitting_id, room_id, person_id, rule_version, status,"         \
    " covered_ms, bridged_ms, live_ms, intervals, computed_ms, provisional, coverage)"             \
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " coverage_sql ")"

int tk_result_row_add(struct tk_db *db, const struct tk_result_row *row, int64_t *ret_id)
{
    /* a negative coverage stands for NULL */
    return tk_db_insert(db, ret_id, ADD_RESULT("nullif(max(?, -1.0), -1.0)"), "iooitiiitiif",
                        row->sitting_id, row->room_id, row->person_id, row->rule_version,
                        row->status, row->covered_ms, row->bridged_ms, row->live_ms, row->intervals,
                        row->computed_ms, (int64_t)row->provisional, row->coverage);
}

int tk_result_rows_exist(struct tk_db *db, int64_t sitting_id, bool *ret)
{
    int64_t found = 0;
    int r = tk_db_number(db, &found,
                         "SELECT EXISTS (SELECT 1 FROM attendance_result WHERE sitting_id = ?"
                         " AND provisional = 0)",
                         "i", sitting_id);
    *ret = found != 0;
    return r;
}

int tk_result_rows(struct tk_db *db, int64_t sitting_id,
                   int (*each)(void *ctx, const struct tk_result_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, room_id, person_id, rule_version, status, coverage, covered_ms,"
                   " bridged_ms, live_ms, intervals, computed_ms, provisional"
                   " FROM attendance_result WHERE sitting_id = ? ORDER BY id",
                   "i", sitting_id);
    while (tk_query_next(&q)) {
        struct tk_result_row row = {
            .id = tk_query_int(&q, 0),
            .sitting_id = sitting_id,
            .room_id = tk_query_int(&q, 1),
            .person_id = tk_query_int(&q, 2),
            .rule_version = tk_query_int(&q, 3),
            .coverage = tk_query_null(&q, 5) ? -1 : tk_query_real(&q, 5),
            .covered_ms = tk_query_int(&q, 6),
            .bridged_ms = tk_query_int(&q, 7),
            .live_ms = tk_query_int(&q, 8),
            .intervals = g_strdup(tk_query_text(&q, 9)),
            .computed_ms = tk_query_int(&q, 10),
            .provisional = tk_query_int(&q, 11) != 0,
        };
        tk_query_copy(&q, 4, row.status, sizeof(row.status));
        int r = each(ctx, &row);
        g_free(row.intervals);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_result_row_find(struct tk_db *db, int64_t id, char ret_lesson_id[TK_LESSON_ID_MAX + 1],
                       char ret_status[TK_STATUS_MAX])
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT s.lesson_id, r.status FROM attendance_result r JOIN sitting s"
                   " ON s.id = r.sitting_id WHERE r.id = ?",
                   "i", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    tk_query_copy(&q, 0, ret_lesson_id, TK_LESSON_ID_MAX + 1);
    tk_query_copy(&q, 1, ret_status, TK_STATUS_MAX);
    return 0;
}

int tk_correction_row_add(struct tk_db *db, const struct tk_correction_row *row, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO attendance_correction (result_id, status, reason, account_id,"
                        " at_ms) VALUES (?, ?, ?, ?, ?)",
                        "ittoi", row->result_id, row->status, row->reason, row->account_id,
                        row->at_ms);
}

int tk_correction_rows(struct tk_db *db, int64_t result_id,
                       int (*each)(void *ctx, const struct tk_correction_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT c.id, c.status, c.reason, c.account_id, coalesce(p.name, 'console'),"
                   " c.at_ms FROM attendance_correction c LEFT JOIN account a"
                   " ON a.id = c.account_id LEFT JOIN person p ON p.id = a.person_id"
                   " WHERE c.result_id = ? ORDER BY c.id",
                   "i", result_id);
    while (tk_query_next(&q)) {
        struct tk_correction_row row = {
            .id = tk_query_int(&q, 0),
            .result_id = result_id,
            .reason = tk_query_text(&q, 2),
            .account_id = tk_query_int(&q, 3),
            .by = tk_query_text(&q, 4),
            .at_ms = tk_query_int(&q, 5),
        };
        tk_query_copy(&q, 1, row.status, sizeof(row.status));
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_sitting_views(struct tk_db *db, int64_t from_ms, int64_t to_ms, const char *lesson_id,
                     int (*each)(void *ctx, const struct tk_sitting_view *view), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT s.id, s.number, s.opened_ms, s.ended_ms, l.id, l.kind, l.title,"
                   " l.title_en FROM sitting s JOIN lesson l ON l.id = s.lesson_id"
                   " WHERE s.opened_ms >= ?1 AND s.opened_ms < ?2"
                   " AND (?3 IS NULL OR s.lesson_id = ?3) ORDER BY s.opened_ms, s.id",
                   "iit", from_ms, to_ms, lesson_id);
    while (tk_query_next(&q)) {
        struct tk_sitting_view view = {
            .id = tk_query_int(&q, 0),
            .number = tk_query_int(&q, 1),
            .opened_ms = tk_query_int(&q, 2),
            .ended_ms = tk_query_int(&q, 3),
            .lesson_id = tk_query_text(&q, 4),
            .kind = tk_query_text(&q, 5),
            .title = tk_query_text(&q, 6),
            .title_en = tk_query_text(&q, 7),
        };
        int r = each(ctx, &view);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_attendee_view(struct tk_db *db, const char *lesson_id, int64_t room_id, int64_t person_id,
                     struct tk_attendee_view *ret)
{
    TK_QUERY struct tk_query q;
    if (room_id != 0) {
        tk_query_start(&q, db,
                       "SELECT r.name, r.name_en, s.name, s.name_en FROM room r"
                       " JOIN school s ON s.id = r.school_id WHERE r.id = ?",
                       "i", room_id);
    } else {
        tk_query_start(&q, db,
                       "SELECT p.name, p.name_en, s.name, s.name_en FROM person p"
                       " LEFT JOIN lesson_person e ON e.person_id = p.id AND e.lesson_id = ?2"
                       " LEFT JOIN school s ON s.id = coalesce(e.school_id, p.school_id)"
                       " WHERE p.id = ?1",
                       "it", person_id, lesson_id);
    }
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    tk_query_copy(&q, 0, ret->name, sizeof(ret->name));
    tk_query_copy(&q, 1, ret->name_en, sizeof(ret->name_en));
    tk_query_copy(&q, 2, ret->school, sizeof(ret->school));
    tk_query_copy(&q, 3, ret->school_en, sizeof(ret->school_en));
    return 0;
}
