#include "streamer/transport/srtp.h"

#include "streamer/transport/srtpkeys.h"
#include "streamer/wire/bytes.h"
#include "tests/unit/transport/client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 64

static struct tk_srtp_ciphers *ciphers;
static uint8_t master[TK_SRTP_MASTER_MAX];

static const struct {
    enum tk_srtp_profile profile;
    const char *name;
} profiles[] = {
    {TK_SRTP_AEAD_AES_128_GCM, CLIENT_GCM},
    {TK_SRTP_AES128_CM_HMAC_SHA1_80, CLIENT_SHA1},
};

static size_t make_packet(uint8_t *buf, uint32_t ssrc, uint16_t seq, size_t payload)
{
    buf[0] = 0x80;
    buf[1] = 96;
    tk_put_u16(buf + 2, seq);
    tk_put_u32(buf + 4, seq * 90u);
    tk_put_u32(buf + 8, ssrc);
    for (size_t i = 0; i < payload; i++) {
        buf[12 + i] = (uint8_t)(seq + i);
    }
    return 12 + payload;
}

/* RFC 3711 appendix B.3 */
static void test_derivation(void **state)
{
    static const uint8_t key[] = {0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0,
                                  0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39};
    static const uint8_t salt[] = {0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe,
                                   0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6};
    static const uint8_t cipher_key[] = {0xc6, 0x1e, 0x7a, 0x93, 0x74, 0x4f, 0x39, 0xee,
                                         0x10, 0x73, 0x4a, 0xfe, 0x3f, 0xf7, 0xa0, 0x87};
    static const uint8_t cipher_salt[] = {0x30, 0xcb, 0xbc, 0x08, 0x86, 0x3d, 0x8c,
                                          0x85, 0xd4, 0x9d, 0xb3, 0x4a, 0x9a, 0xe1};
    static const uint8_t auth[] = {0xce, 0xbe, 0x32, 0x1f, 0x6f, 0xf7, 0x71, 0x6b, 0x6f, 0xd4,
                                   0xab, 0x49, 0xaf, 0x25, 0x6a, 0x15, 0x6d, 0x38, 0xba, 0xa4};
    struct tk_srtp_keys keys;
    assert_true(tk_srtp_keys_derive(ciphers, key, salt, TK_SRTP_LABEL_RTP_KEY, &keys));
    assert_memory_equal(keys.key, cipher_key, sizeof(cipher_key));
    assert_memory_equal(keys.salt, cipher_salt, sizeof(cipher_salt));
    assert_memory_equal(keys.auth, auth, sizeof(auth));
}

/* RFC 7714 section 16.1.1 */
static void test_gcm_vector(void **state)
{
    static const uint8_t salt[] = {0x51, 0x75, 0x69, 0x64, 0x20, 0x70,
                                   0x72, 0x6f, 0x20, 0x71, 0x75, 0x6f};
    static const uint8_t packet[] = {0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01,
                                     0xa0, 0xb2, 0x47, 0x61, 0x6c, 0x6c, 0x69, 0x61, 0x20, 0x65,
                                     0x73, 0x74, 0x20, 0x6f, 0x6d, 0x6e, 0x69, 0x73, 0x20, 0x64,
                                     0x69, 0x76, 0x69, 0x73, 0x61, 0x20, 0x69, 0x6e, 0x20, 0x70,
                                     0x61, 0x72, 0x74, 0x65, 0x73, 0x20, 0x74, 0x72, 0x65, 0x73};
    static const uint8_t sealed[] = {
        0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2, 0xf2, 0x4d,
        0xe3, 0xa3, 0xfb, 0x34, 0xde, 0x6c, 0xac, 0xba, 0x86, 0x1c, 0x9d, 0x7e, 0x4b, 0xca,
        0xbe, 0x63, 0x3b, 0xd5, 0x0d, 0x29, 0x4e, 0x6f, 0x42, 0xa5, 0xf4, 0x7a, 0x51, 0xc7,
        0xd1, 0x9b, 0x36, 0xde, 0x3a, 0xdf, 0x88, 0x33, 0x89, 0x9d, 0x7f, 0x27, 0xbe, 0xb1,
        0x6a, 0x91, 0x52, 0xcf, 0x76, 0x5e, 0xe4, 0x39, 0x0c, 0xce};
    struct tk_srtp_keys keys;
    uint8_t buf[128];
    size_t len = 0;
    memset(&keys, 0, sizeof(keys));
    for (uint8_t i = 0; i < 16; i++) {
        keys.key[i] = i;
    }
    memcpy(keys.salt, salt, sizeof(salt));
    struct tk_srtp *s = tk_srtp_create_from(ciphers, TK_SRTP_AEAD_AES_128_GCM, &keys, &keys, 4);
    memcpy(buf, packet, sizeof(packet));
    assert_int_equal(tk_srtp_protect(s, buf, sizeof(packet), &len), 0);
    assert_int_equal(len, sizeof(sealed));
    assert_memory_equal(buf, sealed, sizeof(sealed));
    tk_srtp_destroy(s);
}

