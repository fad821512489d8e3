#include "signaling/store/rollcall_rows.h"

#include <errno.h>

#define ROLLCALL                                                                                   \
    "SELECT c.id, c.op, c.lesson_id, c.sitting_id, c.room_id, c.expected, c.present, c.absent,"    \
    " c.marked_ms, c.received_ms, c.account_id, c.device_id, coalesce(a.role, 'device'),"          \
    " coalesce(p.name, r.name), coalesce(p.name_en, r.name_en)"                                    \
    " FROM roll_call c LEFT JOIN account a ON a.id = c.account_id"                                 \
    " LEFT JOIN person p ON p.id = a.person_id LEFT JOIN device d ON d.id = c.device_id"           \
    " LEFT JOIN room r ON r.id = d.room_id"
#define NEWEST_FIRST " ORDER BY c.marked_ms DESC, c.id DESC LIMIT 1"

static void rollcall_of(struct tk_query *q, struct tk_rollcall_row *row)
{
    *row = (struct tk_rollcall_row){
        .id = tk_query_int(q, 0),
        .sitting_id = tk_query_int(q, 3),
        .room_id = tk_query_int(q, 4),
        .expected = tk_query_int(q, 5),
        .present = tk_query_int(q, 6),
        .marked_ms = tk_query_int(q, 8),
        .received_ms = tk_query_int(q, 9),
        .account_id = tk_query_int(q, 10),
        .device_id = tk_query_int(q, 11),
    };
    tk_query_copy(q, 1, row->op, sizeof(row->op));
    tk_query_copy(q, 2, row->lesson_id, sizeof(row->lesson_id));
    tk_query_copy(q, 7, row->absent, sizeof(row->absent));
    tk_query_copy(q, 12, row->by.role, sizeof(row->by.role));
    tk_query_copy(q, 13, row->by.name, sizeof(row->by.name));
    tk_query_copy(q, 14, row->by.name_en, sizeof(row->by.name_en));
}

static int first_rollcall(struct tk_query *q, struct tk_rollcall_row *ret)
{
    if (!tk_query_next(q)) {
        return q->result < 0 ? q->result : -ENOENT;
    }
    rollcall_of(q, ret);
    return 0;
}

int tk_rollcall_row_add(struct tk_db *db, const struct tk_rollcall_row *row, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO roll_call (op, lesson_id, sitting_id, room_id, expected,"
                        " present, absent, marked_ms, received_ms, account_id, device_id)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        "ttoiiitiioo", row->op, row->lesson_id, row->sitting_id, row->room_id,
                        row->expected, row->present, row->absent, row->marked_ms, row->received_ms,
                        row->account_id, row->device_id);
}

int tk_rollcall_row_op(struct tk_db *db, const char *op, struct tk_rollcall_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, ROLLCALL " WHERE c.op = ?", "t", op);
    return first_rollcall(&q, ret);
}

int tk_rollcall_row_kept(struct tk_db *db, const char *lesson_id, int64_t sitting_id,
                         int64_t room_id, struct tk_rollcall_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   ROLLCALL " WHERE c.lesson_id = ?1 AND c.room_id = ?2"
                            " AND (?3 IS NULL OR c.sitting_id = ?3)" NEWEST_FIRST,
                   "tio", lesson_id, room_id, sitting_id);
    return first_rollcall(&q, ret);
}

int tk_rollcall_rows(struct tk_db *db, const char *lesson_id, int64_t count,
                     int (*each)(void *ctx, const struct tk_rollcall_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   ROLLCALL " WHERE c.lesson_id = ? ORDER BY c.marked_ms DESC, c.id DESC LIMIT ?",
                   "ti", lesson_id, count);
    while (tk_query_next(&q)) {
        struct tk_rollcall_row row;
        rollcall_of(&q, &row);
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_rollcall_expected(struct tk_db *db, int64_t room_id, int64_t *ret)
{
    return tk_db_number(db, ret,
                        "SELECT expected FROM roll_call WHERE room_id = ?"
                        " ORDER BY marked_ms DESC, id DESC LIMIT 1",
                        "i", room_id);
}

int tk_rollcall_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret)
{
    return tk_db_number(db, ret,
                        "SELECT count(*) FROM roll_call WHERE room_id = ? AND received_ms > ?",
                        "ii", room_id, since_ms);
}

int tk_sitting_opened_by(struct tk_db *db, const char *lesson_id, int64_t at_ms, int64_t *ret_id)
{
    return tk_db_number(db, ret_id,
                        "SELECT id FROM sitting WHERE lesson_id = ? AND opened_ms <= ?"
                        " ORDER BY number DESC LIMIT 1",
                        "ti", lesson_id, at_ms);
}

#define DUTY                                                                                       \
    "SELECT c.id, c.op, c.lesson_id, c.room_id, c.person_id, coalesce(p.name, c.person_name),"     \
    " p.name_en, c.by_account_id, c.at_ms FROM coteach_duty c"                                     \
    " LEFT JOIN person p ON p.id = c.person_id"

static int first_duty(struct tk_query *q, struct tk_duty_row *ret)
{
    if (!tk_query_next(q)) {
        return q->result < 0 ? q->result : -ENOENT;
    }
    *ret = (struct tk_duty_row){
        .id = tk_query_int(q, 0),
        .room_id = tk_query_int(q, 3),
        .person_id = tk_query_int(q, 4),
        .by_account_id = tk_query_int(q, 7),
        .at_ms = tk_query_int(q, 8),
    };
    tk_query_copy(q, 1, ret->op, sizeof(ret->op));
    tk_query_copy(q, 2, ret->lesson_id, sizeof(ret->lesson_id));
    tk_query_copy(q, 5, ret->name, sizeof(ret->name));
    tk_query_copy(q, 6, ret->name_en, sizeof(ret->name_en));
    return 0;
}

int tk_duty_row_add(struct tk_db *db, const struct tk_duty_row *row, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO coteach_duty (op, lesson_id, room_id, person_id, person_name,"
                        " by_account_id, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        "ttiotii", row->op, row->lesson_id, row->room_id, row->person_id,
                        row->person_id ? "" : row->name, row->by_account_id, row->at_ms);
}

int tk_duty_row_op(struct tk_db *db, const char *op, struct tk_duty_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, DUTY " WHERE c.op = ?", "t", op);
    return first_duty(&q, ret);
}

int tk_duty_row_last(struct tk_db *db, const char *lesson_id, int64_t room_id, int64_t since_ms,
                     struct tk_duty_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   DUTY " WHERE c.lesson_id = ? AND c.room_id = ? AND c.at_ms >= ?"
                        " ORDER BY c.id DESC LIMIT 1",
                   "tii", lesson_id, room_id, since_ms);
    return first_duty(&q, ret);
}

int tk_duty_rows_since(struct tk_db *db, int64_t room_id, int64_t since_ms, int64_t *ret)
{
    return tk_db_number(db, ret,
                        "SELECT count(*) FROM coteach_duty WHERE room_id = ? AND at_ms > ?", "ii",
                        room_id, since_ms);
}
