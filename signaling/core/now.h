#ifndef TK_SIGNALING_CORE_NOW_H
#define TK_SIGNALING_CORE_NOW_H

/* The time, passed in by the caller: rules read no clock. */

#include <stdint.h>

struct tk_now {
    int64_t wall_ms; /* UTC since 1970: what is written down */
    int64_t mono_ms; /* CLOCK_MONOTONIC: spans and limits */
};

/* Reads both clocks; for programs, not for rules. */
struct tk_now tk_now_read(void);

#endif
