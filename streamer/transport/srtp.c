#include "streamer/transport/srtp.h"

#include "streamer/transport/replay.h"
#include "streamer/transport/srtpkeys.h"
#include "streamer/wire/bytes.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define GCM_SALT_LEN 12
#define GCM_TAG_LEN 16
#define SHA1_TAG_LEN 10
#define SHA1_LEN 20
#define RTP_FIXED_LEN 12
#define RTCP_CLEAR_LEN 8 /* header and SSRC stay readable */
#define RTCP_ENCRYPTED 0x80000000u
#define RTCP_INDEX_MAX 0x7fffffffu

struct part {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* NULL with GCM */
    uint8_t salt[TK_SRTP_SALT_LEN];
    struct tk_replay *streams;
    size_t count, cap;
};

struct tk_srtp {
    enum tk_srtp_profile profile;
    size_t max_ssrcs;
    struct part rtp, rtcp;
    uint32_t rtcp_sent; /* the index: one row for all our SSRCs, so no nonce serves twice */
};

size_t tk_srtp_key_len(enum tk_srtp_profile profile)
{
    return TK_SRTP_KEY_LEN;
}

size_t tk_srtp_salt_len(enum tk_srtp_profile profile)
{
    return profile == TK_SRTP_AEAD_AES_128_GCM ? GCM_SALT_LEN : TK_SRTP_SALT_LEN;
}

size_t tk_srtp_tag_len(const struct tk_srtp *srtp)
{
    return srtp->profile == TK_SRTP_AEAD_AES_128_GCM ? GCM_TAG_LEN : SHA1_TAG_LEN;
}

static EVP_MAC_CTX *make_mac(const struct tk_srtp_ciphers *ciphers, const uint8_t *key)
{
    char digest[] = "SHA1";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(ciphers->hmac);
    if (mac && EVP_MAC_init(mac, key, TK_SRTP_AUTH_LEN, params) != 1) {
        EVP_MAC_CTX_free(mac);
        return NULL;
    }
    return mac;
}

static bool init_part(struct part *part, const struct tk_srtp_ciphers *ciphers,
                      enum tk_srtp_profile profile, const struct tk_srtp_keys *keys)
{
    bool gcm = profile == TK_SRTP_AEAD_AES_128_GCM;
    const EVP_CIPHER *cipher = gcm ? ciphers->gcm : ciphers->ctr;
    memcpy(part->salt, keys->salt, sizeof(part->salt));
    part->cipher = EVP_CIPHER_CTX_new();
    if (!part->cipher || EVP_EncryptInit_ex2(part->cipher, cipher, keys->key, NULL, NULL) != 1) {
        return false;
    }
    part->mac = gcm ? NULL : make_mac(ciphers, keys->auth);
    return gcm || part->mac;
}

static void finish_part(struct part *part)
{
    EVP_CIPHER_CTX_free(part->cipher);
    EVP_MAC_CTX_free(part->mac);
    free(part->streams);
}

struct tk_srtp *tk_srtp_create_from(const struct tk_srtp_ciphers *ciphers,
                                    enum tk_srtp_profile profile, const struct tk_srtp_keys *rtp,
                                    const struct tk_srtp_keys *rtcp, size_t max_ssrcs)
{
    struct tk_srtp *srtp = calloc(1, sizeof(*srtp));
    if (!srtp) {
        return NULL;
    }
    srtp->profile = profile;
    srtp->max_ssrcs = max_ssrcs;
    if (!init_part(&srtp->rtp, ciphers, profile, rtp) ||
        !init_part(&srtp->rtcp, ciphers, profile, rtcp)) {
        tk_srtp_destroy(srtp);
        return NULL;
    }
    return srtp;
}

struct tk_srtp *tk_srtp_create(const struct tk_srtp_ciphers *ciphers, enum tk_srtp_profile profile,
                               const uint8_t *master, size_t max_ssrcs)
{
    struct tk_srtp_keys rtp, rtcp;
    struct tk_srtp *srtp = NULL;
    uint8_t salt[TK_SRTP_SALT_LEN] = {0};
    /* RFC 7714 §11: the shorter salt of GCM is filled up with zeros */
    memcpy(salt, master + TK_SRTP_KEY_LEN, tk_srtp_salt_len(profile));
    if (tk_srtp_keys_derive(ciphers, master, salt, TK_SRTP_LABEL_RTP_KEY, &rtp) &&
        tk_srtp_keys_derive(ciphers, master, salt, TK_SRTP_LABEL_RTCP_KEY, &rtcp)) {
        srtp = tk_srtp_create_from(ciphers, profile, &rtp, &rtcp, max_ssrcs);
    }
    OPENSSL_cleanse(&rtp, sizeof(rtp));
    OPENSSL_cleanse(&rtcp, sizeof(rtcp));
    return srtp;
}

