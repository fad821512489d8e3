#include "signaling/classroom/board_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "signaling/classroom/board.h"

/* ---- bytes ---- */

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -EIO;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/* The name is on the disk, not only the bytes. */
static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return r;
}

static int write_file(const char *folder, const char *path, const void *bytes, size_t len)
{
    g_autofree char *temporary = g_build_filename(folder, ".writing-XXXXXX", NULL);
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    int r = write_all(fd, bytes, len);
    if (close(fd) < 0 && r == 0) {
        r = -errno;
    }
    if (r == 0 && rename(temporary, path) < 0) {
        r = -errno;
    }
    if (r < 0) {
        unlink(temporary);
        return r;
    }
    return sync_folder(folder);
}

int tk_board_file_keep(const char *folder, const void *bytes, size_t len,
                       char ret_id[TK_FILE_ID_MAX + 1])
{
    struct stat st;
    g_autofree char *id = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, len);
    g_autofree char *path = g_build_filename(folder, id, NULL);
    g_strlcpy(ret_id, id, TK_FILE_ID_MAX + 1);
    if (stat(path, &st) == 0 && (size_t)st.st_size == len) {
        return 0;
    }
    if (g_mkdir_with_parents(folder, 0700) < 0) {
        return -errno;
    }
    return write_file(folder, path, bytes, len);
}

/* ---- rows ---- */

static int check_sum(struct tk_db *db, const char *lesson_id, int64_t bytes)
{
    int64_t count = 0;
    int64_t sum = 0;
    int r = tk_file_rows_sum(db, lesson_id, &count, &sum);
    if (r < 0) {
        return r;
    }
    return count >= TK_BOARD_FILES_MAX || sum + bytes > TK_BOARD_FILES_BYTES ? -EMSGSIZE : 0;
}

static int problem_of(struct tk_problem *problem, int error)
{
    if (error == -EMSGSIZE) {
        return tk_problem_set(problem, TK_PROBLEM_TOO_LARGE, NULL,
                              "A lesson has at most %d pictures and %d MiB of them",
                              TK_BOARD_FILES_MAX, TK_BOARD_FILES_BYTES >> 20);
    }
    return tk_problem_from_errno(problem, error);
}

int tk_board_file_room(struct tk_store *store, const struct tk_lesson *lesson, int64_t bytes,
                       struct tk_problem *problem)
{
    if (lesson->row.state != TK_LESSON_SCHEDULED && !tk_lesson_is_open(lesson)) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL,
                              "The lesson is over: its board can be read, not written");
    }
    int r = check_sum(tk_store_reader(store), lesson->row.id, bytes);
    return r < 0 ? problem_of(problem, r) : 0;
}

struct adding {
    struct tk_now now;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t account_id;
    struct tk_file_row row;
    tk_board_file_done *done;
    void *arg;
};

/* 1: it is new. */
static int add_job(void *arg, struct tk_db *db)
{
    const struct adding *a = arg;
    struct tk_file_row there;
    int r = tk_file_row(db, a->lesson_id, a->row.id, &there);
    if (r != -ENOENT) {
        return r;
    }
    r = check_sum(db, a->lesson_id, a->row.bytes);
    if (r == 0) {
        r = tk_file_row_add(db, a->lesson_id, &a->row, a->account_id, a->now.wall_ms);
    }
    return r < 0 ? r : 1;
}

static void on_added(void *arg, int result)
{
    struct adding *a = arg;
    struct tk_problem problem;
    if (result < 0) {
        problem_of(&problem, result);
    }
    a->done(a->arg, result < 0 ? &problem : NULL, result > 0);
    g_free(a);
}

void tk_board_file_add(struct tk_store *store, struct tk_now now, const char *lesson_id,
                       int64_t account_id, const struct tk_file_row *row, tk_board_file_done *done,
                       void *arg)
{
    struct adding *a = g_new0(struct adding, 1);
    a->now = now;
    g_strlcpy(a->lesson_id, lesson_id, sizeof(a->lesson_id));
    a->account_id = account_id;
    a->row = *row;
    a->done = done;
    a->arg = arg;
    int r = tk_store_submit(store, add_job, a, on_added);
    if (r < 0) {
        on_added(a, r);
    }
}
