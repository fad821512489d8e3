#include "tests/unit/transport/client.h"

#include "streamer/transport/fingerprint.h"
#include "streamer/wire/bytes.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/srtp.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#define FINGERPRINT_CAP 256

int64_t test_now_us = 1000000000;

/* Stands in front of the C library's, for libssl too. */
int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    tv->tv_sec = test_now_us / 1000000;
    tv->tv_usec = test_now_us % 1000000;
    return 0;
}

static int accept_any(X509_STORE_CTX *store, void *arg)
{
    return 1;
}

static void print_fingerprint(char *out, X509 *cert, const char *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const EVP_MD *md = EVP_sha256();
    md = strcmp(digest, "sha-384") == 0 ? EVP_sha384() : md;
    md = strcmp(digest, "sha-512") == 0 ? EVP_sha512() : md;
    X509_digest(cert, md, bytes, &n);
    size_t used = (size_t)snprintf(out, FINGERPRINT_CAP, "%s ", digest);
    for (unsigned i = 0; i < n; i++) {
        used +=
            (size_t)snprintf(out + used, FINGERPRINT_CAP - used, i ? ":%02x" : "%02x", bytes[i]);
    }
}

void client_init(struct client *c, bool is_server, const char *profiles, const char *digest)
{
    memset(c, 0, sizeof(*c));
    c->is_server = is_server;
    c->ctx = SSL_CTX_new(DTLS_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, EVP_sha256());
    SSL_CTX_use_certificate(c->ctx, cert);
    SSL_CTX_use_PrivateKey(c->ctx, key);
    print_fingerprint(c->fingerprint, cert, digest);
    EVP_PKEY_free(key);
    X509_free(cert);
    SSL_CTX_set_cert_verify_callback(c->ctx, accept_any, NULL);
    SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_options(c->ctx, SSL_OP_NO_QUERY_MTU);
    if (profiles) {
        SSL_CTX_set_tlsext_use_srtp(c->ctx, profiles);
    }
    c->ssl = SSL_new(c->ctx);
    c->in = BIO_new(BIO_s_mem());
    c->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(c->in, -1);
    SSL_set_bio(c->ssl, c->in, c->out);
    SSL_set_mtu(c->ssl, 1200);
    if (is_server) {
        SSL_set_accept_state(c->ssl);
    } else {
        SSL_set_connect_state(c->ssl);
    }
}

void client_finish(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    if (c->send) {
        srtp_dealloc(c->send);
        srtp_dealloc(c->receive);
    }
}

void client_advance(struct client *c)
{
    uint8_t ignored[64];
    if (!c->done) {
        DTLSv1_handle_timeout(c->ssl);
        c->done = SSL_do_handshake(c->ssl) == 1;
    } else {
        SSL_read(c->ssl, ignored, sizeof(ignored));
    }
    ERR_clear_error();
}

void client_receive(struct client *c, const uint8_t *buf, size_t len)
{
    BIO_write(c->in, buf, (int)len);
    client_advance(c);
}

size_t client_take(struct client *c, uint8_t *buf, size_t cap)
{
    if (BIO_pending(c->out) < 13) {
        return 0;
    }
    int n = BIO_read(c->out, buf, 13);
    int len = buf[11] << 8 | buf[12];
    assert(n == 13 && (size_t)len + 13 <= cap);
    n = BIO_read(c->out, buf + 13, len);
    assert(n == len);
    return (size_t)len + 13;
}

srtp_t make_srtp(const char *profile, const uint8_t *master, bool outbound)
{
    static bool started;
    if (!started) {
        srtp_init();
        started = true;
    }
    srtp_policy_t p = {.key = (unsigned char *)(uintptr_t)master, .window_size = 1024};
    p.ssrc.type = outbound ? ssrc_any_outbound : ssrc_any_inbound;
    p.allow_repeat_tx = 1;
    if (strcmp(profile, CLIENT_GCM) == 0) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p.rtcp);
    }
    srtp_t s = NULL;
    srtp_err_status_t r = srtp_create(&s, &p);
    assert(r == srtp_err_status_ok);
    return s;
}

void client_start_srtp(struct client *c)
{
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(c->ssl);
    uint8_t m[60], client[30], server[30];
    size_t salt = profile->id == 7 ? 12 : 14;
    int ok = SSL_export_keying_material(c->ssl, m, 2 * (16 + salt), "EXTRACTOR-dtls_srtp", 19, NULL,
                                        0, 0);
    assert(ok == 1);
    memcpy(client, m, 16);
    memcpy(server, m + 16, 16);
    memcpy(client + 16, m + 32, salt);
    memcpy(server + 16, m + 32 + salt, salt);
    c->send = make_srtp(profile->name, c->is_server ? server : client, true);
    c->receive = make_srtp(profile->name, c->is_server ? client : server, false);
}

static void attribute(struct tk_writer *w, uint16_t type, const void *value, size_t len)
{
    static const uint8_t zeros[4];
    tk_write_u16(w, type);
    tk_write_u16(w, (uint16_t)len);
    tk_write_bytes(w, value, len);
    tk_write_bytes(w, zeros, (4 - len % 4) % 4);
}

static uint32_t slow_crc32(const uint8_t *p, size_t len)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < len * 8; i++) {
        uint32_t bit = (crc ^ (uint32_t)(p[i / 8] >> i % 8)) & 1;
        crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
    }
    return ~crc;
}

size_t make_check(uint8_t *buf, size_t cap, const struct check *check)
{
    static const uint8_t header[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 't', 'r', 'a', 'n'};
    static const uint8_t eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct tk_writer w;
    uint8_t hmac[20], crc[4];
    unsigned n = sizeof(hmac);
    tk_writer_init(&w, buf, cap);
    tk_write_bytes(&w, header, sizeof(header));
    if (check->username) {
        attribute(&w, 0x0006, check->username, strlen(check->username));
    }
    attribute(&w, check->controlled ? 0x8029 : 0x802a, eight, 8);
    if (!check->no_priority) {
        attribute(&w, 0x0024, eight, 4);
    }
    if (check->use_candidate) {
        attribute(&w, 0x0025, NULL, 0);
    }
    if (check->unknown) {
        attribute(&w, check->unknown, eight, 3);
    }
    if (!check->no_integrity) {
        tk_put_u16(buf + 2, (uint16_t)(tk_writer_len(&w) + 24 - 20));
        HMAC(EVP_sha1(), check->pwd, (int)strlen(check->pwd), buf, tk_writer_len(&w), hmac, &n);
        attribute(&w, 0x0008, hmac, sizeof(hmac));
    }
    tk_put_u16(buf + 2, (uint16_t)(tk_writer_len(&w) - 20));
    if (!check->no_fingerprint) {
        tk_put_u16(buf + 2, (uint16_t)(tk_writer_len(&w) + 8 - 20));
        uint32_t sum = slow_crc32(buf, tk_writer_len(&w)) ^ 0x5354554e;
        tk_put_u32(crc, check->bad_fingerprint ? ~sum : sum);
        attribute(&w, 0x8028, crc, sizeof(crc));
    }
    assert(!w.failed);
    return tk_writer_len(&w);
}
