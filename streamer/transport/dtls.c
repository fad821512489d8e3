#include "streamer/transport/dtls.h"

#include "streamer/transport/fingerprint.h"
#include "streamer/transport/identity.h"
#include "streamer/wire/bytes.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/srtp.h>
#include <stdlib.h>

#define RETRANSMIT_FIRST_US 400000u /* most links are shorter; RFC 6347 §4.2.4.1 says 1 s */
#define RETRANSMIT_MAX_US 3200000u
/* A record of epoch 1 that comes before its ChangeCipherSpec is kept by OpenSSL, 17 KB each. */
#define EARLY_RECORDS_MAX 2
#define RECORD_HEADER_LEN 13
#define HANDSHAKE_HEADER_LEN 12
#define AEAD_OVERHEAD                                                                              \
    24 /* explicit nonce and tag of AES-GCM; of the other suites it is no less                     \
        */
#define CHACHA_OVERHEAD 16
#define EXPORTER_LABEL "EXTRACTOR-dtls_srtp" /* RFC 5764 §4.2 */

enum content_type {
    CONTENT_CHANGE_CIPHER_SPEC = 20,
    CONTENT_ALERT = 21,
    CONTENT_HANDSHAKE = 22,
    CONTENT_APPLICATION_DATA = 23,
};

struct tk_dtls {
    SSL *ssl;
    struct tk_dtls_identity *identity;
    struct tk_fingerprint fingerprint;
    enum tk_dtls_state state;
    const char *failure;
    bool active, mismatch;
    tk_dtls_send_fn send;
    void *ctx;

    const uint8_t *input; /* the record that OpenSSL may read now */
    size_t input_len;

    int64_t give_up_us, retransmit_us; /* INT64_MAX: not running */
    unsigned datagrams, early_records;
    uint32_t message_len[TK_DTLS_MESSAGES_MAX]; /* that the peer announced, by message number */
    bool message_seen[TK_DTLS_MESSAGES_MAX];
    size_t announced;
};

static int bio_write(BIO *bio, const char *buf, int len)
{
    struct tk_dtls *dtls = BIO_get_data(bio);
    if (len > 0) {
        dtls->send(dtls->ctx, (const uint8_t *)buf, (size_t)len);
    }
    return len;
}

static int bio_read(BIO *bio, char *buf, int len)
{
    struct tk_dtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!dtls->input_len || len <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n = dtls->input_len < (size_t)len ? dtls->input_len : (size_t)len;
    memcpy(buf, dtls->input, n);
    dtls->input_len = 0; /* the rest of a datagram is lost, as with a socket */
    return (int)n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return TK_DTLS_MTU;
    default:
        return 0;
    }
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *tk_dtls_bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");
    if (m) {
        BIO_meth_set_write(m, bio_write);
        BIO_meth_set_read(m, bio_read);
        BIO_meth_set_ctrl(m, bio_ctrl);
        BIO_meth_set_create(m, bio_create);
    }
    return m;
}

/* RFC 8122 §6.2: the certificate of SDP or none. No authority, no dates. */
int tk_dtls_verify(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tk_dtls *dtls = SSL_get_app_data(ssl);
    X509 *cert = X509_STORE_CTX_get0_cert(store);
    dtls->mismatch = !cert || !tk_fingerprint_matches(&dtls->fingerprint, cert);
    return !dtls->mismatch;
}

static unsigned next_timeout(SSL *ssl, unsigned timeout_us)
{
    if (timeout_us == 0) {
        return RETRANSMIT_FIRST_US;
    }
    return timeout_us > RETRANSMIT_MAX_US / 2 ? RETRANSMIT_MAX_US : 2 * timeout_us;
}

static bool set_up(struct tk_dtls *dtls)
{
    dtls->ssl = SSL_new(dtls->identity->ctx);
    BIO *bio = BIO_new(dtls->identity->bio_method);
    if (!dtls->ssl || !bio) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, dtls);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_app_data(dtls->ssl, dtls);
    SSL_set_mtu(dtls->ssl, TK_DTLS_MTU);
    DTLS_set_timer_cb(dtls->ssl, next_timeout);
    if (dtls->active) {
        SSL_set_connect_state(dtls->ssl);
    } else {
        SSL_set_accept_state(dtls->ssl);
    }
    return true;
}

int tk_dtls_create(struct tk_dtls_identity *identity, const char *fingerprint, bool active,
                   tk_dtls_send_fn send, void *ctx, struct tk_dtls **ret)
{
    struct tk_dtls *dtls = calloc(1, sizeof(*dtls));
    if (!dtls) {
        return -ENOMEM;
    }
    dtls->identity = identity;
    dtls->active = active;
    dtls->send = send;
    dtls->ctx = ctx;
    dtls->give_up_us = dtls->retransmit_us = INT64_MAX;
    int r = tk_fingerprint_parse(&dtls->fingerprint, fingerprint) ? 0 : -EINVAL;
    if (r == 0 && !set_up(dtls)) {
        r = -ENOMEM;
    }
    if (r < 0) {
        tk_dtls_destroy(dtls);
        return r;
    }
    *ret = dtls;
    return 0;
}

