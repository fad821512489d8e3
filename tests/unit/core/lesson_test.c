#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "tests/unit/core/lesson_fixture.h"

/* Fields of a lesson at `minute` after 09:00 today, in the villages, as JSON text. */
static json_t *fields_at(struct fixture *f, int64_t minute, const char *title)
{
    int64_t start_ms = MORNING_MS + minute * MINUTE_MS;
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:[I, I]}", "title", title, "start_ms",
                     (json_int_t)start_ms, "end_ms", (json_int_t)(start_ms + 40 * MINUTE_MS),
                     "teacher_id", (json_int_t)f->demo.accounts[1].person_id, "main_room_id",
                     (json_int_t)f->demo.main_room_id, "room_ids", (json_int_t)f->demo.room_ids[0],
                     (json_int_t)f->demo.room_ids[1]);
}

static void create(struct fixture *f, json_t *fields)
{
    tk_lesson_create(f->lessons, &f->actor, f->now, fields, on_done, f);
    json_decref(fields);
    wait_for_answer(f);
}

static void create_at(struct fixture *f, int64_t minute, const char *title)
{
    create(f, fields_at(f, minute, title));
}

static void demo_is_open_at_once_and_live_with_its_source(void **state)
{
    struct fixture *f = *state;
    assert_string_equal("open", state_of(f, "demo"));
    assert_true(f->opened >= 1);
    streamer_up(f);
    media(f, "demo", true);
    assert_string_equal("live", state_of(f, "demo"));
    const struct tk_lesson *l = tk_lessons_room_now(f->lessons, f->demo.room_ids[0]);
    assert_non_null(l);
    assert_string_equal("demo", l->row.id);
}

static void demo_data_is_made_once(void **state)
{
    struct fixture *f = *state;
    struct tk_demo again;
    assert_true(f->demo.made);
    assert_int_equal(0, tk_demo_make(f->store, f->now, &again));
    assert_false(again.made);
    again.made = true;
    assert_memory_equal(&again, &f->demo, sizeof(again));
}

static void demo_week_has_no_conflict(void **state)
{
    struct fixture *f = *state;
    struct tk_lesson_conflict c;
    for (int i = 1; i <= 10; i++) {
        char id[16];
        g_snprintf(id, sizeof(id), "week-%d", i);
        assert_int_equal(-ENOENT, tk_lesson_row_conflict(tk_store_reader(f->store), id, &c));
    }
    assert_int_equal(-ENOENT, tk_lesson_row_conflict(tk_store_reader(f->store), "training-1", &c));
}

static void lesson_goes_through_its_states(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    create_at(f, 30, "数学");
    assert_string_equal("", f->code);
    char id[TK_LESSON_ID_MAX + 1];
    g_strlcpy(id, f->id, sizeof(id));
    assert_string_equal("scheduled", state_of(f, id));
    pass(f, 20 * MINUTE_MS - 1000);
    assert_string_equal("scheduled", state_of(f, id));
    pass(f, 1000);
    assert_string_equal("open", state_of(f, id));
    media(f, id, true); /* a camera that runs before the bell */
    assert_string_equal("open", state_of(f, id));
    pass(f, 10 * MINUTE_MS);
    assert_string_equal("live", state_of(f, id));
    media(f, id, false);
    assert_string_equal("live", state_of(f, id));
    pass(f, 2000);
    assert_string_equal("live", state_of(f, id));
    pass(f, 1000);
    assert_string_equal("interrupted", state_of(f, id));
    media(f, id, true);
    assert_string_equal("live", state_of(f, id));
    tk_lesson_end(f->lessons, &f->actor, f->now, id, on_done, f);
    wait_for_answer(f);
    assert_string_equal("ended", state_of(f, id));
    tk_lesson_end(f->lessons, &f->actor, f->now, id, on_done, f);
    wait_for_answer(f);
    assert_string_equal("conflict", f->code);
}

