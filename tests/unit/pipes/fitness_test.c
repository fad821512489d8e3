#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "streamer/gst/fitness.h"

/* After the NAL header: first_mb_in_slice 0 ('1') and slice_type. */
static const guint8 idr[] = {0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0x10, 0};
static const guint8 p_slice[] = {0, 0, 1, 0x41, 0x9a /* 1 00110 10: type 5 */, 0, 0, 0, 0};
static const guint8 b_slice[] = {0, 0, 1, 0x01, 0x9e /* 1 00111 10: type 6 */, 0, 0, 0, 0};
static const guint8 b_plain[] = {0, 0, 1, 0x01, 0xa8 /* 1 010 1000: type 1 */, 0, 0, 0, 0};

static const char *unit(struct fitness *f, const guint8 *bytes, gsize len, double seconds)
{
    return fitness_of_unit(f, bytes, len, (GstClockTime)(seconds * GST_SECOND));
}

static void passes_groups_of_four_seconds(void **state)
{
    struct fitness f = {0};
    for (int i = 0; i < 20; i++) {
        assert_null(unit(&f, idr, sizeof(idr), i * 4.0));
        assert_null(unit(&f, p_slice, sizeof(p_slice), i * 4.0 + 3.96));
    }
    assert_true(f.keyframe);
}

static void refuses_longer_groups(void **state)
{
    struct fitness f = {0};
    assert_null(unit(&f, idr, sizeof(idr), 1));
    assert_null(unit(&f, p_slice, sizeof(p_slice), 5));
    assert_non_null(unit(&f, p_slice, sizeof(p_slice), 5.04));
}

static void refuses_a_stream_without_keyframes(void **state)
{
    struct fitness f = {0};
    assert_null(unit(&f, p_slice, sizeof(p_slice), 1));
    assert_false(f.keyframe);
    assert_non_null(unit(&f, p_slice, sizeof(p_slice), 5.2));
}

static void refuses_b_frames(void **state)
{
    struct fitness f = {0};
    assert_null(unit(&f, idr, sizeof(idr), 0));
    assert_non_null(unit(&f, b_slice, sizeof(b_slice), 0.04));
    assert_non_null(unit(&f, b_plain, sizeof(b_plain), 0.08));
}

static void bears_any_bytes(void **state)
{
    static const guint8 bytes[] = {0, 0, 1, 0x41, 0, 0, 1, 1, 0, 0, 1, 0x65, 0, 0, 1};
    for (gsize len = 0; len <= sizeof(bytes); len++) {
        struct fitness f = {0};
        guint8 *exact = g_memdup2(bytes, len); /* so that a byte too far is noticed */
        unit(&f, exact, len, 0);
        g_free(exact);
    }
}

static void knows_profiles(void **state)
{
    static const struct {
        const char *caps;
        bool fit;
    } cases[] = {
        {"video/x-h264,profile=constrained-baseline,width=1280,height=720", true},
        {"video/x-h264,profile=main,width=1920,height=1080,interlace-mode=progressive", true},
        {"video/x-h264,profile=high", true},
        {"video/x-h264,profile=high-10", false},
        {"video/x-h264,profile=high-4:2:2", false},
        {"video/x-h264", false},
        {"video/x-h264,profile=main,width=3840,height=2160", false},
        {"video/x-h264,profile=main,interlace-mode=mixed", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GstCaps) caps = gst_caps_from_string(cases[i].caps);
        assert_int_equal(fitness_of_caps(caps) == NULL, cases[i].fit);
    }
}

static void knows_opus_of_20_ms(void **state)
{
    /* config 1, 5, 9: SILK; 13, 15: hybrid; 19, 23, 27, 31: CELT (RFC 6716 table 2) */
    static const guint32 fit = 1u << 1 | 1u << 5 | 1u << 9 | 1u << 13 | 1u << 15 | 1u << 19 |
                               1u << 23 | 1u << 27 | 1u << 31;
    for (unsigned config = 0; config < 32; config++) {
        const guint8 one = (guint8)(config << 3);
        const guint8 two = (guint8)(config << 3 | 1);
        assert_int_equal(fitness_of_opus(&one, 1) == NULL, (fit >> config) & 1);
        assert_non_null(fitness_of_opus(&two, 1));
    }
    assert_non_null(fitness_of_opus(NULL, 0));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_groups_of_four_seconds),
        cmocka_unit_test(refuses_longer_groups),
        cmocka_unit_test(refuses_a_stream_without_keyframes),
        cmocka_unit_test(refuses_b_frames),
        cmocka_unit_test(bears_any_bytes),
        cmocka_unit_test(knows_profiles),
        cmocka_unit_test(knows_opus_of_20_ms),
    };
    gst_init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gst_deinit();
    return failed;
}
