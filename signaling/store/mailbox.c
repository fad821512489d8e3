#include "signaling/store/mailbox.h"

#include <glib.h>

struct call {
    void (*call)(void *arg, int result);
    void *arg;
    int result;
};

struct tk_mailbox {
    GMutex mutex;
    GCond cond;
    GArray *calls; /* struct call */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

struct tk_mailbox *tk_mailbox_create(void)
{
    struct tk_mailbox *m = g_new0(struct tk_mailbox, 1);
    g_mutex_init(&m->mutex);
    g_cond_init(&m->cond);
    m->calls = g_array_new(FALSE, FALSE, sizeof(struct call));
    return m;
}

void tk_mailbox_destroy(struct tk_mailbox *m)
{
    if (!m) {
        return;
    }
    g_array_free(m->calls, TRUE);
    g_cond_clear(&m->cond);
    g_mutex_clear(&m->mutex);
    g_free(m);
}

void tk_mailbox_set_wake(struct tk_mailbox *m, void (*wake)(void *ctx), void *ctx)
{
    g_mutex_lock(&m->mutex);
    m->wake = wake;
    m->wake_ctx = ctx;
    bool waiting = m->calls->len > 0;
    g_mutex_unlock(&m->mutex);
    if (waiting && wake) {
        wake(ctx);
    }
}

void tk_mailbox_post(struct tk_mailbox *m, void (*call)(void *arg, int result), void *arg,
                     int result)
{
    struct call c = {call, arg, result};
    g_mutex_lock(&m->mutex);
    bool was_empty = m->calls->len == 0;
    g_array_append_val(m->calls, c);
    g_cond_signal(&m->cond);
    /* under the lock: whoever takes the wake callback away knows that it is not running */
    if (was_empty && m->wake) {
        m->wake(m->wake_ctx);
    }
    g_mutex_unlock(&m->mutex);
}

bool tk_mailbox_dispatch(struct tk_mailbox *m)
{
    g_mutex_lock(&m->mutex);
    GArray *calls = m->calls;
    if (calls->len == 0) {
        g_mutex_unlock(&m->mutex);
        return false;
    }
    m->calls = g_array_new(FALSE, FALSE, sizeof(struct call));
    g_mutex_unlock(&m->mutex);
    for (guint i = 0; i < calls->len; i++) {
        struct call *c = &g_array_index(calls, struct call, i);
        c->call(c->arg, c->result);
    }
    g_array_free(calls, TRUE);
    return true;
}

void tk_mailbox_wait(struct tk_mailbox *m, int timeout_ms)
{
    gint64 end = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    g_mutex_lock(&m->mutex);
    while (m->calls->len == 0 && g_cond_wait_until(&m->cond, &m->mutex, end)) {
        continue;
    }
    g_mutex_unlock(&m->mutex);
}
