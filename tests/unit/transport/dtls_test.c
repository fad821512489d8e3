#include "tests/unit/transport/world.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000

static struct world w;
static size_t openssl_bytes; /* that OpenSSL holds now */

static void *count_malloc(size_t n, const char *file, int line)
{
    size_t *p = malloc(n + 16);
    *p = n;
    openssl_bytes += n;
    return (char *)p + 16;
}

static void count_free(void *ptr, const char *file, int line)
{
    if (ptr) {
        size_t *p = (size_t *)((char *)ptr - 16);
        openssl_bytes -= *p;
        free(p);
    }
}

static void *count_realloc(void *ptr, size_t n, const char *file, int line)
{
    void *grown = count_malloc(n, file, line);
    if (ptr) {
        size_t *p = (size_t *)((char *)ptr - 16);
        memcpy(grown, ptr, *p < n ? *p : n);
        count_free(ptr, file, line);
    }
    return grown;
}

static int set_up(void **state)
{
    world_init(&w, CLIENT_GCM, false, "sha-256");
    return 0;
}

static int tear_down(void **state)
{
    world_finish(&w);
    return 0;
}

static uint64_t drops(enum tk_drop reason)
{
    return tk_peer_drops(w.peer)->by_reason[reason];
}

static void assert_media_flows(void)
{
    uint8_t buf[128] = {0x80, 96, 0, 1};
    int len = 60;
    size_t before = w.rtp;
    assert_int_equal(srtp_protect(w.client.send, buf, &len), 0);
    world_give(&w, 1, buf, (size_t)len);
    assert_int_equal(w.rtp, before + 1);
}

/* A stranger's first flight, which is a whole and right ClientHello. */
static size_t make_hello(uint8_t *buf, size_t cap)
{
    struct client stranger;
    client_init(&stranger, false, CLIENT_GCM, "sha-256");
    client_advance(&stranger);
    size_t len = client_take(&stranger, buf, cap);
    client_finish(&stranger);
    assert_true(len > 50);
    return len;
}

/* RFC 8842: nothing before a valid pair, and nothing from elsewhere ever. */
static void test_stranger(void **state)
{
    uint8_t hello[2048], buf[2048];
    size_t hello_len = make_hello(hello, sizeof(hello)), len;
    world_give(&w, 1, hello, hello_len);
    world_give(&w, 2, hello, hello_len);
    assert_int_equal(w.count, 0);
    assert_int_equal(drops(TK_DROP_UNKNOWN_ADDRESS), 2);
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    while ((len = client_take(&w.client, buf, sizeof(buf)))) {
        world_give(&w, 2, hello, hello_len);
        world_give(&w, 1, buf, len);
        world_give(&w, 2, hello, hello_len);
    }
    world_exchange(&w, 1);
    assert_true(w.client.done);
    client_start_srtp(&w.client);
    world_give(&w, 2, hello, hello_len);
    assert_media_flows();
    assert_int_equal(w.count, 0);
}

static void test_new_session_on_same_path(void **state)
{
    uint8_t hello[2048];
    size_t len = make_hello(hello, sizeof(hello));
    world_connect(&w);
    for (int i = 0; i < 200; i++) {
        world_give(&w, 1, hello, len);
    }
    assert_int_equal(w.count, 0);
    assert_int_equal(drops(TK_DROP_DTLS_LATE), 200);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
    assert_media_flows();
}

static void test_wrong_fingerprint(void **state)
{
    struct client liar;
    client_init(&liar, false, CLIENT_GCM, "sha-256");
    struct client real = w.client;
    w.client = liar;
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_GONE);
    assert_string_equal(w.reason, "wrong-fingerprint");
    assert_null(tk_peer_rtp_begin(w.peer, 50));
    client_finish(&w.client);
    w.client = real;
}

static void test_no_profile(void **state)
{
    struct client real = w.client;
    SSL_set_tlsext_use_srtp(real.ssl, "");
    client_finish(&real);
    client_init(&w.client, false, NULL, "sha-256");
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    world_exchange(&w, 1);
    /* another certificate too, so whichever is seen first: no media */
    assert_int_equal(w.state, TK_PEER_GONE);
}

