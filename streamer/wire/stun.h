#ifndef TK_STREAMER_WIRE_STUN_H
#define TK_STREAMER_WIRE_STUN_H

/*
 * STUN messages (RFC 8489) with the attributes of ICE (RFC 8445 §16.1): read, and written. The
 * HMAC of MESSAGE-INTEGRITY is the caller's; this says over which bytes. Any thread.
 */

#include "streamer/wire/bytes.h"

#define TK_STUN_HEADER_LEN 20
#define TK_STUN_TRANSACTION_LEN 12
#define TK_STUN_INTEGRITY_LEN 20
#define TK_STUN_MESSAGE_MAX 1280 /* what we read; requests of ICE have about 100 bytes */
#define TK_STUN_UNKNOWN_MAX 8    /* of the unknown attributes of a request, that many are told */

#define TK_STUN_METHOD_BINDING 0x001

enum tk_stun_class {
    TK_STUN_REQUEST,
    TK_STUN_INDICATION,
    TK_STUN_SUCCESS,
    TK_STUN_ERROR,
};

enum tk_stun_attribute {
    TK_STUN_USERNAME = 0x0006,
    TK_STUN_MESSAGE_INTEGRITY = 0x0008,
    TK_STUN_ERROR_CODE = 0x0009,
    TK_STUN_UNKNOWN_ATTRIBUTES = 0x000a,
    TK_STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
    TK_STUN_XOR_MAPPED_ADDRESS = 0x0020,
    TK_STUN_PRIORITY = 0x0024,
    TK_STUN_USE_CANDIDATE = 0x0025,
    TK_STUN_FINGERPRINT = 0x8028,
    TK_STUN_ICE_CONTROLLED = 0x8029,
    TK_STUN_ICE_CONTROLLING = 0x802a,
};

struct tk_stun {
    enum tk_stun_class class;
    uint16_t method;
    const uint8_t *transaction;
    const uint8_t *username; /* NULL: none */
    size_t username_len;
    const uint8_t *integrity; /* the HMAC, NULL: none; what comes after it was not looked at */
    size_t integrity_at;      /* where its attribute begins */
    bool use_candidate, controlling, controlled, has_priority;
    uint32_t priority;
    uint16_t unknown[TK_STUN_UNKNOWN_MAX]; /* those that must be understood */
    size_t unknown_count;
};

/*
 * 0; -EBADMSG for what isn't STUN, lies about its lengths, or lacks a right FINGERPRINT, which ICE
 * wants in each message (RFC 8445 §7.1). Points into `buf`.
 */
int tk_stun_parse(struct tk_stun *stun, const uint8_t *buf, size_t len);

/* The length field over which MESSAGE-INTEGRITY is counted: it ends with that attribute. */
uint16_t tk_stun_integrity_length(const struct tk_stun *stun);

/* Starts an answer to `request`. */
void tk_stun_write_header(struct tk_writer *w, enum tk_stun_class class,
                          const struct tk_stun *request);
/* `ip` has 4 or 16 bytes. */
void tk_stun_write_mapped(struct tk_writer *w, const uint8_t *ip, size_t ip_len, uint16_t port);
void tk_stun_write_error(struct tk_writer *w, int code);
void tk_stun_write_unknown(struct tk_writer *w, const struct tk_stun *request);

/*
 * Room for the HMAC over all that was written before its attribute (`ret_covered` bytes from the
 * start, the length field being right already); NULL if there is none.
 */
uint8_t *tk_stun_write_integrity(struct tk_writer *w, size_t *ret_covered);

/* Ends the message. */
void tk_stun_write_fingerprint(struct tk_writer *w);

#endif
