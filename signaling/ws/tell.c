/* What happens in lessons, told to the pages that it concerns. */

#include <string.h>

#include "signaling/ws/ws_state.h"

/* ---- numbers ---- */

static int64_t *seq_of(struct tk_ws *ws, const char *lesson)
{
    int64_t *seq = g_hash_table_lookup(ws->seqs, lesson);
    if (!seq) {
        seq = g_new(int64_t, 1);
        /* by the clock: a number of an earlier run of the server is older than all of this one */
        *seq = ws->config.now().wall_ms;
        g_hash_table_insert(ws->seqs, g_strdup(lesson), seq);
    }
    return seq;
}

int64_t tk_ws_seq(struct tk_ws *ws, const char *lesson)
{
    return *seq_of(ws, lesson);
}

int64_t tk_ws_next_seq(struct tk_ws *ws, const char *lesson)
{
    return ++*seq_of(ws, lesson);
}

/* ---- whose lesson ---- */

const struct tk_lesson *tk_ws_lesson_of(struct tk_ws_conn *c)
{
    return *c->lesson ? tk_lessons_find(c->ws->config.lessons, c->lesson) : NULL;
}

const struct tk_lesson *tk_ws_next_of(struct tk_ws_conn *c)
{
    return c->page == TK_WS_ROOM
               ? tk_lessons_room_next(c->ws->config.lessons, c->ws->config.now(), c->device.room.id)
               : NULL;
}

void tk_ws_presence(struct tk_ws_conn *c)
{
    struct tk_now now = c->ws->config.now();
    const struct tk_lesson *lesson = tk_ws_lesson_of(c);
    bool open = lesson && tk_lesson_is_open(lesson);
    if (c->visits) { /* nobody in the lesson is to know of it */
        tk_ws_visit_follow(c, open);
        return;
    }
    if (c->present && (!open || strcmp(c->present_lesson, c->lesson) != 0)) {
        tk_roster_close(c->present, now, TK_PAGE_MOVED);
        tk_ws_class_gone(c, TK_PAGE_MOVED);
        c->present = NULL;
    }
    if (open && !c->present && (c->page & (TK_WS_ROOM | TK_WS_WATCH)) && !c->closing) {
        const struct tk_attendee attendee = {.room_id = c->device.id ? c->device.room.id : 0,
                                             .device_id = c->device.id,
                                             .person_id = c->account.person_id,
                                             .account_id = c->account.id};
        c->present = tk_roster_open(c->ws->config.lessons, now, c->lesson, &attendee, c->load);
        g_strlcpy(c->present_lesson, c->lesson, sizeof(c->present_lesson));
        if (c->present) {
            tk_ws_class_come(c);
        }
    }
}

/* ---- telling ---- */

/* `m` with the number of its subject and, for a page that sees all lessons, the lesson's id. */
static void send_numbered(struct tk_ws_conn *c, json_t *m, const char *lesson, int64_t seq,
                          int64_t seq_all, bool droppable)
{
    bool all = c->page == TK_WS_ADMIN && !*c->lesson;
    json_object_set_new(m, "seq", json_integer(all ? seq_all : seq));
    if (all) {
        json_object_set_new(m, "lesson_id", json_string(lesson));
    }
    tk_ws_send(c, m, droppable);
}

static bool concerns(const struct tk_ws_conn *c, unsigned pages, const char *lesson)
{
    bool all = c->page == TK_WS_ADMIN && !*c->lesson;
    return (c->page & pages) && (all || strcmp(c->lesson, lesson) == 0);
}

static void tell(struct tk_ws *ws, unsigned pages, const char *lesson, json_t *message,
                 bool droppable)
{
    GHashTableIter it;
    gpointer value;
    int64_t seq = tk_ws_next_seq(ws, lesson);
    int64_t seq_all = tk_ws_next_seq(ws, "");
    g_hash_table_iter_init(&it, ws->conns);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        if (concerns(value, pages, lesson)) {
            send_numbered(value, json_copy(message), lesson, seq, seq_all, droppable);
        }
    }
    json_decref(message);
}

static void on_room_status(void *ctx, const struct tk_lesson *lesson, const json_t *rooms)
{
    tell(ctx, TK_WS_TEACH | TK_WS_ADMIN, lesson->row.id,
         json_pack("{s:s, s:O}", "type", "room.status", "rooms", rooms), true);
}

static void on_source_status(void *ctx, const struct tk_lesson *lesson)
{
    json_t *m = tk_lesson_source_json(lesson);
    if (!json_is_object(m)) {
        json_decref(m);
        return;
    }
    json_t *copy = json_copy(m); /* the lesson's own is not ours to add to */
    json_decref(m);
    json_object_set_new(copy, "type", json_string("source.status"));
    tell(ctx, TK_WS_ANY, lesson->row.id, copy, false);
}

static void on_publisher(void *ctx, const struct tk_lesson *lesson)
{
    tell(
        ctx, TK_WS_ANY, lesson->row.id,
        json_pack("{s:s, s:o}", "type", "publisher", "publisher", tk_lesson_publisher_json(lesson)),
        false);
}

static json_t *lesson_message(struct tk_ws_conn *c, const char *id)
{
    json_t *next = tk_lesson_json(tk_ws_next_of(c));
    return json_pack("{s:s, s:o, s:o}", "type", "lesson", "lesson",
                     tk_lesson_json(*id ? tk_lessons_find(c->ws->config.lessons, id) : NULL),
                     "next", next);
}

