#include "signaling/store/sitting_rows.h"

#include <errno.h>

int tk_sitting_row_put(struct tk_db *db, const char *lesson_id, const struct tk_sitting_row *row)
{
    return tk_db_run(db,
                     "INSERT INTO sitting (id, lesson_id, number, opened_ms, live_ms, started_ms,"
                     " ended_ms, end_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                     " ON CONFLICT (id) DO UPDATE SET live_ms = excluded.live_ms,"
                     " started_ms = excluded.started_ms, ended_ms = excluded.ended_ms,"
                     " end_reason = excluded.end_reason",
                     "itiiooot", row->id, lesson_id, row->number, row->opened_ms, row->live_ms,
                     row->started_ms, row->ended_ms, row->end_reason);
}

int tk_sitting_row_ensure(struct tk_db *db, const char *lesson_id, const struct tk_sitting_row *row)
{
    return tk_db_run(db,
                     "INSERT INTO sitting (id, lesson_id, number, opened_ms) VALUES (?, ?, ?, ?)"
                     " ON CONFLICT DO NOTHING",
                     "itii", row->id, lesson_id, row->number, row->opened_ms);
}

#define SITTING                                                                                    \
    "SELECT id, number, opened_ms, live_ms, started_ms, ended_ms, lesson_id FROM sitting"

static struct tk_sitting_row sitting_of(struct tk_query *q)
{
    return (struct tk_sitting_row){
        .id = tk_query_int(q, 0),
        .number = tk_query_int(q, 1),
        .opened_ms = tk_query_int(q, 2),
        .live_ms = tk_query_int(q, 3),
        .started_ms = tk_query_int(q, 4),
        .ended_ms = tk_query_int(q, 5),
    };
}

int tk_sitting_row(struct tk_db *db, int64_t id, struct tk_sitting_row *ret,
                   char ret_lesson_id[TK_LESSON_ID_MAX + 1])
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, SITTING " WHERE id = ?", "i", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    *ret = sitting_of(&q);
    tk_query_copy(&q, 6, ret_lesson_id, TK_LESSON_ID_MAX + 1);
    return 0;
}

int tk_sitting_rows(struct tk_db *db, const char *lesson_id, int64_t count,
                    int (*each)(void *ctx, const struct tk_sitting_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, SITTING " WHERE lesson_id = ? ORDER BY number DESC LIMIT ?", "ti",
                   lesson_id, count);
    while (tk_query_next(&q)) {
        struct tk_sitting_row row = sitting_of(&q);
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

static int take_sitting(void *ctx, const struct tk_sitting_row *row)
{
    *(struct tk_sitting_row *)ctx = *row;
    return 0;
}

int tk_sitting_row_last(struct tk_db *db, const char *lesson_id, struct tk_sitting_row *ret)
{
    struct tk_sitting_row row = {0};
    int r = tk_sitting_rows(db, lesson_id, 1, take_sitting, &row);
    if (r < 0 || row.id == 0) {
        return r < 0 ? r : -ENOENT;
    }
    *ret = row;
    return 0;
}

int tk_live_row_put(struct tk_db *db, const struct tk_live_row *row)
{
    return tk_db_run(db,
                     "INSERT INTO live_span (id, sitting_id, started_ms, last_ms, closed, cause)"
                     " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                     " last_ms = excluded.last_ms, closed = excluded.closed,"
                     " cause = excluded.cause",
                     "iiiiit", row->id, row->sitting_id, row->started_ms, row->last_ms,
                     (int64_t)row->closed, row->cause);
}

int tk_live_row_beat(struct tk_db *db, const struct tk_live_row *row)
{
    return tk_db_run(db,
                     "UPDATE live_span SET last_ms = max(last_ms, ?) WHERE id = ? AND closed = 0",
                     "ii", row->last_ms, row->id);
}

int tk_live_rows(struct tk_db *db, int64_t sitting_id,
                 int (*each)(void *ctx, const struct tk_live_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, started_ms, last_ms, closed FROM live_span WHERE sitting_id = ?"
                   " ORDER BY started_ms, id",
                   "i", sitting_id);
    while (tk_query_next(&q)) {
        struct tk_live_row row = {
            .id = tk_query_int(&q, 0),
            .sitting_id = sitting_id,
            .started_ms = tk_query_int(&q, 1),
            .last_ms = tk_query_int(&q, 2),
            .closed = tk_query_int(&q, 3) != 0,
        };
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_live_rows_close(struct tk_db *db, const char *cause)
{
    return tk_db_run(db, "UPDATE live_span SET closed = 1, cause = ? WHERE closed = 0", "t", cause);
}

int tk_sitting_ids(struct tk_db *db, struct tk_sitting_ids *ret)
{
    int r = tk_db_number(db, &ret->sitting, "SELECT coalesce(max(id), 0) FROM sitting", "");
    if (r == 0) {
        r = tk_db_number(db, &ret->live, "SELECT coalesce(max(id), 0) FROM live_span", "");
    }
    if (r == 0) {
        r = tk_db_number(db, &ret->presence, "SELECT coalesce(max(id), 0) FROM presence", "");
    }
    if (r == 0) {
        r = tk_db_number(db, &ret->evidence, "SELECT coalesce(max(id), 0) FROM evidence", "");
    }
    return r;
}

int tk_run_row_add(struct tk_db *db, int64_t at_ms, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO server_run (started_ms, last_beat_ms) VALUES (?, ?)", "ii",
                        at_ms, at_ms);
}

int tk_run_row_beat(struct tk_db *db, int64_t id, int64_t at_ms)
{
    return tk_db_run(db, "UPDATE server_run SET last_beat_ms = ? WHERE id = ?", "ii", at_ms, id);
}

int tk_run_row_stop(struct tk_db *db, int64_t id, int64_t at_ms)
{
    return tk_db_run(db, "UPDATE server_run SET last_beat_ms = ?1, stopped_ms = ?1 WHERE id = ?2",
                     "ii", at_ms, id);
}

int tk_run_rows_down(struct tk_db *db, int64_t from_ms, int64_t to_ms,
                     int (*each)(void *ctx, int64_t down_ms, int64_t up_ms), void *ctx)
{
    TK_QUERY struct tk_query q;
    /* a run's end and the next one's start; a clock set back between them leaves no down time */
    tk_query_start(&q, db,
                   "SELECT down_ms, up_ms FROM (SELECT last_beat_ms AS down_ms,"
                   " lead (started_ms) OVER (ORDER BY id) AS up_ms FROM server_run)"
                   " WHERE up_ms > ? AND down_ms < ? AND up_ms > down_ms ORDER BY down_ms",
                   "ii", from_ms, to_ms);
    while (tk_query_next(&q)) {
        int64_t down_ms = tk_query_int(&q, 0);
        int64_t up_ms = tk_query_int(&q, 1);
        int r = each(ctx, down_ms < from_ms ? from_ms : down_ms, up_ms > to_ms ? to_ms : up_ms);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}
