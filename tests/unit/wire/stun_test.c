#include "streamer/wire/stun.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 5769 section 2.1; what it shows holds for RFC 8489. */
static const uint8_t request[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

static void test_request(void **state)
{
    struct tk_stun s;
    assert_int_equal(tk_stun_parse(&s, request, sizeof(request)), 0);
    assert_int_equal(s.class, TK_STUN_REQUEST);
    assert_int_equal(s.method, TK_STUN_METHOD_BINDING);
    assert_int_equal(s.username_len, 9);
    assert_memory_equal(s.username, "evtj:h6vY", 9);
    assert_true(s.has_priority && s.controlled && !s.controlling && !s.use_candidate);
    assert_int_equal(s.priority, 0x6e0001ff);
    assert_int_equal(s.unknown_count, 0);
    assert_ptr_equal(s.integrity, request + 80);
    assert_int_equal(s.integrity_at, 76);
    assert_int_equal(tk_stun_integrity_length(&s), 0x50);
}

/* RFC 5769 section 2.2, without its SOFTWARE attribute. */
static void test_answer(void **state)
{
    static const uint8_t ip[] = {192, 0, 2, 1};
    static const uint8_t mapped[] = {0x00, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
    static const uint8_t ip6[] = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78,
                                  0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
    /* section 2.3 */
    static const uint8_t mapped6[] = {0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47,
                                      0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79,
                                      0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9};
    struct tk_stun asked, told;
    uint8_t buf[128];
    struct tk_writer w;
    size_t covered = 0;
    assert_int_equal(tk_stun_parse(&asked, request, sizeof(request)), 0);
    tk_writer_init(&w, buf, sizeof(buf));
    tk_stun_write_header(&w, TK_STUN_SUCCESS, &asked);
    tk_stun_write_mapped(&w, ip, 4, 32853);
    tk_stun_write_mapped(&w, ip6, 16, 32853);
    uint8_t *hmac = tk_stun_write_integrity(&w, &covered);
    assert_int_equal(covered, 20 + 12 + 24);
    assert_int_equal(buf[3], 12 + 24 + 24);
    memset(hmac, 7, TK_STUN_INTEGRITY_LEN);
    tk_stun_write_fingerprint(&w);
    assert_false(w.failed);
    assert_memory_equal(buf + 20, mapped, sizeof(mapped));
    assert_memory_equal(buf + 32, mapped6, sizeof(mapped6));
    assert_int_equal(tk_stun_parse(&told, buf, tk_writer_len(&w)), 0);
    assert_int_equal(told.class, TK_STUN_SUCCESS);
    assert_int_equal(told.method, TK_STUN_METHOD_BINDING);
    assert_ptr_equal(told.integrity, hmac);
    assert_memory_equal(told.transaction, request + 8, TK_STUN_TRANSACTION_LEN);
}

static void test_no_room(void **state)
{
    struct tk_stun asked;
    assert_int_equal(tk_stun_parse(&asked, request, sizeof(request)), 0);
    for (size_t cap = 0; cap < 64; cap++) {
        uint8_t *buf = malloc(cap + 1);
        struct tk_writer w;
        size_t covered = 0;
        tk_writer_init(&w, buf, cap);
        tk_stun_write_header(&w, TK_STUN_ERROR, &asked);
        tk_stun_write_error(&w, 420);
        tk_stun_write_unknown(&w, &asked);
        tk_stun_write_integrity(&w, &covered);
        tk_stun_write_fingerprint(&w);
        assert_int_equal(w.failed, cap < 20 + 8 + 4 + 24 + 8 ? 1 : 0);
        free(buf);
    }
}

static void test_broken(void **state)
{
    struct tk_stun s;
    for (size_t len = 0; len < sizeof(request); len++) {
        uint8_t *cut = malloc(len + 1);
        memcpy(cut, request, len);
        assert_int_equal(tk_stun_parse(&s, cut, len), -EBADMSG);
        free(cut);
    }
    for (size_t bit = 0; bit < 8 * sizeof(request); bit++) {
        uint8_t buf[sizeof(request)];
        memcpy(buf, request, sizeof(request));
        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(tk_stun_parse(&s, buf, sizeof(buf)), -EBADMSG);
    }
    uint8_t big[TK_STUN_MESSAGE_MAX + 4] = {0};
    assert_int_equal(tk_stun_parse(&s, big, sizeof(big)), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
