#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "signaling/store/backup.h"
#include "signaling/store/place_rows.h"
#include "signaling/store/store.h"
#include "tests/unit/store/temporary.h"

static char *folder;
static char from[256];
static char to[256];
static char err[512];
static struct tk_store *store;

static int add_school(void *arg, struct tk_db *db)
{
    int64_t id;
    struct tk_school school = {0};
    g_strlcpy(school.name, arg, sizeof(school.name));
    return tk_school_row_add(db, &school, 1, &id);
}

static int set_up(void **state)
{
    folder = temporary_make();
    snprintf(from, sizeof(from), "%s/tongke.db", folder);
    snprintf(to, sizeof(to), "%s/copy.db", folder);
    assert_int_equal(tk_store_open(&store, from, err, sizeof(err)), 0);
    assert_int_equal(tk_store_run(store, add_school, "one"), 0);
    return 0;
}

static int tear_down(void **state)
{
    tk_store_close(store);
    store = NULL;
    temporary_remove(folder);
    return 0;
}

static int count(void *ctx, const struct tk_school *school)
{
    ++*(int *)ctx;
    return 0;
}

static int schools_in(const char *path)
{
    struct tk_store *other = NULL;
    int schools = 0;
    assert_int_equal(tk_store_open(&other, path, err, sizeof(err)), 0);
    tk_school_rows(tk_store_reader(other), count, &schools);
    tk_store_close(other);
    return schools;
}

static void copies_while_it_is_open(void **state)
{
    struct stat st;
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), 0);
    assert_int_equal(tk_store_run(store, add_school, "two"), 0);
    assert_int_equal(stat(to, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(schools_in(to), 1);
}

static void never_overwrites(void **state)
{
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), 0);
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), -EEXIST);
    assert_non_null(strstr(err, "copy.db"));
}

static void checking_writes_nothing(void **state)
{
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize before_len;
    gsize after_len;
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), 0);
    assert_true(g_file_get_contents(to, &before, &before_len, NULL));
    assert_int_equal(tk_store_check(to, err, sizeof(err)), 0);
    assert_true(g_file_get_contents(to, &after, &after_len, NULL));
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
}

static void refuses_what_is_not_ours(void **state)
{
    g_autofree char *whole = NULL;
    gsize len;
    assert_int_equal(tk_store_check(to, err, sizeof(err)), -ENOENT);
    assert_true(g_file_set_contents(to, "not a database at all, whatever", -1, NULL));
    assert_int_equal(tk_store_check(to, err, sizeof(err)), -EBADMSG);
    g_remove(to);
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), 0);
    assert_true(g_file_get_contents(to, &whole, &len, NULL));
    memset(whole + len / 2, 0x5a, 3000);
    assert_true(g_file_set_contents(to, whole, (gssize)len, NULL));
    assert_int_equal(tk_store_check(to, err, sizeof(err)), -EBADMSG);
}

static int make_newer(void *arg, struct tk_db *db)
{
    return tk_db_run(db, "PRAGMA user_version = 999", "");
}

static void refuses_a_newer_one(void **state)
{
    assert_int_equal(tk_store_run(store, make_newer, NULL), 0);
    assert_int_equal(tk_store_copy(from, to, err, sizeof(err)), -EPROTO);
    assert_non_null(strstr(err, "newer"));
    assert_int_equal(tk_store_check(to, err, sizeof(err)), -ENOENT);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(copies_while_it_is_open),  EACH(never_overwrites),    EACH(checking_writes_nothing),
        EACH(refuses_what_is_not_ours), EACH(refuses_a_newer_one),
    };
    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
