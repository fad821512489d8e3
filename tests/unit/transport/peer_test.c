#include "tests/unit/transport/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t rtp[] = {0x80, 96, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 'l', 'e', 's', 's', 'o', 'n'};
static const uint8_t rtcp[] = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9};

static uint64_t drops(const struct world *w, enum tk_drop reason)
{
    return tk_peer_drops(w->peer)->by_reason[reason];
}

/* Both directions, RTP and RTCP, against libsrtp. */
static void exchange_media(struct world *w)
{
    uint8_t buf[256];
    int len = sizeof(rtp);
    memcpy(buf, rtp, sizeof(rtp));
    assert_int_equal(srtp_protect(w->client.send, buf, &len), 0);
    world_give(w, 1, buf, (size_t)len);
    assert_int_equal(w->rtp, 1);
    assert_int_equal(w->last_len, sizeof(rtp));
    assert_memory_equal(w->last, rtp, sizeof(rtp));
    world_give(w, 1, buf, (size_t)len);
    assert_int_equal(w->rtp, 1);
    assert_int_equal(drops(w, TK_DROP_SRTP_REPLAY), 1);

    len = sizeof(rtcp);
    memcpy(buf, rtcp, sizeof(rtcp));
    assert_int_equal(srtp_protect_rtcp(w->client.send, buf, &len), 0);
    world_give(w, 1, buf, (size_t)len);
    assert_int_equal(w->rtcp, 1);
    assert_memory_equal(w->last, rtcp, sizeof(rtcp));

    uint8_t *room = tk_peer_rtp_begin(w->peer, sizeof(rtp));
    memcpy(room, rtp, sizeof(rtp));
    assert_int_equal(tk_peer_rtp_end(w->peer, sizeof(rtp)), 0);
    struct datagram *d = world_take(w);
    len = (int)d->len;
    assert_int_equal(srtp_unprotect(w->client.receive, d->bytes, &len), 0);
    assert_int_equal(len, sizeof(rtp));
    assert_memory_equal(d->bytes, rtp, sizeof(rtp));

    assert_int_equal(tk_peer_rtcp_send(w->peer, rtcp, sizeof(rtcp)), 0);
    d = world_take(w);
    len = (int)d->len;
    assert_int_equal(srtp_unprotect_rtcp(w->client.receive, d->bytes, &len), 0);
    assert_memory_equal(d->bytes, rtcp, sizeof(rtcp));
}

static void connects(const char *profiles, bool active, const char *digest)
{
    struct world w;
    world_init(&w, profiles, active, digest);
    assert_null(tk_peer_rtp_begin(w.peer, 100));
    world_connect(&w);
    assert_int_equal(w.states, 2);
    assert_string_equal(w.reason, "connected");
    exchange_media(&w);
    world_finish(&w);
}

static void test_connect(void **state)
{
    connects(CLIENT_GCM ":" CLIENT_SHA1, false, "sha-256");
    connects(CLIENT_SHA1, false, "sha-384");
    connects(CLIENT_GCM, true, "sha-512");
    connects(CLIENT_SHA1, true, "sha-256");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
