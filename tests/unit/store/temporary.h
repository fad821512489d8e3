#ifndef TK_TESTS_UNIT_STORE_TEMPORARY_H
#define TK_TESTS_UNIT_STORE_TEMPORARY_H

/* A folder of its own for each test, removed with all that is in it. */

#include <glib.h>
#include <glib/gstdio.h>

static inline char *temporary_make(void)
{
    GError *error = NULL;
    char *folder = g_dir_make_tmp("tongke-test-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static inline void temporary_remove(char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

#endif
