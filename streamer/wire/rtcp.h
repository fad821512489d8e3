#ifndef TK_STREAMER_WIRE_RTCP_H
#define TK_STREAMER_WIRE_RTCP_H

/*
 * RTCP: sender and receiver reports, SDES, BYE (RFC 3550), NACK, PLI, FIR (RFC 4585, 5104); other
 * packets are stepped over. Compound or reduced-size (RFC 5506). Any thread.
 */

#include "streamer/wire/bytes.h"

enum tk_rtcp_type {
    TK_RTCP_FIR_OLD = 192,
    TK_RTCP_SR = 200,
    TK_RTCP_RR = 201,
    TK_RTCP_SDES = 202,
    TK_RTCP_BYE = 203,
    TK_RTCP_RTPFB = 205,
    TK_RTCP_PSFB = 206,
};

#define TK_RTCP_FMT_NACK 1
#define TK_RTCP_FMT_TRANSPORT_CC 15
#define TK_RTCP_FMT_PLI 1
#define TK_RTCP_FMT_FIR 4
#define TK_RTCP_FMT_APPLICATION 15

struct tk_rtcp {
    uint8_t type, count; /* count: of reports or sources, or the feedback's format */
    uint32_t ssrc;       /* its sender */
    uint32_t media;      /* of feedback: whom it is about */
    uint64_t ntp;        /* of a sender report, with the two after */
    uint32_t rtp_ts, packets, octets;
    struct tk_reader body; /* what follows the fixed part, without padding */
};

struct tk_rtcp_report {
    uint32_t ssrc;
    uint8_t lost_share; /* of 256 */
    int32_t lost;
    uint32_t highest, jitter, last_sr, delay_since_sr;
};

/* Takes the next packet of `r`; false at the end or when the rest is broken (r->failed). */
bool tk_rtcp_next(struct tk_reader *r, struct tk_rtcp *ret);

bool tk_rtcp_next_report(struct tk_rtcp *p, struct tk_rtcp_report *ret); /* of SR and RR */
bool tk_rtcp_next_nack(struct tk_rtcp *p, uint16_t *ret_seq, uint16_t *ret_mask);
bool tk_rtcp_next_fir(struct tk_rtcp *p, uint32_t *ret_ssrc, uint8_t *ret_number);
bool tk_rtcp_next_bye(struct tk_rtcp *p, uint32_t *ret_ssrc); /* all, the first too */

void tk_rtcp_write_sr(struct tk_writer *w, uint32_t ssrc, uint64_t ntp, uint32_t rtp_ts,
                      uint32_t packets, uint32_t octets);
void tk_rtcp_write_rr(struct tk_writer *w, uint32_t ssrc, const struct tk_rtcp_report *reports,
                      size_t count);
void tk_rtcp_write_cname(struct tk_writer *w, uint32_t ssrc, const char *cname);
void tk_rtcp_write_bye(struct tk_writer *w, const uint32_t *ssrcs, size_t count);
void tk_rtcp_write_pli(struct tk_writer *w, uint32_t sender, uint32_t media);
void tk_rtcp_write_fir(struct tk_writer *w, uint32_t sender, uint32_t media, uint8_t number);
/* The receiver's estimate (draft-alvestrand-rmcat-remb): they may send `bps` in all. */
void tk_rtcp_write_remb(struct tk_writer *w, uint32_t sender, uint32_t bps, const uint32_t *ssrcs,
                        size_t count);
/* `seqs` in rising order. */
void tk_rtcp_write_nack(struct tk_writer *w, uint32_t sender, uint32_t media, const uint16_t *seqs,
                        size_t count);

#endif