static void silence_counts_from_its_begin(void **state)
{
    struct fixture *f = *state;
    int64_t spans = 0;
    streamer_up(f);
    media(f, "demo", true);
    pass(f, 20000);
    tk_lessons_main_media(f->lessons, f->now, "demo", false, 2000);
    settle(f);
    tk_db_number(tk_store_reader(f->store), &spans,
                 "SELECT count(*) FROM live_span WHERE closed = 1 AND last_ms - started_ms = 18000",
                 "");
    assert_int_equal(1, spans);
    assert_string_equal("live", state_of(f, "demo"));
    pass(f, 1000); /* three seconds in all */
    assert_string_equal("interrupted", state_of(f, "demo"));
}

static void lesson_that_nobody_ends_is_ended(void **state)
{
    struct fixture *f = *state;
    create_at(f, 30, "数学");
    pass(f, 30 * MINUTE_MS);
    streamer_up(f);
    media(f, f->id, true);
    pass(f, 54 * MINUTE_MS);
    assert_string_equal("live", state_of(f, f->id));
    pass(f, MINUTE_MS);
    assert_string_equal("ended", state_of(f, f->id));
    /* a source that runs on after the planned end is not the lesson */
    check_result(f, f->id, 0, "to_verify", 0, 40 * MINUTE_MS);
}

static void teacher_starts_early_and_releases(void **state)
{
    struct fixture *f = *state;
    struct tk_lesson_publisher who = {.key = "account:1", .name = "陈雅琴", .live = true};
    streamer_up(f);
    create_at(f, 30, "数学");
    tk_lesson_start(f->lessons, &f->actor, f->now, f->id, on_done, f);
    wait_for_answer(f);
    assert_true(f->started);
    assert_string_equal("open", state_of(f, f->id));
    tk_lessons_publisher(f->lessons, f->now, f->id, &who);
    media(f, f->id, true);
    assert_string_equal("live", state_of(f, f->id));
    tk_lesson_release(f->lessons, &f->actor, f->now, f->id, on_done, f);
    wait_for_answer(f);
    assert_false(f->started);
}

static void two_lessons_do_not_claim_one_room_or_teacher(void **state)
{
    struct fixture *f = *state;
    create_at(f, 180, "数学");
    assert_string_equal("", f->code);
    create_at(f, 200, "语文");
    assert_string_equal("conflict", f->code);
    assert_non_null(strstr(f->detail, "数学"));
    assert_non_null(strstr(f->detail, "语文"));
    json_t *fields = fields_at(f, 200, "语文"); /* other teacher, other main room; same village */
    json_object_del(fields, "teacher_id");
    json_object_del(fields, "main_room_id");
    create(f, fields);
    assert_string_equal("conflict", f->code);
    assert_string_equal("room_ids", f->field);
    create_at(f, 220, "语文"); /* begins when the other one ends */
    assert_string_equal("", f->code);
    create_at(f, 140, "语文");
    assert_string_equal("", f->code);
}

