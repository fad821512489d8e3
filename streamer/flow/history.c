#include "streamer/flow/history.h"

#include <stdlib.h>

#define TURN 0x10000 /* of the sequence number */

struct tk_history {
    size_t mask;
    int64_t newest;
    int64_t first; /* numbers are above; what is in the ring below was cleared */
    struct tk_packet ring[];
};

struct tk_history *tk_history_create(size_t capacity)
{
    /* calloc: pages of a ring that is never filled are never touched. */
    struct tk_history *h = calloc(1, sizeof(*h) + capacity * sizeof(h->ring[0]));
    if (h) {
        h->mask = capacity - 1;
        h->newest = -1;
        h->first = TURN / 2;
    }
    return h;
}

void tk_history_destroy(struct tk_history *h)
{
    free(h);
}

void tk_history_clear(struct tk_history *h)
{
    /* as cheap as a packet: a sender may make us begin anew with each one */
    if (h->newest >= 0) {
        h->first = h->newest - h->newest % TURN + TURN + TURN / 2;
        h->newest = -1;
    }
}

int64_t tk_history_extend(const struct tk_history *h, uint16_t seq)
{
    if (h->newest < 0) {
        return h->first + TURN / 2 + (int64_t)seq;
    }
    return h->newest + (int16_t)(uint16_t)(seq - (uint16_t)h->newest);
}

struct tk_packet *tk_history_add(struct tk_history *h, int64_t seq)
{
    struct tk_packet *p = &h->ring[(size_t)seq & h->mask];
    if (seq < h->first || p->seq >= seq ||
        (h->newest >= 0 && seq <= h->newest - (int64_t)(h->mask + 1))) {
        return NULL;
    }
    p->seq = seq;
    if (seq > h->newest) {
        h->newest = seq;
    }
    return p;
}

const struct tk_packet *tk_history_get(const struct tk_history *h, int64_t seq)
{
    const struct tk_packet *p = &h->ring[(size_t)seq & h->mask];
    return p->seq == seq && seq >= h->first ? p : NULL;
}

int64_t tk_history_newest(const struct tk_history *h)
{
    return h->newest;
}
