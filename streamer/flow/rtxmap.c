#include "streamer/flow/rtxmap.h"

#include <string.h>

#define RESENDS_MAX 3
#define QUIET_MIN_MS 40
#define BUDGET_START 60000 /* a burst lost right after joining */
#define BUDGET_MAX 200000

void tk_rtxmap_clear(struct tk_rtxmap *m)
{
    memset(m->ring, 0, sizeof(m->ring));
    m->budget_bytes = BUDGET_START;
}

void tk_rtxmap_sent(struct tk_rtxmap *m, uint16_t out_seq, int64_t in_seq, uint32_t out_ts,
                    size_t bytes, int64_t now_us)
{
    m->ring[out_seq & (TK_RTXMAP_SIZE - 1)] = (struct tk_rtxmap_entry){
        .in_seq = in_seq,
        .out_ts = out_ts,
        .sent_ms = (uint32_t)(now_us / 1000),
        .out_seq = out_seq,
    };
    m->budget_bytes += (int64_t)bytes * 15 / 100;
    if (m->budget_bytes > BUDGET_MAX) {
        m->budget_bytes = BUDGET_MAX;
    }
}

const struct tk_rtxmap_entry *tk_rtxmap_resend(struct tk_rtxmap *m, uint16_t out_seq, int rtt_ms,
                                               int64_t now_us)
{
    struct tk_rtxmap_entry *e = &m->ring[out_seq & (TK_RTXMAP_SIZE - 1)];
    uint32_t now_ms = (uint32_t)(now_us / 1000);
    uint32_t quiet_ms = rtt_ms > QUIET_MIN_MS ? (uint32_t)rtt_ms : QUIET_MIN_MS;
    if (!e->in_seq || e->out_seq != out_seq || e->resends >= RESENDS_MAX || m->budget_bytes <= 0) {
        return NULL;
    }
    /* The first request is always for a lost packet; later ones may cross with the resend. */
    if (e->resends && now_ms - e->sent_ms < quiet_ms) {
        return NULL;
    }
    e->resends++;
    e->sent_ms = now_ms;
    return e;
}

void tk_rtxmap_spent(struct tk_rtxmap *m, size_t bytes)
{
    m->budget_bytes -= (int64_t)bytes;
}
