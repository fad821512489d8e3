#ifndef TK_TESTS_UNIT_CORE_LESSON_FIXTURE_H
#define TK_TESTS_UNIT_CORE_LESSON_FIXTURE_H

/* The demo's school on a real store in a folder of its own, with a clock that the test moves. */

#include <glib.h>
#include <string.h>

#include "signaling/core/demo.h"
#include "signaling/core/lesson_json.h"
#include "signaling/core/roster.h"
#include "signaling/core/tally.h"
#include "tests/unit/store/temporary.h"

#define MINUTE_MS 60000LL
#define HOUR_MS (60 * MINUTE_MS)
/* Wednesday 2026-11-25, 09:00 in Shanghai */
#define MORNING_MS 1795568400000LL

struct fixture {
    char *folder;
    char *path;
    struct tk_settings settings;
    struct tk_store *store;
    struct tk_lessons *lessons;
    struct tk_now now;
    struct tk_actor actor;
    struct tk_demo demo;
    /* the last answer */
    bool answered;
    char code[24];
    char field[24];
    char detail[256];
    char id[TK_LESSON_ID_MAX + 1];
    int64_t correction;
    /* what was told */
    char state[16];
    int opened;
    bool started;
    int sources;
    char room_state[16]; /* of the first room told of */
    char room_cause[24];
    int64_t n; /* of the page's reports */
};

static inline void on_lesson(void *ctx, const struct tk_lesson *l)
{
    struct fixture *f = ctx;
    g_strlcpy(f->state, tk_lesson_state_name(l->row.state), sizeof(f->state));
}

static inline void on_rooms(void *ctx, const struct tk_lesson *l, const json_t *rooms)
{
    struct fixture *f = ctx;
    const json_t *first = json_array_get(rooms, 0);
    g_strlcpy(f->room_state, json_string_value(json_object_get(first, "state")), 16);
    g_strlcpy(f->room_cause, json_string_value(json_object_get(first, "cause")), 24);
}

static inline void on_open(void *ctx, const struct tk_lesson *l)
{
    ((struct fixture *)ctx)->opened++;
}

static inline void on_source(void *ctx, const struct tk_lesson *l)
{
    ((struct fixture *)ctx)->sources++;
}

static inline void on_start(void *ctx, const struct tk_lesson *l, bool started)
{
    ((struct fixture *)ctx)->started = started;
}

static inline void start_server(struct fixture *f)
{
    char err[256];
    struct tk_lessons_listener listener = {.ctx = f,
                                           .on_lesson = on_lesson,
                                           .on_room_status = on_rooms,
                                           .on_media_open = on_open,
                                           .on_media_source = on_source,
                                           .on_media_start = on_start};
    assert_int_equal(0, tk_store_open(&f->store, f->path, err, sizeof(err)));
    assert_int_equal(0, tk_demo_make(f->store, f->now, &f->demo));
    assert_int_equal(0, tk_lessons_create(f->store, &f->settings, true, f->now, &f->lessons));
    tk_lessons_listen(f->lessons, &listener);
}

static inline void kill_server(struct fixture *f)
{
    tk_lessons_destroy(f->lessons);
    tk_store_close(f->store);
    f->lessons = NULL;
    f->store = NULL;
}

static inline int nothing(void *arg, struct tk_db *db)
{
    return 0;
}

static inline void settle(struct fixture *f)
{
    for (int i = 0; i < 3; i++) {
        tk_store_run(f->store, nothing, NULL);
        tk_store_dispatch(f->store);
    }
}

static inline void tick(struct fixture *f)
{
    tk_lessons_tick(f->lessons, f->now);
    settle(f);
}

/* Time passes second by second, as the loop lets it. */
static inline void pass(struct fixture *f, int64_t ms)
{
    for (int64_t left = ms; left > 0; left -= 1000) {
        f->now.wall_ms += MIN(left, 1000);
        f->now.mono_ms += MIN(left, 1000);
        tk_lessons_tick(f->lessons, f->now);
        if (left / 1000 % 600 == 0) {
            settle(f); /* before too much waits to be written */
        }
    }
    settle(f);
}

