#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "streamer/gst/canvas.h"

#include <stdlib.h>
#include <string.h>

static struct canvas filled(int width, int height, bool alpha, int value, int opacity)
{
    size_t bytes = canvas_bytes(width, height, alpha);
    struct canvas c = {malloc(bytes), width, height, alpha};
    size_t colours = canvas_bytes(width, height, false);
    memset(c.pixels, value, colours);
    memset(c.pixels + colours, opacity, bytes - colours);
    return c;
}

static void puts_where_it_is_told(void **state)
{
    struct canvas to = filled(32, 16, false, 10, 0);
    struct canvas image = filled(8, 4, false, 200, 0);
    canvas_put(&to, &image, 8, 4);
    assert_int_equal(to.pixels[4 * 32 + 7], 10);
    assert_int_equal(to.pixels[4 * 32 + 8], 200);
    assert_int_equal(to.pixels[7 * 32 + 15], 200);
    assert_int_equal(to.pixels[8 * 32 + 15], 10);
    assert_int_equal(to.pixels[32 * 16 + 2 * 16 + 4], 200); /* its U */
    free(to.pixels);
    free(image.pixels);
}

static void cuts_off_what_is_outside(void **state)
{
    struct canvas image = filled(16, 8, true, 200, 255);
    for (int x = -20; x < 40; x++) {
        for (int y = -12; y < 20; y++) {
            struct canvas to = filled(32, 16, false, 10, 0);
            canvas_put(&to, &image, x, y);
            free(to.pixels);
        }
    }
    free(image.pixels);
}

static void blends(void **state)
{
    struct canvas to = filled(16, 8, false, 100, 0);
    struct canvas half = filled(8, 8, true, 200, 128);
    struct canvas clear = filled(8, 8, true, 200, 0);
    canvas_put(&to, &half, 0, 0);
    canvas_put(&to, &clear, 8, 0);
    assert_int_equal(to.pixels[0], 150);
    assert_int_equal(to.pixels[8], 100);
    free(to.pixels);
    free(half.pixels);
    free(clear.pixels);
}

static void scrolls_round(void **state)
{
    struct canvas to = filled(32, 8, false, 0, 0);
    struct canvas band = filled(24, 4, false, 50, 0);
    band.pixels[0] = 99; /* the left edge of its first row */
    canvas_scroll(&to, &band, 20, 2);
    assert_int_equal(to.pixels[2 * 32 + 4], 99);
    assert_int_equal(to.pixels[2 * 32 + 28], 99);
    assert_int_equal(to.pixels[1 * 32], 0);
    assert_int_equal(to.pixels[5 * 32 + 31], 50);
    free(to.pixels);
    free(band.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_where_it_is_told),
        cmocka_unit_test(cuts_off_what_is_outside),
        cmocka_unit_test(blends),
        cmocka_unit_test(scrolls_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
