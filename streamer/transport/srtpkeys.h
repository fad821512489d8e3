#ifndef TK_STREAMER_TRANSPORT_SRTPKEYS_H
#define TK_STREAMER_TRANSPORT_SRTPKEYS_H

/* The algorithms of SRTP, fetched once, and the derivation of session keys (RFC 3711 §4.3). */

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SRTP_KEY_LEN 16
#define TK_SRTP_SALT_LEN 14
#define TK_SRTP_AUTH_LEN 20

/* RFC 3711 §4.3.2 */
enum tk_srtp_label {
    TK_SRTP_LABEL_RTP_KEY = 0,
    TK_SRTP_LABEL_RTP_AUTH = 1,
    TK_SRTP_LABEL_RTP_SALT = 2,
    TK_SRTP_LABEL_RTCP_KEY = 3,
    TK_SRTP_LABEL_RTCP_AUTH = 4,
    TK_SRTP_LABEL_RTCP_SALT = 5,
};

struct tk_srtp_ciphers {
    EVP_CIPHER *gcm, *ctr;
    EVP_MAC *hmac;
};

/* Session keys of RTP or of RTCP. */
struct tk_srtp_keys {
    uint8_t key[TK_SRTP_KEY_LEN], auth[TK_SRTP_AUTH_LEN], salt[TK_SRTP_SALT_LEN];
};

bool tk_srtp_derive(const struct tk_srtp_ciphers *ciphers, const uint8_t *key, const uint8_t *salt,
                    enum tk_srtp_label label, uint8_t *out, size_t len);

/* `first`: the label of the key, followed by those of auth and salt. */
bool tk_srtp_keys_derive(const struct tk_srtp_ciphers *ciphers, const uint8_t *key,
                         const uint8_t *salt, enum tk_srtp_label first, struct tk_srtp_keys *ret);

#endif
