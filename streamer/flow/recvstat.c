#include "streamer/flow/recvstat.h"

#include <string.h>

#define JUMP_MAX 1000 /* a larger gap is another stream, not a loss */
#define LATE_US 15000
#define AGAIN_MIN_MS 40
#define ASKS_MAX 8
#define GIVE_UP_US 1000000

void tk_recvstat_init(struct tk_recvstat *rs, uint32_t hz)
{
    memset(rs, 0, sizeof(*rs));
    rs->hz = hz;
}

static void begin(struct tk_recvstat *rs, uint16_t seq)
{
    uint32_t hz = rs->hz;
    uint32_t last_sr = rs->last_sr;
    int64_t last_sr_us = rs->last_sr_us;
    tk_recvstat_init(rs, hz);
    rs->last_sr = last_sr;
    rs->last_sr_us = last_sr_us;
    rs->started = true;
    rs->base = 0x10000 + (int64_t)seq;
    rs->newest = rs->base - 1;
}

static void drop_missing(struct tk_recvstat *rs, size_t i)
{
    rs->missing_count--;
    memmove(&rs->missing[i], &rs->missing[i + 1], (rs->missing_count - i) * sizeof(rs->missing[0]));
}

static void note_missing(struct tk_recvstat *rs, int64_t from, int64_t to, int64_t now_us)
{
    from = to - from > TK_RECVSTAT_MISSING ? to - TK_RECVSTAT_MISSING : from;
    size_t sum = rs->missing_count + (size_t)(to - from);
    if (sum > TK_RECVSTAT_MISSING) { /* the oldest go, at one stroke: who sends gaps costs little */
        size_t over = sum - TK_RECVSTAT_MISSING;
        rs->missing_count -= over;
        memmove(rs->missing, &rs->missing[over], rs->missing_count * sizeof(rs->missing[0]));
    }
    for (int64_t seq = from; seq < to; seq++) {
        rs->missing[rs->missing_count++] =
            (struct tk_recvstat_missing){.seq = seq, .noticed_us = now_us};
    }
}

static bool found(struct tk_recvstat *rs, int64_t seq)
{
    for (size_t i = 0; i < rs->missing_count; i++) {
        if (rs->missing[i].seq == seq) {
            drop_missing(rs, i);
            return true;
        }
    }
    return false;
}

static void update_jitter(struct tk_recvstat *rs, uint32_t ts, int64_t now_us)
{
    uint32_t arrival = (uint32_t)(now_us * rs->hz / 1000000);
    uint32_t transit = arrival - ts;
    int32_t d = (int32_t)(transit - rs->transit);
    uint32_t change = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;
    rs->transit = transit;
    if (rs->received > 1 && change < rs->hz * 10) {
        rs->jitter_16 += change - ((rs->jitter_16 + 8) >> 4);
    }
}

static int64_t extend(const struct tk_recvstat *rs, uint16_t seq)
{
    return rs->newest + (int16_t)(uint16_t)(seq - (uint16_t)rs->newest);
}

void tk_recvstat_on_packet(struct tk_recvstat *rs, uint16_t seq, uint32_t ts, int64_t now_us)
{
    if (!rs->started) {
        begin(rs, seq);
    }
    int64_t full = extend(rs, seq);
    if (full > rs->newest + JUMP_MAX || full < rs->newest - JUMP_MAX) {
        begin(rs, seq);
        full = rs->base;
    }
    rs->received++;
    if (full > rs->newest) {
        note_missing(rs, rs->newest + 1, full, now_us);
        rs->newest = full;
        update_jitter(rs, ts, now_us);
    } else {
        found(rs, full);
    }
}

void tk_recvstat_on_repair(struct tk_recvstat *rs, uint16_t seq)
{
    if (rs->started && found(rs, extend(rs, seq))) {
        rs->received++;
    }
}

void tk_recvstat_on_sr(struct tk_recvstat *rs, uint64_t ntp, int64_t now_us)
{
    rs->last_sr = (uint32_t)(ntp >> 16);
    rs->last_sr_us = now_us;
}

void tk_recvstat_report(struct tk_recvstat *rs, int64_t now_us, struct tk_rtcp_report *ret)
{
    int64_t expected = rs->started ? rs->newest - rs->base + 1 : 0;
    int64_t lost = expected - rs->received;
    int64_t span = expected - rs->expected_before;
    int64_t span_lost = span - (rs->received - rs->received_before);
    rs->expected_before = expected;
    rs->received_before = rs->received;
    int64_t share = span > 0 && span_lost > 0 ? span_lost * 256 / span : 0;
    lost = lost > 0x7fffff ? 0x7fffff : lost < -0x800000 ? -0x800000 : lost;
    int64_t since_us = now_us - rs->last_sr_us;
    *ret = (struct tk_rtcp_report){
        .lost_share = (uint8_t)(share > 255 ? 255 : share),
        .lost = (int32_t)lost,
        .highest = (uint32_t)(rs->newest - 0x10000),
        .jitter = rs->jitter_16 >> 4,
        .last_sr = rs->last_sr,
        .delay_since_sr = rs->last_sr ? (uint32_t)(since_us * 65536 / 1000000) : 0,
    };
}

static bool is_due(const struct tk_recvstat *rs, const struct tk_recvstat_missing *m, int rtt_ms,
                   int64_t now_us)
{
    if (m->asked == 0) {
        return rs->newest - m->seq >= TK_RECVSTAT_REORDER || now_us - m->noticed_us >= LATE_US;
    }
    int again_ms = rtt_ms > AGAIN_MIN_MS ? rtt_ms : AGAIN_MIN_MS;
    return now_us - m->asked_us >= (int64_t)again_ms * 1000;
}

size_t tk_recvstat_nacks(struct tk_recvstat *rs, int rtt_ms, int64_t now_us, uint16_t *seqs,
                         size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < rs->missing_count && n < cap;) {
        struct tk_recvstat_missing *m = &rs->missing[i];
        if (now_us - m->noticed_us > GIVE_UP_US || m->asked >= ASKS_MAX) {
            drop_missing(rs, i);
            continue;
        }
        if (is_due(rs, m, rtt_ms, now_us)) {
            m->asked++;
            m->asked_us = now_us;
            seqs[n++] = (uint16_t)m->seq;
        }
        i++;
    }
    return n;
}
