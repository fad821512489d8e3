#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "signaling/store/store.h"
#include "tests/unit/store/temporary.h"

struct fixture {
    char *folder;
    char *path;
    struct tk_store *store;
    char err[256];
};

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    f->folder = temporary_make();
    f->path = g_build_filename(f->folder, "tongke.db", NULL);
    assert_int_equal(0, tk_store_open(&f->store, f->path, f->err, sizeof(f->err)));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tk_store_close(f->store);
    temporary_remove(f->folder);
    g_free(f->path);
    g_free(f);
    return 0;
}

static int add_school(void *arg, struct tk_db *db)
{
    return tk_db_run(db, "INSERT INTO school (name, created_ms) VALUES (?, 1)", "t",
                     (const char *)arg);
}

static int64_t count(struct tk_store *store, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(0, tk_db_number(tk_store_reader(store), &n, sql, ""));
    return n;
}

static int exec_sql(void *arg, struct tk_db *db)
{
    return tk_db_run(db, arg, "");
}

static void reopen(struct fixture *f)
{
    tk_store_close(f->store);
    f->store = NULL;
    assert_int_equal(0, tk_store_open(&f->store, f->path, f->err, sizeof(f->err)));
}

static void new_database_has_the_promised_form(void **state)
{
    struct fixture *f = *state;
    struct tk_db *db = tk_store_reader(f->store);
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db, "PRAGMA journal_mode", "");
    assert_true(tk_query_next(&q));
    assert_string_equal("wal", tk_query_text(&q, 0));
    assert_int_equal(2, count(f->store, "PRAGMA synchronous"));
    assert_int_equal(1, count(f->store, "PRAGMA foreign_keys"));
    assert_int_equal(tk_store_version(), count(f->store, "PRAGMA user_version"));
    assert_int_equal(0, count(f->store, "SELECT count(*) FROM pragma_table_list WHERE schema ="
                                        " 'main' AND type = 'table' AND NOT strict AND name NOT"
                                        " LIKE 'sqlite_%'"));
    struct stat st;
    assert_int_equal(0, stat(f->path, &st));
    assert_int_equal(0600, st.st_mode & 0777);
}

static void opening_again_keeps_the_rows(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, tk_store_run(f->store, add_school, "Gaotai"));
    reopen(f);
    assert_int_equal(1, count(f->store, "SELECT count(*) FROM school"));
}

static void newer_version_is_refused_untouched(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, tk_store_run(f->store, exec_sql, "PRAGMA user_version = 999"));
    tk_store_close(f->store);
    f->store = NULL;
    char *before;
    char *after;
    gsize n_before;
    gsize n_after;
    assert_true(g_file_get_contents(f->path, &before, &n_before, NULL));
    assert_int_equal(-EPROTO, tk_store_open(&f->store, f->path, f->err, sizeof(f->err)));
    assert_non_null(strstr(f->err, "newer Tongke"));
    assert_null(strchr(f->err, '\n'));
    assert_true(g_file_get_contents(f->path, &after, &n_after, NULL));
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    g_free(before);
    g_free(after);
}

static void what_is_no_database_is_refused(void **state)
{
    struct fixture *f = *state;
    g_autofree char *other = g_build_filename(f->folder, "letter.txt", NULL);
    struct tk_store *store = NULL;
    g_autofree char *text = g_strnfill(4096, 'a');
    assert_true(g_file_set_contents(other, text, 4096, NULL));
    assert_int_equal(-EBADMSG, tk_store_open(&store, other, f->err, sizeof(f->err)));
    assert_null(store);
}

struct answers {
    int n;
    int results[600];
};

struct add {
    struct answers *answers;
    char name[24];
    int fail;
};

static int add_or_fail(void *arg, struct tk_db *db)
{
    struct add *a = arg;
    int r = add_school(a->name, db);
    return a->fail ? a->fail : r;
}

static void on_added(void *arg, int result)
{
    struct add *a = arg;
    a->answers->results[a->answers->n++] = result;
}

static void jobs_are_grouped_and_fail_alone(void **state)
{
    struct fixture *f = *state;
    struct answers answers = {0};
    struct add adds[300];
    uint64_t before = tk_store_stats(f->store).transactions;
    for (int i = 0; i < 300; i++) {
        adds[i] = (struct add){.answers = &answers, .fail = i == 7 ? -EPERM : 0};
        /* the ninth has the name of the eighth's predecessor: the constraint fails it alone */
        snprintf(adds[i].name, sizeof(adds[i].name), "school %d", i == 9 ? 6 : i);
        assert_int_equal(0, tk_store_submit(f->store, add_or_fail, &adds[i], on_added));
    }
    while (answers.n < 300) {
        tk_store_wait(f->store, 1000);
    }
    assert_int_equal(-EPERM, answers.results[7]);
    assert_int_equal(-EEXIST, answers.results[9]);
    for (int i = 10; i < 300; i++) {
        assert_int_equal(0, answers.results[i]);
    }
    assert_int_equal(298, count(f->store, "SELECT count(*) FROM school"));
    assert_true(tk_store_stats(f->store).transactions - before < 100);
}

struct commit {
    struct tk_store *store;
    bool seen;
};

static int add_first(void *arg, struct tk_db *db)
{
    return add_school("first", db);
}

