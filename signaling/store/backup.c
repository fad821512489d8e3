#include "signaling/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signaling/store/schema.h"

/* As in store.c: our databases among others. */
#define APPLICATION_ID 0x546f6e67
#define BUSY_TIMEOUT_MS 5000

/* The first column of the first row as text; NULL where it fails. The caller frees it. */
static char *value_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        text = g_strdup((const char *)sqlite3_column_text(s, 0));
    }
    sqlite3_finalize(s);
    return text;
}

static int check_opened(sqlite3 *db, const char *path, char *err, size_t cap)
{
    g_autofree char *application = value_of(db, "PRAGMA application_id");
    g_autofree char *version = value_of(db, "PRAGMA user_version");
    if (!application || !version || strtol(application, NULL, 10) != APPLICATION_ID) {
        snprintf(err, cap, "%s: not a database of Tongke", path);
        return -EBADMSG;
    }
    if (strtol(version, NULL, 10) > tk_migrations_count) {
        snprintf(err, cap, "%s: made by a newer Tongke (version %s, this program knows %d)", path,
                 version, tk_migrations_count);
        return -EPROTO;
    }
    g_autofree char *whole = value_of(db, "PRAGMA integrity_check(1)");
    if (!whole || strcmp(whole, "ok") != 0) {
        snprintf(err, cap, "%s: damaged: %s", path, whole ? whole : sqlite3_errmsg(db));
        return -EBADMSG;
    }
    return 0;
}

/* By hand, not by tk_db_open: its pragmas would write to what is only looked at. */
static int open_to_read(sqlite3 **ret, const char *path, char *err, size_t cap)
{
    if (access(path, R_OK) < 0) {
        int r = -errno;
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    if (sqlite3_open_v2(path, ret, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        snprintf(err, cap, "%s: %s", path, sqlite3_errmsg(*ret));
        return -EBADMSG;
    }
    sqlite3_busy_timeout(*ret, BUSY_TIMEOUT_MS);
    return 0;
}

int tk_store_check(const char *path, char *err, size_t cap)
{
    sqlite3 *db = NULL;
    int r = open_to_read(&db, path, err, cap);
    if (r == 0) {
        r = check_opened(db, path, err, cap);
    }
    sqlite3_close(db);
    return r;
}

static int create(const char *path, char *err, size_t cap)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        int r = -errno;
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    close(fd);
    return 0;
}

/* All pages in one step: one reading transaction, so what is written meanwhile is not in it. */
static int copy_pages(sqlite3 *from, const char *path, char *err, size_t cap)
{
    sqlite3 *to = NULL;
    int result = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
    sqlite3_backup *b = result == SQLITE_OK ? sqlite3_backup_init(to, "main", from, "main") : NULL;
    if (b) {
        sqlite3_backup_step(b, -1);
        result = sqlite3_backup_finish(b);
    }
    if (result == SQLITE_OK) {
        /* one file that can be carried away, without -wal beside it */
        result = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    if (result != SQLITE_OK) {
        snprintf(err, cap, "%s: %s", path, sqlite3_errmsg(to));
    }
    sqlite3_close(to);
    return result == SQLITE_OK ? 0 : result == SQLITE_FULL ? -ENOSPC : -EIO;
}

static int flush_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return r;
}

int tk_store_copy(const char *from, const char *to, char *err, size_t cap)
{
    sqlite3 *db = NULL;
    g_autofree char *part = g_strconcat(to, ".part", NULL);
    if (access(to, F_OK) == 0) {
        snprintf(err, cap, "%s is there already; nothing was written", to);
        return -EEXIST;
    }
    int r = open_to_read(&db, from, err, cap);
    if (r == 0) {
        unlink(part); /* of a copy that was broken off */
        r = create(part, err, cap);
    }
    if (r == 0) {
        r = copy_pages(db, part, err, cap);
    }
    sqlite3_close(db);
    if (r == 0) {
        r = tk_store_check(part, err, cap);
    }
    if (r == 0 && (flush_file(part) < 0 || rename(part, to) < 0)) {
        r = -errno;
        snprintf(err, cap, "%s: %s", to, strerror(-r));
    }
    if (r < 0) {
        unlink(part);
    }
    return r;
}
