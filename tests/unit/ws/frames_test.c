#include "signaling/ws/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

/* Frames with payloads of 0, 5, 300 and 70000 bytes, all bits set so that they look like headers.
 */
static size_t frame(uint8_t *out, size_t payload, bool masked)
{
    size_t n = 0;
    uint8_t mask = masked ? 0x80 : 0;
    out[n++] = 0x81;
    if (payload < 126) {
        out[n++] = (uint8_t)(mask | payload);
    } else if (payload < 65536) {
        out[n++] = mask | 126;
        out[n++] = (uint8_t)(payload >> 8);
        out[n++] = (uint8_t)payload;
    } else {
        out[n++] = mask | 127;
        for (int shift = 56; shift >= 0; shift -= 8) {
            out[n++] = (uint8_t)((uint64_t)payload >> shift);
        }
    }
    memset(out + n, 0x7f, (masked ? 4 : 0) + payload);
    return n + (masked ? 4 : 0) + payload;
}

static uint8_t bytes[80000];

static size_t sequence(bool last_masked)
{
    static const size_t sizes[] = {0, 5, 300, 70000, 0};
    size_t n = 0;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        n += frame(bytes + n, sizes[i], true);
    }
    return n + frame(bytes + n, 3, last_masked);
}

static void masked_frames_pass_however_they_are_cut(void **state)
{
    size_t len = sequence(true);
    for (size_t cut = 1; cut < 40; cut++) {
        struct tk_frames f = {0};
        for (size_t at = 0; at < len; at += cut) {
            tk_frames_read(&f, bytes + at, cut < len - at ? cut : len - at);
        }
        assert_false(f.unmasked);
        assert_int_equal(f.at, 0);
    }
}

static void an_unmasked_frame_is_seen_however_it_is_cut(void **state)
{
    size_t len = sequence(false);
    for (size_t cut = 1; cut < 40; cut++) {
        struct tk_frames f = {0};
        for (size_t at = 0; at < len; at += cut) {
            tk_frames_read(&f, bytes + at, cut < len - at ? cut : len - at);
        }
        assert_true(f.unmasked);
    }
}

static void an_empty_unmasked_ping_is_seen(void **state)
{
    struct tk_frames f = {0};
    tk_frames_read(&f, "\x89\x00", 2);
    assert_true(f.unmasked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masked_frames_pass_however_they_are_cut),
        cmocka_unit_test(an_unmasked_frame_is_seen_however_it_is_cut),
        cmocka_unit_test(an_empty_unmasked_ping_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
