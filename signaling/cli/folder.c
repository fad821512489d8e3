#include "signaling/cli/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void tk_folder_path(const struct tk_settings *settings, const char *name, char ret[TK_FOLDER_PATH])
{
    snprintf(ret, TK_FOLDER_PATH, "%s/%s", settings->data_dir, name);
}

/* The process that has the lock wrote its number into it. */
static long holder(int fd)
{
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

int tk_folder_lock(const struct tk_settings *settings, int *ret_fd, char *err, size_t cap)
{
    char path[TK_FOLDER_PATH];
    if (g_mkdir_with_parents(settings->data_dir, 0700) < 0) {
        int r = -errno;
        snprintf(err, cap, "%s: %s", settings->data_dir, strerror(-r));
        return r;
    }
    tk_folder_path(settings, "lock", path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int r = -errno;
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = errno == EWOULDBLOCK ? -EBUSY : -errno;
        if (r == -EBUSY) {
            snprintf(err, cap, "%s: in use by another tongke (process %ld)", settings->data_dir,
                     holder(fd));
        } else {
            snprintf(err, cap, "%s: %s", path, strerror(-r));
        }
        close(fd);
        return r;
    }
    char text[24];
    int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    /* only for the message above: a full disk must not keep anybody out */
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) < 0) {
        errno = 0;
    }
    *ret_fd = fd;
    return 0;
}
