#ifndef TK_STREAMER_CONTROL_CONTROL_H
#define TK_STREAMER_CONTROL_CONTROL_H

/*
 * The streamer's end of the seam: carries out tongke's commands on the sfu and the pipelines, joins
 * these two, and reports events. What is malformed, unknown or cannot be done is answered by an
 * `error` event, never by a crash. The worker's thread.
 *
 *   greeting ──hello──▶ ready ──stop, end of the socket, too much unread──▶ ended
 */

#include "streamer/pipes/pipes.h"
#include "streamer/transport/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct tk_control;

/* Takes the non-blocking SEQPACKET socket `fd`, which stays the caller's. NULL: out of memory. */
struct tk_control *tk_control_create(int fd);

/* Ends every session and pipeline and closes the port. NULL does nothing. */
void tk_control_destroy(struct tk_control *c);

/* Reads and carries out what is there, at most a bounded number of messages. */
void tk_control_read(struct tk_control *c, int64_t now_us);

/* Carries out one datagram as if it had been read. */
void tk_control_take(struct tk_control *c, const void *buf, size_t len, int64_t now_us);

/* Events wait until the socket takes more: call tk_control_write then. */
bool tk_control_is_full(const struct tk_control *c);
void tk_control_write(struct tk_control *c);

/* After each batch of events. Returns the next deadline, INT64_MAX for none. */
int64_t tk_control_on_time(struct tk_control *c, int64_t now_us);

bool tk_control_has_ended(const struct tk_control *c);

/* NULL before hello: then they are the worker's to watch. */
struct tk_transport *tk_control_transport(const struct tk_control *c);
struct tk_pipes *tk_control_pipes(const struct tk_control *c);

#endif
