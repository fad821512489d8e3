#include "signaling/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "signaling/store/schema.h"
#include "signaling/store/writer.h"

/* "Tong" in the file's header: `file tongke.db` and we tell our databases from others. */
#define APPLICATION_ID 0x546f6e67

struct tk_store {
    char *path;
    struct tk_mailbox *mailbox;
    struct tk_writer *writer;
    struct tk_db *reader;
};

int tk_store_version(void)
{
    return tk_migrations_count;
}

/* Keeps the text of the error: the ROLLBACK that follows would take it away. */
static int exec(struct tk_db *db, const char *sql, char *why, size_t cap)
{
    if (sqlite3_exec(tk_db_handle(db), sql, NULL, NULL, NULL) == SQLITE_OK) {
        return 0;
    }
    snprintf(why, cap, "%s", tk_db_error(db));
    return (sqlite3_errcode(tk_db_handle(db)) & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO;
}

static int migrate_one(struct tk_db *db, int from, char *why, size_t cap)
{
    int r = exec(db, "BEGIN EXCLUSIVE", why, cap);
    for (const char *const *script = tk_migrations[from]; r == 0 && *script; script++) {
        r = exec(db, *script, why, cap);
    }
    char sql[96];
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d; PRAGMA application_id = %d", from + 1,
             APPLICATION_ID);
    if (r == 0) {
        r = exec(db, sql, why, cap);
    }
    if (r == 0) {
        r = exec(db, "COMMIT", why, cap);
    }
    if (r < 0 && !sqlite3_get_autocommit(tk_db_handle(db))) {
        sqlite3_exec(tk_db_handle(db), "ROLLBACK", NULL, NULL, NULL);
    }
    return r;
}

static int migrate(struct tk_db *db, const char *path, char *err, size_t cap)
{
    int64_t version = 0;
    int64_t application = 0;
    int64_t tables = 0;
    int r = tk_db_number(db, &version, "PRAGMA user_version", "");
    if (r == 0) {
        r = tk_db_number(db, &application, "PRAGMA application_id", "");
    }
    if (r == 0) {
        r = tk_db_number(db, &tables, "SELECT count(*) FROM sqlite_schema", "");
    }
    if (r < 0) {
        snprintf(err, cap, "%s: %s", path, tk_db_error(db));
        return r;
    }
    if (application != APPLICATION_ID && (application != 0 || tables > 0)) {
        snprintf(err, cap, "%s: a database of another program; nothing was changed", path);
        return -EBADMSG;
    }
    if (version > tk_migrations_count) {
        snprintf(err, cap,
                 "%s: made by a newer Tongke (version %lld, this program knows %d); update the "
                 "program; nothing was changed",
                 path, (long long)version, tk_migrations_count);
        return -EPROTO;
    }
    for (; r == 0 && version < tk_migrations_count; version++) {
        char why[128];
        r = migrate_one(db, (int)version, why, sizeof(why));
        if (r < 0) {
            snprintf(err, cap, "%s: could not be brought to version %lld: %s; nothing was changed",
                     path, (long long)version + 1, why);
        }
    }
    return r;
}

/* Refuses a newer or foreign file before anything, even its journal mode, is touched. */
static int look_first(const char *path, char *err, size_t cap)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *s = NULL;
    int r = 0;
    sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) > tk_migrations_count) {
        snprintf(err, cap,
                 "%s: made by a newer Tongke (version %d, this program knows %d); update the "
                 "program; nothing was changed",
                 path, sqlite3_column_int(s, 0), tk_migrations_count);
        r = -EPROTO;
    }
    sqlite3_finalize(s);
    sqlite3_close(handle);
    return r;
}

/* Only we read it; the files beside it inherit its mode. */
static int create_file(const char *path, char *err, size_t cap)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int r = -errno;
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    close(fd);
    return 0;
}

int tk_store_open(struct tk_store **ret, const char *path, char *err, size_t err_cap)
{
    struct tk_db *db = NULL;
    int r = create_file(path, err, err_cap);
    if (r == 0) {
        r = look_first(path, err, err_cap);
    }
    if (r == 0) {
        r = tk_db_open(&db, path, TK_DB_WRITE, err, err_cap);
    }
    if (r < 0) {
        return r;
    }
    struct tk_store *store = g_new0(struct tk_store, 1);
    store->path = g_strdup(path);
    r = migrate(db, path, err, err_cap);
    if (r == 0) {
        r = tk_db_open(&store->reader, path, TK_DB_READ, err, err_cap);
    }
    if (r < 0) {
        tk_db_close(db);
        tk_store_close(store);
        return r;
    }
    store->mailbox = tk_mailbox_create();
    store->writer = tk_writer_start(db, store->mailbox);
    *ret = store;
    return 0;
}

void tk_store_close(struct tk_store *store)
{
    if (!store) {
        return;
    }
    tk_writer_stop(store->writer);
    store->writer = NULL;
    if (store->mailbox) {
        tk_mailbox_set_wake(store->mailbox, NULL, NULL);
        while (tk_mailbox_dispatch(store->mailbox)) {
            continue;
        }
        tk_mailbox_destroy(store->mailbox);
    }
    tk_db_close(store->reader);
    g_free(store->path);
    g_free(store);
}

int tk_store_submit(struct tk_store *store, tk_store_job *job, void *arg, tk_store_done *done)
{
    if (!store->writer) {
        return -ENOSPC; /* closing: a callback that wants to write again */
    }
    return tk_writer_submit(store->writer, job, arg, done);
}

int tk_store_run(struct tk_store *store, tk_store_job *job, void *arg)
{
    return tk_writer_run(store->writer, job, arg);
}

void tk_store_set_wake(struct tk_store *store, void (*wake)(void *ctx), void *ctx)
{
    tk_mailbox_set_wake(store->mailbox, wake, ctx);
}

void tk_store_dispatch(struct tk_store *store)
{
    tk_mailbox_dispatch(store->mailbox);
}

void tk_store_wait(struct tk_store *store, int timeout_ms)
{
    tk_mailbox_wait(store->mailbox, timeout_ms);
    tk_mailbox_dispatch(store->mailbox);
}

struct tk_db *tk_store_reader(struct tk_store *store)
{
    return store->reader;
}

int tk_store_open_reader(struct tk_store *store, struct tk_db **ret)
{
    char err[256];
    return tk_db_open(ret, store->path, TK_DB_READ, err, sizeof(err));
}

struct tk_mailbox *tk_store_mailbox(struct tk_store *store)
{
    return store->mailbox;
}

static int write_health(void *arg, struct tk_db *db)
{
    return tk_db_run(db,
                     "INSERT INTO health (id, at_ms) VALUES (1, unixepoch() * 1000)"
                     " ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms",
                     "");
}

int tk_store_probe(struct tk_store *store, void *arg, tk_store_done *done)
{
    return tk_store_submit(store, write_health, arg, done);
}

struct tk_store_stats tk_store_stats(struct tk_store *store)
{
    return tk_writer_stats(store->writer);
}
