#include "streamer/transport/identity.h"

#include "streamer/transport/fingerprint.h"

#include <errno.h>
#include <openssl/rand.h>
#include <openssl/srtp.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_SECONDS (10L * 365 * 24 * 3600) /* peers look at the fingerprint alone */

/* Of suites, those of WebRTC with forward secrecy (RFC 8827 §6.5); RSA for peers with such a key.
 */
#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"     \
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

/* GCM first: on the processors that we meet it costs half (DESIGN.md). */
#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

static bool name_certificate(X509 *cert)
{
    uint8_t serial[8];
    if (RAND_bytes(serial, sizeof(serial)) != 1) {
        return false;
    }
    serial[0] &= 0x7f;
    BIGNUM *bn = BN_bin2bn(serial, sizeof(serial), NULL);
    bool ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert));
    BN_free(bn);
    X509_NAME *name = X509_get_subject_name(cert);
    return ok &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"tongke", -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    bool ok = cert && X509_set_version(cert, X509_VERSION_3) == 1 && name_certificate(cert) &&
              X509_gmtime_adj(X509_getm_notBefore(cert), -24L * 3600) &&
              X509_gmtime_adj(X509_getm_notAfter(cert), CERTIFICATE_SECONDS) &&
              X509_set_pubkey(cert, key) == 1 && X509_sign(cert, key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

static bool set_up_context(SSL_CTX *ctx, X509 *cert, EVP_PKEY *key)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_max_cert_list(ctx, TK_DTLS_MESSAGE_MAX);
    /* SSL_CTX_set_tlsext_use_srtp returns 0 on success. */
    return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1 &&
           SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_set_tlsext_use_srtp(ctx, SRTP_PROFILES) == 0 &&
           SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;
}

int tk_dtls_identity_create(struct tk_dtls_identity **ret)
{
    struct tk_dtls_identity *id = calloc(1, sizeof(*id));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? make_certificate(key) : NULL;
    bool ok = id && cert;
    if (ok) {
        id->ctx = SSL_CTX_new(DTLS_method());
        id->bio_method = tk_dtls_bio_method();
        id->ciphers = tk_srtp_ciphers_create();
        ok = id->ctx && id->bio_method && id->ciphers && set_up_context(id->ctx, cert, key) &&
             tk_fingerprint_print(cert, id->fingerprint, sizeof(id->fingerprint));
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    if (!ok) {
        tk_dtls_identity_destroy(id);
        return -ENOMEM;
    }
    SSL_CTX_set_cert_verify_callback(id->ctx, tk_dtls_verify, NULL);
    SSL_CTX_set_verify(id->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    *ret = id;
    return 0;
}

void tk_dtls_identity_destroy(struct tk_dtls_identity *id)
{
    if (id) {
        SSL_CTX_free(id->ctx);
        BIO_meth_free(id->bio_method);
        tk_srtp_ciphers_destroy(id->ciphers);
        free(id);
    }
}

const char *tk_dtls_identity_fingerprint(const struct tk_dtls_identity *id)
{
    return id->fingerprint;
}

const struct tk_srtp_ciphers *tk_dtls_identity_ciphers(const struct tk_dtls_identity *id)
{
    return id->ciphers;
}
