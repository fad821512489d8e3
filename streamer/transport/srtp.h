#ifndef TK_STREAMER_TRANSPORT_SRTP_H
#define TK_STREAMER_TRANSPORT_SRTP_H

/*
 * SRTP and SRTCP of one direction (RFC 3711; AEAD_AES_128_GCM by RFC 7714, AES128_CM_HMAC_SHA1_80),
 * with OpenSSL's ciphers fetched once and a context kept for each direction. In place, no
 * allocation per packet. State for each SSRC is made only by an authentic packet, and bounded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SRTP_MAX_TAG 16
#define TK_SRTCP_MAX_OVERHEAD 20 /* tag and index */
#define TK_SRTP_MASTER_MAX 30    /* key and salt */

/* IANA's numbers, as use_srtp has them. */
enum tk_srtp_profile {
    TK_SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001,
    TK_SRTP_AEAD_AES_128_GCM = 0x0007,
};

struct tk_srtp_ciphers; /* fetched algorithms; many sessions share them */
struct tk_srtp;
struct tk_srtp_keys;

/* NULL: OpenSSL has none of it. */
struct tk_srtp_ciphers *tk_srtp_ciphers_create(void);
void tk_srtp_ciphers_destroy(struct tk_srtp_ciphers *ciphers);

size_t tk_srtp_key_len(enum tk_srtp_profile profile);  /* 16 */
size_t tk_srtp_salt_len(enum tk_srtp_profile profile); /* 14, 12 */

/* `master`: key, then salt. `max_ssrcs` for RTP and the same for RTCP. NULL: no memory. */
struct tk_srtp *tk_srtp_create(const struct tk_srtp_ciphers *ciphers, enum tk_srtp_profile profile,
                               const uint8_t *master, size_t max_ssrcs);
void tk_srtp_destroy(struct tk_srtp *srtp);

/* The same from session keys. */
struct tk_srtp *tk_srtp_create_from(const struct tk_srtp_ciphers *ciphers,
                                    enum tk_srtp_profile profile, const struct tk_srtp_keys *rtp,
                                    const struct tk_srtp_keys *rtcp, size_t max_ssrcs);

size_t tk_srtp_tag_len(const struct tk_srtp *srtp);

/*
 * Protect in place; the buffer has room for the tag. 0; -EBADMSG: not RTP; -EALREADY: sent already,
 * or too old to know; -ENOSPC: too many SSRCs.
 */
int tk_srtp_protect(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len);

/* The same bytes once more: the caller swears it. */
int tk_srtp_protect_again(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len);

/* Room for TK_SRTCP_MAX_OVERHEAD more. */
int tk_srtp_protect_rtcp(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len);

/* 0; -EBADMSG malformed; -EPERM not authentic; -EALREADY a replay; -ENOSPC too many SSRCs. */
int tk_srtp_unprotect(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len);
int tk_srtp_unprotect_rtcp(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len);

#endif
