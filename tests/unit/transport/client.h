#ifndef TK_TESTS_UNIT_TRANSPORT_CLIENT_H
#define TK_TESTS_UNIT_TRANSPORT_CLIENT_H

/*
 * The other end for tests, made of other parts: a STUN client, plain OpenSSL with memory BIOs,
 * libsrtp. Time is virtual: OpenSSL's clock too (gettimeofday is replaced in the test program).
 */

#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_GCM "SRTP_AEAD_AES_128_GCM"
#define CLIENT_SHA1 "SRTP_AES128_CM_SHA1_80"

extern int64_t test_now_us;

struct client {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out;
    char fingerprint[256];
    bool done, is_server;
    srtp_t send, receive;
};

/* `digest`: of the fingerprint, "sha-256" and so on. */
void client_init(struct client *c, bool is_server, const char *profiles, const char *digest);
void client_finish(struct client *c);

/* Goes on with the handshake or reads what came. */
void client_advance(struct client *c);
void client_receive(struct client *c, const uint8_t *buf, size_t len);

/* The next record that it wants to send, 0: none. */
size_t client_take(struct client *c, uint8_t *buf, size_t cap);

void client_start_srtp(struct client *c);
srtp_t make_srtp(const char *profile, const uint8_t *master, bool outbound);

struct check {
    const char *username, *pwd;
    bool no_integrity, no_fingerprint, bad_fingerprint, use_candidate, controlled, no_priority;
    uint16_t unknown; /* an attribute of that type is added */
};

/* A binding request as told; returns its length. */
size_t make_check(uint8_t *buf, size_t cap, const struct check *check);

#endif
