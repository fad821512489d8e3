#ifndef TK_SIGNALING_CLASSROOM_COUNTDOWN_H
#define TK_SIGNALING_CLASSROOM_COUNTDOWN_H

/*
 * The time that the rooms are shown: what is left of the lesson, for a moment, and a countdown, one
 * at a time. State and now in, decisions out.
 */

#include <stdbool.h>
#include <stdint.h>

#define TK_COUNTDOWN_MIN_S 5
#define TK_COUNTDOWN_MAX_S 3600
#define TK_COUNTDOWN_OVER_MS 10000 /* it is shown so long that it is over */
#define TK_TIME_SHOWN_MS 15000

/* Zeroed is the beginning. */
struct tk_countdown {
    int64_t started_ms; /* 0: none */
    int64_t ends_ms;
    int64_t time_until_ms; /* 0: the time left is not shown */
};

void tk_countdown_start(struct tk_countdown *c, int64_t at_ms, int64_t seconds);
bool tk_countdown_stop(struct tk_countdown *c); /* whether there was one */
void tk_countdown_show_time(struct tk_countdown *c, int64_t at_ms);
/* `ret_next_ms` as in floor.h. */
bool tk_countdown_tick(struct tk_countdown *c, int64_t at_ms, int64_t *ret_next_ms);

#endif
