#include "streamer/wire/rtcp.h"

#include <string.h>

#define REPORT_BYTES 24

static void read_fixed_part(struct tk_rtcp *p)
{
    switch (p->type) {
    case TK_RTCP_SR:
        p->ssrc = tk_read_u32(&p->body);
        p->ntp = tk_read_u64(&p->body);
        p->rtp_ts = tk_read_u32(&p->body);
        p->packets = tk_read_u32(&p->body);
        p->octets = tk_read_u32(&p->body);
        break;
    case TK_RTCP_RR:
        p->ssrc = tk_read_u32(&p->body);
        break;
    case TK_RTCP_RTPFB:
    case TK_RTCP_PSFB:
        p->ssrc = tk_read_u32(&p->body);
        p->media = tk_read_u32(&p->body);
        break;
    default:
        break;
    }
}

bool tk_rtcp_next(struct tk_reader *r, struct tk_rtcp *ret)
{
    if (tk_reader_left(r) == 0) {
        return false;
    }
    *ret = (struct tk_rtcp){0};
    uint8_t first = tk_read_u8(r);
    ret->type = tk_read_u8(r);
    ret->count = first & 0x1f;
    size_t len = (size_t)tk_read_u16(r) * 4;
    ret->body = tk_read_block(r, len);
    if (r->failed || first >> 6 != 2) {
        r->failed = true;
        return false;
    }
    if (first & 0x20) {
        uint8_t padding = len ? ret->body.end[-1] : 0;
        if (padding == 0 || padding > len) {
            r->failed = true;
            return false;
        }
        ret->body.end -= padding;
    }
    read_fixed_part(ret);
    r->failed |= ret->body.failed;
    return !r->failed;
}

bool tk_rtcp_next_report(struct tk_rtcp *p, struct tk_rtcp_report *ret)
{
    if (p->count == 0 || tk_reader_left(&p->body) < REPORT_BYTES) {
        return false;
    }
    p->count--;
    ret->ssrc = tk_read_u32(&p->body);
    ret->lost_share = tk_read_u8(&p->body);
    uint32_t lost = tk_read_u24(&p->body);
    ret->lost = (int32_t)(lost & 0x800000 ? lost | 0xff000000 : lost);
    ret->highest = tk_read_u32(&p->body);
    ret->jitter = tk_read_u32(&p->body);
    ret->last_sr = tk_read_u32(&p->body);
    ret->delay_since_sr = tk_read_u32(&p->body);
    return true;
}

bool tk_rtcp_next_nack(struct tk_rtcp *p, uint16_t *ret_seq, uint16_t *ret_mask)
{
    if (tk_reader_left(&p->body) < 4) {
        return false;
    }
    *ret_seq = tk_read_u16(&p->body);
    *ret_mask = tk_read_u16(&p->body);
    return true;
}

bool tk_rtcp_next_fir(struct tk_rtcp *p, uint32_t *ret_ssrc, uint8_t *ret_number)
{
    if (tk_reader_left(&p->body) < 8) {
        return false;
    }
    *ret_ssrc = tk_read_u32(&p->body);
    *ret_number = tk_read_u8(&p->body);
    tk_read_u24(&p->body);
    return true;
}

bool tk_rtcp_next_bye(struct tk_rtcp *p, uint32_t *ret_ssrc)
{
    if (p->count == 0 || tk_reader_left(&p->body) < 4) {
        return false;
    }
    p->count--;
    *ret_ssrc = tk_read_u32(&p->body);
    return true;
}

static void write_header(struct tk_writer *w, size_t count, uint8_t type, size_t body_bytes)
{
    tk_write_u8(w, (uint8_t)(0x80 | count));
    tk_write_u8(w, type);
    tk_write_u16(w, (uint16_t)(body_bytes / 4));
}

void tk_rtcp_write_sr(struct tk_writer *w, uint32_t ssrc, uint64_t ntp, uint32_t rtp_ts,
                      uint32_t packets, uint32_t octets)
{
    write_header(w, 0, TK_RTCP_SR, 24);
    tk_write_u32(w, ssrc);
    tk_write_u64(w, ntp);
    tk_write_u32(w, rtp_ts);
    tk_write_u32(w, packets);
    tk_write_u32(w, octets);
}

