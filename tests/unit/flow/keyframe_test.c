#include "streamer/flow/keyframe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_storm(void **state)
{
    struct tk_keyframe k = {0};
    int asked = 0;
    for (int64_t now = 0; now < 2000000; now += 1000) {
        asked += tk_keyframe_ask(&k, now);
    }
    assert_int_equal(asked, 4);
}

static void test_waits_or_lapses(void **state)
{
    struct tk_keyframe k = {0};
    assert_int_equal(tk_keyframe_deadline(&k), INT64_MAX);
    assert_true(tk_keyframe_ask(&k, 1000));
    assert_false(tk_keyframe_ask(&k, 2000));
    assert_int_equal(tk_keyframe_deadline(&k), 1000 + TK_KEYFRAME_EVERY_US);
    assert_false(tk_keyframe_due(&k, 400000));
    assert_true(tk_keyframe_due(&k, 501000));
    assert_int_equal(tk_keyframe_deadline(&k), INT64_MAX);
    assert_false(tk_keyframe_ask(&k, 600000));
    tk_keyframe_came(&k);
    assert_false(tk_keyframe_due(&k, 5000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_storm),
        cmocka_unit_test(test_waits_or_lapses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
