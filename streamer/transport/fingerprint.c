#include "streamer/transport/fingerprint.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name; /* with the space after it */
    const EVP_MD *(*digest)(void);
} hashes[] = {
    {"sha-256 ", EVP_sha256},
    {"sha-384 ", EVP_sha384},
    {"sha-512 ", EVP_sha512},
};

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : toupper((unsigned char)c) - 'A' + 10;
}

static bool parse_bytes(struct tk_fingerprint *ret, const char *text)
{
    for (size_t i = 0; i < ret->len; i++, text += 3) {
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1])) {
            return false;
        }
        ret->bytes[i] = (unsigned char)(digit(text[0]) << 4 | digit(text[1]));
        bool last = i + 1 == ret->len;
        if (text[2] != (last ? '\0' : ':')) {
            return false;
        }
    }
    return true;
}

bool tk_fingerprint_parse(struct tk_fingerprint *ret, const char *text)
{
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        size_t n = strlen(hashes[i].name);
        if (strncasecmp(text, hashes[i].name, n) == 0) {
            memset(ret, 0, sizeof(*ret));
            ret->digest = hashes[i].digest();
            ret->len = (size_t)EVP_MD_get_size(ret->digest);
            return parse_bytes(ret, text + n);
        }
    }
    return false;
}

bool tk_fingerprint_matches(const struct tk_fingerprint *fp, X509 *cert)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = sizeof(bytes);
    return X509_digest(cert, fp->digest, bytes, &len) == 1 && len == fp->len &&
           CRYPTO_memcmp(bytes, fp->bytes, len) == 0;
}

bool tk_fingerprint_print(X509 *cert, char *out, size_t cap)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = sizeof(bytes);
    if (X509_digest(cert, EVP_sha256(), bytes, &len) != 1 || cap < sizeof("sha-256 ") + 3 * len) {
        return false;
    }
    size_t n = (size_t)snprintf(out, cap, "sha-256 ");
    for (unsigned i = 0; i < len; i++) {
        n += (size_t)snprintf(out + n, cap - n, i ? ":%02X" : "%02X", bytes[i]);
    }
    return true;
}
