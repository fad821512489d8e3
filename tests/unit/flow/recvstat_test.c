#include "streamer/flow/recvstat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS 1000

static void test_loss(void **state)
{
    struct tk_recvstat rs;
    struct tk_rtcp_report r;
    tk_recvstat_init(&rs, 90000);
    for (int i = 0; i < 100; i++) {
        if (i % 4 != 3) {
            tk_recvstat_on_packet(&rs, (uint16_t)(65500 + i), (uint32_t)i * 1800, i * 20 * MS);
        }
    }
    tk_recvstat_report(&rs, 2000 * MS, &r);
    assert_int_equal(r.lost, 24); /* the last is not missed yet */
    assert_in_range(r.lost_share, 24 * 256 / 99, 24 * 256 / 99 + 1);
    assert_int_equal(r.jitter, 0);
    assert_int_equal(r.highest, 0x10000 + (65598 & 0xffff));
    tk_recvstat_report(&rs, 2000 * MS, &r);
    assert_int_equal(r.lost_share, 0);
}

static void test_sender_report(void **state)
{
    struct tk_recvstat rs;
    struct tk_rtcp_report r;
    tk_recvstat_init(&rs, 48000);
    tk_recvstat_on_sr(&rs, 0x1122334455667788, 1000 * MS);
    tk_recvstat_report(&rs, 1500 * MS, &r);
    assert_int_equal(r.last_sr, 0x33445566);
    assert_int_equal(r.delay_since_sr, 32768);
}

static void test_jitter(void **state)
{
    struct tk_recvstat rs;
    tk_recvstat_init(&rs, 48000);
    for (int i = 0; i < 400; i++) { /* alternately on time and 10 ms late */
        tk_recvstat_on_packet(&rs, (uint16_t)i, (uint32_t)i * 960, (i * 20 + i % 2 * 10) * MS);
    }
    assert_in_range(rs.jitter_16 >> 4, 460, 480);
}

static void test_reordering_is_no_loss(void **state)
{
    struct tk_recvstat rs;
    uint16_t seqs[8];
    tk_recvstat_init(&rs, 90000);
    tk_recvstat_on_packet(&rs, 1, 0, 0);
    tk_recvstat_on_packet(&rs, 3, 0, 0);
    assert_int_equal(tk_recvstat_nacks(&rs, 0, 1 * MS, seqs, 8), 0);
    tk_recvstat_on_packet(&rs, 2, 0, 2 * MS);
    assert_int_equal(tk_recvstat_nacks(&rs, 0, 100 * MS, seqs, 8), 0);
}

static void test_asks_again_and_gives_up(void **state)
{
    struct tk_recvstat rs;
    uint16_t seqs[8];
    tk_recvstat_init(&rs, 90000);
    tk_recvstat_on_packet(&rs, 65535, 0, 0);
    tk_recvstat_on_packet(&rs, 4, 0, 0); /* 0 to 3 are missing */
    assert_int_equal(tk_recvstat_nacks(&rs, 100, 0, seqs, 8), 2);
    assert_int_equal(seqs[0], 0);
    assert_int_equal(seqs[1], 1);
    assert_int_equal(tk_recvstat_nacks(&rs, 100, 15 * MS, seqs, 8), 2); /* late is missing too */
    tk_recvstat_on_repair(&rs, 0);
    tk_recvstat_on_repair(&rs, 0);
    assert_int_equal(rs.received, 3);
    assert_int_equal(tk_recvstat_nacks(&rs, 100, 120 * MS, seqs, 8), 3);
    assert_int_equal(tk_recvstat_nacks(&rs, 100, 1001 * MS, seqs, 8), 0);
    assert_int_equal(rs.missing_count, 0);
}

static void test_many_missing_and_jump(void **state)
{
    struct tk_recvstat rs;
    uint16_t seqs[8];
    tk_recvstat_init(&rs, 90000);
    tk_recvstat_on_packet(&rs, 0, 0, 0);
    tk_recvstat_on_packet(&rs, 900, 0, 0);
    assert_int_equal(rs.missing_count, TK_RECVSTAT_MISSING);
    assert_int_equal(rs.missing[0].seq & 0xffff, 900 - TK_RECVSTAT_MISSING);
    tk_recvstat_on_packet(&rs, 30000, 0, 0);
    assert_int_equal(rs.missing_count, 0);
    assert_int_equal(tk_recvstat_nacks(&rs, 0, 50 * MS, seqs, 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_sender_report),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_reordering_is_no_loss),
        cmocka_unit_test(test_asks_again_and_gives_up),
        cmocka_unit_test(test_many_missing_and_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