static void test_hello_in_two_datagrams(void **state)
{
    uint8_t protocols[1500], buf[2048];
    size_t len, count = 0;
    for (size_t i = 0; i < sizeof(protocols); i += 50) {
        memset(protocols + i, 'x', 50);
        protocols[i] = 49;
    }
    assert_int_equal(SSL_set_alpn_protos(w.client.ssl, protocols, sizeof(protocols)), 0);
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    while ((len = client_take(&w.client, buf, sizeof(buf)))) {
        world_give(&w, 1, buf, len);
        count++;
    }
    assert_int_equal(count, 2);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
}

/* Each of the first flights lost in turn: repaired by the timers within 5 s. */
static void test_loss(void **state)
{
    assert_int_equal(world_check(&w, 1, true), 0);
    w.lose = true;
    client_advance(&w.client);
    world_exchange(&w, 1);
    w.lose = false;
    int64_t start = test_now_us;
    for (int i = 0; i < 50 && !w.client.done; i++) {
        w.lose = i == 11 || i == 12; /* and our first answer, and its repetition */
        world_pass(&w, 1, 100000);
    }
    assert_true(w.client.done);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
    assert_true(test_now_us - start < 5 * SECOND);
    client_start_srtp(&w.client);
    assert_media_flows();
}

static void test_our_flight_lost(void **state)
{
    uint8_t buf[2048];
    size_t len;
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    while ((len = client_take(&w.client, buf, sizeof(buf)))) {
        world_give(&w, 1, buf, len);
    }
    assert_true(w.count > 0);
    while (world_take(&w)) { /* lost */
    }
    assert_true(tk_peer_next_deadline(w.peer) <= test_now_us + 400000);
    test_now_us += 400000;
    tk_peer_tick(w.peer, test_now_us);
    assert_true(w.count > 0);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
}

/* Our last flight is lost: the client repeats its Finished and hears ours again. */
static void test_last_flight_lost(void **state)
{
    uint8_t buf[2048];
    size_t len;
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    while (tk_peer_state(w.peer) != TK_PEER_CONNECTED) {
        while ((len = client_take(&w.client, buf, sizeof(buf)))) {
            world_give(&w, 1, buf, len);
        }
        for (struct datagram *d; (d = world_take(&w));) {
            if (tk_peer_state(w.peer) != TK_PEER_CONNECTED) {
                client_receive(&w.client, d->bytes, d->len);
            }
        }
    }
    assert_false(w.client.done);
    for (int i = 0; i < 30 && !w.client.done; i++) {
        world_pass(&w, 1, 100000);
    }
    assert_true(w.client.done);
}

static void test_handshake_ends(void **state)
{
    assert_int_equal(world_check(&w, 1, true), 0);
    int64_t deadline = test_now_us + 10 * SECOND;
    while (w.state == TK_PEER_CHECKING && test_now_us < deadline + SECOND) {
        test_now_us = tk_peer_next_deadline(w.peer);
        tk_peer_tick(w.peer, test_now_us);
    }
    assert_int_equal(w.state, TK_PEER_GONE);
    assert_string_equal(w.reason, "dtls-timeout");
    assert_true(test_now_us == deadline);
}

static void test_close_notify(void **state)
{
    world_connect(&w);
    SSL_shutdown(w.client.ssl);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_GONE);
    assert_string_equal(w.reason, "closed-by-peer");
}