void tk_rtcp_write_rr(struct tk_writer *w, uint32_t ssrc, const struct tk_rtcp_report *reports,
                      size_t count)
{
    write_header(w, count, TK_RTCP_RR, 4 + count * REPORT_BYTES);
    tk_write_u32(w, ssrc);
    for (size_t i = 0; i < count; i++) {
        tk_write_u32(w, reports[i].ssrc);
        tk_write_u8(w, reports[i].lost_share);
        tk_write_u24(w, (uint32_t)reports[i].lost & 0xffffff);
        tk_write_u32(w, reports[i].highest);
        tk_write_u32(w, reports[i].jitter);
        tk_write_u32(w, reports[i].last_sr);
        tk_write_u32(w, reports[i].delay_since_sr);
    }
}

void tk_rtcp_write_cname(struct tk_writer *w, uint32_t ssrc, const char *cname)
{
    size_t n = strlen(cname) & 0xff;
    size_t item = 4 + 2 + n;
    size_t padded = (item / 4 + 1) * 4; /* at least one end octet */
    write_header(w, 1, TK_RTCP_SDES, padded);
    tk_write_u32(w, ssrc);
    tk_write_u8(w, 1); /* CNAME */
    tk_write_u8(w, (uint8_t)n);
    tk_write_bytes(w, cname, n);
    for (size_t i = item; i < padded; i++) {
        tk_write_u8(w, 0);
    }
}

void tk_rtcp_write_bye(struct tk_writer *w, const uint32_t *ssrcs, size_t count)
{
    write_header(w, count, TK_RTCP_BYE, count * 4);
    for (size_t i = 0; i < count; i++) {
        tk_write_u32(w, ssrcs[i]);
    }
}

void tk_rtcp_write_pli(struct tk_writer *w, uint32_t sender, uint32_t media)
{
    write_header(w, TK_RTCP_FMT_PLI, TK_RTCP_PSFB, 8);
    tk_write_u32(w, sender);
    tk_write_u32(w, media);
}

void tk_rtcp_write_fir(struct tk_writer *w, uint32_t sender, uint32_t media, uint8_t number)
{
    write_header(w, TK_RTCP_FMT_FIR, TK_RTCP_PSFB, 16);
    tk_write_u32(w, sender);
    tk_write_u32(w, 0);
    tk_write_u32(w, media);
    tk_write_u8(w, number);
    tk_write_u24(w, 0);
}

void tk_rtcp_write_remb(struct tk_writer *w, uint32_t sender, uint32_t bps, const uint32_t *ssrcs,
                        size_t count)
{
    uint32_t exponent = 0;
    while (bps >> exponent > 0x3ffff) {
        exponent++;
    }
    write_header(w, TK_RTCP_FMT_APPLICATION, TK_RTCP_PSFB, 16 + count * 4);
    tk_write_u32(w, sender);
    tk_write_u32(w, 0);
    tk_write_bytes(w, "REMB", 4);
    tk_write_u8(w, (uint8_t)count);
    tk_write_u24(w, exponent << 18 | bps >> exponent);
    for (size_t i = 0; i < count; i++) {
        tk_write_u32(w, ssrcs[i]);
    }
}

void tk_rtcp_write_nack(struct tk_writer *w, uint32_t sender, uint32_t media, const uint16_t *seqs,
                        size_t count)
{
    uint16_t first[64], mask[64];
    size_t items = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t after = items ? (uint16_t)(seqs[i] - first[items - 1]) : 0;
        if (items && after >= 1 && after <= 16) {
            mask[items - 1] |= (uint16_t)(1 << (after - 1));
        } else if (items < 64) {
            first[items] = seqs[i];
            mask[items++] = 0;
        }
    }
    write_header(w, TK_RTCP_FMT_NACK, TK_RTCP_RTPFB, 8 + items * 4);
    tk_write_u32(w, sender);
    tk_write_u32(w, media);
    for (size_t i = 0; i < items; i++) {
        tk_write_u16(w, first[i]);
        tk_write_u16(w, mask[i]);
    }
}
