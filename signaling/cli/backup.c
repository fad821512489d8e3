/* tongke backup, restore. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "signaling/cli/folder.h"
#include "signaling/cli/subcommands.h"
#include "signaling/store/backup.h"

#define ERR_BYTES (2 * TK_FOLDER_PATH)

static char *stamp(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    return g_date_time_format(now, "%Y%m%dT%H%M%SZ");
}

static char *default_target(const struct tk_settings *s)
{
    char folder[TK_FOLDER_PATH];
    g_autofree char *when = stamp();
    tk_folder_path(s, "backups", folder);
    g_mkdir_with_parents(folder, 0700);
    return g_strdup_printf("%s/tongke-%s.db", folder, when);
}

/* Pictures of slides never change and are named by what they are: only new ones are copied. */
static int copy_pictures(const char *from, const char *to, char *err, size_t cap)
{
    g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
    const char *name;
    if (!dir) { /* none yet */
        return 0;
    }
    g_mkdir_with_parents(to, 0700);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *source = g_build_filename(from, name, NULL);
        g_autofree char *target = g_build_filename(to, name, NULL);
        g_autofree char *bytes = NULL;
        g_autoptr(GError) error = NULL;
        gsize len;
        if (name[0] == '.' || g_file_test(target, G_FILE_TEST_EXISTS)) {
            continue;
        }
        if (!g_file_get_contents(source, &bytes, &len, &error) ||
            !g_file_set_contents_full(target, bytes, (gssize)len,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                      0600, &error)) {
            snprintf(err, cap, "%s", error->message);
            return -EIO;
        }
    }
    return 0;
}

/* The folder of pictures beside a backup. */
static char *pictures_beside(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    return g_build_filename(folder, "files", NULL);
}

int tk_here_backup(const struct tk_here *here)
{
    const struct tk_settings *s = tk_here_settings(here);
    char path[TK_FOLDER_PATH];
    char err[ERR_BYTES];
    struct stat st = {0};
    if (!s) {
        return 1;
    }
    const char *named = tk_arg_text(here->args, "to");
    g_autofree char *to = named ? g_strdup(named) : default_target(s);
    tk_folder_path(s, "tongke.db", path);
    if (tk_store_copy(path, to, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    char pictures[TK_FOLDER_PATH];
    g_autofree char *beside = pictures_beside(to);
    tk_folder_path(s, "files", pictures);
    if (copy_pictures(pictures, beside, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    if (stat(to, &st) < 0) {
        return tk_here_fail(here, "%s: %s", to, strerror(errno));
    }
    return tk_here_ok(here, json_pack("{s:s, s:I}", "file", to, "bytes", (json_int_t)st.st_size),
                      "%s: %lld bytes, checked", to, (long long)st.st_size);
}

/* The old database steps aside under a name that says when; nothing is deleted. */
static int swap(const struct tk_settings *s, const char *fresh, char aside[TK_FOLDER_PATH],
                char *err, size_t cap)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    char path[TK_FOLDER_PATH];
    g_autofree char *when = stamp();
    g_autofree char *name = g_strdup_printf("tongke-before-restore-%s.db", when);
    tk_folder_path(s, "tongke.db", path);
    tk_folder_path(s, name, aside);
    for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
        g_autofree char *from = g_strconcat(path, tails[i], NULL);
        g_autofree char *to = g_strconcat(aside, tails[i], NULL);
        if (rename(from, to) < 0 && errno != ENOENT) {
            snprintf(err, cap, "%s: %s", from, strerror(errno));
            return -errno;
        }
    }
    if (access(aside, F_OK) < 0) {
        *aside = '\0';
    }
    if (rename(fresh, path) < 0) {
        snprintf(err, cap, "%s: %s", path, strerror(errno));
        return -errno;
    }
    return 0;
}

static int restore(const struct tk_settings *s, const char *from, char aside[TK_FOLDER_PATH],
                   char *err, size_t cap)
{
    char fresh[TK_FOLDER_PATH];
    char pictures[TK_FOLDER_PATH];
    g_autofree char *beside = pictures_beside(from);
    tk_folder_path(s, "tongke.db.restoring", fresh);
    tk_folder_path(s, "files", pictures);
    unlink(fresh);
    int r = tk_store_check(from, err, cap);
    if (r == 0) {
        r = tk_store_copy(from, fresh, err, cap);
    }
    if (r == 0) {
        r = copy_pictures(beside, pictures, err, cap);
    }
    return r == 0 ? swap(s, fresh, aside, err, cap) : r;
}

int tk_here_restore(const struct tk_here *here)
{
    const struct tk_settings *s = tk_here_settings(here);
    const char *from = tk_arg_text(here->args, "from");
    char aside[TK_FOLDER_PATH] = "";
    char err[ERR_BYTES];
    int lock;
    if (!s) {
        return 1;
    }
    int r = tk_folder_lock(s, &lock, err, sizeof(err));
    if (r < 0) {
        return tk_here_fail(here, "%s%s", err, r == -EBUSY ? "; stop it first" : "");
    }
    r = restore(s, from, aside, err, sizeof(err));
    close(lock);
    if (r < 0) {
        return tk_here_fail(here, "%s; nothing was changed", err);
    }
    return tk_here_ok(here, json_pack("{s:s, s:s}", "from", from, "before", aside),
                      "restored from %s%s%s", from, *aside ? "; what was there before is " : "",
                      aside);
}
