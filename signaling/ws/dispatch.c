/* The table of messages from pages: who may send them and who carries them out. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "signaling/ws/ws_state.h"

static const struct entry {
    const char *type;
    void (*handle)(struct tk_ws_conn *c, const char *op, const json_t *m);
    unsigned pages; /* bits of enum tk_ws_page; 0: before hello */
    bool once;      /* an op of it that was carried out is answered from memory */
} table[] = {
    {"hello", tk_ws_on_hello, 0, false},
    {"media.offer", tk_ws_on_offer, TK_WS_ROOM | TK_WS_TEACH | TK_WS_WATCH, false},
    {"media.restart", tk_ws_on_restart, TK_WS_ANY, false},
    {"media.close", tk_ws_on_media_close, TK_WS_ANY, false},
    {"progress", tk_ws_on_progress, TK_WS_ROOM | TK_WS_WATCH, false},
    {"lesson.start", tk_ws_on_start, TK_WS_TEACH, true},
    {"lesson.release", tk_ws_on_release, TK_WS_TEACH, true},
    {"lesson.end", tk_ws_on_end, TK_WS_TEACH | TK_WS_ADMIN, true},
    {"board.add", tk_ws_on_board_add, TK_WS_TEACH, false},
    {"board.ink", tk_ws_on_board_ink, TK_WS_TEACH, false},
    {"board.laser", tk_ws_on_board_laser, TK_WS_TEACH, false},
    /* who may, the classroom knows */
    {"hand.raise", tk_ws_on_class, TK_WS_ANY, false},
    {"hand.lower", tk_ws_on_class, TK_WS_ANY, false},
    {"floor.give", tk_ws_on_class_once, TK_WS_ANY, true},
    {"floor.take", tk_ws_on_class_once, TK_WS_ANY, true},
    {"floor.leave", tk_ws_on_class_once, TK_WS_ANY, true},
    {"mode.set", tk_ws_on_class_once, TK_WS_ANY, true},
    {"signal.send", tk_ws_on_class, TK_WS_ANY, false},
    {"message.send", tk_ws_on_class_once, TK_WS_ANY, true},
    {"time.show", tk_ws_on_class, TK_WS_ANY, false},
    {"countdown.start", tk_ws_on_class, TK_WS_ANY, false},
    {"countdown.stop", tk_ws_on_class, TK_WS_ANY, false},
    {"question.ask", tk_ws_on_class_once, TK_WS_ANY, true},
    {"question.close", tk_ws_on_class, TK_WS_ANY, false},
    {"question.answer", tk_ws_on_class, TK_WS_ANY, false},
    {"large.set", tk_ws_on_class, TK_WS_ANY, false},
    {"check.start", tk_ws_on_check, TK_WS_TEACH | TK_WS_COTEACH, false},
    {"bye", tk_ws_on_bye, TK_WS_ANY, false},
};

static json_t *error_json(const char *op, const struct tk_problem *p)
{
    json_t *m = json_pack("{s:s, s:s, s:s}", "type", "error", "code", p->code, "text", p->detail);
    if (op) {
        json_object_set_new(m, "op", json_string(op));
    }
    if (p->field) {
        json_object_set_new(m, "field", json_string(p->field));
    }
    return m;
}

static json_t *ok_json(const char *op)
{
    return op ? json_pack("{s:s, s:s}", "type", "ok", "op", op) : json_pack("{s:s}", "type", "ok");
}

void tk_ws_answer_ok(struct tk_ws_conn *c, const char *op)
{
    tk_ws_send(c, ok_json(op), false);
}

void tk_ws_answer_problem(struct tk_ws_conn *c, const char *op, const struct tk_problem *problem)
{
    tk_ws_send(c, error_json(op, problem), false);
}

void tk_ws_answer_error(struct tk_ws_conn *c, const char *op, enum tk_problem_code code,
                        const char *field, const char *fmt, ...)
{
    struct tk_problem problem;
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    tk_problem_set(&problem, code, field, "%s", text);
    tk_ws_answer_problem(c, op, &problem);
}

void tk_ws_answer_op(struct tk_ws *ws, const char *who, const char *op,
                     const struct tk_problem *problem)
{
    if (!ws->ops) { /* destroyed meanwhile */
        return;
    }
    json_t *answer = problem ? error_json(op, problem) : ok_json(op);
    uint64_t id = tk_ops_answer(ws->ops, who, op, answer);
    struct tk_ws_conn *c = tk_ws_conn_find(ws, id);
    if (c) {
        tk_ws_send(c, json_incref(answer), false);
    }
    json_decref(answer);
}

static void refuse(struct tk_ws_conn *c, const char *op, enum tk_problem_code code,
                   const char *field, const char *text)
{
    c->ws->stats.malformed++;
    tk_ws_answer_error(c, op, code, field, "%s", text);
}

static const struct entry *find(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].type, type) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

/* True: it is to be done now. */
static bool begin_once(struct tk_ws_conn *c, const char *op)
{
    const json_t *answer = NULL;
    switch (tk_ops_begin(c->ws->ops, c->who, op, c->id, &answer)) {
    case TK_OP_NEW:
        return true;
    case TK_OP_DONE:
        tk_ws_send(c, json_deep_copy(answer), false);
        return false;
    case TK_OP_UNDERWAY:
        return false;
    }
    return false;
}

void tk_ws_dispatch(struct tk_ws_conn *c, const json_t *m)
{
    const char *type = json_string_value(json_object_get(m, "type"));
    const json_t *op_json = json_object_get(m, "op");
    const char *op = json_string_value(op_json);
    if (op_json && (!op || !*op || strlen(op) > TK_OP_MAX)) {
        refuse(c, NULL, TK_PROBLEM_BAD_FIELD, "op", "op is a string of 1 to 36 characters");
        return;
    }
    const struct entry *e = type ? find(type) : NULL;
    if (!e) {
        refuse(c, op, TK_PROBLEM_BAD_REQUEST, "type", "There is no such message");
        return;
    }
    if ((e->pages == 0) != (c->page == 0)) {
        refuse(c, op, TK_PROBLEM_BAD_REQUEST, "type",
               c->page ? "hello comes once" : "hello comes first");
        return;
    }
    if (e->pages && !(e->pages & c->page)) {
        tk_ws_answer_error(c, op, TK_PROBLEM_FORBIDDEN, NULL, "This page may not send %s", type);
        return;
    }
    if (e->once && !op) {
        refuse(c, op, TK_PROBLEM_BAD_FIELD, "op", "This message needs an op");
        return;
    }
    if (!e->once || begin_once(c, op)) {
        e->handle(c, op, m);
    }
}
