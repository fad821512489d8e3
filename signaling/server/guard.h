#ifndef TK_SIGNALING_SERVER_GUARD_H
#define TK_SIGNALING_SERVER_GUARD_H

/* How many connections are open, in all and for each address (IPv6: each /64). Loop thread. */

#include <stdbool.h>
#include <stdint.h>

struct tk_guard;

struct tk_guard *tk_guard_create(int64_t per_address, int64_t in_all);
void tk_guard_destroy(struct tk_guard *g);

/* Whether one more may come; a refusal is counted. */
bool tk_guard_admits(struct tk_guard *g, const char *address);
void tk_guard_add(struct tk_guard *g, const char *address);
void tk_guard_remove(struct tk_guard *g, const char *address);

int64_t tk_guard_open(const struct tk_guard *g);
uint64_t tk_guard_refused(const struct tk_guard *g);

#endif
