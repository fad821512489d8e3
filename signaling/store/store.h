#ifndef TK_SIGNALING_STORE_STORE_H
#define TK_SIGNALING_STORE_STORE_H

/*
 * The database: one file, opened, migrated, written by one thread in grouped transactions. Rows in,
 * rows out: no rules, no log. The loop thread owns this object; only the wake callback comes from
 * other threads. Queries are in query.h, the rows of each area in *_rows.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signaling/store/mailbox.h"
#include "signaling/store/query.h"

struct tk_store;

/* A job waits in memory for the writer; more than so many are refused with -ENOSPC. */
#define TK_STORE_QUEUE_MAX 8192

/* The newest `user_version` that this program knows. */
int tk_store_version(void);

/*
 * Opens or creates `path`, checks its version, migrates it, starts the writer. 0; -EPROTO: made by
 * a newer program; -EBADMSG: no database or damaged; other -errno. `err` gets one line for a
 * person.
 */
int tk_store_open(struct tk_store **ret, const char *path, char *err, size_t err_cap);

/* Carries out what is queued, then closes. `done` callbacks still due are called. NULL is fine. */
void tk_store_close(struct tk_store *store);

/*
 * A piece of writing: runs on the writer thread inside a savepoint and may be run with others in
 * one transaction. 0 or more: keep; -errno: its changes are undone, the others' stay.
 */
typedef int tk_store_job(void *arg, struct tk_db *db);

/* Called by tk_store_dispatch after COMMIT (or the job's failure) with the job's result. */
typedef void tk_store_done(void *arg, int result);

/*
 * Queues a job; `arg` belongs to it until `done` (may be NULL) is called, which happens exactly
 * once when this returned 0. -ENOSPC: the queue is full, nothing will be called. Loop thread.
 */
int tk_store_submit(struct tk_store *store, tk_store_job *job, void *arg, tk_store_done *done);

/* The same, waiting for the COMMIT: for start-up and the command line, never within the loop. */
int tk_store_run(struct tk_store *store, tk_store_job *job, void *arg);

/* `wake` is called from other threads when tk_store_dispatch has something to do. */
void tk_store_set_wake(struct tk_store *store, void (*wake)(void *ctx), void *ctx);

/* Calls what is finished (also what other threads posted to the mailbox). Loop thread. */
void tk_store_dispatch(struct tk_store *store);

/* Waits at most `timeout_ms` for something, then dispatches: the loop of a program without one. */
void tk_store_wait(struct tk_store *store, int timeout_ms);

/* The loop's own connection for short reads; sees everything whose `done` was called. */
struct tk_db *tk_store_reader(struct tk_store *store);

/* A further reading connection for another thread (reports); the caller closes it (query.h). */
int tk_store_open_reader(struct tk_store *store, struct tk_db **ret);

/* Where other threads of the program leave word for the loop. */
struct tk_mailbox *tk_store_mailbox(struct tk_store *store);

/* Writes and commits a row of `health`, then `done(arg, 0)`: for /healthz. As tk_store_submit. */
int tk_store_probe(struct tk_store *store, void *arg, tk_store_done *done);

struct tk_store_stats {
    uint64_t jobs;         /* carried out */
    uint64_t failed;       /* of these, undone */
    uint64_t refused;      /* queue full */
    uint64_t transactions; /* jobs / transactions is the grouping */
    uint64_t commit_us;    /* all commits together */
    uint32_t queued;       /* now */
};

struct tk_store_stats tk_store_stats(struct tk_store *store);

#endif