static void test_we_close(void **state)
{
    world_connect(&w);
    tk_peer_destroy(w.peer);
    assert_null(w.peer);
    assert_int_equal(w.count, 1);
    struct datagram *d = world_take(&w);
    client_receive(&w.client, d->bytes, d->len);
    assert_int_equal(SSL_get_shutdown(w.client.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

/* type, version, epoch, sequence number, length, body */
static size_t make_record(uint8_t *buf, uint8_t type, uint8_t epoch, size_t len, const void *body)
{
    memset(buf, 0, 13);
    buf[0] = type;
    buf[1] = 0xfe;
    buf[2] = 0xfd;
    buf[4] = epoch;
    buf[10] = 77;
    buf[11] = (uint8_t)(len >> 8);
    buf[12] = (uint8_t)len;
    memcpy(buf + 13, body, len);
    return 13 + len;
}

static void give_hostile_records(void)
{
    static const uint8_t zeros[1200];
    uint8_t buf[1300], fragment[1100] = {11, 0xff, 0xff, 0xff, 0, 1, 0, 0, 0, 0, 4, 0x38};
    world_give(&w, 1, buf, make_record(buf, 23, 1, 5, zeros));       /* no room for a tag */
    world_give(&w, 1, buf, make_record(buf, 23, 1, 0, zeros));       /* empty */
    world_give(&w, 1, buf, make_record(buf, 23, 1, 1000, zeros));    /* a forged one */
    world_give(&w, 1, buf, make_record(buf, 23, 0, 100, zeros));     /* data in the clear */
    world_give(&w, 1, buf, make_record(buf, 21, 0, 2, "\x02\x28"));  /* a clear fatal alert */
    world_give(&w, 1, buf, make_record(buf, 22, 9, 100, zeros));     /* an epoch to come */
    world_give(&w, 1, buf, make_record(buf, 22, 0, 1100, fragment)); /* of 0xffffff bytes */
    world_give(&w, 1, buf, make_record(buf, 22, 0, 3, fragment));
    world_give(&w, 1, buf, make_record(buf, 63, 0, 3, fragment));
    make_record(buf, 22, 0, 100, zeros);
    buf[11] = 0xff; /* longer than its datagram */
    world_give(&w, 1, buf, 113);
    world_give(&w, 1, buf, 13);
    world_give(&w, 1, buf, 2);
}

static void test_hostile_records(void **state)
{
    assert_int_equal(world_check(&w, 1, true), 0);
    give_hostile_records();
    client_advance(&w.client);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
    client_start_srtp(&w.client);
    size_t before = openssl_bytes;
    for (int i = 0; i < 100; i++) {
        give_hostile_records();
    }
    assert_true(openssl_bytes < before + 1024);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
    assert_media_flows();
    assert_true(drops(TK_DROP_DTLS_MALFORMED) > 500);
    assert_true(drops(TK_DROP_DTLS_LATE) >= 400);
}

/* Fragments of many big messages, none of them whole: nothing is kept beyond the limit. */
static void test_fragments(void **state)
{
    uint8_t buf[2048], fragment[1012] = {11, 0, 0x3f, 0xff};
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    world_give(&w, 1, buf, client_take(&w.client, buf, sizeof(buf)));
    size_t before = openssl_bytes;
    for (unsigned i = 0; i < 1000; i++) {
        fragment[5] = (uint8_t)(i % 40);
        fragment[7] = (uint8_t)(i % 8 * 4);
        fragment[10] = 1000 >> 8;
        fragment[11] = 1000 & 255;
        size_t len = make_record(buf, 22, 0, sizeof(fragment), fragment);
        buf[9] = (uint8_t)(i >> 8);
        buf[10] = (uint8_t)i;
        world_give(&w, 1, buf, len);
    }
    assert_true(openssl_bytes < before + 65536);
    assert_true(drops(TK_DROP_DTLS_LIMIT) >= 900);
    assert_true(w.peer != NULL);
}

/* Sealed records before there are keys: OpenSSL keeps few of them. */
static void test_early_records(void **state)
{
    static const uint8_t zeros[1200];
    uint8_t buf[2048];
    size_t len;
    assert_int_equal(world_check(&w, 1, true), 0);
    client_advance(&w.client);
    while ((len = client_take(&w.client, buf, sizeof(buf)))) {
        world_give(&w, 1, buf, len);
    }
    size_t before = openssl_bytes;
    for (int i = 0; i < 50; i++) {
        len = make_record(buf, 22, 1, 1100, zeros);
        buf[10] = (uint8_t)i;
        world_give(&w, 1, buf, len);
    }
    assert_true(openssl_bytes < before + 65536);
    world_exchange(&w, 1);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stranger),
        TEST(test_new_session_on_same_path),
        TEST(test_wrong_fingerprint),
        TEST(test_no_profile),
        TEST(test_hello_in_two_datagrams),
        TEST(test_loss),
        TEST(test_our_flight_lost),
        TEST(test_last_flight_lost),
        TEST(test_handshake_ends),
        TEST(test_close_notify),
        TEST(test_we_close),
        TEST(test_hostile_records),
        TEST(test_fragments),
        TEST(test_early_records),
    };
    CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
