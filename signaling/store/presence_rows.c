#include "signaling/store/presence_rows.h"

int tk_presence_row_put(struct tk_db *db, const struct tk_presence_row *row)
{
    return tk_db_run(
        db,
        "INSERT INTO presence (id, sitting_id, room_id, person_id, device_id, account_id,"
        " server_run_id, page, last_n, started_ms, last_report_ms, frames, audio_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " last_n = excluded.last_n, last_report_ms = excluded.last_report_ms,"
        " frames = excluded.frames, audio_ms = excluded.audio_ms"
        " WHERE excluded.last_n >= presence.last_n",
        "iiooooo"
        "tiiiii",
        row->id, row->sitting_id, row->room_id, row->person_id, row->device_id, row->account_id,
        row->server_run_id, row->page, row->last_n, row->started_ms, row->last_report_ms,
        row->frames, row->audio_ms);
}

int tk_presence_rows(struct tk_db *db, int64_t sitting_id, int64_t room_id, int64_t person_id,
                     int (*each)(void *ctx, int64_t from_ms, int64_t to_ms), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT started_ms, last_report_ms FROM presence WHERE sitting_id = ?"
                   " AND room_id IS ? AND person_id IS ? ORDER BY started_ms, id",
                   "ioo", sitting_id, room_id, person_id);
    while (tk_query_next(&q)) {
        int r = each(ctx, tk_query_int(&q, 0), tk_query_int(&q, 1));
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_presence_last_n(struct tk_db *db, int64_t sitting_id, const char *page, int64_t *ret)
{
    return tk_db_number(db, ret,
                        "SELECT coalesce(max(last_n), 0) FROM presence WHERE sitting_id = ?"
                        " AND page = ?",
                        "it", sitting_id, page);
}

int tk_sitting_last_sign(struct tk_db *db, int64_t sitting_id, int64_t *ret_ms)
{
    return tk_db_number(
        db, ret_ms,
        "SELECT max (coalesce((SELECT opened_ms FROM sitting WHERE id = ?1), 0),"
        " coalesce((SELECT max(last_ms) FROM live_span WHERE sitting_id = ?1), 0),"
        " coalesce((SELECT max(last_report_ms) FROM presence WHERE sitting_id = ?1), 0),"
        " coalesce((SELECT max(at_ms) FROM event WHERE sitting_id = ?1), 0))",
        "i", sitting_id);
}

int tk_evidence_row_put(struct tk_db *db, const struct tk_evidence_row *row)
{
    return tk_db_run(db,
                     "INSERT INTO evidence (id, sitting_id, room_id, person_id, at_ms, kind, text)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                     "iiooitt", row->id, row->sitting_id, row->room_id, row->person_id, row->at_ms,
                     row->kind, row->text);
}

int tk_evidence_rows(struct tk_db *db, int64_t sitting_id, int64_t room_id, int64_t person_id,
                     int (*each)(void *ctx, const struct tk_evidence_row *row), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, at_ms, kind, text FROM evidence WHERE sitting_id = ?"
                   " AND room_id IS ? AND person_id IS ? ORDER BY at_ms, id",
                   "ioo", sitting_id, room_id, person_id);
    while (tk_query_next(&q)) {
        struct tk_evidence_row row = {
            .id = tk_query_int(&q, 0),
            .sitting_id = sitting_id,
            .room_id = room_id,
            .person_id = person_id,
            .at_ms = tk_query_int(&q, 1),
        };
        tk_query_copy(&q, 2, row.kind, sizeof(row.kind));
        tk_query_copy(&q, 3, row.text, sizeof(row.text));
        int r = each(ctx, &row);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}
