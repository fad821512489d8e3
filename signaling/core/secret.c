#include "signaling/core/secret.h"

#include <errno.h>
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <string.h>

#include "signaling/core/random.h"

/* RFC 7914, section 2: memory is 128·N·r bytes: 32 MiB, some 60 ms. */
#define SCRYPT_N 32768
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_MEMORY_MAX (64 * 1024 * 1024)

void tk_secret_make(char token[TK_TOKEN_TEXT], uint8_t ret_hash[TK_SECRET_HASH_BYTES])
{
    tk_random_base32(token, TK_TOKEN_CHARS);
    tk_secret_hash(token, ret_hash);
}

void tk_secret_hash(const char *text, uint8_t ret_hash[TK_SECRET_HASH_BYTES])
{
    SHA256((const unsigned char *)text, strlen(text), ret_hash);
}

bool tk_secret_equal(const uint8_t a[TK_SECRET_HASH_BYTES], const uint8_t b[TK_SECRET_HASH_BYTES])
{
    return CRYPTO_memcmp(a, b, TK_SECRET_HASH_BYTES) == 0;
}

static atomic_uint_fast64_t work_done;

uint64_t tk_password_work(void)
{
    return atomic_load(&work_done);
}

static bool scrypt(const struct tk_password *p, const char *text, uint8_t out[32])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    uint64_t n = (uint64_t)p->n;
    uint32_t r = (uint32_t)p->r;
    uint32_t parallel = (uint32_t)p->p;
    uint64_t memory = SCRYPT_MEMORY_MAX;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)text, strlen(text)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)p->salt, sizeof(p->salt)),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &parallel),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx && EVP_KDF_derive(ctx, out, 32, params) == 1;
    atomic_fetch_add(&work_done, n * r * parallel);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

bool tk_password_make(struct tk_password *p, const char *text)
{
    p->n = SCRYPT_N;
    p->r = SCRYPT_R;
    p->p = SCRYPT_P;
    tk_random_bytes(p->salt, sizeof(p->salt));
    return scrypt(p, text, p->hash);
}

bool tk_password_matches(const struct tk_password *p, const char *text)
{
    uint8_t hash[sizeof(p->hash)];
    bool ok = scrypt(p, text, hash);
    return CRYPTO_memcmp(hash, p->hash, sizeof(hash)) == 0 && ok;
}

struct tk_hasher {
    GThreadPool *pool;
    struct tk_mailbox *mailbox;
};

struct hash_work {
    int (*work)(void *arg);
    void (*done)(void *arg, int result);
    void *arg;
};

static void hasher_main(gpointer data, gpointer ctx)
{
    struct tk_hasher *h = ctx;
    struct hash_work *w = data;
    int result = w->work(w->arg);
    tk_mailbox_post(h->mailbox, w->done, w->arg, result);
    g_free(w);
}

struct tk_hasher *tk_hasher_create(struct tk_mailbox *mailbox)
{
    struct tk_hasher *h = g_new0(struct tk_hasher, 1);
    h->mailbox = mailbox;
    h->pool = g_thread_pool_new(hasher_main, h, 1, FALSE, NULL);
    return h;
}

void tk_hasher_destroy(struct tk_hasher *h)
{
    if (h) {
        g_thread_pool_free(h->pool, FALSE, TRUE);
        g_free(h);
    }
}

int tk_hasher_submit(struct tk_hasher *h, int (*work)(void *arg),
                     void (*done)(void *arg, int result), void *arg)
{
    if (g_thread_pool_unprocessed(h->pool) >= TK_HASHER_QUEUE_MAX) {
        return -ENOSPC;
    }
    struct hash_work *w = g_new0(struct hash_work, 1);
    w->work = work;
    w->done = done;
    w->arg = arg;
    g_thread_pool_push(h->pool, w, NULL);
    return 0;
}
