#ifndef TK_SIGNALING_STORE_WRITER_H
#define TK_SIGNALING_STORE_WRITER_H

/*
 * The one thread that writes. What waits is carried out in one transaction, a savepoint each; the
 * answers go to the mailbox after COMMIT. Owns its connection.
 */

#include "signaling/store/store.h"

struct tk_writer;

/* Takes `db` over. */
struct tk_writer *tk_writer_start(struct tk_db *db, struct tk_mailbox *mailbox);

/* Carries out what is queued and ends the thread. */
void tk_writer_stop(struct tk_writer *w);

int tk_writer_submit(struct tk_writer *w, tk_store_job *job, void *arg, tk_store_done *done);
int tk_writer_run(struct tk_writer *w, tk_store_job *job, void *arg);
struct tk_store_stats tk_writer_stats(struct tk_writer *w);

#endif
