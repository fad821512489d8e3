#include "streamer/wire/h264.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* x264's, constrained baseline, 1280×720 */
static const uint8_t sps_720[] = {0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16,
                                  0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40,
                                  0x00, 0x00, 0x0c, 0x83, 0xc6, 0x0c, 0xa8};
/* High profile, 1920×1088 cropped to 1080 */
static const uint8_t sps_1080[] = {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02,
                                   0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04,
                                   0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58};

static void test_single(void **state)
{
    struct tk_h264 h;
    tk_h264_look(sps_720, sizeof(sps_720), &h);
    assert_true(h.key && h.sps);
    assert_int_equal(h.width, 1280);
    assert_int_equal(h.height, 720);
    tk_h264_look(sps_1080, sizeof(sps_1080), &h);
    assert_int_equal(h.width, 1920);
    assert_int_equal(h.height, 1080);
    static const uint8_t idr[] = {0x65, 0x88}, slice[] = {0x41, 0x9a}, pps[] = {0x68, 0xce};
    tk_h264_look(idr, sizeof(idr), &h);
    assert_true(h.key && !h.sps);
    tk_h264_look(slice, sizeof(slice), &h);
    assert_false(h.key);
    tk_h264_look(pps, sizeof(pps), &h);
    assert_false(h.key);
}

static void test_stap(void **state)
{
    uint8_t stap[64] = {0x78, 0, 2, 0x09, 0x10, 0, sizeof(sps_720)};
    struct tk_h264 h;
    memcpy(stap + 7, sps_720, sizeof(sps_720));
    tk_h264_look(stap, 7 + sizeof(sps_720), &h);
    assert_true(h.key);
    assert_int_equal(h.width, 1280);
    tk_h264_look(stap, 7 + sizeof(sps_720) - 1, &h); /* it lies about its length */
    assert_false(h.key);
}

static void test_fragments(void **state)
{
    static const uint8_t first[] = {0x7c, 0x85, 1}, later[] = {0x7c, 0x05, 1},
                         delta[] = {0x5c, 0x81, 1}, cut[] = {0x7c};
    struct tk_h264 h;
    tk_h264_look(first, sizeof(first), &h);
    assert_true(h.key);
    tk_h264_look(later, sizeof(later), &h);
    assert_false(h.key);
    tk_h264_look(delta, sizeof(delta), &h);
    assert_false(h.key);
    tk_h264_look(cut, sizeof(cut), &h);
    assert_false(h.key);
    tk_h264_look(NULL, 0, &h);
    assert_false(h.key);
}

static void test_b_slices(void **state)
{
    static const uint8_t p[] = {0x41, 0x9a, 0x24}, b[] = {0x01, 0x9e, 0x45},
                         fu_b[] = {0x1c, 0x81, 0xa8, 0x45}, later[] = {0x1c, 0x01, 0xa8, 0x45};
    struct tk_h264 h;
    tk_h264_look(p, sizeof(p), &h);
    assert_false(h.b); /* ue 0, then 00110: slice type 5 */
    tk_h264_look(b, sizeof(b), &h);
    assert_true(h.b); /* ue 0, then 00111: slice type 6 */
    tk_h264_look(fu_b, sizeof(fu_b), &h);
    assert_true(h.b); /* ue 0, then 010: slice type 1 */
    tk_h264_look(later, sizeof(later), &h);
    assert_false(h.b);
    tk_h264_look(b, 1, &h);
    assert_false(h.b);
}

static void test_cut_sps(void **state)
{
    struct tk_h264 h;
    for (size_t len = 1; len < 10; len++) {
        tk_h264_look(sps_720, len, &h);
        assert_true(h.key);
        assert_true(!h.sps || h.width <= 16384);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),    cmocka_unit_test(test_stap),
        cmocka_unit_test(test_fragments), cmocka_unit_test(test_b_slices),
        cmocka_unit_test(test_cut_sps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
