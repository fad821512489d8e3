#include "streamer/transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct tk_udp *udp;

static int set_up(void **state)
{
    char err[200];
    return tk_udp_open(0, &udp, err, sizeof(err));
}

static int tear_down(void **state)
{
    tk_udp_close(udp);
    return 0;
}

/* A socket on loopback, and the path to it. */
static int open_receiver(struct tk_path *path, const char *local)
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(sin);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
    assert_true(tk_addr_from_sockaddr(&path->remote, (struct sockaddr *)&sin));
    assert_true(tk_addr_parse(&path->local, local));
    return fd;
}

static size_t receive(int fd, uint8_t *buf, size_t cap, struct sockaddr_in *from)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    socklen_t len = sizeof(*from);
    assert_int_equal(poll(&p, 1, 5000), 1);
    ssize_t n = recvfrom(fd, buf, cap, 0, (struct sockaddr *)from, &len);
    assert_true(n >= 0);
    return (size_t)n;
}

static void send_one(const struct tk_path *path, uint8_t mark, size_t len)
{
    uint8_t *room = tk_udp_room(udp, len);
    assert_non_null(room);
    memset(room, mark, len);
    tk_udp_commit(udp, path, len);
}

static void assert_receives(int fd, const size_t *lens, size_t count)
{
    uint8_t buf[2048];
    struct sockaddr_in from;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(receive(fd, buf, sizeof(buf), &from), lens[i]);
        for (size_t k = 0; k < lens[i]; k++) {
            assert_int_equal(buf[k], (uint8_t)i);
        }
    }
}

/* Equal ones and a shorter last leave together; whatever the lengths, each arrives as it was. */
static void test_runs(void **state)
{
    static const size_t lens[] = {1200, 1200, 1200, 300, 300, 900, 200, 1200, 1200, 1, 1, 1, 1400};
    size_t count = sizeof(lens) / sizeof(lens[0]);
    struct tk_path a, b;
    int fd_a = open_receiver(&a, "127.0.0.1"), fd_b = open_receiver(&b, "127.0.0.1");
    for (size_t i = 0; i < count; i++) {
        send_one(&a, (uint8_t)i, lens[i]);
    }
    for (size_t i = 0; i < count; i++) { /* one by one to each: no runs */
        send_one(&b, (uint8_t)i, lens[i]);
        send_one(&a, (uint8_t)i, lens[i]);
    }
    tk_udp_flush(udp);
    const struct tk_udp_counters *c = tk_udp_counters(udp);
    assert_int_equal(c->datagrams_out, 3 * count);
    /* 1200×3+300 | 300 | 900+200 | 1200×2+1 | 1×2 | 1400 */
    assert_int_equal(c->messages_out, 6 + 2 * count);
    assert_int_equal(c->writes, 1);
    assert_int_equal(c->refused, 0);
    assert_receives(fd_a, lens, count);
    assert_receives(fd_b, lens, count);
    assert_receives(fd_a, lens, count);
    close(fd_a);
    close(fd_b);
}

/* Far more than a batch, and more than a message may hold. */
static void test_many(void **state)
{
    struct tk_path a;
    int fd = open_receiver(&a, "127.0.0.1");
    uint8_t buf[2048];
    struct sockaddr_in from;
    for (unsigned i = 0; i < 1000; i++) {
        send_one(&a, (uint8_t)i, 1200);
        if (i % 100 == 99) { /* as much as the receiver's buffer surely holds */
            tk_udp_flush(udp);
            for (unsigned k = i - 99; k <= i; k++) {
                assert_int_equal(receive(fd, buf, sizeof(buf), &from), 1200);
                assert_int_equal(buf[1199], (uint8_t)k);
            }
        }
    }
    assert_true(tk_udp_counters(udp)->messages_out <= 20);
    assert_null(tk_udp_room(udp, TK_UDP_DATAGRAM_MAX + 1));
    close(fd);
}

/* A message whose segments the kernel refuses goes as single datagrams, or is counted. */
static void test_refused(void **state)
{
    struct tk_path nowhere = {.remote = {.ip = {127, 0, 0, 1}, .port = 0, .family = 4}};
    send_one(&nowhere, 1, 100);
    send_one(&nowhere, 1, 100);
    struct tk_path a;
    int fd = open_receiver(&a, "127.0.0.1");
    send_one(&a, 0, 50);
    tk_udp_flush(udp);
    assert_int_equal(tk_udp_counters(udp)->refused, 2);
    assert_receives(fd, (size_t[]){50}, 1);
    close(fd);
}

static void answer(void *ctx, const struct tk_path *path, uint8_t *buf, size_t len)
{
    uint8_t *room = tk_udp_room(udp, len);
    memcpy(room, buf, len);
    tk_udp_commit(udp, path, len);
    *(size_t *)ctx += len;
}

static void test_answers_from_where_it_was_asked(void **state)
{
    static const char *const asked[] = {"127.0.0.1", "127.0.0.2", "127.1.2.3"};
    struct tk_path path;
    int fd = open_receiver(&path, "127.0.0.1");
    for (size_t i = 0; i < 3; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(tk_udp_port(udp))}, from;
        struct pollfd p = {.fd = tk_udp_fd(udp, 0), .events = POLLIN};
        uint8_t buf[100];
        size_t got = 0;
        inet_pton(AF_INET, asked[i], &to.sin_addr);
        assert_int_equal(sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
        assert_int_equal(poll(&p, 1, 5000), 1);
        assert_int_equal(tk_udp_read(udp, 0, answer, &got), 1);
        tk_udp_flush(udp);
        assert_int_equal(got, 5);
        assert_int_equal(receive(fd, buf, sizeof(buf), &from), 5);
        assert_true(from.sin_addr.s_addr == to.sin_addr.s_addr && from.sin_port == to.sin_port);
    }
    close(fd);
}

static void test_port_in_use(void **state)
{
    struct tk_udp *second = NULL;
    char err[200] = "";
    assert_int_equal(tk_udp_open(tk_udp_port(udp), &second, err, sizeof(err)), -EADDRINUSE);
    assert_null(second);
    assert_non_null(strstr(err, "cannot listen on UDP port"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs),        TEST(test_many),
        TEST(test_refused),     TEST(test_answers_from_where_it_was_asked),
        TEST(test_port_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
