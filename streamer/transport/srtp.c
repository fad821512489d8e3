#include "streamer/transport/srtp.h"

#include "streamer/wire/bytes.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define KEY_LEN 16
#define SALT_MAX 14
#define GCM_SALT_LEN 12
#define GCM_TAG_LEN 16
#define SHA1_TAG_LEN 10
#define SHA1_KEY_LEN 20
#define SHA1_LEN 20
#define RTP_FIXED_LEN 12
#define RTCP_CLEAR_LEN 8 /* header and SSRC stay readable */
#define RTCP_ENCRYPTED 0x80000000u
#define RTCP_INDEX_MAX 0x7fffffffu
#define WINDOW 1024 /* packets; RFC 3711 §3.3.2: at least 64 */

/* RFC 3711 §4.3.2 */
enum label {
    LABEL_RTP_KEY = 0,
    LABEL_RTP_AUTH = 1,
    LABEL_RTP_SALT = 2,
    LABEL_RTCP_KEY = 3,
    LABEL_RTCP_AUTH = 4,
    LABEL_RTCP_SALT = 5,
};

struct tk_srtp_ciphers {
    EVP_CIPHER *gcm, *ctr;
    EVP_MAC *hmac;
};

/* Of one SSRC: which indexes were seen, a ring of bits ending with the highest. */
struct stream {
    uint32_t ssrc;
    uint64_t highest; /* ROC and sequence number (RFC 3711 §3.3.1); for RTCP its index */
    uint64_t seen[WINDOW / 64];
};

struct part {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* NULL with GCM */
    uint8_t salt[SALT_MAX];
    struct stream *streams;
    size_t count, cap;
};

struct tk_srtp {
    enum tk_srtp_profile profile;
    size_t max_ssrcs;
    struct part rtp, rtcp;
    uint32_t rtcp_sent; /* the index: one row for all our SSRCs, so no nonce serves twice */
};

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

size_t tk_srtp_key_len(enum tk_srtp_profile profile)
{
    return KEY_LEN;
}

size_t tk_srtp_salt_len(enum tk_srtp_profile profile)
{
    return profile == TK_SRTP_AEAD_AES_128_GCM ? GCM_SALT_LEN : SALT_MAX;
}

size_t tk_srtp_tag_len(const struct tk_srtp *srtp)
{
    return srtp->profile == TK_SRTP_AEAD_AES_128_GCM ? GCM_TAG_LEN : SHA1_TAG_LEN;
}

