#include "streamer/control/control.h"

#include "streamer/seam.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct tk_control *control;
static int ours, theirs;
static int64_t now_us = 1000000;

static int set_up(void **state)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
    ours = fds[0];
    theirs = fds[1];
    control = tk_control_create(theirs);
    return control ? 0 : -1;
}

static int tear_down(void **state)
{
    tk_control_destroy(control);
    close(ours);
    close(theirs);
    return 0;
}

/* The next event, checked against the seam; NULL: none. */
static json_t *event(void)
{
    static char buf[TK_SEAM_MAX_BYTES];
    char why[256] = "";
    ssize_t n = recv(ours, buf, sizeof(buf), MSG_DONTWAIT);
    if (n <= 0) {
        return NULL;
    }
    json_t *e = tk_seam_parse(TK_SEAM_EVENT, buf, (size_t)n, why, sizeof(why));
    assert_string_equal(why, "");
    return e;
}

static json_t *event_of(const char *type)
{
    json_t *e;
    while ((e = event())) {
        if (strcmp(json_string_value(json_object_get(e, "type")), type) == 0) {
            return e;
        }
        json_decref(e);
    }
    return NULL;
}

static void say_bytes(const void *bytes, size_t len)
{
    assert_int_equal(send(ours, bytes, len, 0), len);
    tk_control_read(control, now_us);
    now_us += 1000;
    tk_control_on_time(control, now_us);
}

static void say(const char *message)
{
    say_bytes(message, strlen(message));
}

static void answers(const char *message, const char *code, json_int_t id, const char *text)
{
    say(message);
    json_t *e = event_of("error");
    assert_non_null(e);
    assert_string_equal(json_string_value(json_object_get(e, "code")), code);
    assert_int_equal(json_integer_value(json_object_get(e, "id")), id);
    assert_non_null(strstr(json_string_value(json_object_get(e, "text")), text));
    json_decref(e);
    assert_false(tk_control_has_ended(control));
}

#define HELLO                                                                                      \
    "{\"type\":\"hello\",\"id\":1,\"version\":1,\"udp_port\":0,\"hosts\":[\"192.0.2.1\"],"         \
    "\"stats_ms\":1000,\"data\":\"/nonexistent\"}"

static void greet(void)
{
    say(HELLO);
    json_t *e = event_of("ready");
    assert_non_null(e);
    assert_int_equal(json_integer_value(json_object_get(e, "id")), 1);
    assert_true(json_integer_value(json_object_get(e, "udp_port")) > 0);
    json_decref(e);
    assert_non_null(tk_control_transport(control));
    assert_non_null(tk_control_pipes(control));
}

static void test_malformed(void **state)
{
    answers("x", "malformed", 0, "not JSON");
    answers("[]", "malformed", 0, "not");
    answers("{}", "malformed", 0, "type");
    answers("{\"type\":7}", "malformed", 0, "type");
    answers("{\"type\":\"dance\",\"id\":9}", "unknown", 9, "dance");
    answers("{\"type\":\"ready\",\"id\":9}", "unknown", 9, "ready"); /* an event, not a command */
    answers("{\"type\":\"ping\"}", "malformed", 0, "'id' is missing");
    answers("{\"type\":\"ping\",\"id\":\"1\"}", "malformed", 0, "not an integer");
    answers("{\"type\":\"ping\",\"id\":4,\"more\":1}", "malformed", 4, "unknown field");
    answers("{\"type\":\"ping\",\"id\":4,\"id\":5}", "malformed", 5, "duplicate");
    answers("{\"type\":\"peer.close\",\"peer\":\"\\u0000\"}", "malformed", 0, "not JSON");
}

static void test_too_long(void **state)
{
    static char long_one[TK_SEAM_MAX_BYTES + 100];
    memset(long_one, ' ', sizeof(long_one));
    long_one[0] = '{';
    say_bytes(long_one, sizeof(long_one));
    json_t *e = event_of("error");
    assert_non_null(e);
    assert_string_equal(json_string_value(json_object_get(e, "code")), "malformed");
    json_decref(e);
}

static void test_order(void **state)
{
    answers("{\"type\":\"lesson.open\",\"lesson\":\"demo\"}", "state", 0, "not before hello");
    answers("{\"type\":\"hello\",\"id\":3,\"version\":99,\"udp_port\":0}", "state", 3, "version");
    answers("{\"type\":\"hello\",\"id\":3,\"version\":1,\"udp_port\":70000}", "malformed", 3,
            "range");
    answers("{\"type\":\"hello\",\"id\":3,\"version\":1,\"udp_port\":0,\"hosts\":[5]}", "malformed",
            3, "hosts");
    greet();
    answers(HELLO, "state", 1, "before");
    say("{\"type\":\"ping\",\"id\":12}");
    json_t *e = event_of("pong");
    assert_int_equal(json_integer_value(json_object_get(e, "id")), 12);
    json_decref(e);
}

