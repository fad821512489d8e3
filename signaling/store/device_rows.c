#include "signaling/store/device_rows.h"

#include <errno.h>
#include <string.h>

#define DEVICE                                                                                     \
    "SELECT d.id, d.key, d.name, d.created_ms, d.last_seen_ms, d.revoked_ms, r.id, r.name,"        \
    " r.name_en, s.id, s.name, s.name_en, d.token_hash FROM device d"                              \
    " JOIN room r ON r.id = d.room_id JOIN school s ON s.id = r.school_id"

static struct tk_device device_of(struct tk_query *q)
{
    struct tk_device d = {
        .id = tk_query_int(q, 0),
        .created_ms = tk_query_int(q, 3),
        .last_seen_ms = tk_query_int(q, 4),
        .revoked_ms = tk_query_int(q, 5),
    };
    tk_query_copy(q, 1, d.key, sizeof(d.key));
    tk_query_copy(q, 2, d.name, sizeof(d.name));
    d.room.id = tk_query_int(q, 6);
    tk_query_copy(q, 7, d.room.name, sizeof(d.room.name));
    tk_query_copy(q, 8, d.room.name_en, sizeof(d.room.name_en));
    d.room.school_id = tk_query_int(q, 9);
    tk_query_copy(q, 10, d.room.school, sizeof(d.room.school));
    tk_query_copy(q, 11, d.room.school_en, sizeof(d.room.school_en));
    return d;
}

int tk_device_row(struct tk_db *db, int64_t id, struct tk_device *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, DEVICE " WHERE d.id = ?", "i", id);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    *ret = device_of(&q);
    return 0;
}

int tk_device_row_key(struct tk_db *db, const char *key, struct tk_device *ret,
                      uint8_t ret_hash[TK_SECRET_HASH_BYTES])
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, DEVICE " WHERE d.key = ?", "t", key);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    size_t len = 0;
    const void *hash = tk_query_blob(&q, 12, &len);
    if (len != TK_SECRET_HASH_BYTES) {
        return -EBADMSG;
    }
    memcpy(ret_hash, hash, len);
    *ret = device_of(&q);
    return 0;
}

int tk_device_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_device *device),
                   void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, DEVICE " ORDER BY d.id", "");
    while (tk_query_next(&q)) {
        struct tk_device d = device_of(&q);
        int r = each(ctx, &d);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_device_row_add(struct tk_db *db, int64_t room_id, const char *key,
                      const uint8_t hash[TK_SECRET_HASH_BYTES], const char *name, int64_t at_ms,
                      int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO device (room_id, key, token_hash, name, created_ms)"
                        " VALUES (?, ?, ?, ?, ?)",
                        "itbti", room_id, key, (const void *)hash, (size_t)TK_SECRET_HASH_BYTES,
                        name ? name : "", at_ms);
}

int tk_device_row_seen(struct tk_db *db, int64_t id, int64_t at_ms)
{
    return tk_db_run(db, "UPDATE device SET last_seen_ms = ? WHERE id = ?", "ii", at_ms, id);
}

int tk_device_row_revoke(struct tk_db *db, int64_t id, int64_t at_ms)
{
    int r = tk_db_run(db, "UPDATE device SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL",
                      "ii", at_ms, id);
    return r < 0 ? r : tk_db_changes(db) > 0 ? 0 : -ENOENT;
}

int tk_enrol_code_row_add(struct tk_db *db, int64_t room_id,
                          const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t at_ms,
                          int64_t expires_ms)
{
    int r = tk_db_run(db,
                      "UPDATE enrol_code SET ended_ms = ?1 WHERE ended_ms IS NULL"
                      " AND (room_id = ?2 OR expires_ms <= ?1)",
                      "ii", at_ms, room_id);
    if (r < 0) {
        return r;
    }
    return tk_db_run(db,
                     "INSERT INTO enrol_code (room_id, code_hash, created_ms, expires_ms)"
                     " VALUES (?, ?, ?, ?)",
                     "ibii", room_id, (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, at_ms,
                     expires_ms);
}

int tk_enrol_code_row_use(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                          int64_t now_ms, int64_t *ret_id, int64_t *ret_room_id)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "UPDATE enrol_code SET ended_ms = ?1 WHERE code_hash = ?2 AND ended_ms IS NULL"
                   " AND expires_ms > ?1 RETURNING id, room_id",
                   "ib", now_ms, (const void *)hash, (size_t)TK_SECRET_HASH_BYTES);
    if (!tk_query_next(&q)) {
        return q.result < 0 ? q.result : -ENOENT;
    }
    *ret_id = tk_query_int(&q, 0);
    *ret_room_id = tk_query_int(&q, 1);
    return 0;
}

int tk_enrol_code_row_device(struct tk_db *db, int64_t id, int64_t device_id)
{
    return tk_db_run(db, "UPDATE enrol_code SET device_id = ? WHERE id = ?", "ii", device_id, id);
}