/* Header forms: plain, CSRC, one-byte extension, padding, nothing inside. */
static size_t make_form(uint8_t *buf, int form, uint16_t seq)
{
    static const uint8_t extension[] = {0xbe, 0xde, 0, 1, 0x10, 7, 0, 0};
    size_t len = make_packet(buf, 5, seq, 40);
    switch (form) {
    case 1:
        buf[0] |= 2;
        break;
    case 2:
        buf[0] |= 0x10;
        memcpy(buf + 12, extension, sizeof(extension));
        break;
    case 3:
        buf[0] |= 0x20;
        buf[len - 1] = 4;
        break;
    case 4:
        len = 12;
        break;
    default:
        break;
    }
    return len;
}

static void to_libsrtp(enum tk_srtp_profile profile, const char *name)
{
    struct tk_srtp *ours = tk_srtp_create(ciphers, profile, master, 8);
    srtp_t theirs = make_srtp(name, master, false);
    uint8_t clear[128], buf[128 + ROOM];
    for (unsigned i = 0; i < 140000; i += 7) { /* twice around the sequence numbers */
        size_t len = make_form(clear, (int)(i % 5), (uint16_t)i), sealed = 0;
        memcpy(buf, clear, len);
        assert_int_equal(tk_srtp_protect(ours, buf, len, &sealed), 0);
        int n = (int)sealed;
        assert_int_equal(srtp_unprotect(theirs, buf, &n), 0);
        assert_int_equal(n, len);
        assert_memory_equal(buf, clear, len);
    }
    tk_srtp_destroy(ours);
    srtp_dealloc(theirs);
}

static void from_libsrtp(enum tk_srtp_profile profile, const char *name)
{
    struct tk_srtp *ours = tk_srtp_create(ciphers, profile, master, 8);
    srtp_t theirs = make_srtp(name, master, true);
    uint8_t clear[128], buf[128 + ROOM];
    for (unsigned i = 0; i < 140000; i += 7) {
        size_t len = make_form(clear, (int)(i % 5), (uint16_t)i), open = 0;
        memcpy(buf, clear, len);
        int n = (int)len;
        assert_int_equal(srtp_protect(theirs, buf, &n), 0);
        assert_int_equal(tk_srtp_unprotect(ours, buf, (size_t)n, &open), 0);
        assert_int_equal(open, len);
        assert_memory_equal(buf, clear, len);
    }
    tk_srtp_destroy(ours);
    srtp_dealloc(theirs);
}

static void rtcp_both_ways(enum tk_srtp_profile profile, const char *name)
{
    static const uint8_t clear[] = {0x81, 201, 0, 7, 0, 0, 0, 5,  1,  2,  3,  4,  5,  6,  7,  8,
                                    9,    10,  0, 0, 0, 0, 0, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    struct tk_srtp *ours = tk_srtp_create(ciphers, profile, master, 8);
    srtp_t in = make_srtp(name, master, false), out = make_srtp(name, master, true);
    uint8_t buf[sizeof(clear) + ROOM];
    for (int i = 0; i < 300; i++) {
        size_t len = 0;
        memcpy(buf, clear, sizeof(clear));
        assert_int_equal(tk_srtp_protect_rtcp(ours, buf, sizeof(clear), &len), 0);
        int n = (int)len;
        assert_int_equal(srtp_unprotect_rtcp(in, buf, &n), 0);
        assert_int_equal(n, sizeof(clear));
        assert_memory_equal(buf, clear, sizeof(clear));
        assert_int_equal(srtp_protect_rtcp(out, buf, &n), 0);
        uint8_t copy[sizeof(buf)];
        memcpy(copy, buf, sizeof(buf));
        assert_int_equal(tk_srtp_unprotect_rtcp(ours, buf, (size_t)n, &len), 0);
        assert_memory_equal(buf, clear, sizeof(clear));
        assert_int_equal(tk_srtp_unprotect_rtcp(ours, copy, (size_t)n, &len), -EALREADY);
    }
    tk_srtp_destroy(ours);
    srtp_dealloc(in);
    srtp_dealloc(out);
}

static void test_libsrtp(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        to_libsrtp(profiles[i].profile, profiles[i].name);
        from_libsrtp(profiles[i].profile, profiles[i].name);
        rtcp_both_ways(profiles[i].profile, profiles[i].name);
    }
}