static void test_what_is_not_there(void **state)
{
    greet();
    answers("{\"type\":\"lesson.close\",\"lesson\":\"x\"}", "no_lesson", 0, "'x'");
    answers("{\"type\":\"source.set\",\"lesson\":\"x\",\"source\":{\"kind\":\"demo\"}}",
            "no_lesson", 0, "'x'");
    answers("{\"type\":\"slot.feed\",\"lesson\":\"x\",\"slot\":\"a\",\"from\":\"\",\"track\":\"\"}",
            "no_lesson", 0, "'x'");
    answers("{\"type\":\"peer.create\",\"id\":2,\"peer\":\"p\",\"lesson\":\"x\",\"slots\":{},"
            "\"tracks\":{},\"offer\":\"v=0\"}",
            "no_lesson", 2, "'x'");
    answers("{\"type\":\"peer.close\",\"peer\":\"p\"}", "no_peer", 0, "'p'");
    answers("{\"type\":\"peer.restart\",\"id\":5,\"peer\":\"p\",\"sdp\":\"\"}", "no_peer", 5,
            "'p'");
    say("{\"type\":\"lesson.open\",\"lesson\":\"x\"}");
    answers("{\"type\":\"source.set\",\"lesson\":\"x\",\"source\":{\"kind\":\"circus\"}}",
            "malformed", 0, "source.set");
    answers("{\"type\":\"slot.feed\",\"lesson\":\"x\",\"slot\":\"a\",\"from\":\"\",\"track\":\"\","
            "\"layer\":3}",
            "malformed", 0, "layer");
    answers("{\"type\":\"slot.feed\",\"lesson\":\"x\",\"slot\":\"a\",\"from\":\"\",\"track\":\"\","
            "\"layer\":-1}",
            "malformed", 0, "layer");
    answers("{\"type\":\"peer.create\",\"id\":2,\"peer\":\"p\",\"lesson\":\"x\",\"slots\":{},"
            "\"tracks\":{},\"offer\":\"v=0\\r\\nbroken\"}",
            "sdp", 2, "line 2");
    answers(
        "{\"type\":\"peer.create\",\"id\":2,\"peer\":\"p\",\"lesson\":\"x\",\"slots\":{\"0\":5},"
        "\"tracks\":{\"\":[]},\"offer\":\"v=0\\r\\nm=video 9 X 96\\r\\na=mid:0\\r\\n\"}",
        "sdp", 2, "no m-line");
}

/* Every byte of a good message changed in turn: an error or an answer, never a crash. */
static void test_changed_bytes(void **state)
{
    char message[] = "{\"type\":\"slot.feed\",\"lesson\":\"x\",\"slot\":\"lesson.video\","
                     "\"from\":\"source\",\"track\":\"source.video\",\"peer\":\"p\"}";
    greet();
    say("{\"type\":\"lesson.open\",\"lesson\":\"x\"}");
    for (size_t i = 0; i < sizeof(message) - 1; i++) {
        for (int bit = 0; bit < 8; bit++) {
            message[i] ^= (char)(1 << bit);
            say(message[0] ? message : "{}");
            json_t *e;
            while ((e = event())) {
                json_decref(e);
            }
            message[i] ^= (char)(1 << bit);
        }
    }
    assert_false(tk_control_has_ended(control));
}

static void test_statistics(void **state)
{
    greet();
    now_us += 1000000;
    tk_control_on_time(control, now_us);
    json_t *e = event_of("stats.streamer");
    assert_non_null(e);
    json_t *counters = json_object_get(e, "counters");
    assert_int_equal(json_integer_value(json_object_get(counters, "commands")), 1);
    assert_true(json_is_integer(json_object_get(counters, "drop_unknown_address")));
    json_decref(e);
}

/* A tongke that reads nothing: answers wait, statistics are left out. */
static void test_full_socket(void **state)
{
    greet();
    for (int i = 0; i < 2000 && !tk_control_is_full(control); i++) {
        say("{\"type\":\"ping\",\"id\":1}");
    }
    assert_true(tk_control_is_full(control));
    for (int i = 0; i < 20; i++) {
        now_us += 1000000;
        tk_control_on_time(control, now_us);
    }
    json_t *e;
    int pongs = 0;
    while ((e = event()) || tk_control_is_full(control)) {
        pongs += e && strcmp(json_string_value(json_object_get(e, "type")), "pong") == 0;
        json_decref(e);
        tk_control_write(control);
    }
    assert_true(pongs > 0);
    assert_false(tk_control_has_ended(control));
}

static void test_port_in_use(void **state)
{
    char message[200];
    greet();
    int port = tk_transport_port(tk_control_transport(control));
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
    struct tk_control *second = tk_control_create(fds[1]);
    int n = snprintf(message, sizeof(message),
                     "{\"type\":\"hello\",\"id\":1,\"version\":1,\"udp_port\":%d}", port);
    tk_control_take(second, message, (size_t)n, now_us);
    char answer[2048] = "";
    assert_true(recv(fds[0], answer, sizeof(answer) - 1, MSG_DONTWAIT) > 0);
    assert_non_null(strstr(answer, "\"code\":\"port\""));
    tk_control_destroy(second);
    close(fds[0]);
    close(fds[1]);
}

static void test_ends(void **state)
{
    greet();
    say("{\"type\":\"stop\",\"reason\":\"test\"}");
    assert_true(tk_control_has_ended(control));
    tk_control_destroy(control);
    control = tk_control_create(theirs);
    shutdown(ours, SHUT_WR);
    tk_control_read(control, now_us);
    assert_true(tk_control_has_ended(control));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_malformed),         TEST(test_too_long),      TEST(test_order),
        TEST(test_what_is_not_there), TEST(test_changed_bytes), TEST(test_statistics),
        TEST(test_full_socket),       TEST(test_port_in_use),   TEST(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
