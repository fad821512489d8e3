#include "streamer/flow/history.h"

#include <stdlib.h>

struct tk_history {
    size_t mask;
    int64_t newest;
    struct tk_packet ring[];
};

struct tk_history *tk_history_create(size_t capacity)
{
    /* calloc: pages of a ring that is never filled are never touched. */
    struct tk_history *h = calloc(1, sizeof(*h) + capacity * sizeof(h->ring[0]));
    if (h) {
        h->mask = capacity - 1;
        h->newest = -1;
    }
    return h;
}

void tk_history_destroy(struct tk_history *h)
{
    free(h);
}

void tk_history_clear(struct tk_history *h)
{
    for (size_t i = 0; i <= h->mask; i++) {
        h->ring[i].seq = 0;
    }
    h->newest = -1;
}

int64_t tk_history_extend(const struct tk_history *h, uint16_t seq)
{
    if (h->newest < 0) {
        return 0x10000 + (int64_t)seq;
    }
    return h->newest + (int16_t)(uint16_t)(seq - (uint16_t)h->newest);
}

struct tk_packet *tk_history_add(struct tk_history *h, int64_t seq)
{
    struct tk_packet *p = &h->ring[(size_t)seq & h->mask];
    if (seq <= 0 || p->seq >= seq ||
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
    return p->seq == seq && seq > 0 ? p : NULL;
}

int64_t tk_history_newest(const struct tk_history *h)
{
    return h->newest;
}
