#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "signaling/store/audit_rows.h"
#include "signaling/store/store.h"
#include "tests/unit/store/temporary.h"

struct fixture {
    char *folder;
    char *path;
    struct tk_store *store;
};

static int append(void *arg, struct tk_db *db)
{
    struct tk_audit_entry e = {
        .at_ms = 1700000000000, .actor = "admin", .ip = "192.0.2.1", .action = "room.add"};
    e.object = arg;
    e.after = "{\"name\":\"一年级\"}";
    return tk_audit_append(db, &e);
}

static int exec_sql(void *arg, struct tk_db *db)
{
    return tk_db_run(db, arg, "");
}

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    char err[256];
    f->folder = temporary_make();
    f->path = g_build_filename(f->folder, "tongke.db", NULL);
    assert_int_equal(0, tk_store_open(&f->store, f->path, err, sizeof(err)));
    static char *const objects[] = {"room 1", "room 2", "room 3", "room 4"};
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
        assert_int_equal(0, tk_store_run(f->store, append, objects[i]));
    }
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

static struct tk_audit_check verify(struct fixture *f)
{
    struct tk_audit_check check;
    assert_int_equal(0, tk_audit_verify(tk_store_reader(f->store), &check));
    return check;
}

/* What somebody with the file in hands does: takes the triggers away first. */
static void tamper(struct fixture *f, char *sql)
{
    assert_int_equal(0, tk_store_run(f->store, exec_sql, "DROP TRIGGER audit_keeps"));
    assert_int_equal(0, tk_store_run(f->store, exec_sql, "DROP TRIGGER audit_stays"));
    assert_int_equal(0, tk_store_run(f->store, exec_sql, sql));
}

static void whole_chain_verifies(void **state)
{
    struct tk_audit_check check = verify(*state);
    assert_int_equal(0, check.bad_seq);
    assert_int_equal(4, check.entries);
    assert_int_equal(64, strlen(check.last_hash));
}

static void rows_cannot_be_changed_or_deleted(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(-EPERM, tk_store_run(f->store, exec_sql, "UPDATE audit SET actor = 'x'"));
    assert_int_equal(-EPERM, tk_store_run(f->store, exec_sql, "DELETE FROM audit"));
    assert_int_equal(4, verify(f).entries);
}

static void one_changed_byte_is_found(void **state)
{
    static char *const changes[] = {
        "UPDATE audit SET after = replace(after, '一', '二') WHERE seq = 3",
        "UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 3",
        "UPDATE audit SET ip = NULL WHERE seq = 3",
        "UPDATE audit SET before = '' WHERE seq = 3",
        "UPDATE audit SET object = 'room 3x' WHERE seq = 3",
        "UPDATE audit SET actor = 'admi', action = 'nroom.add' WHERE seq = 3",
        "UPDATE audit SET hash = zeroblob(32) WHERE seq = 3",
        "UPDATE audit SET prev_hash = zeroblob(32) WHERE seq = 3",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        tamper(*state, changes[i]);
        struct tk_audit_check check = verify(*state);
        assert_int_equal(3, check.bad_seq);
        assert_int_equal(2, check.entries);
        tear_down(state);
        set_up(state);
    }
}

static void missing_entry_is_found(void **state)
{
    tamper(*state, "DELETE FROM audit WHERE seq = 2");
    struct tk_audit_check check = verify(*state);
    assert_int_equal(2, check.bad_seq);
    assert_string_equal("entry 2 is missing", check.what);
}

static int take_first(void *ctx, const struct tk_audit_entry *e)
{
    assert_int_equal(4, e->seq);
    assert_string_equal("room 4", e->object);
    assert_null(e->before);
    *(bool *)ctx = true;
    return 1;
}

static void list_is_newest_first(void **state)
{
    struct fixture *f = *state;
    bool seen = false;
    assert_int_equal(1, tk_audit_list(tk_store_reader(f->store), 0, 10, take_first, &seen));
    assert_true(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(whole_chain_verifies),      T(rows_cannot_be_changed_or_deleted),
        T(one_changed_byte_is_found), T(missing_entry_is_found),
        T(list_is_newest_first),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
