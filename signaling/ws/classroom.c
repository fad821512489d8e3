/* What is said and done in the lesson: messages to the classroom, and Class to the pages. */

#include <string.h>

#include "signaling/ws/ws_state.h"

/* A whole Class is some kilobytes, and a village's link may have 64 kbit/s. */
#define TELL_EVERY_MS 100

static const enum tk_class_role roles[] = {
    [TK_WS_ROOM] = TK_CLASS_ROOM,
    [TK_WS_TEACH] = TK_CLASS_TEACHER,
    [TK_WS_COTEACH] = TK_CLASS_COTEACHER,
};

static enum tk_class_role role_of_looker(const struct tk_ws_conn *c)
{
    const struct tk_lesson *lesson = tk_lessons_find(c->ws->config.lessons, c->lesson);
    bool all = c->account.role == TK_ROLE_ADMIN || c->account.role == TK_ROLE_AUDITOR ||
               (lesson && tk_lesson_taught_by(lesson, &c->account));
    return all ? TK_CLASS_VIEWER : TK_CLASS_GUEST;
}

static struct tk_class_actor actor_of(const struct tk_ws_conn *c)
{
    enum tk_class_role role = c->page < G_N_ELEMENTS(roles) ? roles[c->page] : 0;
    bool device = c->device.id != 0;
    return (struct tk_class_actor){
        .role = role ? role : role_of_looker(c),
        .room_id = device ? c->device.room.id : c->room_id,
        .account_id = c->account.id,
        .device_id = c->device.id,
        .name = device ? c->device.room.name : c->account.name,
        .name_en = device ? c->device.room.name_en : c->account.name_en,
    };
}

/* ---- from pages ---- */

/* An act under way: it may end after its connection, or after tk_ws_destroy. */
struct act {
    struct tk_ws *ws;
    uint64_t conn;
    bool once;
    char who[TK_WS_WHO_MAX];
    char op[TK_OP_MAX + 1]; /* "": none */
};

static void on_done(void *arg, const struct tk_problem *problem)
{
    struct act *a = arg;
    struct tk_ws_conn *c = tk_ws_conn_find(a->ws, a->conn);
    const char *op = *a->op ? a->op : NULL;
    a->ws->stats.rate_limited += problem && strcmp(problem->code, "rate_limited") == 0;
    if (a->once) {
        tk_ws_answer_op(a->ws, a->who, a->op, problem);
    } else if (c && problem) {
        tk_ws_answer_problem(c, op, problem);
    } else if (c) {
        tk_ws_answer_ok(c, op);
    }
    tk_ws_unref(a->ws);
    g_free(a);
}

static void act(struct tk_ws_conn *c, const char *op, const json_t *m, bool once)
{
    struct act *a = g_new0(struct act, 1);
    const struct tk_class_actor actor = actor_of(c);
    a->ws = g_rc_box_acquire(c->ws);
    a->conn = c->id;
    a->once = once;
    g_strlcpy(a->who, c->who, sizeof(a->who));
    g_strlcpy(a->op, op ? op : "", sizeof(a->op));
    tk_classroom_act(c->ws->config.classroom, c->ws->config.now(), c->lesson, &actor,
                     json_string_value(json_object_get(m, "type")), m, on_done, a);
}

void tk_ws_on_class(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    act(c, op, m, false);
}

void tk_ws_on_class_once(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    act(c, op, m, true);
}

/* ---- the check before the lesson ---- */

static int check_check(const struct tk_ws_conn *c, const struct tk_lesson *lesson, int64_t room_id,
                       struct tk_problem *problem)
{
    const struct tk_lesson *now = tk_lessons_room_now(c->ws->config.lessons, room_id);
    if (!lesson || !tk_lesson_expects_room(lesson, room_id)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "room",
                              "room is the id of a room of this lesson");
    }
    if (c->page == TK_WS_COTEACH && room_id != c->room_id) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "room", "That is another room");
    }
    if (lesson->row.state == TK_LESSON_LIVE) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL, "The lesson is live");
    }
    if (now && now->row.state == TK_LESSON_LIVE) {
        return tk_problem_set(problem, TK_PROBLEM_CONFLICT, "room",
                              "That room is in another lesson, which is live");
    }
    return 0;
}

