#ifndef TK_TESTS_UNIT_CLASSROOM_LESSON_H
#define TK_TESTS_UNIT_CLASSROOM_LESSON_H

/* The demo's lesson on a real store, with a classroom in it and a clock that the test moves. */

#include "signaling/classroom/classroom.h"
#include "tests/unit/core/lesson_fixture.h"

static struct fixture *fx;
static struct tk_classroom *cr;
static int64_t room_ids[2];
static struct tk_class_actor teacher;
static struct tk_class_actor coteacher;
static struct tk_class_actor viewer;
/* what was told last */
static struct {
    int64_t room_id;
    bool sound;
    int64_t large;
    int floors;
    int classes;
} told;

static inline struct tk_now fixture_now(void)
{
    return fx->now;
}

static inline void on_told_class(void *ctx, const char *id)
{
    told.classes++;
}

static inline void on_told_floor(void *ctx, const char *id, int64_t room_id, bool sound,
                                 int64_t large)
{
    if (strcmp(id, "demo") != 0) {
        return;
    }
    told.room_id = room_id;
    told.sound = sound;
    told.large = large;
    told.floors++;
}

static inline void begin_classroom(void)
{
    cr = tk_classroom_create(fx->store, fx->lessons, fixture_now);
    tk_classroom_listen(cr, &(struct tk_class_listener){.ctx = &told,
                                                        .on_class = on_told_class,
                                                        .on_floor = on_told_floor});
}

static inline int64_t number(const char *sql)
{
    int64_t n = -1;
    settle(fx);
    assert_int_equal(0, tk_db_number(tk_store_reader(fx->store), &n, sql, ""));
    return n;
}

static inline int class_setup(void **state)
{
    memset(&told, 0, sizeof(told));
    setup(state);
    fx = *state;
    room_ids[0] = fx->demo.room_ids[0];
    room_ids[1] = fx->demo.room_ids[1];
    teacher = (struct tk_class_actor){.role = TK_CLASS_TEACHER, .name = "张老师", .name_en = "Z"};
    coteacher = (struct tk_class_actor){
        .role = TK_CLASS_COTEACHER, .room_id = room_ids[0], .name = "李", .name_en = "Li"};
    viewer = (struct tk_class_actor){.role = TK_CLASS_VIEWER};
    begin_classroom();
    return 0;
}

static inline int class_teardown(void **state)
{
    tk_classroom_destroy(cr);
    cr = NULL;
    return teardown(state);
}

static inline struct tk_class_actor room(int i)
{
    return (struct tk_class_actor){
        .role = TK_CLASS_ROOM, .room_id = room_ids[i], .name = "教室", .name_en = "Room"};
}

/* The code of the problem, "" for done; on disk by then. */
static inline const char *act(const struct tk_class_actor *who, const char *type, const char *rest)
{
    char *text = g_strdup_printf("{\"type\":\"%s\"%s%s}", type, *rest ? "," : "", rest);
    json_t *m = json_loads(text, 0, NULL);
    assert_non_null(m);
    tk_classroom_act(cr, fx->now, "demo", who, type, m, on_reported, fx);
    json_decref(m);
    g_free(text);
    wait_for_answer(fx);
    return fx->code;
}

static inline const char *act_room(const struct tk_class_actor *who, const char *type, int i)
{
    char rest[40];
    g_snprintf(rest, sizeof(rest), "\"room\":%lld", (long long)room_ids[i]);
    return act(who, type, rest);
}

static inline const char *room_act(int i, const char *type, const char *rest)
{
    const struct tk_class_actor who = room(i);
    return act(&who, type, rest);
}

#define DONE(call) assert_string_equal("", call)
#define REFUSED(code, call) assert_string_equal(code, call)

static inline void come(int i)
{
    tk_classroom_page_come(cr, fx->now, "demo", room_ids[i]);
}

static inline void go(int i, const char *reason)
{
    tk_classroom_page_gone(cr, fx->now, "demo", room_ids[i], reason);
}

static inline void wait_ms(int64_t ms)
{
    for (int64_t left = ms; left > 0; left -= 1000) {
        pass(fx, MIN(left, 1000));
        tk_classroom_tick(cr, fx->now);
    }
    settle(fx);
}

/* One field of Class as the viewer sees it, as text; freed by the next call. */
static inline const char *seen(const struct tk_class_actor *who, const char *field)
{
    static char *text;
    free(text);
    json_t *class = tk_classroom_json(cr, "demo", who);
    text = json_dumps(json_object_get(class, field), JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(class);
    return text;
}

#define C(test) cmocka_unit_test_setup_teardown(test, class_setup, class_teardown)

#endif
