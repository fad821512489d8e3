#ifndef TK_SIGNALING_CORE_LIMIT_H
#define TK_SIGNALING_CORE_LIMIT_H

/*
 * How often something may be guessed: after `free_attempts` failures a key has to wait
 * first_wait · 2^k, k = failures beyond the free ones, at most max_wait, since its last attempt. A
 * key is forgotten after 2 · max_wait without an attempt. In memory, bounded. Loop thread.
 */

#include <stdint.h>

#define TK_LIMIT_KEYS_MAX 20000

struct tk_limit;

struct tk_limit *tk_limit_create(int free_attempts, int64_t first_wait_ms, int64_t max_wait_ms);
void tk_limit_destroy(struct tk_limit *l);

/* 0: may try now; else so many milliseconds must pass. */
int64_t tk_limit_wait_ms(struct tk_limit *l, const char *key, int64_t mono_ms);

/* Counts an attempt as failed before its outcome is known, so that many at once do not slip by. */
void tk_limit_count(struct tk_limit *l, const char *key, int64_t mono_ms);

/* Takes one attempt back: it succeeded. */
void tk_limit_take_back(struct tk_limit *l, const char *key);

/* Forgets all attempts of the key. */
void tk_limit_forget(struct tk_limit *l, const char *key);

#endif
