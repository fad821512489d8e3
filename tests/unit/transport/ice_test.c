#include "tests/unit/transport/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000

static struct world w;

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

static struct check right_check(char username[64])
{
    snprintf(username, 64, "%s:them", tk_peer_local_ufrag(w.peer));
    return (struct check){.username = username, .pwd = tk_peer_local_pwd(w.peer)};
}

static int in_use(void)
{
    struct tk_path path;
    return tk_peer_path(w.peer, &path) ? path.remote.ip[3] : -1;
}

/* RFC 8489 section 9.1.3: each is refused, leaves no trace, and is answered with fewer bytes. */
static void test_refused(void **state)
{
    char right[64], other[64];
    struct check check = right_check(right);
    snprintf(other, sizeof(other), "%s:else", tk_peer_local_ufrag(w.peer));

    check.pwd = "not the password of this one";
    assert_int_equal(world_check_as(&w, 1, &check), 401);
    check = right_check(right);
    check.username = other;
    assert_int_equal(world_check_as(&w, 1, &check), 401);
    check.username = "them";
    assert_int_equal(world_check_as(&w, 1, &check), 401);
    check.username = NULL;
    assert_int_equal(world_check_as(&w, 1, &check), 400);
    check = right_check(right);
    check.no_integrity = true;
    assert_int_equal(world_check_as(&w, 1, &check), 400);
    check = right_check(right);
    check.bad_fingerprint = true;
    assert_int_equal(world_check_as(&w, 1, &check), -1);
    check.no_fingerprint = true;
    assert_int_equal(world_check_as(&w, 1, &check), -1);
    check = right_check(right);
    check.unknown = 0x7001;
    assert_int_equal(world_check_as(&w, 1, &check), 420);
    check = right_check(right);
    check.controlled = true;
    assert_int_equal(world_check_as(&w, 1, &check), 487);
    check = right_check(right);
    check.no_priority = true;
    assert_int_equal(world_check_as(&w, 1, &check), 400);

    assert_int_equal(tk_peer_state(w.peer), TK_PEER_NEW);
    assert_int_equal(w.paths, 0);
    assert_int_equal(in_use(), -1);
    assert_int_equal(tk_peer_drops(w.peer)->by_reason[TK_DROP_STUN_UNAUTHENTICATED], 5);
    check = right_check(right);
    check.unknown = 0x9001; /* may be ignored */
    assert_int_equal(world_check_as(&w, 1, &check), 0);
}

static void test_truncated(void **state)
{
    char username[64];
    uint8_t buf[256];
    struct check check = right_check(username);
    size_t len = make_check(buf, sizeof(buf), &check);
    for (size_t cut = 0; cut < len; cut++) {
        world_give(&w, 1, buf, cut);
    }
    buf[0] = 1; /* an answer, which a lite agent never waits for */
    buf[1] = 1;
    world_give(&w, 1, buf, len);
    assert_int_equal(w.count, 0);
    assert_int_equal(tk_peer_state(w.peer), TK_PEER_NEW);
}

static void test_paths(void **state)
{
    assert_int_equal(world_check(&w, 1, false), 0);
    assert_int_equal(in_use(), 1);
    assert_int_equal(tk_peer_state(w.peer), TK_PEER_CHECKING);
    assert_int_equal(world_check(&w, 2, false), 0);
    assert_int_equal(in_use(), 1);
    assert_int_equal(world_check(&w, 2, true), 0);
    assert_int_equal(in_use(), 2);
    test_now_us += 1900000;
    assert_int_equal(world_check(&w, 3, false), 0);
    assert_int_equal(in_use(), 2);
    test_now_us += 100000;
    assert_int_equal(world_check(&w, 3, false), 0); /* 2 was silent for 2 s */
    assert_int_equal(in_use(), 3);
    for (int i = 4; i < 40; i++) {
        assert_int_equal(world_check(&w, i, false), 0);
    }
    assert_int_equal(in_use(), 3);
    assert_true(w.paths <= 8);
}