static inline int setup(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    f->folder = temporary_make();
    f->path = g_build_filename(f->folder, "tongke.db", NULL);
    f->now = (struct tk_now){MORNING_MS, 5000000};
    tk_settings_defaults(&f->settings);
    f->actor = (struct tk_actor){.name = "admin", .ip = "192.0.2.1"};
    start_server(f);
    tick(f);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    kill_server(f);
    g_free(f->path);
    temporary_remove(f->folder);
    g_free(f);
    return 0;
}

static inline void on_done(void *arg, const struct tk_problem *p, const struct tk_lesson *l)
{
    struct fixture *f = arg;
    f->answered = true;
    g_strlcpy(f->code, p ? p->code : "", sizeof(f->code));
    g_strlcpy(f->field, p && p->field ? p->field : "", sizeof(f->field));
    g_strlcpy(f->detail, p ? p->detail : "", sizeof(f->detail));
    if (l) {
        g_strlcpy(f->id, l->row.id, sizeof(f->id));
    }
    assert_true((p == NULL) == (l != NULL));
}

static inline void on_reported(void *arg, const struct tk_problem *p)
{
    struct fixture *f = arg;
    f->answered = true;
    g_strlcpy(f->code, p ? p->code : "", sizeof(f->code));
}

static inline void wait_for_answer(struct fixture *f)
{
    while (!f->answered) {
        tk_store_wait(f->store, 1000);
    }
    f->answered = false;
}

static inline const char *state_of(struct fixture *f, const char *id)
{
    return tk_lesson_state_name(tk_lessons_find(f->lessons, id)->row.state);
}

static inline void media(struct fixture *f, const char *id, bool live)
{
    tk_lessons_main_media(f->lessons, f->now, id, live, 0);
    settle(f);
}

static inline struct tk_page *join(struct fixture *f, const char *lesson, int room)
{
    struct tk_attendee who = {.room_id = f->demo.room_ids[room]};
    f->n = 0;
    return tk_roster_open(f->lessons, f->now, lesson, &who, room ? "x" : "m");
}

static inline void report(struct fixture *f, struct tk_page *page, int64_t n, int64_t frames)
{
    struct tk_progress p = {.n = n, .span_ms = 5000, .frames = frames, .fps = 25, .rtt_ms = -1};
    tk_roster_progress(page, f->now, &p, on_reported, f);
    wait_for_answer(f);
}

/* Plays for that long, with a report each 5 s. */
static inline void play(struct fixture *f, struct tk_page *page, int64_t ms)
{
    for (int64_t left = ms; left >= 5000; left -= 5000) {
        pass(f, 5000);
        report(f, page, ++f->n, 125);
    }
}

/*
 * What goes on is known to the last heartbeat, each 5 s: the stories end with one.
 * Of the newest sitting: the result of a room. Borrowed from `root`, which the caller frees.
 */
static inline json_t *result_of(struct fixture *f, const char *lesson, int room, json_t **root)
{
    struct tk_problem p;
    settle(f);
    *root = tk_attendance_json(f->lessons, f->now, lesson, &p);
    json_t *sitting = json_array_get(json_object_get(*root, "sittings"), 0);
    return json_array_get(json_object_get(sitting, "results"), (size_t)room);
}

static inline void check_result(struct fixture *f, const char *lesson, int room, const char *status,
                                int64_t covered_ms, int64_t live_ms)
{
    json_t *root;
    json_t *r = result_of(f, lesson, room, &root);
    assert_string_equal(status, json_string_value(json_object_get(r, "status")));
    assert_int_equal(covered_ms, json_integer_value(json_object_get(r, "covered_ms")));
    assert_int_equal(live_ms, json_integer_value(json_object_get(r, "live_ms")));
    json_decref(root);
}

static inline void streamer_up(struct fixture *f)
{
    tk_lessons_streamer(f->lessons, f->now, true);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
