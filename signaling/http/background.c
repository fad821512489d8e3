/* Long reads for a reply: on one thread of their own, so that the loop never waits for them. */

#include <errno.h>

#include "signaling/http/request.h"

#define WAITING_MAX 8

struct job {
    struct tk_mailbox *mailbox;
    int (*work)(void *arg);
    void (*done)(void *arg, int result);
    void *arg;
};

static void run_job(gpointer data, gpointer ctx)
{
    struct job *job = data;
    tk_mailbox_post(job->mailbox, job->done, job->arg, job->work(job->arg));
    g_free(job);
}

GThreadPool *tk_http_pool_create(void)
{
    return g_thread_pool_new(run_job, NULL, 1, FALSE, NULL);
}

void tk_http_pool_destroy(GThreadPool *pool)
{
    g_thread_pool_free(pool, FALSE, TRUE);
}

int tk_http_background(struct tk_request *r, int (*work)(void *arg),
                       void (*done)(void *arg, int result), void *arg)
{
    GThreadPool *pool = tk_http_pool(r->state->http);
    if (g_thread_pool_unprocessed(pool) >= WAITING_MAX) {
        return -ENOSPC;
    }
    struct job *job = g_new0(struct job, 1);
    *job = (struct job){tk_store_mailbox(r->ctx->store), work, done, arg};
    return g_thread_pool_push(pool, job, NULL) ? 0 : -EAGAIN;
}

struct tk_db *tk_http_reader(struct tk_request *r)
{
    struct tk_problem problem;
    struct tk_db *db = NULL;
    int result = tk_store_open_reader(r->ctx->store, &db);
    if (result < 0) {
        tk_problem_from_errno(&problem, result);
        tk_http_reply_problem(r, &problem);
        return NULL;
    }
    return db;
}
