/* Silent visits 巡课: nothing of a lesson is shown before the visit is on disk. */

#include <string.h>

#include "signaling/ws/ws_state.h"

static struct tk_actor actor_of(const struct tk_ws_conn *c)
{
    struct tk_actor actor = {.account_id = c->account.id};
    g_strlcpy(actor.name, c->account.login, sizeof(actor.name));
    g_strlcpy(actor.ip, c->address, sizeof(actor.ip));
    return actor;
}

/* A hello that waits for the disk; it may end after its connection, or after tk_ws_destroy. */
struct waiting {
    struct tk_ws *ws;
    uint64_t conn;
    bool resumes;
    char op[TK_OP_MAX + 1]; /* "": none */
};

static void on_begun(void *arg, const struct tk_problem *problem)
{
    struct waiting *w = arg;
    struct tk_ws_conn *c = tk_ws_conn_find(w->ws, w->conn);
    if (c) {
        c->hello_waits = false;
    }
    if (c && !c->closing) {
        tk_ws_hello_end(c, *w->op ? w->op : NULL, w->resumes, problem);
    }
    tk_ws_unref(w->ws);
    g_free(w);
}

void tk_ws_visit_begin(struct tk_ws_conn *c, const char *op, bool resumes)
{
    struct tk_actor actor = actor_of(c);
    struct waiting *w = g_new0(struct waiting, 1);
    w->ws = g_rc_box_acquire(c->ws);
    w->conn = c->id;
    w->resumes = resumes;
    g_strlcpy(w->op, op ? op : "", sizeof(w->op));
    c->visits = true;
    c->hello_waits = true;
    tk_visit_begin(c->ws->config.visits, c->ws->config.now(), &actor, c->lesson, c->load, on_begun,
                   w);
}

/* What cannot be written down is not shown. */
static void on_again(void *arg, const struct tk_problem *problem)
{
    struct waiting *w = arg;
    struct tk_ws_conn *c = tk_ws_conn_find(w->ws, w->conn);
    if (c && problem && !c->closing) {
        tk_ws_answer_problem(c, NULL, problem);
        tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, problem->code);
    }
    tk_ws_unref(w->ws);
    g_free(w);
}

void tk_ws_visit_follow(struct tk_ws_conn *c, bool open)
{
    struct tk_visits *visits = c->ws->config.visits;
    struct tk_now now = c->ws->config.now();
    if (!open) {
        tk_visit_leave(visits, now, c->lesson, c->load, false, 0);
    } else if (!tk_ws_visit_lasts(c)) {
        struct tk_actor actor = actor_of(c);
        struct waiting *w = g_new0(struct waiting, 1);
        w->ws = g_rc_box_acquire(c->ws);
        w->conn = c->id;
        tk_visit_begin(visits, now, &actor, c->lesson, c->load, on_again, w);
    }
}

bool tk_ws_visit_lasts(const struct tk_ws_conn *c)
{
    return tk_visit_goes_on(c->ws->config.visits, c->lesson, c->load);
}

/* The page has come back on a newer connection. */
static bool is_elsewhere(const struct tk_ws_conn *gone)
{
    GHashTableIter it;
    gpointer value;
    if (!gone->ws->conns) {
        return false;
    }
    g_hash_table_iter_init(&it, gone->ws->conns);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        const struct tk_ws_conn *c = value;
        if (c != gone && c->visits && strcmp(c->load, gone->load) == 0 &&
            strcmp(c->lesson, gone->lesson) == 0) {
            return true;
        }
    }
    return false;
}

void tk_ws_visit_leave(struct tk_ws_conn *c)
{
    struct tk_now now = c->ws->config.now();
    bool lost = !c->said_bye && c->end == TK_PAGE_LOST;
    if (!is_elsewhere(c)) {
        tk_visit_leave(c->ws->config.visits, now, c->lesson, c->load, lost,
                       lost ? now.mono_ms - c->heard_ms : 0);
    }
}