void tk_srtp_destroy(struct tk_srtp *srtp)
{
    if (srtp) {
        finish_part(&srtp->rtp);
        finish_part(&srtp->rtcp);
        OPENSSL_cleanse(srtp, sizeof(*srtp));
        free(srtp);
    }
}

static struct tk_replay *find(struct part *part, uint32_t ssrc)
{
    for (size_t i = 0; i < part->count; i++) {
        if (part->streams[i].ssrc == ssrc) {
            return &part->streams[i];
        }
    }
    return NULL;
}

/* NULL: the limit, or no memory. */
static struct tk_replay *add(struct part *part, uint32_t ssrc, uint64_t index, size_t max)
{
    if (part->count >= max) {
        return NULL;
    }
    if (part->count == part->cap) {
        size_t cap = part->cap ? 2 * part->cap : 4;
        struct tk_replay *grown = realloc(part->streams, cap * sizeof(*grown));
        if (!grown) {
            return NULL;
        }
        part->streams = grown;
        part->cap = cap;
    }
    struct tk_replay *s = &part->streams[part->count++];
    tk_replay_init(s, ssrc, index);
    return s;
}

/* The length of an RTP header with its CSRCs and extension; 0: not RTP. */
static size_t rtp_header_len(const uint8_t *buf, size_t len)
{
    if (len < RTP_FIXED_LEN || buf[0] >> 6 != 2) {
        return 0;
    }
    size_t n = RTP_FIXED_LEN + 4 * (size_t)(buf[0] & 15);
    if (buf[0] & 0x10) {
        if (len < n + 4) {
            return 0;
        }
        n += 4 + 4 * ((size_t)buf[n + 2] << 8 | buf[n + 3]);
    }
    return n <= len ? n : 0;
}

static uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* RFC 7714 §8.1, §9.1: zeros, SSRC, 48 bits of index, XOR the salt. */
static void gcm_iv(const struct part *part, uint32_t ssrc, uint64_t index, uint8_t iv[12])
{
    tk_put_u16(iv, 0);
    tk_put_u32(iv + 2, ssrc);
    tk_put_u32(iv + 6, (uint32_t)(index >> 16));
    tk_put_u16(iv + 10, (uint16_t)index);
    for (size_t i = 0; i < 12; i++) {
        iv[i] ^= part->salt[i];
    }
}

/* RFC 3711 §4.1.1: salt << 16 XOR SSRC << 64 XOR index << 16. */
static void ctr_iv(const struct part *part, uint32_t ssrc, uint64_t index, uint8_t iv[16])
{
    memset(iv, 0, 16);
    tk_put_u32(iv + 4, ssrc);
    tk_put_u16(iv + 8, (uint16_t)(index >> 32));
    tk_put_u32(iv + 10, (uint32_t)index);
    for (size_t i = 0; i < TK_SRTP_SALT_LEN; i++) {
        iv[i] ^= part->salt[i];
    }
}

/* Clear bytes that are authenticated (`aad`, then `aad2`), and those that are enciphered. */
struct span {
    const uint8_t *aad, *aad2;
    size_t aad_len, aad2_len;
    uint8_t *data;
    size_t len;
};

static bool gcm_start(const struct part *part, const struct span *s, const uint8_t *iv, int encrypt)
{
    EVP_CIPHER_CTX *c = part->cipher;
    int n;
    return EVP_CipherInit_ex(c, NULL, NULL, NULL, iv, encrypt) == 1 &&
           EVP_CipherUpdate(c, NULL, &n, s->aad, (int)s->aad_len) == 1 &&
           (!s->aad2_len || EVP_CipherUpdate(c, NULL, &n, s->aad2, (int)s->aad2_len) == 1) &&
           (!s->len || EVP_CipherUpdate(c, s->data, &n, s->data, (int)s->len) == 1);
}

