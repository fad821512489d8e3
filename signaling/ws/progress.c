/* progress: what a page showed and played; answered once it is on disk. */

#include "signaling/ws/ws_state.h"

struct waiting {
    struct tk_ws *ws;
    uint64_t conn;
    char *op;
};

static void on_written(void *arg, const struct tk_problem *problem)
{
    struct waiting *w = arg;
    struct tk_ws_conn *c = tk_ws_conn_find(w->ws, w->conn);
    if (c && problem) {
        tk_ws_answer_problem(c, w->op, problem);
    } else if (c && w->op) {
        tk_ws_answer_ok(c, w->op);
    }
    tk_ws_unref(w->ws);
    g_free(w->op);
    g_free(w);
}

void tk_ws_on_progress(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    struct tk_progress progress;
    if (tk_progress_parse(m, &progress, &problem) < 0) {
        c->ws->stats.malformed++;
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    if (!c->present) { /* the lesson is over, or does not expect this page: nothing to write */
        tk_ws_answer_ok(c, op);
        return;
    }
    struct waiting *w = g_new0(struct waiting, 1);
    w->ws = g_rc_box_acquire(c->ws);
    w->conn = c->id;
    w->op = g_strdup(op);
    tk_roster_progress(c->present, c->ws->config.now(), &progress, on_written, w);
}
