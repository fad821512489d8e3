#include "signaling/classroom/countdown.h"

void tk_countdown_start(struct tk_countdown *c, int64_t at_ms, int64_t seconds)
{
    c->started_ms = at_ms;
    c->ends_ms = at_ms + seconds * 1000;
}

bool tk_countdown_stop(struct tk_countdown *c)
{
    bool was = c->started_ms != 0;
    c->started_ms = c->ends_ms = 0;
    return was;
}

void tk_countdown_show_time(struct tk_countdown *c, int64_t at_ms)
{
    c->time_until_ms = at_ms + TK_TIME_SHOWN_MS;
}

bool tk_countdown_tick(struct tk_countdown *c, int64_t at_ms, int64_t *ret_next_ms)
{
    int64_t over_ms = c->ends_ms + TK_COUNTDOWN_OVER_MS;
    bool changed = false;
    if (c->started_ms != 0 && at_ms >= over_ms) {
        changed = tk_countdown_stop(c);
    } else if (c->started_ms != 0 && over_ms < *ret_next_ms) {
        *ret_next_ms = over_ms;
    }
    if (c->time_until_ms != 0 && at_ms >= c->time_until_ms) {
        c->time_until_ms = 0;
        changed = true;
    } else if (c->time_until_ms != 0 && c->time_until_ms < *ret_next_ms) {
        *ret_next_ms = c->time_until_ms;
    }
    return changed;
}