void tk_dtls_destroy(struct tk_dtls *dtls)
{
    if (dtls) {
        SSL_free(dtls->ssl);
        free(dtls);
    }
}

static void finish(struct tk_dtls *dtls, enum tk_dtls_state state, const char *failure)
{
    dtls->state = state;
    dtls->failure = failure;
    dtls->give_up_us = dtls->retransmit_us = INT64_MAX;
}

static void arm_retransmit(struct tk_dtls *dtls, int64_t now_us)
{
    struct timeval left;
    dtls->retransmit_us = INT64_MAX;
    if (dtls->state == TK_DTLS_HANDSHAKE && DTLSv1_get_timeout(dtls->ssl, &left)) {
        dtls->retransmit_us = now_us + (int64_t)left.tv_sec * 1000000 + left.tv_usec;
    }
}

static void on_error(struct tk_dtls *dtls, int r)
{
    int error = SSL_get_error(dtls->ssl, r);
    if (error == SSL_ERROR_ZERO_RETURN) {
        finish(dtls, TK_DTLS_CLOSED, NULL);
    } else if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) {
        finish(dtls, TK_DTLS_FAILED, dtls->mismatch ? "wrong-fingerprint" : "dtls-failed");
    }
    ERR_clear_error();
}

/* Lets OpenSSL read what is there, and answer. */
static void advance(struct tk_dtls *dtls, int64_t now_us)
{
    uint8_t ignored[256];
    ERR_clear_error();
    if (dtls->state == TK_DTLS_HANDSHAKE) {
        int r = SSL_do_handshake(dtls->ssl);
        if (r == 1) {
            finish(dtls, TK_DTLS_DONE, NULL);
        } else {
            on_error(dtls, r);
        }
    }
    while (dtls->state == TK_DTLS_DONE) {
        int r = SSL_read(dtls->ssl, ignored, sizeof(ignored));
        if (r <= 0) {
            on_error(dtls, r);
            break;
        }
    }
    arm_retransmit(dtls, now_us);
}

void tk_dtls_start(struct tk_dtls *dtls, int64_t now_us)
{
    dtls->give_up_us = now_us + TK_DTLS_HANDSHAKE_US;
    if (dtls->active) {
        advance(dtls, now_us);
    }
}

/* Whether the fragments of a clear handshake record stay within what a handshake may cost. */
static bool fragments_are_modest(struct tk_dtls *dtls, struct tk_reader record)
{
    while (tk_reader_left(&record)) {
        tk_read_u8(&record);
        uint32_t len = tk_read_u24(&record);
        uint16_t number = tk_read_u16(&record);
        uint32_t offset = tk_read_u24(&record);
        uint32_t part = tk_read_u24(&record);
        tk_read_bytes(&record, part);
        if (record.failed || len > TK_DTLS_MESSAGE_MAX || offset + part > len ||
            number >= TK_DTLS_MESSAGES_MAX) {
            return false;
        }
        if (dtls->message_seen[number]) {
            if (dtls->message_len[number] != len) {
                return false;
            }
            continue;
        }
        if (dtls->announced + len > TK_DTLS_FLIGHT_MAX) {
            return false;
        }
        dtls->message_seen[number] = true;
        dtls->message_len[number] = len;
        dtls->announced += len;
    }
    return true;
}

/* Of the clear epoch only a handshake's messages count. Alerts there could be anybody's. */
static bool clear_record_is_fit(struct tk_dtls *dtls, uint8_t type, struct tk_reader body)
{
    if (type == CONTENT_CHANGE_CIPHER_SPEC) {
        return tk_reader_left(&body) == 1;
    }
    return type == CONTENT_HANDSHAKE && tk_reader_left(&body) >= HANDSHAKE_HEADER_LEN &&
           fragments_are_modest(dtls, body);
}

/* Whether OpenSSL would have to keep a record of epoch 1, since the keys are not there yet. */
static bool is_early(const struct tk_dtls *dtls)
{
    OSSL_HANDSHAKE_STATE state = SSL_get_state(dtls->ssl);
    return dtls->state == TK_DTLS_HANDSHAKE && state != TLS_ST_SR_CHANGE &&
           state != TLS_ST_CR_CHANGE;
}

static bool sealed_record_is_fit(struct tk_dtls *dtls, size_t len)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(dtls->ssl);
    size_t overhead = AEAD_OVERHEAD;
    if (cipher && SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305) {
        overhead = CHACHA_OVERHEAD;
    }
    if (len <= overhead) {
        return false;
    }
    return !is_early(dtls) || dtls->early_records++ < EARLY_RECORDS_MAX;
}

