#include "signaling/ws/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    *state = tk_outbox_create();
    return 0;
}

static int teardown(void **state)
{
    tk_outbox_destroy(*state);
    return 0;
}

static char head(struct tk_outbox *o)
{
    size_t len = 0;
    const uint8_t *data = tk_outbox_head(o, &len);
    return data && len ? (char)data[0] : '\0';
}

static void messages_come_out_in_order_with_room_before(void **state)
{
    struct tk_outbox *o = *state;
    size_t len = 0;
    assert_null(tk_outbox_head(o, &len));
    assert_int_equal(tk_outbox_push(o, "ab", 2, false), 0);
    assert_int_equal(tk_outbox_push(o, "c", 1, true), 0);
    uint8_t *data = tk_outbox_head(o, &len);
    memset(data - TK_OUTBOX_ROOM, 0xff, TK_OUTBOX_ROOM);
    assert_int_equal(len, 2);
    assert_memory_equal(data, "ab", 2);
    tk_outbox_pop(o);
    assert_int_equal(head(o), 'c');
    tk_outbox_pop(o);
    assert_true(tk_outbox_is_empty(o));
}

static void statistics_give_way_oldest_first_but_not_the_one_on_its_way(void **state)
{
    struct tk_outbox *o = *state;
    assert_int_equal(tk_outbox_push(o, "1", 1, true), 0);
    assert_int_equal(tk_outbox_push(o, "2", 1, true), 0);
    for (int i = 2; i < TK_OUTBOX_MESSAGES_MAX; i++) {
        assert_int_equal(tk_outbox_push(o, "m", 1, false), 0);
    }
    assert_int_equal(tk_outbox_push(o, "n", 1, false), 1);
    assert_int_equal(head(o), '1');
    tk_outbox_pop(o);
    assert_int_equal(head(o), 'm');
}

static void what_must_be_known_and_does_not_fit_is_an_error(void **state)
{
    struct tk_outbox *o = *state;
    for (int i = 0; i < TK_OUTBOX_MESSAGES_MAX; i++) {
        assert_int_equal(tk_outbox_push(o, "m", 1, false), 0);
    }
    assert_int_equal(tk_outbox_push(o, "s", 1, true), 1);
    assert_int_equal(tk_outbox_push(o, "m", 1, false), -ENOSPC);
}

static void bytes_are_limited_too(void **state)
{
    struct tk_outbox *o = *state;
    char *big = calloc(1, TK_OUTBOX_BYTES_MAX);
    assert_int_equal(tk_outbox_push(o, big, TK_OUTBOX_BYTES_MAX, false), 0);
    assert_int_equal(tk_outbox_push(o, "m", 1, false), -ENOSPC);
    tk_outbox_pop(o);
    assert_int_equal(tk_outbox_push(o, "m", 1, false), 0);
    free(big);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(messages_come_out_in_order_with_room_before),
        T(statistics_give_way_oldest_first_but_not_the_one_on_its_way),
        T(what_must_be_known_and_does_not_fit_is_an_error),
        T(bytes_are_limited_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
