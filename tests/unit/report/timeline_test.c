#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signaling/report/timeline.h"
#include "tests/unit/core/lesson_fixture.h"

static void shares_are_of_all_speech(void **state)
{
    assert_float_equal(0.25, tk_speaking_share(15000, 60000), 1e-9);
    assert_float_equal(1, tk_speaking_share(1, 1), 1e-9);
    assert_float_equal(0, tk_speaking_share(0, 1), 1e-9);
    assert_true(tk_speaking_share(0, 0) < 0);
}

struct story {
    struct fixture *f;
    int64_t sitting;
};

static int run_sql(struct tk_db *db, const char *sql, int64_t sitting, int64_t room)
{
    return tk_db_run(db, sql, "ii", sitting, room);
}

/* Maliupu has the floor twice, once still; Xiantaiba never; the main classroom speaks. */
static int write_story(void *arg, struct tk_db *db)
{
    const struct story *s = arg;
    int64_t maliupu = s->f->demo.room_ids[0];
    static const char *const turns[] = {
        "INSERT INTO floor_turn (sitting_id, room_id, started_ms, last_ms, ended_ms, spoke_ms)"
        " VALUES (?, ?, 1000, 9000, 11000, 6000)",
        "INSERT INTO floor_turn (sitting_id, room_id, started_ms, last_ms, spoke_ms)"
        " VALUES (?, ?, 20000, 24000, 4000)",
        "INSERT INTO event (sitting_id, at_ms, kind, room_id, data)"
        " VALUES (?, 3000, 'signal', ?, '{\"kind\":\"clear\"}')",
        "INSERT INTO event (sitting_id, at_ms, kind, room_id) VALUES (?, 2000, 'join', ?)",
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(turns); i++) {
        r = run_sql(db, turns[i], s->sitting, maliupu);
    }
    return r == 0 ? tk_db_run(db,
                              "INSERT INTO main_speech (sitting_id, spoke_ms, last_ms)"
                              " VALUES (?, 30000, 1)",
                              "i", s->sitting)
                  : r;
}

static int64_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static void the_timeline_of_a_sitting(void **state)
{
    struct fixture *f = *state;
    settle(f);
    struct story s = {f, tk_lessons_find(f->lessons, "demo")->sitting.id};
    json_t *sittings = NULL;
    assert_int_equal(0, tk_store_run(f->store, write_story, &s));
    assert_int_equal(0, tk_timeline_sittings(tk_store_reader(f->store), "demo", 0, &sittings));
    const json_t *sitting = json_array_get(sittings, 0);
    assert_int_equal(s.sitting, number_of(sitting, "id"));
    const json_t *events = json_object_get(sitting, "events");
    assert_int_equal(2, json_array_size(events));
    assert_string_equal("join",
                        json_string_value(json_object_get(json_array_get(events, 0), "kind")));
    assert_string_equal("signal",
                        json_string_value(json_object_get(json_array_get(events, 1), "kind")));
    const json_t *speaking = json_object_get(sitting, "speaking");
    assert_int_equal(3, json_array_size(speaking));
    const json_t *main = json_array_get(speaking, 0);
    const json_t *maliupu = json_array_get(speaking, 1);
    const json_t *xiantaiba = json_array_get(speaking, 2);
    assert_true(json_is_null(json_object_get(main, "room")));
    assert_float_equal(0.75, json_real_value(json_object_get(main, "share")), 1e-9);
    assert_int_equal(2, number_of(maliupu, "turns"));
    assert_int_equal(14000, number_of(maliupu, "floor_ms"));
    assert_int_equal(10000, number_of(maliupu, "spoke_ms"));
    assert_float_equal(0.25, json_real_value(json_object_get(maliupu, "share")), 1e-9);
    assert_int_equal(0, number_of(xiantaiba, "turns"));
    assert_float_equal(0, json_real_value(json_object_get(xiantaiba, "share")), 1e-9);
    json_decref(sittings);
}

static void nobody_spoke(void **state)
{
    struct fixture *f = *state;
    json_t *sittings = NULL;
    settle(f);
    assert_int_equal(0, tk_timeline_sittings(tk_store_reader(f->store), "demo", 0, &sittings));
    const json_t *speaking = json_object_get(json_array_get(sittings, 0), "speaking");
    assert_int_equal(3, json_array_size(speaking));
    assert_true(json_is_null(json_object_get(json_array_get(speaking, 0), "share")));
    assert_true(json_is_null(json_object_get(json_array_get(speaking, 0), "spoke_ms")));
    assert_int_equal(0, number_of(json_array_get(speaking, 1), "spoke_ms"));
    json_decref(sittings);
}

static void of_another_lesson_there_is_nothing(void **state)
{
    struct fixture *f = *state;
    json_t *sittings = NULL;
    settle(f);
    int64_t id = tk_lessons_find(f->lessons, "demo")->sitting.id;
    assert_int_equal(0, tk_timeline_sittings(tk_store_reader(f->store), "week-1", id, &sittings));
    assert_int_equal(0, json_array_size(sittings));
    json_decref(sittings);
    assert_int_equal(0, tk_timeline_sittings(tk_store_reader(f->store), "demo", 999, &sittings));
    assert_int_equal(0, json_array_size(sittings));
    json_decref(sittings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_all_speech),
        T(the_timeline_of_a_sitting),
        T(nobody_spoke),
        T(of_another_lesson_there_is_nothing),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