/* Whether OpenSSL may see the next record; else counts why not. */
static bool take_record(struct tk_dtls *dtls, struct tk_reader *r, struct tk_drops *drops)
{
    enum tk_drop reason = TK_DROP_DTLS_MALFORMED;
    bool fit = false;
    uint8_t type = tk_read_u8(r);
    uint16_t version = tk_read_u16(r);
    uint16_t epoch = tk_read_u16(r);
    tk_read_bytes(r, 6); /* sequence number */
    struct tk_reader body = tk_read_block(r, tk_read_u16(r));
    /* RFC 6347 §4.2.1: a first ClientHello may say DTLS 1.0 in its record. */
    bool readable = !r->failed && version >> 8 == 0xfe && type >= CONTENT_CHANGE_CIPHER_SPEC &&
                    type <= CONTENT_APPLICATION_DATA;
    if (readable && epoch == 0 && dtls->state != TK_DTLS_HANDSHAKE) {
        /* A flight that came twice; nor is a new ClientHello a reason to give up what is authentic.
         */
        reason = TK_DROP_DTLS_LATE;
    } else if (readable && epoch == 0) {
        fit = clear_record_is_fit(dtls, type, body);
    } else if (readable && epoch == 1) {
        fit = sealed_record_is_fit(dtls, tk_reader_left(&body));
    }
    drops->by_reason[reason] += fit ? 0 : 1;
    return fit;
}

void tk_dtls_receive(struct tk_dtls *dtls, const uint8_t *buf, size_t len, int64_t now_us,
                     struct tk_drops *drops)
{
    struct tk_reader r;
    tk_reader_init(&r, buf, len);
    if (dtls->state == TK_DTLS_HANDSHAKE && ++dtls->datagrams > TK_DTLS_DATAGRAMS_MAX) {
        drops->by_reason[TK_DROP_DTLS_LIMIT]++;
        return;
    }
    while (tk_reader_left(&r) && !r.failed) {
        const uint8_t *record = r.at;
        if (dtls->state > TK_DTLS_DONE) {
            return;
        }
        if (!take_record(dtls, &r, drops)) {
            continue;
        }
        dtls->input = record;
        dtls->input_len = (size_t)(r.at - record);
        advance(dtls, now_us);
        dtls->input_len = 0;
    }
}

int64_t tk_dtls_next_deadline(const struct tk_dtls *dtls)
{
    return dtls->give_up_us < dtls->retransmit_us ? dtls->give_up_us : dtls->retransmit_us;
}

void tk_dtls_tick(struct tk_dtls *dtls, int64_t now_us)
{
    if (dtls->give_up_us <= now_us) {
        finish(dtls, TK_DTLS_FAILED, "dtls-timeout");
    }
    if (dtls->retransmit_us <= now_us) {
        ERR_clear_error();
        if (DTLSv1_handle_timeout(dtls->ssl) < 0) {
            on_error(dtls, -1);
        }
        arm_retransmit(dtls, now_us);
        if (dtls->retransmit_us <= now_us) {
            dtls->retransmit_us = now_us + 10000; /* OpenSSL's clock is a little behind */
        }
    }
}

void tk_dtls_close(struct tk_dtls *dtls)
{
    if (dtls->state == TK_DTLS_DONE) {
        SSL_shutdown(dtls->ssl);
        ERR_clear_error();
        finish(dtls, TK_DTLS_CLOSED, NULL);
    }
}

enum tk_dtls_state tk_dtls_state(const struct tk_dtls *dtls)
{
    return dtls->state;
}

const char *tk_dtls_failure(const struct tk_dtls *dtls)
{
    return dtls->failure;
}

bool tk_dtls_keys(const struct tk_dtls *dtls, enum tk_srtp_profile *ret_profile,
                  uint8_t ret_send[TK_SRTP_MASTER_MAX], uint8_t ret_receive[TK_SRTP_MASTER_MAX])
{
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(dtls->ssl);
    uint8_t material[2 * TK_SRTP_MASTER_MAX];
    if (!chosen) {
        return false;
    }
    enum tk_srtp_profile profile = (enum tk_srtp_profile)chosen->id;
    size_t key = tk_srtp_key_len(profile), salt = tk_srtp_salt_len(profile);
    if (SSL_export_keying_material(dtls->ssl, material, 2 * (key + salt), EXPORTER_LABEL,
                                   strlen(EXPORTER_LABEL), NULL, 0, 0) != 1) {
        ERR_clear_error();
        return false;
    }
    /* RFC 5764 §4.2: client's key, server's key, client's salt, server's salt */
    uint8_t *client = dtls->active ? ret_send : ret_receive;
    uint8_t *server = dtls->active ? ret_receive : ret_send;
    memcpy(client, material, key);
    memcpy(server, material + key, key);
    memcpy(client + key, material + 2 * key, salt);
    memcpy(server + key, material + 2 * key + salt, salt);
    OPENSSL_cleanse(material, sizeof(material));
    *ret_profile = profile;
    return true;
}
