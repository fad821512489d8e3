#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "signaling/core/limit.h"

static void back_off_doubles_up_to_the_most(void **state)
{
    struct tk_limit *l = tk_limit_create(3, 1000, 5000);
    int64_t now = 1000000;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(0, tk_limit_wait_ms(l, "a", now));
        tk_limit_count(l, "a", now);
    }
    static const int64_t waits[] = {1000, 2000, 4000, 5000, 5000};
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        assert_int_equal(waits[i], tk_limit_wait_ms(l, "a", now));
        assert_int_equal(1, tk_limit_wait_ms(l, "a", now + waits[i] - 1));
        now += waits[i];
        assert_int_equal(0, tk_limit_wait_ms(l, "a", now));
        tk_limit_count(l, "a", now);
    }
    assert_int_equal(0, tk_limit_wait_ms(l, "b", now));
    tk_limit_destroy(l);
}

static void quiet_keys_are_forgotten(void **state)
{
    struct tk_limit *l = tk_limit_create(1, 1000, 5000);
    for (int i = 0; i < 50; i++) {
        tk_limit_count(l, "a", 0);
    }
    assert_int_equal(5000, tk_limit_wait_ms(l, "a", 0));
    tk_limit_count(l, "a", 10000);
    assert_int_equal(1000, tk_limit_wait_ms(l, "a", 10000));
    tk_limit_forget(l, "a");
    assert_int_equal(0, tk_limit_wait_ms(l, "a", 10000));
    tk_limit_destroy(l);
}

static void success_takes_its_attempt_back(void **state)
{
    struct tk_limit *l = tk_limit_create(2, 1000, 5000);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(0, tk_limit_wait_ms(l, "a", i));
        tk_limit_count(l, "a", i);
        tk_limit_take_back(l, "a");
    }
    tk_limit_destroy(l);
}

static void keys_are_bounded(void **state)
{
    struct tk_limit *l = tk_limit_create(1, 1000, 5000);
    char key[32];
    /* the first ones are over by the time that there is no room */
    for (int i = 0; i < TK_LIMIT_KEYS_MAX + 5000; i++) {
        snprintf(key, sizeof(key), "%d", i);
        tk_limit_count(l, key, i);
    }
    assert_int_equal(0, tk_limit_wait_ms(l, "0", TK_LIMIT_KEYS_MAX + 5000));
    assert_true(tk_limit_wait_ms(l, key, TK_LIMIT_KEYS_MAX + 5000) > 0);
    tk_limit_destroy(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_off_doubles_up_to_the_most),
        cmocka_unit_test(quiet_keys_are_forgotten),
        cmocka_unit_test(success_takes_its_attempt_back),
        cmocka_unit_test(keys_are_bounded),
    };
    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
