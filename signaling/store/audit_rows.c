#include "signaling/store/audit_rows.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

static void add_number(GChecksum *sum, int64_t value)
{
    guchar bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (guchar)((uint64_t)value >> (56 - 8 * i));
    }
    g_checksum_update(sum, bytes, sizeof(bytes));
}

/* Length before content, so that no two rows have the same bytes; −1 stands for NULL. */
static void add_text(GChecksum *sum, const char *text)
{
    add_number(sum, text ? (int64_t)strlen(text) : -1);
    if (text) {
        g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
    }
}

static void hash_entry(const struct tk_audit_entry *e, const uint8_t prev[TK_AUDIT_HASH_BYTES],
                       uint8_t out[TK_AUDIT_HASH_BYTES])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize len = TK_AUDIT_HASH_BYTES;
    g_checksum_update(sum, prev, TK_AUDIT_HASH_BYTES);
    add_number(sum, e->seq);
    add_number(sum, e->at_ms);
    add_text(sum, e->actor);
    add_text(sum, e->ip);
    add_text(sum, e->action);
    add_text(sum, e->object);
    add_text(sum, e->before);
    add_text(sum, e->after);
    g_checksum_get_digest(sum, out, &len);
}

/* The last row's number and hash; zeros before the first. */
static int read_last(struct tk_db *db, int64_t *ret_seq, uint8_t ret_hash[TK_AUDIT_HASH_BYTES])
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", "");
    *ret_seq = 0;
    memset(ret_hash, 0, TK_AUDIT_HASH_BYTES);
    if (!tk_query_next(&q)) {
        return tk_query_result(&q);
    }
    size_t len = 0;
    const void *hash = tk_query_blob(&q, 1, &len);
    if (len != TK_AUDIT_HASH_BYTES) {
        return -EBADMSG;
    }
    *ret_seq = tk_query_int(&q, 0);
    memcpy(ret_hash, hash, len);
    return 0;
}

int tk_audit_append(struct tk_db *db, const struct tk_audit_entry *entry)
{
    struct tk_audit_entry e = *entry;
    uint8_t prev[TK_AUDIT_HASH_BYTES];
    uint8_t hash[TK_AUDIT_HASH_BYTES];
    int r = read_last(db, &e.seq, prev);
    if (r < 0) {
        return r;
    }
    e.seq++;
    hash_entry(&e, prev, hash);
    return tk_db_run(db,
                     "INSERT INTO audit (seq, at_ms, actor, ip, action, object, before, after,"
                     " prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "iittttttbb", e.seq, e.at_ms, e.actor, e.ip, e.action, e.object, e.before,
                     e.after, (const void *)prev, sizeof(prev), (const void *)hash, sizeof(hash));
}

static const char *text_or_null(struct tk_query *q, int column)
{
    return tk_query_null(q, column) ? NULL : tk_query_text(q, column);
}

static struct tk_audit_entry entry_of(struct tk_query *q)
{
    return (struct tk_audit_entry){
        .seq = tk_query_int(q, 0),
        .at_ms = tk_query_int(q, 1),
        .actor = tk_query_text(q, 2),
        .ip = text_or_null(q, 3),
        .action = tk_query_text(q, 4),
        .object = tk_query_text(q, 5),
        .before = text_or_null(q, 6),
        .after = text_or_null(q, 7),
    };
}

int tk_audit_list(struct tk_db *db, int64_t offset, int64_t count,
                  int (*each)(void *ctx, const struct tk_audit_entry *entry), void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT seq, at_ms, actor, ip, action, object, before, after FROM audit"
                   " ORDER BY seq DESC LIMIT ? OFFSET ?",
                   "ii", count, offset);
    while (tk_query_next(&q)) {
        struct tk_audit_entry e = entry_of(&q);
        int r = each(ctx, &e);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_audit_count(struct tk_db *db, int64_t *ret)
{
    return tk_db_number(db, ret, "SELECT count(*) FROM audit", "");
}

static bool same_hash(struct tk_query *q, int column, const uint8_t hash[TK_AUDIT_HASH_BYTES])
{
    size_t len = 0;
    const void *bytes = tk_query_blob(q, column, &len);
    return len == TK_AUDIT_HASH_BYTES && memcmp(bytes, hash, len) == 0;
}

int tk_audit_verify(struct tk_db *db, struct tk_audit_check *ret)
{
    TK_QUERY struct tk_query q;
    uint8_t last[TK_AUDIT_HASH_BYTES] = {0};
    memset(ret, 0, sizeof(*ret));
    tk_query_start(&q, db,
                   "SELECT seq, at_ms, actor, ip, action, object, before, after, prev_hash, hash"
                   " FROM audit ORDER BY seq",
                   "");
    while (ret->bad_seq == 0 && tk_query_next(&q)) {
        struct tk_audit_entry e = entry_of(&q);
        uint8_t hash[TK_AUDIT_HASH_BYTES];
        hash_entry(&e, last, hash);
        if (e.seq != ret->entries + 1) {
            snprintf(ret->what, sizeof(ret->what), "entry %lld is missing",
                     (long long)ret->entries + 1);
            ret->bad_seq = ret->entries + 1;
        } else if (!same_hash(&q, 8, last)) {
            snprintf(ret->what, sizeof(ret->what), "it does not follow entry %lld",
                     (long long)ret->entries);
            ret->bad_seq = e.seq;
        } else if (!same_hash(&q, 9, hash)) {
            snprintf(ret->what, sizeof(ret->what), "it was changed after it was written");
            ret->bad_seq = e.seq;
        } else {
            ret->entries++;
            memcpy(last, hash, sizeof(last));
        }
    }
    for (size_t i = 0; i < sizeof(last); i++) {
        snprintf(ret->last_hash + 2 * i, 3, "%02x", last[i]);
    }
    return tk_query_result(&q);
}
