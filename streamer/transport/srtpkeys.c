#include "streamer/transport/srtpkeys.h"

#include "streamer/transport/srtp.h"

#include <stdlib.h>
#include <string.h>

struct tk_srtp_ciphers *tk_srtp_ciphers_create(void)
{
    struct tk_srtp_ciphers *c = calloc(1, sizeof(*c));
    if (!c) {
        return NULL;
    }
    c->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    c->ctr = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
    c->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!c->gcm || !c->ctr || !c->hmac) {
        tk_srtp_ciphers_destroy(c);
        return NULL;
    }
    return c;
}

void tk_srtp_ciphers_destroy(struct tk_srtp_ciphers *ciphers)
{
    if (ciphers) {
        EVP_CIPHER_free(ciphers->gcm);
        EVP_CIPHER_free(ciphers->ctr);
        EVP_MAC_free(ciphers->hmac);
        free(ciphers);
    }
}

bool tk_srtp_derive(const struct tk_srtp_ciphers *ciphers, const uint8_t *key, const uint8_t *salt,
                    enum tk_srtp_label label, uint8_t *out, size_t len)
{
    /* RFC 3711 §4.3.3: the key stream of AES-CM from (label << 48 XOR salt) << 16 */
    uint8_t iv[16] = {0};
    int n = 0;
    memcpy(iv, salt, TK_SRTP_SALT_LEN);
    iv[7] ^= (uint8_t)label;
    memset(out, 0, len);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_EncryptInit_ex2(ctx, ciphers->ctr, key, iv, NULL) == 1 &&
              EVP_EncryptUpdate(ctx, out, &n, out, (int)len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

bool tk_srtp_keys_derive(const struct tk_srtp_ciphers *ciphers, const uint8_t *key,
                         const uint8_t *salt, enum tk_srtp_label first, struct tk_srtp_keys *ret)
{
    enum tk_srtp_label auth_label = first + TK_SRTP_LABEL_RTP_AUTH;
    enum tk_srtp_label salt_label = first + TK_SRTP_LABEL_RTP_SALT;
    return tk_srtp_derive(ciphers, key, salt, first, ret->key, TK_SRTP_KEY_LEN) &&
           tk_srtp_derive(ciphers, key, salt, auth_label, ret->auth, TK_SRTP_AUTH_LEN) &&
           tk_srtp_derive(ciphers, key, salt, salt_label, ret->salt, TK_SRTP_SALT_LEN);
}
