#include "signaling/store/query.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define BUSY_TIMEOUT_MS 5000

struct tk_db {
    sqlite3 *handle;
    GHashTable *idle; /* SQL text → sqlite3_stmt that nobody uses now */
};

static int error_of(sqlite3 *handle, int code)
{
    switch (code) { /* extended codes first */
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return -EEXIST;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return -ENOENT;
    case SQLITE_CONSTRAINT_TRIGGER:
        return -EPERM;
    }
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CONSTRAINT:
        return -EINVAL;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_IOERR: {
        /* a quota or a file size limit comes as an I/O error, whose cause SQLite often forgets */
        int cause = handle && sqlite3_system_errno(handle) ? sqlite3_system_errno(handle) : errno;
        return cause == ENOSPC || cause == EDQUOT || cause == EFBIG ? -ENOSPC : -EIO;
    }
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return -EACCES;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_NOMEM:
        return -ENOMEM;
    default:
        return -EINVAL;
    }
}

static const char *const pragmas[] = {
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -8000",
};

static int set_up(struct tk_db *db, enum tk_db_mode mode)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    for (size_t i = 0; i < G_N_ELEMENTS(pragmas); i++) {
        int r = sqlite3_exec(db->handle, pragmas[i], NULL, NULL, NULL);
        if (r != SQLITE_OK) {
            return error_of(db->handle, r);
        }
    }
    if (mode == TK_DB_READ) {
        int r = sqlite3_exec(db->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
        return error_of(db->handle, r);
    }
    return 0;
}

static void finalize(void *statement)
{
    sqlite3_finalize(statement);
}

