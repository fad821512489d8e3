#include "signaling/store/check_rows.h"

#include <errno.h>

#define CHECK                                                                                      \
    "SELECT c.id, c.op, c.room_id, c.device_id, c.lesson_id, c.asked_by, c.at_ms, c.verdict,"      \
    " c.result, a.role, p.name, p.name_en FROM room_check c"                                       \
    " LEFT JOIN account a ON a.id = c.asked_by LEFT JOIN person p ON p.id = a.person_id"

static void check_of(struct tk_query *q, struct tk_check_row *row)
{
    *row = (struct tk_check_row){
        .id = tk_query_int(q, 0),
        .room_id = tk_query_int(q, 2),
        .device_id = tk_query_int(q, 3),
        .asked_by = tk_query_int(q, 5),
        .at_ms = tk_query_int(q, 6),
    };
    tk_query_copy(q, 1, row->op, sizeof(row->op));
    tk_query_copy(q, 4, row->lesson_id, sizeof(row->lesson_id));
    tk_query_copy(q, 7, row->verdict, sizeof(row->verdict));
    tk_query_copy(q, 8, row->result, sizeof(row->result));
    tk_query_copy(q, 9, row->asker.role, sizeof(row->asker.role));
    tk_query_copy(q, 10, row->asker.name, sizeof(row->asker.name));
    tk_query_copy(q, 11, row->asker.name_en, sizeof(row->asker.name_en));
}

int tk_check_row_add(struct tk_db *db, const struct tk_check_row *row, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO room_check (op, room_id, device_id, lesson_id, asked_by,"
                        " at_ms, verdict, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        "tiitoitt", row->op, row->room_id, row->device_id,
                        *row->lesson_id ? row->lesson_id : NULL, row->asked_by, row->at_ms,
                        row->verdict, row->result);
}

int tk_check_row_op(struct tk_db *db, const char *op, struct tk_check_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, CHECK " WHERE c.op = ?", "t", op);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    check_of(&q, ret);
    return 0;
}

static int each_check(struct tk_query *q, int (*each)(void *ctx, const struct tk_check_row *row),
                      void *ctx)
{
    while (tk_query_next(q)) {
        struct tk_check_row row;
        check_of(q, &row);
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(q);
}

int tk_check_rows(struct tk_db *db, int64_t room_id, int64_t count,
                  int (*each)(void *ctx, const struct tk_check_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, CHECK " WHERE c.room_id = ? ORDER BY c.at_ms DESC, c.id DESC LIMIT ?",
                   "ii", room_id, count);
    return each_check(&q, each, ctx);
}

int tk_check_rows_newest(struct tk_db *db, int (*each)(void *ctx, const struct tk_check_row *row),
                         void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   CHECK " WHERE c.id IN (SELECT (SELECT n.id FROM room_check n WHERE"
                         "  n.room_id = r.id ORDER BY n.at_ms DESC, n.id DESC LIMIT 1) FROM room r)"
                         " ORDER BY c.room_id",
                   "");
    return each_check(&q, each, ctx);
}

int tk_check_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret)
{
    return tk_db_number(db, ret, "SELECT count(*) FROM room_check WHERE room_id = ? AND at_ms > ?",
                        "ii", room_id, since_ms);
}
