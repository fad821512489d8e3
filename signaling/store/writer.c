#include "signaling/store/writer.h"

#include <errno.h>
#include <glib.h>
#include <sqlite3.h>

/* One transaction holds the disk's attention no longer than this many jobs. */
#define GROUP_MAX 256

struct work {
    tk_store_job *job;
    void *arg;
    tk_store_done *done;
    int *waiting; /* tk_writer_run: where to put the result, then `finished` is signalled */
    bool *finished;
    int result;
};

struct tk_writer {
    GThread *thread;
    GMutex mutex;
    GCond work_came;
    GCond run_ended;
    GQueue queue; /* struct work * */
    bool stopping;
    struct tk_store_stats stats;
    struct tk_db *db; /* the thread's */
    struct tk_mailbox *mailbox;
};

static void carry_out(struct tk_writer *w, struct work *work)
{
    int r = tk_db_run(w->db, "SAVEPOINT job", "");
    if (r < 0) {
        work->result = r;
        return;
    }
    work->result = work->job(work->arg, w->db);
    /* a full disk may have ended the whole transaction already: then there is no savepoint */
    if (sqlite3_get_autocommit(tk_db_handle(w->db))) {
        work->result = work->result < 0 ? work->result : -EIO;
        return;
    }
    if (work->result < 0) {
        tk_db_run(w->db, "ROLLBACK TO job", "");
    }
    r = tk_db_run(w->db, "RELEASE job", "");
    if (r < 0 && work->result >= 0) {
        work->result = r;
    }
}

static void fail_all(GPtrArray *group, int error)
{
    for (guint i = 0; i < group->len; i++) {
        struct work *work = group->pdata[i];
        if (work->result >= 0) {
            work->result = error;
        }
    }
}

static void carry_out_group(struct tk_writer *w, GPtrArray *group)
{
    int r = tk_db_run(w->db, "BEGIN IMMEDIATE", "");
    if (r < 0) {
        fail_all(group, r);
        return;
    }
    for (guint i = 0; i < group->len; i++) {
        struct work *work = group->pdata[i];
        carry_out(w, work);
        if (sqlite3_get_autocommit(tk_db_handle(w->db))) {
            fail_all(group, work->result); /* what came before was undone with it */
            return;
        }
    }
    r = tk_db_run(w->db, "COMMIT", "");
    if (r < 0) {
        fail_all(group, r);
        if (!sqlite3_get_autocommit(tk_db_handle(w->db))) {
            tk_db_run(w->db, "ROLLBACK", "");
        }
    }
}

/* The mailbox first: whoever waited in tk_writer_run finds all earlier answers there. */
static void answer(struct tk_writer *w, GPtrArray *group, int64_t took_us)
{
    for (guint i = 0; i < group->len; i++) {
        struct work *work = group->pdata[i];
        if (work->done) {
            tk_mailbox_post(w->mailbox, work->done, work->arg, work->result);
        }
    }
    g_mutex_lock(&w->mutex);
    w->stats.transactions++;
    w->stats.commit_us += (uint64_t)took_us;
    for (guint i = 0; i < group->len; i++) {
        struct work *work = group->pdata[i];
        w->stats.jobs++;
        w->stats.failed += work->result < 0;
        if (work->waiting) {
            *work->waiting = work->result;
            *work->finished = true;
        }
    }
    g_cond_broadcast(&w->run_ended);
    g_mutex_unlock(&w->mutex);
}

/* Takes what waits, at most GROUP_MAX. False when the thread is to end. */
static bool take_group(struct tk_writer *w, GPtrArray *group)
{
    g_mutex_lock(&w->mutex);
    while (g_queue_is_empty(&w->queue) && !w->stopping) {
        g_cond_wait(&w->work_came, &w->mutex);
    }
    while (group->len < GROUP_MAX && !g_queue_is_empty(&w->queue)) {
        g_ptr_array_add(group, g_queue_pop_head(&w->queue));
    }
    g_mutex_unlock(&w->mutex);
    return group->len > 0;
}

static gpointer writer_main(gpointer ctx)
{
    struct tk_writer *w = ctx;
    GPtrArray *group = g_ptr_array_new_with_free_func(g_free);
    while (take_group(w, group)) {
        int64_t start_us = g_get_monotonic_time();
        carry_out_group(w, group);
        answer(w, group, g_get_monotonic_time() - start_us);
        g_ptr_array_set_size(group, 0);
    }
    g_ptr_array_free(group, TRUE);
    return NULL;
}

struct tk_writer *tk_writer_start(struct tk_db *db, struct tk_mailbox *mailbox)
{
    struct tk_writer *w = g_new0(struct tk_writer, 1);
    g_mutex_init(&w->mutex);
    g_cond_init(&w->work_came);
    g_cond_init(&w->run_ended);
    g_queue_init(&w->queue);
    w->db = db;
    w->mailbox = mailbox;
    w->thread = g_thread_new("store-writer", writer_main, w);
    return w;
}

void tk_writer_stop(struct tk_writer *w)
{
    if (!w) {
        return;
    }
    g_mutex_lock(&w->mutex);
    w->stopping = true;
    g_cond_signal(&w->work_came);
    g_mutex_unlock(&w->mutex);
    g_thread_join(w->thread);
    tk_db_close(w->db);
    g_cond_clear(&w->run_ended);
    g_cond_clear(&w->work_came);
    g_mutex_clear(&w->mutex);
    g_free(w);
}

/* The lock is held. */
static int enqueue(struct tk_writer *w, struct work work)
{
    if (w->queue.length >= TK_STORE_QUEUE_MAX || w->stopping) {
        w->stats.refused++;
        return -ENOSPC;
    }
    g_queue_push_tail(&w->queue, g_memdup2(&work, sizeof(work)));
    g_cond_signal(&w->work_came);
    return 0;
}

int tk_writer_submit(struct tk_writer *w, tk_store_job *job, void *arg, tk_store_done *done)
{
    g_mutex_lock(&w->mutex);
    int r = enqueue(w, (struct work){.job = job, .arg = arg, .done = done});
    g_mutex_unlock(&w->mutex);
    return r;
}

int tk_writer_run(struct tk_writer *w, tk_store_job *job, void *arg)
{
    int result = 0;
    bool finished = false;
    g_mutex_lock(&w->mutex);
    int r = enqueue(
        w, (struct work){.job = job, .arg = arg, .waiting = &result, .finished = &finished});
    while (r == 0 && !finished) {
        g_cond_wait(&w->run_ended, &w->mutex);
    }
    g_mutex_unlock(&w->mutex);
    return r < 0 ? r : result;
}

struct tk_store_stats tk_writer_stats(struct tk_writer *w)
{
    g_mutex_lock(&w->mutex);
    struct tk_store_stats stats = w->stats;
    stats.queued = w->queue.length;
    g_mutex_unlock(&w->mutex);
    return stats;
}
