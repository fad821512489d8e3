#include "streamer/transport/transport.h"

#include "tests/unit/transport/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND 1000000

static struct tk_transport *t;
static int64_t now_us = 1000 * SECOND;

/* A peer of the transport and its client behind a socket of its own. */
struct pair {
    struct tk_peer *peer;
    struct client client;
    enum tk_peer_state state;
    size_t rtp;
};

static int set_up(void **state)
{
    static const char *const hosts[] = {"192.0.2.7"};
    struct tk_transport_config config = {.hosts = hosts, .host_count = 1, .max_peers = 2};
    char err[200];
    return tk_transport_open(&config, &t, err, sizeof(err));
}

static int tear_down(void **state)
{
    tk_transport_close(t);
    return 0;
}

static void on_state(void *ctx, enum tk_peer_state state, const char *reason)
{
    ((struct pair *)ctx)->state = state;
}

static void on_rtp(void *ctx, uint8_t *packet, size_t len, int64_t when_us)
{
    ((struct pair *)ctx)->rtp++;
}

static int make_pair(struct pair *p)
{
    memset(p, 0, sizeof(*p));
    client_init(&p->client, false, CLIENT_GCM, "sha-256");
    struct tk_peer_config config = {
        .remote_ufrag = "them",
        .remote_fingerprint = p->client.fingerprint,
        .handlers = {.on_state = on_state, .on_rtp = on_rtp, .ctx = p},
        .now_us = now_us,
    };
    return tk_transport_peer_create(t, &config, &p->peer);
}

static int open_client(int family)
{
    int fd = socket(family, SOCK_DGRAM, 0);
    struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(tk_transport_port(t))};
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(tk_transport_port(t))};
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sin6.sin6_addr = in6addr_loopback;
    int r = family == AF_INET ? connect(fd, (struct sockaddr *)&sin, sizeof(sin))
                              : connect(fd, (struct sockaddr *)&sin6, sizeof(sin6));
    assert_int_equal(r, 0);
    return fd;
}

/* Sends, lets the transport read and answer. On loopback what was sent is there at once. */
static void give(int fd, const uint8_t *buf, size_t len)
{
    assert_int_equal(send(fd, buf, len, 0), len);
    tk_transport_read(t, 0, now_us);
    tk_transport_read(t, 1, now_us);
    tk_transport_flush(t);
}

static ssize_t take(int fd, uint8_t *buf, size_t cap)
{
    return recv(fd, buf, cap, MSG_DONTWAIT);
}

static bool check(struct pair *p, int fd, bool use_candidate)
{
    char username[64];
    uint8_t buf[256];
    snprintf(username, sizeof(username), "%s:them", tk_peer_local_ufrag(p->peer));
    struct check c = {
        .username = username,
        .pwd = tk_peer_local_pwd(p->peer),
        .use_candidate = use_candidate,
    };
    give(fd, buf, make_check(buf, sizeof(buf), &c));
    ssize_t n = take(fd, buf, sizeof(buf));
    return n > 20 && buf[0] == 1 && buf[1] == 1;
}

static void handshake(struct pair *p, int fd)
{
    uint8_t buf[2048];
    size_t len;
    ssize_t n;
    client_advance(&p->client);
    for (int i = 0; i < 20 && !p->client.done; i++) {
        while ((len = client_take(&p->client, buf, sizeof(buf)))) {
            give(fd, buf, len);
        }
        while ((n = take(fd, buf, sizeof(buf))) > 0) {
            client_receive(&p->client, buf, (size_t)n);
        }
    }
    assert_true(p->client.done);
    assert_int_equal(p->state, TK_PEER_CONNECTED);
    client_start_srtp(&p->client);
}

static void finish_pair(struct pair *p)
{
    tk_peer_destroy(p->peer);
    client_finish(&p->client);
}

static uint64_t counted;
static const char *wanted;

static void each(void *ctx, const char *name, uint64_t value)
{
    if (strcmp(name, wanted) == 0) {
        counted = value;
    }
}

static uint64_t counter(const char *name)
{
    counted = UINT64_MAX;
    wanted = name;
    tk_transport_counters(t, each, NULL);
    return counted;
}

static void send_media(struct pair *p, int fd, uint16_t seq)
{
    uint8_t buf[128] = {0x80, 96, (uint8_t)(seq >> 8), (uint8_t)seq};
    int len = 60;
    assert_int_equal(srtp_protect(p->client.send, buf, &len), 0);
    give(fd, buf, (size_t)len);
}

