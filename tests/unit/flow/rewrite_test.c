#include "streamer/flow/rewrite.h"

#include "streamer/flow/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S 1000000

static void test_switch_is_seamless(void **state)
{
    struct tk_rewrite rw;
    tk_rewrite_init(&rw, 90000, 65534, 4294967000u);
    tk_rewrite_join(&rw, 70000, 123456, 10 * S);
    assert_int_equal(tk_rewrite_seq(&rw, 70000), 65534);
    assert_int_equal(tk_rewrite_ts(&rw, 123456), 4294967000u);
    assert_int_equal(tk_rewrite_seq(&rw, 70001), 65535);
    assert_int_equal(tk_rewrite_ts(&rw, 123456 + 3600), (uint32_t)(4294967000u + 3600));
    assert_int_equal(tk_rewrite_seq(&rw, 70003), 1); /* a gap stays a gap */
    assert_int_equal(tk_rewrite_seq(&rw, 70002), 0);

    /* another track, captured 2 s after the first packet */
    tk_rewrite_join(&rw, 5, 9, 12 * S);
    assert_int_equal(tk_rewrite_seq(&rw, 5), 2);
    assert_int_equal(tk_rewrite_ts(&rw, 9), (uint32_t)(4294967000u + 2 * 90000));
}

static void test_time_never_goes_back(void **state)
{
    struct tk_rewrite rw;
    tk_rewrite_init(&rw, 48000, 1, 1000);
    rw.step = 960;
    tk_rewrite_join(&rw, 1, 0, 10 * S);
    assert_int_equal(tk_rewrite_ts(&rw, 48000), 49000);
    tk_rewrite_join(&rw, 1, 77, 10 * S); /* its clock is a second behind */
    assert_int_equal(tk_rewrite_ts(&rw, 77), 49960);
}

/* 50 frames of 2 s are shown within 90 ms, each later than the one before; then time goes on. */
static void test_past_is_squeezed(void **state)
{
    struct tk_rewrite rw;
    uint32_t before = 0, first = 0;
    tk_rewrite_init(&rw, 90000, 1, 1000000);
    tk_rewrite_join_past(&rw, 10, 500, 500 + 49 * 3600, 20 * S, 90000);
    for (uint32_t i = 0; i < 50; i++) {
        uint32_t ts = tk_rewrite_ts(&rw, 500 + i * 3600);
        assert_true(i == 0 || (int32_t)(ts - before) > 0);
        first = i == 0 ? ts : first;
        before = ts;
    }
    assert_in_range(before - first, 8000, 8100);
    assert_int_equal(tk_rewrite_ts(&rw, 500 + 50 * 3600), before + 3600);
}

/* What was squeezed stays so after 2^31 ticks, 6.6 hours: nothing of then may be squeezed again. */
static void test_squeezing_ends(void **state)
{
    struct tk_rewrite rw;
    tk_rewrite_init(&rw, 90000, 1, 1000000);
    tk_rewrite_join_past(&rw, 10, 500, 500 + 49 * 3600, 20 * S, 90000);
    uint32_t in = 500 + 49 * 3600;
    uint32_t out = tk_rewrite_ts(&rw, in);
    for (int hour = 0; hour < 24; hour++) {
        in += 3600u * 90000;
        out += 3600u * 90000;
        assert_int_equal(tk_rewrite_ts(&rw, in), out);
    }
}

static void test_pictures_go_on(void **state)
{
    struct tk_rewrite rw;
    struct tk_vp8 a = {.picture_bits = 15, .picture_id = 0x7fff, .tl0picidx = 255},
                  b = {.picture_bits = 15, .picture_id = 100, .tl0picidx = 7};
    uint8_t tl0;
    tk_rewrite_init(&rw, 90000, 1, 1);
    tk_rewrite_join_picture(&rw, &a);
    assert_int_equal(tk_rewrite_picture(&rw, &a, &tl0), 0x7fff);
    assert_int_equal(tl0, 255);
    tk_rewrite_join_picture(&rw, &b);
    assert_int_equal(tk_rewrite_picture(&rw, &b, &tl0), 0);
    assert_int_equal(tl0, 0);
    b.picture_id++;
    assert_int_equal(tk_rewrite_picture(&rw, &b, &tl0), 1);
}

static void test_clock(void **state)
{
    struct tk_clock c;
    tk_clock_set(&c, 48000, 10, 5 * S);
    assert_int_equal(tk_clock_at(&c, 10 + 24000), 5 * S + S / 2);
    assert_int_equal(tk_clock_at(&c, 10u - 48000u), 4 * S);
    assert_int_equal(tk_clock_ts(&c, 6 * S), 48010);
    assert_int_equal(tk_clock_ts(&c, 4 * S), 10u - 48000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switch_is_seamless), cmocka_unit_test(test_time_never_goes_back),
        cmocka_unit_test(test_past_is_squeezed),   cmocka_unit_test(test_squeezing_ends),
        cmocka_unit_test(test_pictures_go_on),     cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
