#include "streamer/flow/history.h"

#include "streamer/flow/rtxmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_wrap_and_age(void **state)
{
    struct tk_history *h = tk_history_create(16);
    assert_int_equal(tk_history_newest(h), -1);
    for (int i = 0; i < 40; i++) {
        uint16_t seq = (uint16_t)(65520 + i);
        struct tk_packet *p = tk_history_add(h, tk_history_extend(h, seq));
        assert_non_null(p);
        assert_int_equal((uint16_t)p->seq, seq);
        assert_null(tk_history_add(h, p->seq));
    }
    int64_t newest = tk_history_newest(h);
    assert_int_equal((uint16_t)newest, (uint16_t)(65520 + 39));
    assert_non_null(tk_history_get(h, newest - 15));
    assert_null(tk_history_get(h, newest - 16));
    assert_null(tk_history_get(h, newest + 1));
    assert_null(tk_history_add(h, newest - 16));
    tk_history_clear(h);
    assert_null(tk_history_get(h, newest));
    tk_history_destroy(h);
}

/* However often it begins anew, nothing of before is found, and nothing new is taken for it. */
static void test_clear(void **state)
{
    struct tk_history *h = tk_history_create(16);
    int64_t before = 0;
    for (int i = 0; i < 200; i++) {
        uint16_t seq = (uint16_t)(i * 7919);
        struct tk_packet *p = tk_history_add(h, tk_history_extend(h, seq));
        assert_non_null(p);
        assert_int_equal((uint16_t)p->seq, seq);
        assert_true(p->seq > before);
        assert_null(tk_history_get(h, before));
        assert_null(tk_history_add(h, before));
        struct tk_packet *earlier = tk_history_add(h, tk_history_extend(h, (uint16_t)(seq - 1)));
        assert_non_null(earlier);
        assert_int_equal(earlier->seq, p->seq - 1);
        assert_ptr_equal(tk_history_get(h, p->seq), p);
        before = p->seq;
        tk_history_clear(h);
        assert_int_equal(tk_history_newest(h), -1);
        assert_null(tk_history_get(h, before));
        tk_history_clear(h);
    }
    tk_history_destroy(h);
}

static void test_late_packet(void **state)
{
    struct tk_history *h = tk_history_create(16);
    tk_history_add(h, tk_history_extend(h, 10));
    tk_history_add(h, tk_history_extend(h, 13));
    struct tk_packet *late = tk_history_add(h, tk_history_extend(h, 12));
    assert_non_null(late);
    assert_int_equal(tk_history_newest(h) - late->seq, 1);
    assert_null(tk_history_get(h, late->seq - 1));
    tk_history_destroy(h);
}

static void test_resend_limits(void **state)
{
    struct tk_rtxmap *m = calloc(1, sizeof(*m));
    tk_rtxmap_clear(m);
    tk_rtxmap_sent(m, 65535, 5, 77, 1000, 1000000);
    assert_null(tk_rtxmap_resend(m, 0, 0, 1000000));
    const struct tk_rtxmap_entry *e = tk_rtxmap_resend(m, 65535, 100, 1010000);
    assert_non_null(e);
    assert_int_equal(e->in_seq, 5);
    assert_int_equal(e->out_ts, 77);
    assert_null(tk_rtxmap_resend(m, 65535, 100, 1100000));
    assert_non_null(tk_rtxmap_resend(m, 65535, 100, 1110000));
    assert_non_null(tk_rtxmap_resend(m, 65535, 0, 1150000));
    assert_null(tk_rtxmap_resend(m, 65535, 0, 2000000)); /* three are enough */
    tk_rtxmap_sent(m, 1, 6, 78, 1000, 2000000);
    tk_rtxmap_spent(m, 1000000);
    assert_null(tk_rtxmap_resend(m, 1, 0, 2100000)); /* the budget is spent */
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap_and_age),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_late_packet),
        cmocka_unit_test(test_resend_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
