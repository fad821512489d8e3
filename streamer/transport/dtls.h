#ifndef TK_STREAMER_TRANSPORT_DTLS_H
#define TK_STREAMER_TRANSPORT_DTLS_H

/*
 * One DTLS 1.2 association (RFC 6347) that agrees on SRTP keys (RFC 5764), by OpenSSL. Give it only
 * what came from an address with a valid check (RFC 8842). Each record is looked at before OpenSSL
 * sees it: what could make it keep much, or let a stranger disturb it, is dropped. The worker's
 * thread. Has no clock but OpenSSL's own for retransmission, which is the machine's.
 */

#include "streamer/transport/drops.h"
#include "streamer/transport/srtp.h"

#define TK_DTLS_FINGERPRINT_TEXT 256
#define TK_DTLS_MTU 1200
#define TK_DTLS_DATAGRAMS_MAX 64 /* of a handshake */
#define TK_DTLS_MESSAGE_MAX 16384
#define TK_DTLS_MESSAGES_MAX 16  /* numbers of handshake messages */
#define TK_DTLS_FLIGHT_MAX 32768 /* bytes of all clear messages of a handshake */
#define TK_DTLS_HANDSHAKE_US 10000000

/* Certificate, key and algorithms: made once, shared by all associations, outlives them. */
struct tk_dtls_identity;

int tk_dtls_identity_create(struct tk_dtls_identity **ret);
void tk_dtls_identity_destroy(struct tk_dtls_identity *identity);
const char *tk_dtls_identity_fingerprint(const struct tk_dtls_identity *identity);
const struct tk_srtp_ciphers *tk_dtls_identity_ciphers(const struct tk_dtls_identity *identity);

struct tk_dtls;

enum tk_dtls_state {
    TK_DTLS_HANDSHAKE,
    TK_DTLS_DONE,
    TK_DTLS_CLOSED, /* by close_notify */
    TK_DTLS_FAILED,
};

/* Called with each datagram that is to be sent. */
typedef void (*tk_dtls_send_fn)(void *ctx, const uint8_t *buf, size_t len);

/* `fingerprint` as in SDP. -EINVAL: it cannot be read; -ENOMEM. */
int tk_dtls_create(struct tk_dtls_identity *identity, const char *fingerprint, bool active,
                   tk_dtls_send_fn send, void *ctx, struct tk_dtls **ret);
void tk_dtls_destroy(struct tk_dtls *dtls);

/* The path is there: the time of the handshake runs, and an active one sends its ClientHello. */
void tk_dtls_start(struct tk_dtls *dtls, int64_t now_us);

/* A datagram; drops are counted in `drops`. */
void tk_dtls_receive(struct tk_dtls *dtls, const uint8_t *buf, size_t len, int64_t now_us,
                     struct tk_drops *drops);

int64_t tk_dtls_next_deadline(const struct tk_dtls *dtls);
void tk_dtls_tick(struct tk_dtls *dtls, int64_t now_us);

/* Says close_notify. */
void tk_dtls_close(struct tk_dtls *dtls);

enum tk_dtls_state tk_dtls_state(const struct tk_dtls *dtls);
const char *tk_dtls_failure(const struct tk_dtls *dtls); /* of TK_DTLS_FAILED */

/* The keys after TK_DTLS_DONE: master key and salt for each direction. False: no common profile. */
bool tk_dtls_keys(const struct tk_dtls *dtls, enum tk_srtp_profile *ret_profile,
                  uint8_t ret_send[TK_SRTP_MASTER_MAX], uint8_t ret_receive[TK_SRTP_MASTER_MAX]);

#endif