int tk_db_open(struct tk_db **ret, const char *path, enum tk_db_mode mode, char *err, size_t cap)
{
    struct tk_db *db = g_new0(struct tk_db, 1);
    db->idle = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    int code =
        sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int r = error_of(db->handle, code);
    if (r == 0) {
        r = set_up(db, mode);
    }
    if (r < 0) {
        snprintf(err, cap, "%s: %s", path,
                 r == -EBADMSG  ? "not a database of Tongke, or damaged; restore a backup"
                 : r == -ENOSPC ? "the disk is full"
                                : tk_db_error(db));
        tk_db_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

void tk_db_close(struct tk_db *db)
{
    if (!db) {
        return;
    }
    g_hash_table_destroy(db->idle);
    int r = sqlite3_close(db->handle);
    assert(r == SQLITE_OK); /* else a query was not finished */
    (void)r;
    g_free(db);
}

const char *tk_db_error(struct tk_db *db)
{
    return db->handle ? sqlite3_errmsg(db->handle) : "out of memory";
}

struct sqlite3 *tk_db_handle(struct tk_db *db)
{
    return db->handle;
}

static int bind_one(sqlite3_stmt *s, int at, char letter, va_list *ap)
{
    switch (letter) {
    case 'i':
        return sqlite3_bind_int64(s, at, va_arg(*ap, int64_t));
    case 'o': {
        int64_t value = va_arg(*ap, int64_t);
        return value ? sqlite3_bind_int64(s, at, value) : sqlite3_bind_null(s, at);
    }
    case 't': /* NULL text binds NULL */
        return sqlite3_bind_text(s, at, va_arg(*ap, const char *), -1, SQLITE_TRANSIENT);
    case 'b': {
        const void *bytes = va_arg(*ap, const void *);
        size_t len = va_arg(*ap, size_t);
        return sqlite3_bind_blob64(s, at, bytes, len, SQLITE_TRANSIENT);
    }
    case 'f':
        return sqlite3_bind_double(s, at, va_arg(*ap, double));
    case 'z':
        return sqlite3_bind_null(s, at);
    default:
        return SQLITE_MISUSE;
    }
}

static int prepare(struct tk_query *q, const char *sql)
{
    char *key = NULL;
    gpointer statement = NULL;
    if (g_hash_table_steal_extended(q->db->idle, sql, (gpointer *)&key, &statement)) {
        g_free(key);
        q->statement = statement;
        return SQLITE_OK;
    }
    return sqlite3_prepare_v3(q->db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->statement,
                              NULL);
}

void tk_query_start_va(struct tk_query *q, struct tk_db *db, const char *sql, const char *fmt,
                       va_list ap)
{
    memset(q, 0, sizeof(*q));
    q->db = db;
    int code = prepare(q, sql);
    va_list copy;
    va_copy(copy, ap);
    int count = 0;
    for (; code == SQLITE_OK && fmt[count]; count++) {
        code = bind_one(q->statement, count + 1, fmt[count], &copy);
    }
    va_end(copy);
    q->result = error_of(db->handle, code);
    /* as many letters as question marks, or the caller is wrong */
    assert(code != SQLITE_OK || count == sqlite3_bind_parameter_count(q->statement));
}

void tk_query_start(struct tk_query *q, struct tk_db *db, const char *sql, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    tk_query_start_va(q, db, sql, fmt, ap);
    va_end(ap);
}

bool tk_query_next(struct tk_query *q)
{
    q->row = false;
    if (q->result < 0) {
        return false;
    }
    errno = 0;
    int code = sqlite3_step(q->statement);
    q->row = code == SQLITE_ROW;
    q->result = error_of(q->db->handle, code);
    return q->row;
}

int tk_query_result(const struct tk_query *q)
{
    return q->result;
}

void tk_query_finish(struct tk_query *q)
{
    if (!q->statement) {
        return;
    }
    sqlite3_stmt *s = q->statement;
    q->statement = NULL;
    q->row = false;
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    const char *sql = sqlite3_sql(s);
    if (g_hash_table_contains(q->db->idle, sql)) {
        sqlite3_finalize(s); /* the same query within itself */
    } else {
        g_hash_table_insert(q->db->idle, g_strdup(sql), s);
    }
}

bool tk_query_null(struct tk_query *q, int column)
{
    return !q->row || sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

int64_t tk_query_int(struct tk_query *q, int column)
{
    return q->row ? sqlite3_column_int64(q->statement, column) : 0;
}

double tk_query_real(struct tk_query *q, int column)
{
    return q->row ? sqlite3_column_double(q->statement, column) : 0;
}

const char *tk_query_text(struct tk_query *q, int column)
{
    const unsigned char *text = q->row ? sqlite3_column_text(q->statement, column) : NULL;
    return text ? (const char *)text : "";
}

const void *tk_query_blob(struct tk_query *q, int column, size_t *ret_len)
{
    *ret_len = 0;
    if (!q->row) {
        return NULL;
    }
    const void *bytes = sqlite3_column_blob(q->statement, column);
    *ret_len = (size_t)sqlite3_column_bytes(q->statement, column);
    return bytes;
}

void tk_query_copy(struct tk_query *q, int column, char *out, size_t cap)
{
    const char *text = tk_query_text(q, column);
    size_t n = strlen(text);
    if (n >= cap) {
        n = cap - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
            n--; /* never half a UTF-8 character */
        }
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

int tk_db_run(struct tk_db *db, const char *sql, const char *fmt, ...)
{
    TK_QUERY struct tk_query q;
    va_list ap;
    va_start(ap, fmt);
    tk_query_start_va(&q, db, sql, fmt, ap);
    va_end(ap);
    while (tk_query_next(&q)) {
        continue;
    }
    return tk_query_result(&q);
}

int tk_db_insert(struct tk_db *db, int64_t *ret_id, const char *sql, const char *fmt, ...)
{
    TK_QUERY struct tk_query q;
    va_list ap;
    va_start(ap, fmt);
    tk_query_start_va(&q, db, sql, fmt, ap);
    va_end(ap);
    while (tk_query_next(&q)) {
        continue;
    }
    if (q.result == 0) {
        *ret_id = sqlite3_last_insert_rowid(db->handle);
    }
    return q.result;
}

int tk_db_number(struct tk_db *db, int64_t *ret, const char *sql, const char *fmt, ...)
{
    TK_QUERY struct tk_query q;
    va_list ap;
    va_start(ap, fmt);
    tk_query_start_va(&q, db, sql, fmt, ap);
    va_end(ap);
    if (tk_query_next(&q)) {
        *ret = tk_query_int(&q, 0);
        return 0;
    }
    return q.result < 0 ? q.result : -ENOENT;
}

int tk_db_changes(struct tk_db *db)
{
    return sqlite3_changes(db->handle);
}