void tk_ws_on_check(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    GHashTableIter it;
    gpointer value;
    struct tk_problem problem;
    int told = 0;
    int64_t room_id = json_integer_value(json_object_get(m, "room"));
    if (check_check(c, tk_ws_lesson_of(c), room_id, &problem) < 0) {
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    g_hash_table_iter_init(&it, c->ws->conns);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_conn *page = value;
        if (page->page == TK_WS_ROOM && page->device.room.id == room_id && !page->closing) {
            tk_ws_send(page,
                       json_pack("{s:s, s:{s:s, s:s, s:I}}", "type", "check.run", "by", "name",
                                 c->account.name, "name_en", c->account.name_en, "account",
                                 (json_int_t)c->account.id),
                       false);
            told++;
        }
    }
    if (told > 0) {
        tk_classroom_ask_check(c->ws->config.classroom, c->ws->config.now(), room_id,
                               c->account.id);
        tk_ws_answer_ok(c, op);
    } else {
        tk_ws_answer_error(c, op, TK_PROBLEM_CONFLICT, "room", "No page of that room is there now");
    }
}

/* ---- presence ---- */

void tk_ws_class_come(struct tk_ws_conn *c)
{
    if (c->page == TK_WS_ROOM) {
        tk_classroom_page_come(c->ws->config.classroom, c->ws->config.now(), c->present_lesson,
                               c->device.room.id);
    }
}

void tk_ws_class_gone(struct tk_ws_conn *c, enum tk_page_end end)
{
    /* when the server ends nobody dropped out: all will be back */
    if (c->page == TK_WS_ROOM && !c->ws->closing) {
        tk_classroom_page_gone(c->ws->config.classroom, c->ws->config.now(), c->present_lesson,
                               c->device.room.id,
                               end == TK_PAGE_LOST ? "connection_lost" : "page_closed");
    }
}

/* ---- to pages ---- */

json_t *tk_ws_class_json(const struct tk_ws_conn *c)
{
    const struct tk_class_actor viewer = actor_of(c);
    json_t *class =
        *c->lesson ? tk_classroom_json(c->ws->config.classroom, c->lesson, &viewer) : NULL;
    return class ? class : json_null();
}

void tk_ws_send_class(struct tk_ws_conn *c)
{
    /* a slow reader gets the newest when it has read what waits, not each one */
    c->class_stale = !tk_outbox_is_empty(c->out);
    if (!c->class_stale) {
        tk_ws_send(c,
                   json_pack("{s:s, s:I, s:o}", "type", "class", "seq",
                             (json_int_t)tk_ws_seq(c->ws, c->lesson), "class", tk_ws_class_json(c)),
                   false);
    }
}

static void tell_one(struct tk_ws *ws, const char *lesson)
{
    GHashTableIter it;
    gpointer value;
    tk_ws_next_seq(ws, lesson);
    g_hash_table_iter_init(&it, ws->conns);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_conn *c = value;
        if (c->page && !c->closing && strcmp(c->lesson, lesson) == 0) {
            tk_ws_send_class(c);
        }
    }
}

/* From the loop, the first change at once and then at intervals, however much changes. */
static gboolean on_telling(gpointer arg)
{
    struct tk_ws *ws = arg;
    GHashTableIter it;
    gpointer id;
    ws->telling_classes = 0;
    if (g_hash_table_size(ws->classes) == 0) {
        return G_SOURCE_REMOVE;
    }
    GHashTable *changed = g_steal_pointer(&ws->classes);
    ws->classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_iter_init(&it, changed);
    while (g_hash_table_iter_next(&it, &id, NULL)) {
        tell_one(ws, id);
    }
    g_hash_table_unref(changed);
    ws->telling_classes = g_timeout_add(TELL_EVERY_MS, on_telling, ws);
    return G_SOURCE_REMOVE;
}

static void on_class(void *ctx, const char *lesson_id)
{
    struct tk_ws *ws = ctx;
    g_hash_table_add(ws->classes, g_strdup(lesson_id));
    if (!ws->telling_classes) {
        ws->telling_classes = g_idle_add_full(G_PRIORITY_DEFAULT, on_telling, ws, NULL);
    }
}

void tk_ws_class_init(struct tk_ws *ws)
{
    ws->classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    tk_classroom_listen(ws->config.classroom,
                        &(struct tk_class_listener){.ctx = ws, .on_class = on_class});
}

void tk_ws_class_finish(struct tk_ws *ws)
{
    tk_classroom_unlisten(ws->config.classroom, ws);
    if (ws->telling_classes) {
        g_source_remove(ws->telling_classes);
    }
    g_hash_table_unref(ws->classes);
}
