#include "signaling/store/visit_rows.h"

#include <errno.h>

#define VISIT                                                                                      \
    "SELECT v.id, v.lesson_id, v.sitting_id, v.account_id, v.ip, v.started_ms, v.last_ms,"         \
    " v.ended_ms, a.login, a.role, p.name, p.name_en, l.title, l.title_en FROM visit v"            \
    " JOIN account a ON a.id = v.account_id JOIN person p ON p.id = a.person_id"                   \
    " JOIN lesson l ON l.id = v.lesson_id"

int tk_visit_row_add(struct tk_db *db, const struct tk_visit_row *row, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO visit (lesson_id, sitting_id, account_id, ip, started_ms,"
                        " last_ms) VALUES (?, ?, ?, ?, ?, ?)",
                        "toitii", row->lesson_id, row->sitting_id, row->account_id, row->ip,
                        row->started_ms, row->last_ms);
}

int tk_visit_row_beat(struct tk_db *db, int64_t id, int64_t last_ms)
{
    return tk_db_run(db,
                     "UPDATE visit SET last_ms = max(last_ms, ?) WHERE id = ?"
                     " AND ended_ms IS NULL",
                     "ii", last_ms, id);
}

int tk_visit_row_end(struct tk_db *db, int64_t id, int64_t ended_ms)
{
    int r = tk_db_run(db,
                      "UPDATE visit SET ended_ms = max(?1, started_ms),"
                      " last_ms = max(?1, started_ms) WHERE id = ?2 AND ended_ms IS NULL",
                      "ii", ended_ms, id);
    return r == 0 && tk_db_changes(db) == 0 ? -ENOENT : r;
}

static int each_visit(struct tk_query *q, int (*each)(void *ctx, const struct tk_visit_row *row),
                      void *ctx)
{
    while (tk_query_next(q)) {
        struct tk_visit_row row = {
            .id = tk_query_int(q, 0),
            .sitting_id = tk_query_int(q, 2),
            .account_id = tk_query_int(q, 3),
            .started_ms = tk_query_int(q, 5),
            .last_ms = tk_query_int(q, 6),
            .ended_ms = tk_query_int(q, 7),
        };
        tk_query_copy(q, 1, row.lesson_id, sizeof(row.lesson_id));
        tk_query_copy(q, 4, row.ip, sizeof(row.ip));
        tk_query_copy(q, 8, row.login, sizeof(row.login));
        tk_query_copy(q, 9, row.by.role, sizeof(row.by.role));
        tk_query_copy(q, 10, row.by.name, sizeof(row.by.name));
        tk_query_copy(q, 11, row.by.name_en, sizeof(row.by.name_en));
        tk_query_copy(q, 12, row.title, sizeof(row.title));
        tk_query_copy(q, 13, row.title_en, sizeof(row.title_en));
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(q);
}

int tk_visit_rows_open(struct tk_db *db, int (*each)(void *ctx, const struct tk_visit_row *row),
                       void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, VISIT " WHERE v.ended_ms IS NULL ORDER BY v.id", "");
    return each_visit(&q, each, ctx);
}

int tk_visit_rows_since(struct tk_db *db, int64_t account_id, int64_t since_ms, int64_t *ret)
{
    return tk_db_number(db, ret,
                        "SELECT count(*) FROM visit WHERE started_ms > ?2 AND account_id = ?1",
                        "ii", account_id, since_ms);
}

int tk_visit_rows(struct tk_db *db, int64_t offset, int64_t count,
                  int (*each)(void *ctx, const struct tk_visit_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, VISIT " ORDER BY v.started_ms DESC, v.id DESC LIMIT ? OFFSET ?", "ii",
                   count, offset);
    return each_visit(&q, each, ctx);
}

int tk_visit_rows_count(struct tk_db *db, int64_t *ret)
{
    return tk_db_number(db, ret, "SELECT count(*) FROM visit", "");
}
