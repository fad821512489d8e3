#include "streamer/transport/replay.h"

#include <string.h>

void tk_replay_init(struct tk_replay *r, uint32_t ssrc, uint64_t index)
{
    memset(r, 0, sizeof(*r));
    r->ssrc = ssrc;
    r->highest = index;
}

bool tk_replay_is_seen(const struct tk_replay *r, uint64_t index)
{
    if (index > r->highest) {
        return false;
    }
    if (r->highest - index >= TK_REPLAY_WINDOW) {
        return true;
    }
    return r->seen[index % TK_REPLAY_WINDOW / 64] >> index % 64 & 1;
}

void tk_replay_mark(struct tk_replay *r, uint64_t index)
{
    if (index > r->highest + TK_REPLAY_WINDOW) {
        memset(r->seen, 0, sizeof(r->seen));
        r->highest = index;
    }
    while (r->highest < index) {
        r->highest++;
        r->seen[r->highest % TK_REPLAY_WINDOW / 64] &= ~((uint64_t)1 << r->highest % 64);
    }
    r->seen[index % TK_REPLAY_WINDOW / 64] |= (uint64_t)1 << index % 64;
}

uint64_t tk_replay_guess(const struct tk_replay *r, uint16_t seq)
{
    if (!r) {
        return seq;
    }
    int16_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)r->highest);
    if (ahead < 0 && (uint64_t)-ahead > r->highest) {
        return seq; /* before the first there is nothing: a leap forward */
    }
    return r->highest + (uint64_t)(int64_t)ahead;
}