bool tk_srtp_derive(const struct tk_srtp_ciphers *ciphers, const uint8_t *key, const uint8_t *salt,
                    uint8_t label, uint8_t *out, size_t len)
{
    /* RFC 3711 §4.3.3: the key stream of AES-CM from (label << 48 XOR salt) << 16 */
    uint8_t iv[16] = {0};
    int n = 0;
    memcpy(iv, salt, SALT_MAX);
    iv[7] ^= label;
    memset(out, 0, len);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_EncryptInit_ex2(ctx, ciphers->ctr, key, iv, NULL) == 1 &&
              EVP_EncryptUpdate(ctx, out, &n, out, (int)len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static EVP_MAC_CTX *make_mac(const struct tk_srtp_ciphers *ciphers, const uint8_t *key)
{
    char digest[] = "SHA1";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(ciphers->hmac);
    if (mac && EVP_MAC_init(mac, key, SHA1_KEY_LEN, params) != 1) {
        EVP_MAC_CTX_free(mac);
        return NULL;
    }
    return mac;
}

static bool init_part(struct part *part, const struct tk_srtp_ciphers *ciphers,
                      enum tk_srtp_profile profile, const uint8_t *master, enum label first)
{
    bool gcm = profile == TK_SRTP_AEAD_AES_128_GCM;
    uint8_t salt[SALT_MAX] = {0}, key[KEY_LEN], auth[SHA1_KEY_LEN];
    memcpy(salt, master + KEY_LEN, tk_srtp_salt_len(profile)); /* RFC 7714 §11: zeros at its end */
    bool ok = tk_srtp_derive(ciphers, master, salt, (uint8_t)first, key, sizeof(key)) &&
              tk_srtp_derive(ciphers, master, salt, (uint8_t)(first + LABEL_RTP_AUTH), auth,
                             sizeof(auth)) &&
              tk_srtp_derive(ciphers, master, salt, (uint8_t)(first + LABEL_RTP_SALT), part->salt,
                             SALT_MAX);
    part->cipher = EVP_CIPHER_CTX_new();
    ok = ok && part->cipher &&
         EVP_EncryptInit_ex2(part->cipher, gcm ? ciphers->gcm : ciphers->ctr, key, NULL, NULL) == 1;
    if (ok && !gcm) {
        part->mac = make_mac(ciphers, auth);
        ok = part->mac != NULL;
    }
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(auth, sizeof(auth));
    return ok;
}

static void finish_part(struct part *part)
{
    EVP_CIPHER_CTX_free(part->cipher);
    EVP_MAC_CTX_free(part->mac);
    free(part->streams);
}

struct tk_srtp *tk_srtp_create(const struct tk_srtp_ciphers *ciphers, enum tk_srtp_profile profile,
                               const uint8_t *master, size_t max_ssrcs)
{
    struct tk_srtp *srtp = calloc(1, sizeof(*srtp));
    if (!srtp) {
        return NULL;
    }
    srtp->profile = profile;
    srtp->max_ssrcs = max_ssrcs;
    if (!init_part(&srtp->rtp, ciphers, profile, master, LABEL_RTP_KEY) ||
        !init_part(&srtp->rtcp, ciphers, profile, master, LABEL_RTCP_KEY)) {
        tk_srtp_destroy(srtp);
        return NULL;
    }
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

static struct stream *find(struct part *part, uint32_t ssrc)
{
    for (size_t i = 0; i < part->count; i++) {
        if (part->streams[i].ssrc == ssrc) {
            return &part->streams[i];
        }
    }
    return NULL;
}

/* NULL: the limit, or no memory. */
static struct stream *add(struct part *part, uint32_t ssrc, size_t max)
{
    if (part->count >= max) {
        return NULL;
    }
    if (part->count == part->cap) {
        size_t cap = part->cap ? 2 * part->cap : 4;
        struct stream *grown = realloc(part->streams, cap * sizeof(*grown));
        if (!grown) {
            return NULL;
        }
        part->streams = grown;
        part->cap = cap;
    }
    struct stream *s = &part->streams[part->count++];
    memset(s, 0, sizeof(*s));
    s->ssrc = ssrc;
    return s;
}

static bool is_seen(const struct stream *s, uint64_t index)
{
    if (index > s->highest) {
        return false;
    }
    if (s->highest - index >= WINDOW) {
        return true; /* too old to know */
    }
    return s->seen[index % WINDOW / 64] >> index % 64 & 1;
}

static void mark_seen(struct stream *s, uint64_t index)
{
    if (index > s->highest + WINDOW) {
        memset(s->seen, 0, sizeof(s->seen));
        s->highest = index;
    }
    while (s->highest < index) {
        s->highest++;
        s->seen[s->highest % WINDOW / 64] &= ~((uint64_t)1 << s->highest % 64);
    }
    s->seen[index % WINDOW / 64] |= (uint64_t)1 << index % 64;
}

/* RFC 3711 §3.3.1: the index nearest to the highest so far. */
static uint64_t guess_index(const struct stream *s, uint16_t seq)
{
    if (!s) {
        return seq;
    }
    int16_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)s->highest);
    if (ahead < 0 && (uint64_t)-ahead > s->highest) {
        return seq; /* before the first there is nothing: a leap forward */
    }
    return s->highest + (uint64_t)(int64_t)ahead;
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
    for (size_t i = 0; i < SALT_MAX; i++) {
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
    struct stream *s = find(&srtp->rtp, get_u32(buf + 8));
    uint64_t index = guess_index(s, get_u16(buf + 2));
    if (!again && s && is_seen(s, index)) {
        return -EALREADY;
    }
    if (!s) {
        s = add(&srtp->rtp, get_u32(buf + 8), srtp->max_ssrcs);
        if (!s) {
            return -ENOSPC;
        }
        s->highest = index;
    }
    if (!seal_rtp(srtp, buf, header, len, index)) {
        return -EINVAL;
    }
    if (!again || index > s->highest) {
        mark_seen(s, index);
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
static int accept_index(struct part *part, struct stream *s, uint32_t ssrc, uint64_t index,
                        size_t max)
{
    if (!s) {
        s = add(part, ssrc, max);
        if (!s) {
            return -ENOSPC;
        }
        s->highest = index;
    }
    mark_seen(s, index);
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
    struct stream *s = find(&srtp->rtp, ssrc);
    uint64_t index = guess_index(s, get_u16(buf + 2));
    if (s && is_seen(s, index)) {
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
    struct stream *s = find(&srtp->rtcp, ssrc);
    if (s && is_seen(s, index)) {
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
