#include "signaling/store/board_rows.h"

#include <errno.h>

int tk_board_row_add(struct tk_db *db, const char *lesson_id, int64_t epoch, int64_t n,
                     int64_t at_ms, int64_t account_id, const char *entry)
{
    return tk_db_run(db,
                     "INSERT INTO board_entry (lesson_id, epoch, n, at_ms, account_id, entry)"
                     " VALUES (?, ?, ?, ?, ?, ?)",
                     "tiiiot", lesson_id, epoch, n, at_ms, account_id, entry);
}

int tk_board_rows(struct tk_db *db, const char *lesson_id, int64_t epoch,
                  int (*each)(void *ctx, const char *entry), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT entry FROM board_entry WHERE lesson_id = ? AND epoch = ? ORDER BY n",
                   "ti", lesson_id, epoch);
    while (tk_query_next(&q)) {
        int r = each(ctx, tk_query_text(&q, 0));
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int64_t tk_board_rows_last(struct tk_db *db, const char *lesson_id, int64_t epoch)
{
    int64_t n = 0;
    tk_db_number(db, &n,
                 "SELECT coalesce(max(n), 0) FROM board_entry WHERE lesson_id = ? AND epoch = ?",
                 "ti", lesson_id, epoch);
    return n;
}

int tk_file_row_add(struct tk_db *db, const char *lesson_id, const struct tk_file_row *row,
                    int64_t account_id, int64_t at_ms)
{
    return tk_db_run(db,
                     "INSERT INTO lesson_file (lesson_id, id, type, bytes, w, h, account_id,"
                     " created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                     "tttiiioi", lesson_id, row->id, row->type, row->bytes, row->w, row->h,
                     account_id, at_ms);
}

int tk_file_row(struct tk_db *db, const char *lesson_id, const char *id, struct tk_file_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, type, bytes, w, h FROM lesson_file WHERE lesson_id = ? AND id = ?",
                   "tt", lesson_id, id);
    if (!tk_query_next(&q)) {
        int r = tk_query_result(&q);
        return r < 0 ? r : -ENOENT;
    }
    tk_query_copy(&q, 0, ret->id, sizeof(ret->id));
    tk_query_copy(&q, 1, ret->type, sizeof(ret->type));
    ret->bytes = tk_query_int(&q, 2);
    ret->w = tk_query_int(&q, 3);
    ret->h = tk_query_int(&q, 4);
    return 0;
}

int tk_file_rows_sum(struct tk_db *db, const char *lesson_id, int64_t *ret_count,
                     int64_t *ret_bytes)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT count(*), coalesce(sum(bytes), 0) FROM lesson_file WHERE lesson_id = ?",
                   "t", lesson_id);
    if (tk_query_next(&q)) {
        *ret_count = tk_query_int(&q, 0);
        *ret_bytes = tk_query_int(&q, 1);
    }
    return tk_query_result(&q);
}