static void test_restart(void **state)
{
    char old_username[64];
    char old_pwd[64];
    world_connect(&w);
    struct check old = right_check(old_username);
    snprintf(old_pwd, sizeof(old_pwd), "%s", old.pwd);
    old.pwd = old_pwd;
    assert_int_equal(tk_peer_restart(w.peer, "no good", test_now_us), -EINVAL);
    assert_int_equal(tk_peer_restart(w.peer, "them", test_now_us), 0);
    assert_int_equal(tk_peer_restart(w.peer, "them", test_now_us), 0);
    assert_int_equal(w.ufrags, 2);
    assert_int_equal(strncmp(old_username, tk_peer_old_ufrag(w.peer), 8), 0);
    assert_int_equal(world_check_as(&w, 1, &old), 0); /* the old ones go on */
    assert_int_equal(tk_peer_state(w.peer), TK_PEER_CONNECTED);

    assert_int_equal(world_check(&w, 2, false), 0);
    assert_int_equal(in_use(), 1); /* until nominated */
    assert_null(tk_peer_old_ufrag(w.peer));
    assert_int_equal(w.ufrags, 1);
    assert_int_equal(world_check_as(&w, 1, &old), 401);
    assert_int_equal(world_check(&w, 2, true), 0);
    assert_int_equal(in_use(), 2);
    assert_int_equal(tk_peer_state(w.peer), TK_PEER_CONNECTED);
}

static void test_consent(void **state)
{
    world_connect(&w);
    test_now_us += 29 * SECOND;
    tk_peer_tick(w.peer, test_now_us);
    assert_int_equal(world_check(&w, 1, false), 0);
    test_now_us += 29 * SECOND;
    tk_peer_tick(w.peer, test_now_us);
    assert_int_equal(w.state, TK_PEER_CONNECTED);
    assert_true(tk_peer_next_deadline(w.peer) == test_now_us + SECOND);
    test_now_us += SECOND;
    tk_peer_tick(w.peer, test_now_us);
    assert_int_equal(w.state, TK_PEER_GONE);
    assert_string_equal(w.reason, "consent-expired");
    assert_int_equal(w.paths + w.ufrags, 0);
    assert_null(tk_peer_rtp_begin(w.peer, 100));
    assert_true(tk_peer_next_deadline(w.peer) == INT64_MAX);
}

static void test_never_checked(void **state)
{
    test_now_us += 30 * SECOND;
    tk_peer_tick(w.peer, test_now_us);
    assert_int_equal(w.state, TK_PEER_GONE);
    assert_string_equal(w.reason, "never-checked");
}

static void test_destroyed_by_handler(void **state)
{
    w.destroy_on_state = true;
    assert_int_equal(world_check(&w, 1, true), 0);
    assert_null(w.peer);
    assert_int_equal(w.states, 1);
}

static void test_bad_configuration(void **state)
{
    static const char *const bad[] = {
        "",
        "md5 00:11",
        "sha-256 AB",
        "sha-256 "
        "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
        "00:00:00:00",
        "sha-256 "
        "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
        "00:00:0G",
    };
    struct tk_peer_out out = world_out(&w);
    struct tk_peer_paths paths = world_paths(&w);
    struct tk_peer_config config = {.remote_ufrag = "them"};
    struct tk_peer *peer;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config.remote_fingerprint = bad[i];
        assert_int_equal(tk_peer_create(&config, w.identity, &out, &paths, &peer), -EINVAL);
    }
    config.remote_fingerprint = w.client.fingerprint;
    config.remote_ufrag = "a:b";
    assert_int_equal(tk_peer_create(&config, w.identity, &out, &paths, &peer), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_refused),
        TEST(test_truncated),
        TEST(test_paths),
        TEST(test_restart),
        TEST(test_consent),
        TEST(test_never_checked),
        TEST(test_destroyed_by_handler),
        TEST(test_bad_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
