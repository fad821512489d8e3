#include "streamer/wire/vp8.h"

#include "streamer/wire/opus.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t key[] = {0x90, 0xe0, 0x92, 0x34, 0x56, 0x40, /* descriptor */
                              0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};

static void test_keyframe(void **state)
{
    struct tk_vp8 v;
    assert_int_equal(tk_vp8_parse(&v, key, sizeof(key)), 0);
    assert_true(v.start && v.key);
    assert_int_equal(v.width, 640);
    assert_int_equal(v.height, 360);
    assert_int_equal(v.picture_bits, 15);
    assert_int_equal(v.picture_id, 0x1234);
    assert_int_equal(v.tl0picidx, 0x56);
    assert_int_equal(v.layer, 1);
}

static void test_plain(void **state)
{
    static const uint8_t delta[] = {0x10, 0x11, 0, 0}, later[] = {0x00, 0x10},
                         seven[] = {0x90, 0x80, 0x7f, 0x11};
    struct tk_vp8 v;
    assert_int_equal(tk_vp8_parse(&v, delta, sizeof(delta)), 0);
    assert_true(v.start && !v.key && v.picture_bits == 0);
    assert_int_equal(tk_vp8_parse(&v, later, sizeof(later)), 0);
    assert_true(!v.start && !v.key);
    assert_int_equal(tk_vp8_parse(&v, seven, sizeof(seven)), 0);
    assert_int_equal(v.picture_bits, 7);
    assert_int_equal(v.picture_id, 0x7f);
}

static void test_cut(void **state)
{
    struct tk_vp8 v;
    for (size_t len = 0; len <= 6; len++) {
        assert_int_equal(tk_vp8_parse(&v, key, len), -EBADMSG);
    }
    assert_int_equal(tk_vp8_parse(&v, key, 10), 0); /* the head of the frame is cut */
    assert_false(v.key);
}

static void test_rewrite(void **state)
{
    uint8_t copy[sizeof(key)];
    struct tk_vp8 v, w;
    memcpy(copy, key, sizeof(key));
    tk_vp8_parse(&v, key, sizeof(key));
    tk_vp8_rewrite(&v, copy, 0x7fff, 9);
    assert_int_equal(tk_vp8_parse(&w, copy, sizeof(copy)), 0);
    assert_int_equal(w.picture_id, 0x7fff);
    assert_int_equal(w.tl0picidx, 9);
    assert_memory_equal(copy + 5, key + 5, sizeof(key) - 5);
}

static void test_opus(void **state)
{
    static const uint8_t celt20[] = {0xfc}, celt_pair[] = {0xfd}, silk60[] = {0x18},
                         many[] = {0xff, 0x3f}, hybrid[] = {0x68}, three[] = {0xfb, 3};
    assert_int_equal(tk_opus_samples(celt20, 1), 960);
    assert_int_equal(tk_opus_samples(celt_pair, 1), 1920);
    assert_int_equal(tk_opus_samples(silk60, 1), 2880);
    assert_int_equal(tk_opus_samples(hybrid, 1), 960);
    assert_int_equal(tk_opus_samples(three, 2), 2880);
    assert_int_equal(tk_opus_samples(many, 2), 0);
    assert_int_equal(tk_opus_samples(many, 1), 0);
    assert_int_equal(tk_opus_samples(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keyframe), cmocka_unit_test(test_plain), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_rewrite),  cmocka_unit_test(test_opus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