static void bad_fields_are_told(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *key;
        const char *value; /* JSON */
    } bad[] = {
        {"title", "\"\""},        {"title", "\"a\\nb\""},
        {"title", "7"},           {"kind", "\"party\""},
        {"start_ms", "\"soon\""}, {"start_ms", "1795568400"},
        {"end_ms", "1"},          {"teacher_id", "999"},
        {"teacher_id", "\"x\""},  {"main_room_id", "999"},
        {"room_ids", "[]"},       {"room_ids", "[999]"},
        {"room_ids", "[1, 1]"},   {"room_ids", "{}"},
        {"person_ids", "[1]"},    {"source", "{\"kind\":\"rtsp\",\"url\":\"http://x\"}"},
        {"source", "7"},          {"source", "{\"kind\":\"rtsp\",\"url\":\"rtsp://a:b@x/\"}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *fields = fields_at(f, 180, "数学");
        json_object_set_new(fields, bad[i].key, json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
        create(f, fields);
        assert_string_equal("bad_field", f->code);
        assert_string_equal(bad[i].key, f->field);
    }
}

static void patch_needs_the_version_that_was_seen(void **state)
{
    struct fixture *f = *state;
    create_at(f, 180, "数学");
    json_t *fields = json_pack("{s:s}", "title", "几何");
    tk_lesson_patch(f->lessons, &f->actor, f->now, f->id, 7, fields, on_done, f);
    wait_for_answer(f);
    assert_string_equal("precondition_failed", f->code);
    tk_lesson_patch(f->lessons, &f->actor, f->now, f->id, 1, fields, on_done, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    const struct tk_lesson *l = tk_lessons_find(f->lessons, f->id);
    assert_string_equal("几何", l->row.title);
    assert_int_equal(2, l->row.version);
    assert_int_equal(2, (int)l->row.rooms_count);
    json_decref(fields);
}

static void cancelled_lesson_frees_its_time(void **state)
{
    struct fixture *f = *state;
    create_at(f, 180, "数学");
    tk_lesson_cancel(f->lessons, &f->actor, f->now, f->id, "", on_done, f);
    wait_for_answer(f);
    assert_string_equal("bad_field", f->code);
    tk_lesson_cancel(f->lessons, &f->actor, f->now, f->id, "教师生病", on_done, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    assert_string_equal("cancelled", state_of(f, f->id));
    create_at(f, 180, "语文");
    assert_string_equal("", f->code);
}

static void changed_thresholds_are_a_new_version(void **state)
{
    struct fixture *f = *state;
    kill_server(f);
    f->settings.attended_percent = 90;
    start_server(f);
    assert_int_equal(2, tk_lessons_tally(f->lessons)->rule_version);
    kill_server(f);
    f->settings.attended_percent = 80;
    start_server(f);
    assert_int_equal(1, tk_lessons_tally(f->lessons)->rule_version);
}

static void source_is_changed_while_it_is_open(void **state)
{
    struct fixture *f = *state;
    json_t *source =
        json_pack("{s:s, s:s, s:s}", "kind", "rtsp", "url", "rtsp://camera/1", "password", "hush");
    tk_lesson_set_source(f->lessons, &f->actor, f->now, "demo", source, on_done, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    assert_int_equal(1, f->sources);
    assert_true(json_equal(source, tk_lessons_find(f->lessons, "demo")->source));
    int64_t secrets = 0;
    tk_db_number(tk_store_reader(f->store), &secrets,
                 "SELECT count(*) FROM audit WHERE after LIKE '%hush%'", "");
    assert_int_equal(0, secrets);
    json_decref(source);
}

static void list_is_of_today(void **state)
{
    struct fixture *f = *state;
    struct tk_lessons_filter filter = {0};
    struct tk_problem p;
    json_t *list = tk_lessons_list_json(f->lessons, f->now, &filter, &p);
    /* Wednesday: two lessons, the training, and demo */
    assert_int_equal(4, json_integer_value(json_object_get(list, "total")));
    json_decref(list);
    filter.state = "gone";
    assert_null(tk_lessons_list_json(f->lessons, f->now, &filter, &p));
    assert_string_equal("bad_field", p.code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(demo_is_open_at_once_and_live_with_its_source),
        T(demo_data_is_made_once),
        T(demo_week_has_no_conflict),
        T(lesson_goes_through_its_states),
        T(silence_counts_from_its_begin),
        T(lesson_that_nobody_ends_is_ended),
        T(teacher_starts_early_and_releases),
        T(two_lessons_do_not_claim_one_room_or_teacher),
        T(bad_fields_are_told),
        T(patch_needs_the_version_that_was_seen),
        T(cancelled_lesson_frees_its_time),
        T(changed_thresholds_are_a_new_version),
        T(source_is_changed_while_it_is_open),
        T(list_is_of_today),
    };
    return cmocka_run_group_tests_name("lesson", tests, NULL, NULL);
}
