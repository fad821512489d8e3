/* lesson.start, lesson.release, lesson.end: a teacher's acts. */

#include "signaling/ws/ws_state.h"

struct act {
    struct tk_ws *ws;
    char who[TK_WS_WHO_MAX];
    char op[TK_OP_MAX + 1];
};

static struct act *act_new(const struct tk_ws_conn *c, const char *op)
{
    struct act *a = g_new0(struct act, 1);
    a->ws = g_rc_box_acquire(c->ws);
    g_strlcpy(a->who, c->who, sizeof(a->who));
    g_strlcpy(a->op, op, sizeof(a->op));
    return a;
}

static void on_done(void *arg, const struct tk_problem *problem, const struct tk_lesson *lesson)
{
    struct act *a = arg;
    tk_ws_answer_op(a->ws, a->who, a->op, problem);
    tk_ws_unref(a->ws);
    g_free(a);
}

static struct tk_actor actor_of(const struct tk_ws_conn *c)
{
    struct tk_actor actor = {.account_id = c->account.id};
    g_strlcpy(actor.name, c->account.login, sizeof(actor.name));
    g_strlcpy(actor.ip, c->address, sizeof(actor.ip));
    return actor;
}

void tk_ws_on_start(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_actor actor = actor_of(c);
    tk_lesson_start(c->ws->config.lessons, &actor, c->ws->config.now(), c->lesson, on_done,
                    act_new(c, op));
}

void tk_ws_on_release(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_actor actor = actor_of(c);
    tk_lesson_release(c->ws->config.lessons, &actor, c->ws->config.now(), c->lesson, on_done,
                      act_new(c, op));
}

void tk_ws_on_end(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    struct tk_actor actor = actor_of(c);
    const char *named = json_string_value(json_object_get(m, "lesson"));
    if (c->page == TK_WS_ADMIN && c->account.role != TK_ROLE_ADMIN) {
        tk_problem_set(&problem, TK_PROBLEM_FORBIDDEN, NULL, "An auditor changes nothing");
        tk_ws_answer_op(c->ws, c->who, op, &problem);
        return;
    }
    if (!*c->lesson && !named) {
        tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, "lesson", "Which lesson?");
        tk_ws_answer_op(c->ws, c->who, op, &problem);
        return;
    }
    tk_lesson_end(c->ws->config.lessons, &actor, c->ws->config.now(),
                  *c->lesson ? c->lesson : named, on_done, act_new(c, op));
}