/* The tag goes to the end of the data. */
static bool gcm_seal(const struct part *part, const struct span *s, const uint8_t *iv)
{
    uint8_t *tag = s->data + s->len;
    int n;
    return gcm_start(part, s, iv, 1) && EVP_CipherFinal_ex(part->cipher, tag, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(part->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG_LEN, tag) == 1;
}

static bool gcm_open(const struct part *part, const struct span *s, const uint8_t *iv)
{
    uint8_t *tag = s->data + s->len;
    int n;
    return gcm_start(part, s, iv, 0) &&
           EVP_CIPHER_CTX_ctrl(part->cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG_LEN, tag) == 1 &&
           EVP_CipherFinal_ex(part->cipher, tag, &n) == 1;
}

static bool ctr_apply(const struct part *part, const uint8_t *iv, uint8_t *data, size_t len)
{
    int n;
    return EVP_CipherInit_ex(part->cipher, NULL, NULL, NULL, iv, 1) == 1 &&
           (!len || EVP_CipherUpdate(part->cipher, data, &n, data, (int)len) == 1);
}

/* RFC 3711 §4.2: over the packet and, of RTP, the ROC. */
static bool sha1_tag(const struct part *part, const uint8_t *buf, size_t len, const uint32_t *roc,
                     uint8_t out[SHA1_LEN])
{
    uint8_t roc_bytes[4];
    size_t n;
    if (roc) {
        tk_put_u32(roc_bytes, *roc);
    }
    return EVP_MAC_init(part->mac, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(part->mac, buf, len) == 1 &&
           (!roc || EVP_MAC_update(part->mac, roc_bytes, sizeof(roc_bytes)) == 1) &&
           EVP_MAC_final(part->mac, out, &n, SHA1_LEN) == 1;
}

/* Enciphers and signs `len` bytes, of which `header` stay readable. */
static bool seal_rtp(struct tk_srtp *srtp, uint8_t *buf, size_t header, size_t len, uint64_t index)
{
    uint8_t iv[16], tag[SHA1_LEN];
    uint32_t ssrc = get_u32(buf + 8), roc = (uint32_t)(index >> 16);
    if (srtp->profile == TK_SRTP_AEAD_AES_128_GCM) {
        struct span s = {buf, NULL, header, 0, buf + header, len - header};
        gcm_iv(&srtp->rtp, ssrc, index, iv);
        return gcm_seal(&srtp->rtp, &s, iv);
    }
    ctr_iv(&srtp->rtp, ssrc, index, iv);
    if (!ctr_apply(&srtp->rtp, iv, buf + header, len - header) ||
        !sha1_tag(&srtp->rtp, buf, len, &roc, tag)) {
        return false;
    }
    memcpy(buf + len, tag, SHA1_TAG_LEN);
    return true;
}

static int protect(struct tk_srtp *srtp, uint8_t *buf, size_t len, bool again, size_t *ret_len)
{
    size_t header = rtp_header_len(buf, len);
    if (!header) {
        return -EBADMSG;
    }
    struct tk_replay *s = find(&srtp->rtp, get_u32(buf + 8));
    uint64_t index = tk_replay_guess(s, get_u16(buf + 2));
    if (!again && s && tk_replay_is_seen(s, index)) {
        return -EALREADY;
    }
    if (!s) {
        s = add(&srtp->rtp, get_u32(buf + 8), index, srtp->max_ssrcs);
        if (!s) {
            return -ENOSPC;
        }
    }
    if (!seal_rtp(srtp, buf, header, len, index)) {
        return -EINVAL;
    }
    if (!again || index > s->highest) {
        tk_replay_mark(s, index);
    }
    *ret_len = len + tk_srtp_tag_len(srtp);
    return 0;
}

int tk_srtp_protect(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len)
{
    return protect(srtp, buf, len, false, ret_len);
}

int tk_srtp_protect_again(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len)
{
    return protect(srtp, buf, len, true, ret_len);
}

static bool open_rtp(struct tk_srtp *srtp, uint8_t *buf, size_t header, size_t len, uint64_t index)
{
    uint8_t iv[16], tag[SHA1_LEN];
    uint32_t ssrc = get_u32(buf + 8), roc = (uint32_t)(index >> 16);
    if (srtp->profile == TK_SRTP_AEAD_AES_128_GCM) {
        struct span s = {buf, NULL, header, 0, buf + header, len - header};
        gcm_iv(&srtp->rtp, ssrc, index, iv);
        return gcm_open(&srtp->rtp, &s, iv);
    }
    ctr_iv(&srtp->rtp, ssrc, index, iv);
    return sha1_tag(&srtp->rtp, buf, len, &roc, tag) &&
           CRYPTO_memcmp(tag, buf + len, SHA1_TAG_LEN) == 0 &&
           ctr_apply(&srtp->rtp, iv, buf + header, len - header);
}

/* After authentication: remembers the index, making the SSRC's state if need be. */
static int accept_index(struct part *part, struct tk_replay *s, uint32_t ssrc, uint64_t index,
                        size_t max)
{
    if (!s) {
        s = add(part, ssrc, index, max);
        if (!s) {
            return -ENOSPC;
        }
    }
    tk_replay_mark(s, index);
    return 0;
}

int tk_srtp_unprotect(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len)
{
    size_t tag_len = tk_srtp_tag_len(srtp);
    size_t header = len > tag_len ? rtp_header_len(buf, len - tag_len) : 0;
    if (!header) {
        return -EBADMSG;
    }
    uint32_t ssrc = get_u32(buf + 8);
    struct tk_replay *s = find(&srtp->rtp, ssrc);
    uint64_t index = tk_replay_guess(s, get_u16(buf + 2));
    if (s && tk_replay_is_seen(s, index)) {
        return -EALREADY;
    }
    if (!open_rtp(srtp, buf, header, len - tag_len, index)) {
        return -EPERM;
    }
    int r = accept_index(&srtp->rtp, s, ssrc, index, srtp->max_ssrcs);
    if (r == 0) {
        *ret_len = len - tag_len;
    }
    return r;
}

/* RFC 7714 §9.2: header, cipher text, tag, E and index; the first and last are authenticated. */
static struct span gcm_rtcp_span(uint8_t *buf, size_t len, const uint8_t word[4])
{
    return (struct span){buf, word, RTCP_CLEAR_LEN, 4, buf + RTCP_CLEAR_LEN, len - RTCP_CLEAR_LEN};
}

int tk_srtp_protect_rtcp(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len)
{
    struct part *part = &srtp->rtcp;
    uint8_t iv[16], tag[SHA1_LEN], word[4];
    if (len < RTCP_CLEAR_LEN || buf[0] >> 6 != 2) {
        return -EBADMSG;
    }
    if (srtp->rtcp_sent == RTCP_INDEX_MAX) {
        return -EALREADY;
    }
    uint32_t index = ++srtp->rtcp_sent;
    uint32_t ssrc = get_u32(buf + 4);
    tk_put_u32(word, RTCP_ENCRYPTED | index);
    if (srtp->profile == TK_SRTP_AEAD_AES_128_GCM) {
        struct span s = gcm_rtcp_span(buf, len, word);
        gcm_iv(part, ssrc, index, iv);
        memcpy(buf + len + GCM_TAG_LEN, word, sizeof(word));
        *ret_len = len + GCM_TAG_LEN + sizeof(word);
        return gcm_seal(part, &s, iv) ? 0 : -EINVAL;
    }
    ctr_iv(part, ssrc, index, iv);
    memcpy(buf + len, word, sizeof(word));
    if (!ctr_apply(part, iv, buf + RTCP_CLEAR_LEN, len - RTCP_CLEAR_LEN) ||
        !sha1_tag(part, buf, len + sizeof(word), NULL, tag)) {
        return -EINVAL;
    }
    memcpy(buf + len + sizeof(word), tag, SHA1_TAG_LEN);
    *ret_len = len + sizeof(word) + SHA1_TAG_LEN;
    return 0;
}

static bool open_rtcp(struct tk_srtp *srtp, uint8_t *buf, size_t len, const uint8_t *word)
{
    struct part *part = &srtp->rtcp;
    uint8_t iv[16], tag[SHA1_LEN];
    uint32_t ssrc = get_u32(buf + 4), index = get_u32(word) & RTCP_INDEX_MAX;
    if (srtp->profile == TK_SRTP_AEAD_AES_128_GCM) {
        struct span s = gcm_rtcp_span(buf, len, word);
        gcm_iv(part, ssrc, index, iv);
        return gcm_open(part, &s, iv);
    }
    ctr_iv(part, ssrc, index, iv);
    return sha1_tag(part, buf, len + 4, NULL, tag) &&
           CRYPTO_memcmp(tag, word + 4, SHA1_TAG_LEN) == 0 &&
           ctr_apply(part, iv, buf + RTCP_CLEAR_LEN, len - RTCP_CLEAR_LEN);
}

int tk_srtp_unprotect_rtcp(struct tk_srtp *srtp, uint8_t *buf, size_t len, size_t *ret_len)
{
    bool gcm = srtp->profile == TK_SRTP_AEAD_AES_128_GCM;
    size_t overhead = tk_srtp_tag_len(srtp) + 4;
    if (len < RTCP_CLEAR_LEN + overhead || buf[0] >> 6 != 2) {
        return -EBADMSG;
    }
    size_t clear_len = len - overhead;
    const uint8_t *word = gcm ? buf + len - 4 : buf + clear_len;
    if (!(get_u32(word) & RTCP_ENCRYPTED)) {
        return -EBADMSG; /* RFC 8827 §6.5: WebRTC has no media in the clear */
    }
    uint32_t ssrc = get_u32(buf + 4), index = get_u32(word) & RTCP_INDEX_MAX;
    struct tk_replay *s = find(&srtp->rtcp, ssrc);
    if (s && tk_replay_is_seen(s, index)) {
        return -EALREADY;
    }
    if (!open_rtcp(srtp, buf, clear_len, word)) {
        return -EPERM;
    }
    int r = accept_index(&srtp->rtcp, s, ssrc, index, srtp->max_ssrcs);
    if (r == 0) {
        *ret_len = clear_len;
    }
    return r;
}
