#include "streamer/wire/rtp.h"

#include "streamer/wire/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_rtp(void **state)
{
    static const uint8_t packet[] = {0xb0, 0xe0, 0x12, 0x34, 0,    0,   0,    9, 0, 0, 0, 7,
                                     0xbe, 0xde, 0,    1,    0x40, 'a', 0x00, 0, 1, 2, 3, 1};
    struct tk_rtp rtp;
    size_t n = 0;
    assert_int_equal(tk_rtp_parse(&rtp, packet, sizeof(packet)), 0);
    assert_true(rtp.marker);
    assert_int_equal(rtp.pt, 96);
    assert_int_equal(rtp.seq, 0x1234);
    assert_int_equal(rtp.ts, 9);
    assert_int_equal(rtp.ssrc, 7);
    assert_int_equal(rtp.payload_len, 3);
    const uint8_t *mid = tk_rtp_ext(&rtp, 4, &n);
    assert_non_null(mid);
    assert_int_equal(n, 1);
    assert_int_equal(mid[0], 'a');
    assert_null(tk_rtp_ext(&rtp, 5, &n));
    for (size_t len = 0; len < sizeof(packet); len++) {
        uint8_t *cut = malloc(len + 1);
        memcpy(cut, packet, len);
        if (tk_rtp_parse(&rtp, cut, len) == 0) {
            tk_rtp_ext(&rtp, 5, &n);
        }
        free(cut);
    }
}

static void test_rtcp(void **state)
{
    uint8_t buf[512];
    struct tk_writer w;
    tk_writer_init(&w, buf, sizeof(buf));
    struct tk_rtcp_report report = {1, 64, -2, 70000, 3, 4, 5}, got;
    const uint16_t lost[] = {65534, 65535, 3, 40};
    tk_rtcp_write_sr(&w, 10, 0x1122334455667788, 99, 5, 6);
    tk_rtcp_write_cname(&w, 10, "abcd");
    tk_rtcp_write_rr(&w, 11, &report, 1);
    tk_rtcp_write_nack(&w, 11, 12, lost, 4);
    tk_rtcp_write_fir(&w, 11, 12, 7);
    tk_rtcp_write_bye(&w, (uint32_t[]){5, 6}, 2);
    assert_false(w.failed);

    struct tk_reader r;
    struct tk_rtcp p;
    tk_reader_init(&r, buf, tk_writer_len(&w));
    assert_true(tk_rtcp_next(&r, &p));
    assert_true(p.type == TK_RTCP_SR && p.ssrc == 10 && p.ntp == 0x1122334455667788);
    assert_true(tk_rtcp_next(&r, &p) && p.type == TK_RTCP_SDES);
    assert_true(tk_rtcp_next(&r, &p) && p.type == TK_RTCP_RR);
    assert_true(tk_rtcp_next_report(&p, &got));
    assert_true(got.ssrc == 1 && got.lost_share == 64 && got.lost == -2 && got.highest == 70000);
    assert_true(got.jitter == 3 && got.last_sr == 4 && got.delay_since_sr == 5);
    assert_false(tk_rtcp_next_report(&p, &got));
    uint16_t seq, mask;
    assert_true(tk_rtcp_next(&r, &p) && p.type == TK_RTCP_RTPFB && p.media == 12);
    assert_true(tk_rtcp_next_nack(&p, &seq, &mask));
    assert_true(seq == 65534 && mask == 0x11);
    assert_true(tk_rtcp_next_nack(&p, &seq, &mask) && seq == 40 && mask == 0);
    assert_false(tk_rtcp_next_nack(&p, &seq, &mask));
    uint32_t ssrc;
    uint8_t number;
    assert_true(tk_rtcp_next(&r, &p) && tk_rtcp_next_fir(&p, &ssrc, &number));
    assert_true(ssrc == 12 && number == 7);
    assert_true(tk_rtcp_next(&r, &p) && p.type == TK_RTCP_BYE);
    assert_true(tk_rtcp_next_bye(&p, &ssrc) && ssrc == 5);
    assert_true(tk_rtcp_next_bye(&p, &ssrc) && ssrc == 6);
    assert_false(tk_rtcp_next_bye(&p, &ssrc));
    assert_false(tk_rtcp_next(&r, &p));
    assert_false(r.failed);
}

static void test_rtcp_broken(void **state)
{
    static const uint8_t lying[] = {0x81, 201, 0, 9, 0, 0, 0, 1};
    static const uint8_t padded[] = {0xa0, 201, 0, 1, 0, 0, 0, 200};
    struct tk_reader r;
    struct tk_rtcp p;
    tk_reader_init(&r, lying, sizeof(lying));
    assert_false(tk_rtcp_next(&r, &p));
    assert_true(r.failed);
    tk_reader_init(&r, padded, sizeof(padded));
    assert_false(tk_rtcp_next(&r, &p));
    assert_true(r.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rtp),
        cmocka_unit_test(test_rtcp),
        cmocka_unit_test(test_rtcp_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