/* The numbers of a change, the same for every page that is told. */
struct numbers {
    int64_t seq;
    int64_t seq_all;
};

/* A room's page follows its timetable. */
static void follow_room(struct tk_ws_conn *c, GHashTable *dirty)
{
    struct tk_lessons *lessons = c->ws->config.lessons;
    const struct tk_lesson *next = tk_ws_next_of(c);
    char next_id[TK_LESSON_ID_MAX + 1];
    g_strlcpy(next_id, next ? next->row.id : "", sizeof(next_id));
    const struct tk_lesson *now = tk_lessons_room_now(lessons, c->device.room.id);
    const char *id = now ? now->row.id : "";
    bool changed = strcmp(id, c->lesson) != 0;
    if (!changed && strcmp(next_id, c->told_next) == 0 &&
        !g_hash_table_contains(dirty, c->lesson) && !g_hash_table_contains(dirty, next_id)) {
        return;
    }
    g_strlcpy(c->lesson, id, sizeof(c->lesson));
    g_strlcpy(c->told_next, next_id, sizeof(c->told_next));
    tk_ws_presence(c);
    json_t *m = lesson_message(c, c->lesson);
    if (changed) {
        tk_ws_peers_follow(c);
        json_object_set_new(m, "board", tk_ws_board_json(c));
    }
    send_numbered(c, m, c->lesson, tk_ws_seq(c->ws, c->lesson), 0, false);
    if (changed) {
        tk_ws_send_class(c);
    }
}

/* The lesson may have been given to another teacher since hello: this one's page may no more. */
static bool close_if_given_away(struct tk_ws_conn *c)
{
    const struct tk_lesson *lesson = c->page == TK_WS_TEACH ? tk_ws_lesson_of(c) : NULL;
    if (!lesson || tk_lesson_taught_by(lesson, &c->account)) {
        return false;
    }
    tk_ws_answer_error(c, NULL, TK_PROBLEM_FORBIDDEN, "lesson",
                       "This lesson is another teacher's now");
    tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "forbidden");
    return true;
}

static void tell_lessons(struct tk_ws_conn *c, GHashTable *dirty)
{
    GHashTableIter it;
    gpointer id;
    gpointer value;
    if (c->page == TK_WS_ROOM) {
        follow_room(c, dirty);
        return;
    }
    g_hash_table_iter_init(&it, dirty);
    while (g_hash_table_iter_next(&it, &id, &value)) {
        const struct numbers *n = value;
        if (concerns(c, TK_WS_ANY, id) && !close_if_given_away(c)) {
            tk_ws_presence(c);
            send_numbered(c, lesson_message(c, id), id, n->seq, n->seq_all, false);
        }
    }
}

/* From the loop, not from within core's change: it calls core again. */
static gboolean on_telling(gpointer arg)
{
    struct tk_ws *ws = arg;
    GHashTable *dirty = ws->dirty;
    GHashTableIter it;
    gpointer id;
    gpointer value;
    ws->telling = 0;
    ws->dirty = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_iter_init(&it, dirty);
    while (g_hash_table_iter_next(&it, &id, &value)) {
        struct numbers *n = value;
        n->seq = tk_ws_next_seq(ws, id);
        n->seq_all = tk_ws_next_seq(ws, "");
    }
    GList *conns = g_hash_table_get_values(ws->conns);
    for (GList *l = conns; l; l = l->next) {
        struct tk_ws_conn *c = l->data;
        if (c->page && !c->closing) {
            tell_lessons(c, dirty);
        }
    }
    g_list_free(conns);
    g_hash_table_destroy(dirty);
    return G_SOURCE_REMOVE;
}

static void on_lesson(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_ws *ws = ctx;
    g_hash_table_replace(ws->dirty, g_strdup(lesson->row.id), g_new0(struct numbers, 1));
    if (!ws->telling) {
        ws->telling = g_idle_add_full(G_PRIORITY_DEFAULT, on_telling, ws, NULL);
    }
}

static void send_rooms_of(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_ws_conn *c = ctx;
    send_numbered(
        c, json_pack("{s:s, s:o}", "type", "room.status", "rooms", tk_lesson_rooms_json(lesson)),
        lesson->row.id, tk_ws_seq(c->ws, lesson->row.id), tk_ws_seq(c->ws, ""), true);
}

void tk_ws_send_rooms(struct tk_ws_conn *c)
{
    const struct tk_lesson *lesson = tk_ws_lesson_of(c);
    if (!(c->page & (TK_WS_TEACH | TK_WS_ADMIN))) {
        return;
    }
    if (lesson) {
        send_rooms_of(c, lesson);
    } else if (c->page == TK_WS_ADMIN) {
        tk_lessons_each_open(c->ws->config.lessons, send_rooms_of, c);
    }
}

void tk_ws_tell_init(struct tk_ws *ws)
{
    const struct tk_lessons_listener listener = {.ctx = ws,
                                                 .on_lesson = on_lesson,
                                                 .on_room_status = on_room_status,
                                                 .on_source_status = on_source_status,
                                                 .on_publisher = on_publisher};
    ws->seqs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    ws->dirty = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    tk_lessons_listen(ws->config.lessons, &listener);
}

void tk_ws_tell_finish(struct tk_ws *ws)
{
    tk_lessons_unlisten(ws->config.lessons, ws);
    if (ws->telling) {
        g_source_remove(ws->telling);
    }
    g_hash_table_destroy(ws->seqs);
    g_hash_table_destroy(ws->dirty);
}