/* Each bit of a packet matters, and a forgery neither costs state nor harms the real one. */
static void flip_bits(enum tk_srtp_profile profile, bool rtcp)
{
    struct tk_srtp *out = tk_srtp_create(ciphers, profile, master, 8);
    struct tk_srtp *in = tk_srtp_create(ciphers, profile, master, 1);
    uint8_t sealed[64 + ROOM], buf[64 + ROOM];
    size_t len = make_packet(sealed, 7, 1000, 20), n = 0;
    sealed[1] = rtcp ? 200 : 96;
    int r =
        rtcp ? tk_srtp_protect_rtcp(out, sealed, len, &n) : tk_srtp_protect(out, sealed, len, &n);
    assert_int_equal(r, 0);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        memcpy(buf, sealed, n);
        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
        r = rtcp ? tk_srtp_unprotect_rtcp(in, buf, n, &len) : tk_srtp_unprotect(in, buf, n, &len);
        assert_true(r == -EPERM || r == -EBADMSG);
    }
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *exact = malloc(cut + 1);
        memcpy(exact, sealed, cut);
        r = rtcp ? tk_srtp_unprotect_rtcp(in, exact, cut, &len)
                 : tk_srtp_unprotect(in, exact, cut, &len);
        assert_true(r == -EPERM || r == -EBADMSG);
        free(exact);
    }
    r = rtcp ? tk_srtp_unprotect_rtcp(in, sealed, n, &len) : tk_srtp_unprotect(in, sealed, n, &len);
    assert_int_equal(r, 0);
    tk_srtp_destroy(out);
    tk_srtp_destroy(in);
}

static void test_bit_flips(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        flip_bits(profiles[i].profile, false);
        flip_bits(profiles[i].profile, true);
    }
}

static int receive(struct tk_srtp *out, struct tk_srtp *in, uint32_t ssrc, uint16_t seq)
{
    uint8_t buf[64 + ROOM];
    size_t len = make_packet(buf, ssrc, seq, 20);
    assert_int_equal(tk_srtp_protect_again(out, buf, len, &len), 0);
    return tk_srtp_unprotect(in, buf, len, &len);
}

static void test_replay(void **state)
{
    struct tk_srtp *out = tk_srtp_create(ciphers, TK_SRTP_AEAD_AES_128_GCM, master, 8);
    struct tk_srtp *in = tk_srtp_create(ciphers, TK_SRTP_AEAD_AES_128_GCM, master, 2);
    assert_int_equal(receive(out, in, 1, 100), 0);
    assert_int_equal(receive(out, in, 1, 100), -EALREADY);
    assert_int_equal(receive(out, in, 1, 98), 0); /* late, and before the first */
    assert_int_equal(receive(out, in, 1, 98), -EALREADY);
    assert_int_equal(receive(out, in, 1, 1123), 0);
    assert_int_equal(receive(out, in, 1, 100), -EALREADY);
    assert_int_equal(receive(out, in, 1, 99), -EALREADY); /* just out of the window */
    assert_int_equal(receive(out, in, 1, 101), 0);
    assert_int_equal(receive(out, in, 1, 20000), 0);
    assert_int_equal(receive(out, in, 1, 19990), 0);
    assert_int_equal(receive(out, in, 1, 1124), -EALREADY);
    assert_int_equal(receive(out, in, 2, 5), 0);
    assert_int_equal(receive(out, in, 3, 5), -ENOSPC);
    assert_int_equal(receive(out, in, 2, 6), 0);
    tk_srtp_destroy(out);
    tk_srtp_destroy(in);
}

/* A nonce serves once, but for the same bytes. */
static void test_send_once(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        struct tk_srtp *out = tk_srtp_create(ciphers, profiles[i].profile, master, 2);
        uint8_t first[64 + ROOM], again[64 + ROOM];
        size_t len = make_packet(first, 1, 65535, 30), n = 0, m = 0;
        memcpy(again, first, len);
        assert_int_equal(tk_srtp_protect(out, first, len, &n), 0);
        size_t next = make_packet(again, 1, 0, 30);
        assert_int_equal(tk_srtp_protect(out, again, next, &m), 0); /* ROC 1 */
        make_packet(again, 1, 65535, 30);
        assert_int_equal(tk_srtp_protect(out, again, len, &m), -EALREADY);
        assert_int_equal(tk_srtp_protect_again(out, again, len, &m), 0);
        assert_int_equal(m, n);
        assert_memory_equal(again, first, n);
        assert_int_equal(tk_srtp_protect(out, again, 11, &m), -EBADMSG);
        again[0] = 0x9f; /* CSRCs and an extension beyond the end */
        assert_int_equal(tk_srtp_protect(out, again, 40, &m), -EBADMSG);
        make_packet(again, 2, 1, 0);
        assert_int_equal(tk_srtp_protect(out, again, 12, &m), 0);
        make_packet(again, 3, 1, 0);
        assert_int_equal(tk_srtp_protect(out, again, 12, &m), -ENOSPC);
        tk_srtp_destroy(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivation), cmocka_unit_test(test_gcm_vector),
        cmocka_unit_test(test_libsrtp),    cmocka_unit_test(test_bit_flips),
        cmocka_unit_test(test_replay),     cmocka_unit_test(test_send_once),
    };
    ciphers = tk_srtp_ciphers_create();
    for (uint8_t i = 0; i < sizeof(master); i++) {
        master[i] = (uint8_t)(i * 11 + 3);
    }
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    tk_srtp_ciphers_destroy(ciphers);
    return r;
}