static void connects(int family)
{
    struct pair p;
    int fd = open_client(family), stranger = open_client(family);
    assert_int_equal(make_pair(&p), 0);
    assert_true(check(&p, fd, true));
    handshake(&p, fd);
    send_media(&p, fd, 1);
    assert_int_equal(p.rtp, 1);
    send_media(&p, stranger, 2);
    assert_int_equal(p.rtp, 1);
    assert_int_equal(counter("drop_unknown_address"), 1);

    uint8_t *room, buf[2048];
    for (uint8_t i = 0; i < 5; i++) { /* a frame: one message */
        room = tk_peer_rtp_begin(p.peer, 1200);
        memset(room, 0, 1200);
        room[0] = 0x80;
        room[3] = i;
        assert_int_equal(tk_peer_rtp_end(p.peer, i < 4 ? 1200 : 90), 0);
    }
    uint64_t before = counter("messages_out");
    tk_transport_flush(t);
    assert_int_equal(counter("messages_out"), before + 1);
    for (int i = 0; i < 5; i++) {
        int len = (int)take(fd, buf, sizeof(buf));
        assert_int_equal(srtp_unprotect(p.client.receive, buf, &len), 0);
        assert_int_equal(len, i < 4 ? 1200 : 90);
        assert_int_equal(buf[3], i);
    }
    finish_pair(&p);
    close(fd);
    close(stranger);
}

static void test_ipv4(void **state)
{
    connects(AF_INET);
}

static void test_ipv6(void **state)
{
    if (!tk_transport_has_ipv6(t)) {
        skip();
    }
    connects(AF_INET6);
}

/* Spoofed sources, right and wrong: never more out than in, and nothing remembered. */
static void test_flood(void **state)
{
    uint8_t buf[256], answer[256];
    int fd = open_client(AF_INET);
    struct check nobody = {.username = "nobody00:them", .pwd = "wrong"};
    for (int i = 0; i < 300; i++) {
        nobody.no_integrity = i % 3 == 0;
        nobody.no_fingerprint = i % 5 == 0;
        nobody.username = i % 7 == 0 ? NULL : "nobody00:them";
        size_t len = make_check(buf, sizeof(buf), &nobody);
        give(fd, buf, len);
        ssize_t n = take(fd, answer, sizeof(answer));
        assert_true(n <= (ssize_t)len);
        assert_true((n < 0) == (i % 5 == 0));
    }
    assert_int_equal(counter("drop_stun_unauthenticated"), 240);
    assert_true(counter("bytes_out") <= counter("bytes_in"));
    close(fd);
}

/* A new page behind the same address and port: once the old one is silent. */
static void test_path_changes_hands(void **state)
{
    struct pair old, new, third;
    int fd = open_client(AF_INET);
    assert_int_equal(make_pair(&old), 0);
    assert_int_equal(make_pair(&new), 0);
    assert_int_equal(make_pair(&third), -ENOSPC);
    client_finish(&third.client);
    assert_true(check(&old, fd, true));
    handshake(&old, fd);
    assert_false(check(&new, fd, true)); /* nobody takes the path of one who speaks */
    send_media(&old, fd, 1);
    assert_int_equal(old.rtp, 1);
    now_us += 2 * SECOND;
    assert_true(check(&new, fd, true));
    handshake(&new, fd);
    send_media(&new, fd, 1);
    assert_int_equal(new.rtp, 1);
    assert_null(tk_peer_rtp_begin(old.peer, 50));
    int64_t next = tk_transport_on_time(t, now_us + 28 * SECOND);
    assert_int_equal(old.state, TK_PEER_GONE);
    assert_int_equal(new.state, TK_PEER_CONNECTED);
    assert_true(next == now_us + 30 * SECOND);
    finish_pair(&old);
    finish_pair(&new);
    close(fd);
}

static void test_candidates(void **state)
{
    char buf[512], want[512];
    assert_string_equal(tk_transport_address(t, 0), "192.0.2.7");
    assert_null(tk_transport_address(t, 1));
    assert_int_equal(tk_transport_candidates(t, false, buf, sizeof(buf)), 0);
    snprintf(want, sizeof(want), "a=candidate:1 1 udp 2130706431 192.0.2.7 %u typ host\r\n",
             tk_transport_port(t));
    assert_string_equal(buf, want);
    assert_int_equal(tk_transport_candidates(t, true, buf, sizeof(buf)), 0);
    assert_non_null(strstr(buf, " 127.0.0.1 "));
    assert_int_equal(tk_transport_candidates(t, true, buf, 60), -ENOSPC);
}

static void test_unresolved_host(void **state)
{
    static const char *const hosts[] = {"no host with spaces"};
    struct tk_transport_config config = {.hosts = hosts, .host_count = 1};
    struct tk_transport *none = NULL;
    char err[200] = "";
    assert_int_equal(tk_transport_open(&config, &none, err, sizeof(err)), -EINVAL);
    assert_null(none);
    assert_non_null(strstr(err, "no host with spaces"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ipv4),       TEST(test_ipv6),
        TEST(test_flood),      TEST(test_path_changes_hands),
        TEST(test_candidates), TEST(test_unresolved_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
