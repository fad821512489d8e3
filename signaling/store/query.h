#ifndef TK_SIGNALING_STORE_QUERY_H
#define TK_SIGNALING_STORE_QUERY_H

/*
 * One connection with its prepared statements, and the one way to run a query on it. A connection
 * belongs to one thread at a time. SQL text stands in signaling/store/ only.
 *
 *     TK_QUERY struct tk_query q;
 *     tk_query_start(&q, db, "SELECT id, name FROM room WHERE school_id = ?", "i", school_id);
 *     while (tk_query_next(&q)) {
 *         use(tk_query_int(&q, 0), tk_query_text(&q, 1));
 *     }
 *     return tk_query_result(&q);
 *
 * Bind letters: i int64_t; o int64_t, NULL when 0; t text or NULL; b const void * and size_t; f
 * double; z NULL. Integers must be passed as int64_t: cast smaller ones.
 *
 * Errors: -EEXIST unique or primary key, -ENOENT foreign key, -EPERM trigger (append-only),
 * -EINVAL other constraints, -ENOSPC disk full, -EBUSY, -EROFS, -EIO, -EBADMSG damaged.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_db;
struct sqlite3;
struct sqlite3_stmt;

struct tk_query {
    struct tk_db *db;
    struct sqlite3_stmt *statement;
    int result; /* 0 or the first -errno */
    bool row;
};

enum tk_db_mode {
    TK_DB_WRITE,
    TK_DB_READ,
};

/* Opens an existing file with our pragmas. 0 or -errno; `err` gets one line. */
int tk_db_open(struct tk_db **ret, const char *path, enum tk_db_mode mode, char *err, size_t cap);
void tk_db_close(struct tk_db *db);

/* SQLite's text of the last error; valid until the next call on `db`. */
const char *tk_db_error(struct tk_db *db);

/* For signaling/store itself (backup, pragmas). */
struct sqlite3 *tk_db_handle(struct tk_db *db);

/* Prepares and binds; an error shows at tk_query_next and tk_query_result. */
void tk_query_start(struct tk_query *q, struct tk_db *db, const char *sql, const char *fmt, ...);
void tk_query_start_va(struct tk_query *q, struct tk_db *db, const char *sql, const char *fmt,
                       va_list ap);

/* Whether there is another row. */
bool tk_query_next(struct tk_query *q);

/* 0 or what went wrong. */
int tk_query_result(const struct tk_query *q);

/* Ends it; called by TK_QUERY at the end of the scope, harmless twice. */
void tk_query_finish(struct tk_query *q);
#define TK_QUERY __attribute__((cleanup(tk_query_finish)))

/* Columns of the current row, from 0. Text and blobs live until the next tk_query_next. */
bool tk_query_null(struct tk_query *q, int column);
int64_t tk_query_int(struct tk_query *q, int column);      /* 0 for NULL */
double tk_query_real(struct tk_query *q, int column);      /* 0 for NULL */
const char *tk_query_text(struct tk_query *q, int column); /* "" for NULL */
const void *tk_query_blob(struct tk_query *q, int column, size_t *ret_len);
/* Copies text, cut at a character when it does not fit. */
void tk_query_copy(struct tk_query *q, int column, char *out, size_t cap);

/* Runs to the end, ignoring rows. 0 or -errno. */
int tk_db_run(struct tk_db *db, const char *sql, const char *fmt, ...);

/* The same for an INSERT, with the new row's id. */
int tk_db_insert(struct tk_db *db, int64_t *ret_id, const char *sql, const char *fmt, ...);

/* The first column of the first row as a number. -ENOENT without a row. */
int tk_db_number(struct tk_db *db, int64_t *ret, const char *sql, const char *fmt, ...);

/* How many rows the last INSERT, UPDATE or DELETE changed. */
int tk_db_changes(struct tk_db *db);

#endif
