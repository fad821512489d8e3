#ifndef TK_STREAMER_TRANSPORT_FINGERPRINT_H
#define TK_STREAMER_TRANSPORT_FINGERPRINT_H

/* The fingerprint of a certificate as SDP has it (RFC 8122 §5): sha-256, sha-384, sha-512. */

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

struct tk_fingerprint {
    const EVP_MD *digest;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t len;
};

/* Reads "sha-256 AB:CD:…"; false for another hash or wrong digits. */
bool tk_fingerprint_parse(struct tk_fingerprint *ret, const char *text);
bool tk_fingerprint_matches(const struct tk_fingerprint *fp, X509 *cert);

/* Writes the sha-256 one; false: no room. */
bool tk_fingerprint_print(X509 *cert, char *out, size_t cap);

#endif