static void on_committed(void *arg, int result)
{
    struct commit *c = arg;
    struct tk_db *other = NULL;
    int64_t n = 0;
    assert_int_equal(0, result);
    /* another connection sees it: it is committed, not only written */
    assert_int_equal(0, tk_store_open_reader(c->store, &other));
    assert_int_equal(0, tk_db_number(other, &n, "SELECT count(*) FROM school", ""));
    assert_int_equal(1, n);
    tk_db_close(other);
    c->seen = true;
}

static void answer_comes_after_commit(void **state)
{
    struct fixture *f = *state;
    struct commit c = {.store = f->store};
    assert_int_equal(0, tk_store_submit(f->store, add_first, &c, on_committed));
    while (!c.seen) {
        tk_store_wait(f->store, 1000);
    }
}

static int block(void *arg, struct tk_db *db)
{
    GMutex *gate = arg;
    g_mutex_lock(gate);
    g_mutex_unlock(gate);
    return 0;
}

static void full_queue_is_refused_and_counted(void **state)
{
    struct fixture *f = *state;
    GMutex gate;
    g_mutex_init(&gate);
    g_mutex_lock(&gate);
    int r = 0;
    int taken = 0;
    while (r == 0 && taken <= TK_STORE_QUEUE_MAX + 300) {
        r = tk_store_submit(f->store, block, &gate, NULL);
        taken += r == 0;
    }
    assert_int_equal(-ENOSPC, r);
    assert_true(taken >= TK_STORE_QUEUE_MAX);
    assert_int_equal(1, tk_store_stats(f->store).refused);
    g_mutex_unlock(&gate);
    while (tk_store_stats(f->store).queued > 0) {
        tk_store_run(f->store, block, &gate);
    }
    g_mutex_clear(&gate);
}

static int add_much(void *arg, struct tk_db *db)
{
    return tk_db_run(db, "INSERT INTO school (name, created_ms) VALUES (hex(zeroblob(?)), 1)", "i",
                     (int64_t)1000000);
}

static void full_database_fails_the_job_only(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, tk_store_run(f->store, add_school, "before"));
    assert_int_equal(0, tk_store_run(f->store, exec_sql, "PRAGMA max_page_count = 100"));
    assert_int_equal(-ENOSPC, tk_store_run(f->store, add_much, NULL));
    assert_int_equal(0, tk_store_run(f->store, add_school, "after"));
    assert_int_equal(2, count(f->store, "SELECT count(*) FROM school"));
}

static void full_disk_damages_nothing(void **state)
{
    struct fixture *f = *state;
    struct rlimit old;
    struct rlimit tight;
    assert_int_equal(0, tk_store_run(f->store, add_school, "before"));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    tight = (struct rlimit){.rlim_cur = 700 * 1024, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    assert_int_equal(-ENOSPC, tk_store_run(f->store, add_much, NULL));
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(0, tk_store_run(f->store, add_school, "after"));
    reopen(f);
    assert_int_equal(2, count(f->store, "SELECT count(*) FROM school"));
    TK_QUERY struct tk_query q;
    tk_query_start(&q, tk_store_reader(f->store), "PRAGMA integrity_check", "");
    assert_true(tk_query_next(&q));
    assert_string_equal("ok", tk_query_text(&q, 0));
}

static void closing_carries_out_what_waits(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, tk_store_submit(f->store, add_school, "A", NULL));
    assert_int_equal(0, tk_store_submit(f->store, add_school, "B", NULL));
    reopen(f);
    assert_int_equal(2, count(f->store, "SELECT count(*) FROM school"));
}

static void role_of_an_account_never_changes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0,
                     tk_store_run(f->store, exec_sql,
                                  "INSERT INTO person (id, name, created_ms) VALUES (1, 'a', 1)"));
    assert_int_equal(
        0, tk_store_run(f->store, exec_sql,
                        "INSERT INTO account (person_id, login, role, password_salt, password_hash,"
                        " scrypt_n, scrypt_r, scrypt_p, password_set_ms, created_ms)"
                        " VALUES (1, 'a', 'admin', x'', x'', 1, 1, 1, 1, 1)"));
    assert_int_equal(-EPERM,
                     tk_store_run(f->store, exec_sql, "UPDATE account SET role = 'auditor'"));
}

static void reader_cannot_write(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(-EROFS, tk_db_run(tk_store_reader(f->store), "DELETE FROM school", ""));
}

static void text_is_cut_between_characters(void **state)
{
    struct fixture *f = *state;
    char out[8];
    TK_QUERY struct tk_query q;
    tk_query_start(&q, tk_store_reader(f->store), "SELECT '同课同课'", "");
    assert_true(tk_query_next(&q));
    tk_query_copy(&q, 0, out, sizeof(out));
    assert_string_equal("同课", out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(new_database_has_the_promised_form), T(opening_again_keeps_the_rows),
        T(newer_version_is_refused_untouched), T(what_is_no_database_is_refused),
        T(jobs_are_grouped_and_fail_alone),    T(answer_comes_after_commit),
        T(full_queue_is_refused_and_counted),  T(full_database_fails_the_job_only),
        T(full_disk_damages_nothing),          T(closing_carries_out_what_waits),
        T(role_of_an_account_never_changes),   T(reader_cannot_write),
        T(text_is_cut_between_characters),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
