#ifndef TK_SIGNALING_CORE_RATE_H
#define TK_SIGNALING_CORE_RATE_H

/*
 * How often somebody may do something: a bucket of `burst` tokens that fills with `per_s` a
 * second, one for each key. One that is full again is forgotten. In memory, bounded. Loop thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define TK_RATE_KEYS_MAX 20000

struct tk_rate;

struct tk_rate *tk_rate_create(unsigned burst, unsigned per_s);
void tk_rate_destroy(struct tk_rate *rate);

/* Takes `cost` tokens; false when there are too few. */
bool tk_rate_take(struct tk_rate *rate, const char *key, unsigned cost, int64_t mono_ms);

#endif
