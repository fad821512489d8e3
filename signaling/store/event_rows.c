#include "signaling/store/event_rows.h"

int tk_event_row_add(struct tk_db *db, const struct tk_event_row *row)
{
    return tk_db_run(db,
                     "INSERT INTO event (sitting_id, at_ms, kind, room_id, account_id, device_id,"
                     " data) VALUES (?, ?, ?, ?, ?, ?, ?)",
                     "iitooot", row->sitting_id, row->at_ms, row->kind, row->room_id,
                     row->account_id, row->device_id, row->data ? row->data : "{}");
}

int tk_event_rows(struct tk_db *db, int64_t sitting_id,
                  int (*each)(void *ctx, const struct tk_event_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, at_ms, kind, room_id, account_id, device_id, data FROM event"
                   " WHERE sitting_id = ? ORDER BY at_ms, id",
                   "i", sitting_id);
    while (tk_query_next(&q)) {
        const struct tk_event_row row = {
            .id = tk_query_int(&q, 0),
            .sitting_id = sitting_id,
            .at_ms = tk_query_int(&q, 1),
            .kind = tk_query_text(&q, 2),
            .room_id = tk_query_int(&q, 3),
            .account_id = tk_query_int(&q, 4),
            .device_id = tk_query_int(&q, 5),
            .data = tk_query_text(&q, 6),
        };
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_turn_row_put(struct tk_db *db, const struct tk_turn_row *row)
{
    return tk_db_run(
        db,
        "INSERT INTO floor_turn (id, sitting_id, room_id, started_ms, last_ms, ended_ms,"
        " end_reason, spoke_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " last_ms = max(floor_turn.last_ms, excluded.last_ms),"
        " spoke_ms = max(floor_turn.spoke_ms, excluded.spoke_ms),"
        " ended_ms = coalesce(floor_turn.ended_ms, excluded.ended_ms),"
        " end_reason = coalesce(floor_turn.end_reason, excluded.end_reason)",
        "iiiiioti", row->id, row->sitting_id, row->room_id, row->started_ms, row->last_ms,
        row->ended_ms, row->end_reason, row->spoke_ms);
}

int tk_turn_rows_close(struct tk_db *db, const char *reason)
{
    return tk_db_run(db,
                     "UPDATE floor_turn SET ended_ms = last_ms, end_reason = ?"
                     " WHERE ended_ms IS NULL",
                     "t", reason);
}

int tk_turn_last_id(struct tk_db *db, int64_t *ret)
{
    return tk_db_number(db, ret, "SELECT coalesce(max(id), 0) FROM floor_turn", "");
}

int tk_main_speech_put(struct tk_db *db, int64_t sitting_id, int64_t spoke_ms, int64_t last_ms)
{
    return tk_db_run(db,
                     "INSERT INTO main_speech (sitting_id, spoke_ms, last_ms) VALUES (?, ?, ?)"
                     " ON CONFLICT (sitting_id) DO UPDATE SET"
                     " spoke_ms = max(main_speech.spoke_ms, excluded.spoke_ms),"
                     " last_ms = max(main_speech.last_ms, excluded.last_ms)",
                     "iii", sitting_id, spoke_ms, last_ms);
}

int tk_main_speech(struct tk_db *db, int64_t sitting_id, int64_t *ret_spoke_ms)
{
    return tk_db_number(db, ret_spoke_ms,
                        "SELECT coalesce(max(spoke_ms), 0) FROM main_speech WHERE sitting_id = ?",
                        "i", sitting_id);
}
