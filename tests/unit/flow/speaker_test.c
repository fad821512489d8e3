#include "streamer/flow/speaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FRAME 960 /* 20 ms */

static void add(struct tk_speaker *s, uint8_t level, int packets)
{
    for (int i = 0; i < packets; i++) {
        tk_speaker_add(s, level, FRAME);
    }
}

static void test_speech_and_its_gaps(void **state)
{
    struct tk_speaker s = {0};
    add(&s, 0x80 | 25, 25);
    assert_true(s.has_levels);
    assert_int_equal(tk_speaker_take(&s), 500);
    add(&s, 127, 5); /* between two words */
    assert_int_equal(tk_speaker_take(&s), 100);
    add(&s, 127, 100); /* and after the last one */
    assert_int_equal(tk_speaker_take(&s), 100);
    add(&s, 127, 100);
    assert_int_equal(tk_speaker_take(&s), 0);
}

static void test_quiet_or_no_voice(void **state)
{
    struct tk_speaker s = {0};
    add(&s, 0x80 | 50, 50); /* breathing, as far as one hears it */
    assert_int_equal(tk_speaker_take(&s), 0);
    add(&s, 20, 50); /* loud, but this sender knows voice and says that it is none */
    assert_int_equal(tk_speaker_take(&s), 0);
    add(&s, 0x80 | 49, 1);
    assert_int_equal(tk_speaker_take(&s), 20);
}

static void test_sender_without_the_flag(void **state)
{
    struct tk_speaker s = {0};
    add(&s, 45, 50);
    assert_int_equal(tk_speaker_take(&s), 0);
    add(&s, 39, 50);
    assert_int_equal(tk_speaker_take(&s), 1000);
}

static void test_parts_of_a_millisecond(void **state)
{
    struct tk_speaker s = {0};
    uint32_t sum = 0;
    for (int i = 0; i < 400; i++) { /* 2.5 ms each */
        tk_speaker_add(&s, 0x80, 120);
        sum += tk_speaker_take(&s);
    }
    assert_int_equal(sum, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speech_and_its_gaps),
        cmocka_unit_test(test_quiet_or_no_voice),
        cmocka_unit_test(test_sender_without_the_flag),
        cmocka_unit_test(test_parts_of_a_millisecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
