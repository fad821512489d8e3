#ifndef TK_SIGNALING_WS_OUTBOX_H
#define TK_SIGNALING_WS_OUTBOX_H

/*
 * What waits to be written to one connection: bounded. Statistics give way, oldest first; when what
 * a page must know does not fit, the connection is to be closed (the page comes back and gets a
 * whole picture). No I/O.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_OUTBOX_MESSAGES_MAX 256
#define TK_OUTBOX_BYTES_MAX (1024 * 1024)

struct tk_outbox;

struct tk_outbox *tk_outbox_create(void);
void tk_outbox_destroy(struct tk_outbox *o);

/*
 * Queues a copy of `text`. 0; 1: statistics were dropped for it, or it was itself dropped; -ENOSPC:
 * it does not fit and may not be dropped.
 */
int tk_outbox_push(struct tk_outbox *o, const char *text, size_t len, bool droppable);

/* The oldest message, or NULL; TK_OUTBOX_ROOM bytes before it are writable. Then pop. */
uint8_t *tk_outbox_head(struct tk_outbox *o, size_t *ret_len);
void tk_outbox_pop(struct tk_outbox *o);

bool tk_outbox_is_empty(const struct tk_outbox *o);

/* Bytes in front of each message that the writer may use: libwebsockets' LWS_PRE. */
#define TK_OUTBOX_ROOM 64

#endif
