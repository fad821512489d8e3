#ifndef TK_SIGNALING_STORE_MAILBOX_H
#define TK_SIGNALING_STORE_MAILBOX_H

/*
 * The one bridge from other threads to the loop: they post a call, the loop makes it. Posting never
 * fails for want of room: who posts holds a bounded queue of work of its own.
 */

#include <stdbool.h>

struct tk_mailbox;

struct tk_mailbox *tk_mailbox_create(void);
void tk_mailbox_destroy(struct tk_mailbox *m);

/* `wake` is called by the posting thread when the box was empty before. */
void tk_mailbox_set_wake(struct tk_mailbox *m, void (*wake)(void *ctx), void *ctx);

/* Any thread. */
void tk_mailbox_post(struct tk_mailbox *m, void (*call)(void *arg, int result), void *arg,
                     int result);

/* Makes the calls, in order. Loop thread. Whether there was any. */
bool tk_mailbox_dispatch(struct tk_mailbox *m);

/* Waits at most `timeout_ms` until there is a call to make. Loop thread. */
void tk_mailbox_wait(struct tk_mailbox *m, int timeout_ms);

#endif
