/* The board: entries to its log, ink and laser passed on at once, what the log tells the pages. */

#include <string.h>

#include "signaling/classroom/board.h"
#include "signaling/classroom/entry.h"
#include "signaling/ws/ws_state.h"

struct waiting {
    struct tk_ws *ws;
    uint64_t conn;
    char *op;
};

static void on_added(void *arg, const struct tk_problem *problem, int64_t n)
{
    struct waiting *w = arg;
    struct tk_ws_conn *c = tk_ws_conn_find(w->ws, w->conn);
    if (c && problem) {
        tk_ws_answer_problem(c, w->op, problem);
    } else if (c) {
        json_t *ok = json_pack("{s:s, s:I}", "type", "ok", "n", (json_int_t)n);
        if (w->op) {
            json_object_set_new(ok, "op", json_string(w->op));
        }
        tk_ws_send(c, ok, false);
    }
    tk_ws_unref(w->ws);
    g_free(w->op);
    g_free(w);
}

void tk_ws_on_board_add(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    const json_t *epoch = json_object_get(m, "epoch");
    if (!json_is_integer(epoch)) {
        tk_ws_answer_error(c, op, TK_PROBLEM_BAD_FIELD, "epoch", "epoch is a whole number");
        return;
    }
    struct waiting *w = g_new0(struct waiting, 1);
    w->ws = g_rc_box_acquire(c->ws);
    w->conn = c->id;
    w->op = g_strdup(op);
    tk_board_add(c->ws->config.boards, c->ws->config.now(), c->lesson, json_integer_value(epoch),
                 c->account.id, json_object_get(m, "entries"), on_added, w);
}

/* To every page of the lesson but `except`. */
static void tell(struct tk_ws *ws, const char *lesson_id, json_t *message,
                 const struct tk_ws_conn *except, bool droppable)
{
    GHashTableIter it;
    gpointer value;
    char *text = json_dumps(message, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0;
    json_decref(message);
    g_hash_table_iter_init(&it, ws->conns);
    while (text && g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_conn *c = value;
        if (c->page && c != except && strcmp(c->lesson, lesson_id) == 0) {
            tk_ws_send_text(c, text, len, droppable);
        }
    }
    free(text);
}

static void pass_on(struct tk_ws_conn *c, const char *op, json_t *message,
                    const struct tk_problem *problem)
{
    if (message) {
        tell(c->ws, c->lesson, message, c, true);
    } else {
        c->ws->stats.malformed++;
        tk_ws_answer_problem(c, op, problem);
    }
}

void tk_ws_on_board_ink(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    pass_on(c, op, tk_entry_ink(m, &problem), &problem);
}

void tk_ws_on_board_laser(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    pass_on(c, op, tk_entry_laser(m, &problem), &problem);
}

static void on_entries(void *ctx, const char *lesson_id, int64_t epoch, int64_t first,
                       const json_t *entries, int64_t account_id)
{
    tell(ctx, lesson_id,
         json_pack("{s:s, s:I, s:I, s:I, s:O}", "type", "board.entries", "epoch", (json_int_t)epoch,
                   "first", (json_int_t)first, "by", (json_int_t)account_id, "entries", entries),
         NULL, false);
}

static void on_epoch(void *ctx, const char *lesson_id, int64_t epoch)
{
    tell(ctx, lesson_id, json_pack("{s:s, s:I}", "type", "board.epoch", "epoch", (json_int_t)epoch),
         NULL, false);
}

json_t *tk_ws_board_json(struct tk_ws_conn *c)
{
    int64_t epoch = 0;
    int64_t n = 0;
    if (!*c->lesson || !c->ws->config.boards) {
        return json_null();
    }
    tk_board_head(c->ws->config.boards, c->lesson, &epoch, &n);
    return json_pack("{s:I, s:I}", "epoch", (json_int_t)epoch, "n", (json_int_t)n);
}

void tk_ws_board_init(struct tk_ws *ws)
{
    const struct tk_board_listener listener = {
        .ctx = ws, .on_entries = on_entries, .on_epoch = on_epoch};
    if (ws->config.boards) {
        tk_boards_listen(ws->config.boards, &listener);
    }
}

void tk_ws_board_finish(struct tk_ws *ws)
{
    if (ws->config.boards) {
        tk_boards_unlisten(ws->config.boards, ws);
    }
}
