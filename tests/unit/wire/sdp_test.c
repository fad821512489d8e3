#include "streamer/wire/sdp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <assert.h>

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"

static struct tk_sdp sdp;
static struct tk_sdp_error err;
static char text[TK_SDP_MAX_BYTES + 16];

static size_t load(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/sdp/%s", TEST_DATA, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    return n;
}

static const struct tk_sdp_codec *find(const struct tk_sdp_media *m, int pt)
{
    for (size_t i = 0; i < m->codec_count; i++) {
        if (m->codecs[i].pt == pt) {
            return &m->codecs[i];
        }
    }
    fail_msg("no payload type %d", pt);
    abort();
}

static void test_chromium_watch(void **state)
{
    assert_int_equal(tk_sdp_parse(text, load("chromium-watch.sdp"), &sdp, &err), 0);
    assert_int_equal(sdp.media_count, 3);
    const struct tk_sdp_media *v = &sdp.media[0];
    assert_int_equal(v->kind, TK_SDP_VIDEO);
    assert_int_equal(v->dir, TK_SDP_RECV);
    assert_true(v->rtcp_mux && v->bundled);
    assert_int_equal(v->ice.setup, TK_SDP_ACTPASS);
    assert_true(v->ice.ufrag.len >= 4 && v->ice.pwd.len >= 22);
    const struct tk_sdp_codec *h264 = NULL, *rtx = NULL;
    for (size_t i = 0; i < v->codec_count; i++) {
        const struct tk_sdp_codec *c = &v->codecs[i];
        h264 = c->codec == TK_CODEC_H264 && c->profile_level == 0x42e01f && c->mode == 1 ? c : h264;
    }
    assert_non_null(h264);
    assert(h264); /* the compiler does not know that the line before never returns */
    assert_int_equal(h264->feedback,
                     TK_SDP_FB_NACK | TK_SDP_FB_PLI | TK_SDP_FB_FIR | TK_SDP_FB_REMB);
    for (size_t i = 0; i < v->codec_count; i++) {
        rtx = v->codecs[i].rtx && v->codecs[i].apt == h264->pt ? &v->codecs[i] : rtx;
    }
    assert_non_null(rtx);
    assert_int_equal(sdp.media[1].kind, TK_SDP_AUDIO);
    assert_int_equal(find(&sdp.media[1], 111)->codec, TK_CODEC_OPUS);
    assert_int_equal(sdp.media[2].kind, TK_SDP_OTHER);
}

static void test_chromium_publish(void **state)
{
    assert_int_equal(tk_sdp_parse(text, load("chromium-publish.sdp"), &sdp, &err), 0);
    const struct tk_sdp_media *v = &sdp.media[1];
    assert_int_equal(v->dir, TK_SDP_SEND);
    assert_int_equal(v->ssrc_count, 2);
    assert_int_equal(v->ssrcs[0], 3214651340u);
    assert_int_equal(v->rtx_of[0], 0);
    assert_int_equal(v->rtx_of[1], 3214651340u);
    bool has_mid = false;
    for (size_t i = 0; i < v->ext_count; i++) {
        has_mid |= tk_text_equal(v->exts[i].uri, "urn:ietf:params:rtp-hdrext:sdes:mid");
    }
    assert_true(has_mid);
}

static void test_chromium_simulcast(void **state)
{
    assert_int_equal(tk_sdp_parse(text, load("chromium-simulcast.sdp"), &sdp, &err), 0);
    const struct tk_sdp_media *v = &sdp.media[0];
    assert_int_equal(v->layer_count, 3);
    assert_true(tk_text_equal(v->layers[0], "q"));
    assert_true(tk_text_equal(v->layers[1], "h"));
    assert_true(tk_text_equal(v->layers[2], "f"));
    assert_int_equal(v->ssrc_count, 0);
    assert_int_equal(sdp.media[1].layer_count, 0);
}

static size_t layers_of(const char *lines)
{
    int n = snprintf(text, sizeof(text), "%s%s%s", HEAD, VIDEO, lines);
    assert_int_equal(tk_sdp_parse(text, (size_t)n, &sdp, &err), 0);
    return sdp.media[0].layer_count;
}

static void test_simulcast(void **state)
{
    const struct tk_text *layers = sdp.media[0].layers;
    /* the list's order counts, wherever it stands; alternatives, paused ones, both directions */
    assert_int_equal(layers_of("a=simulcast:recv x send ~b,c;a\r\n"
                               "a=rid:a send pt=96\r\na=rid:b send\r\na=rid:c send\r\n"
                               "a=rid:x recv\r\n"),
                     2);
    assert_true(tk_text_equal(layers[0], "b") && tk_text_equal(layers[1], "a"));
    /* what is no rid, what is only received, what comes twice, what is too much */
    assert_int_equal(layers_of("a=rid:a send\r\na=rid:x recv\r\na=simulcast:send a;n;a;x;;\r\n"),
                     1);
    assert_int_equal(layers_of("a=rid:a send\r\na=rid:b send\r\na=rid:c send\r\na=rid:d send\r\n"
                               "a=simulcast:send a;b;c;d\r\n"),
                     3);
    assert_int_equal(layers_of("a=rid:a send\r\n"), 0);
    assert_int_equal(layers_of("a=rid:12345678901234567 send\r\n"
                               "a=simulcast:send 12345678901234567\r\n"),
                     0);
    assert_int_equal(layers_of("a=simulcast:send\r\na=simulcast:\r\n"), 0);
}

static void test_session_level(void **state)
{
    assert_int_equal(tk_sdp_parse(text, load("obs-publish.sdp"), &sdp, &err), 0);
    assert_true(tk_text_equal(sdp.media[1].ice.ufrag, "Qv9T"));
    assert_int_equal(sdp.media[1].ice.setup, TK_SDP_ACTPASS);
    assert_true(sdp.media[1].ice.fingerprint.len > 90);
    assert_int_equal(load("firefox-watch.sdp") > 0, 1);
    assert_int_equal(tk_sdp_parse(text, load("firefox-watch.sdp"), &sdp, &err), 0);
    assert_int_equal(find(&sdp.media[0], 97)->mode, 0);
    assert_int_equal(find(&sdp.media[0], 126)->mode, 1);
    assert_int_equal(find(&sdp.media[0], 127)->apt, 126);
    assert_int_equal(sdp.media[0].ext_count, 4); /* directions after the number are stepped over */
    assert_int_equal(find(&sdp.media[1], 9)->codec, TK_CODEC_NONE);
}

static void refused(const char *offer, int line, const char *what)
{
    assert_int_equal(tk_sdp_parse(offer, strlen(offer), &sdp, &err), -EBADMSG);
    assert_int_equal(err.line, line);
    assert_non_null(strstr(err.what, what));
}

static void test_refuses(void **state)
{
    refused("", 0, "empty");
    refused("hello", 1, "x=value");
    refused("o=- 1 2 IN IP4 0\r\n", 1, "v=0");
    refused(HEAD, 0, "no m-line");
    refused(HEAD "m=video x y\r\n", 5, "m-line");
    refused(HEAD VIDEO "garbage\r\n", 6, "x=value");
    refused(HEAD VIDEO "a=mid:0\r\n" VIDEO "a=mid:0\r\n", 8, "mid is there twice");
    refused(HEAD VIDEO "a=ssrc:5 cname:x\r\n" VIDEO "a=ssrc:5 cname:x\r\n", 8, "two m-lines");
    refused(HEAD VIDEO "a=ssrc:99999999999 cname:x\r\n", 6, "ssrc");
    refused(HEAD VIDEO "a=ssrc-group:FID 7 7\r\n", 6, "repairs itself");
    refused(HEAD VIDEO "a=ice-ufrag:ab\r\n", 6, "ice-ufrag");
    refused(HEAD VIDEO "a=ice-pwd:short\r\n", 6, "ice-pwd");
    refused(HEAD VIDEO "a=setup:holdconn\r\n", 6, "setup");
    refused(HEAD VIDEO "a=rtpmap:96 H264\r\n", 6, "rtpmap");
    refused(HEAD VIDEO "a=extmap:x uri\r\n", 6, "extmap");
    refused(HEAD VIDEO "a=rid:q\r\n", 6, "rid");
    refused(HEAD VIDEO "a=rid:q! send\r\n", 6, "rid");
    refused(HEAD VIDEO "a=rid:q send\r\na=rid:q send\r\n", 7, "rid is there twice");
    refused(HEAD VIDEO "a=mid:a b\r\n", 6, "mid");
}

static void test_limits(void **state)
{
    static const char nul[] = HEAD VIDEO "a=mid:0\0\r\n";
    assert_int_equal(tk_sdp_parse(nul, sizeof(nul) - 1, &sdp, &err), -EBADMSG);
    assert_string_equal(err.what, "has a NUL byte");
    memset(text, 'a', sizeof(text));
    assert_int_equal(tk_sdp_parse(text, TK_SDP_MAX_BYTES + 1, &sdp, &err), -EBADMSG);
    int n = snprintf(text, sizeof(text), "%s", HEAD);
    for (int i = 0; i < TK_SDP_MAX_MEDIA; i++) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", VIDEO);
    }
    assert_int_equal(tk_sdp_parse(text, (size_t)n, &sdp, &err), 0);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", VIDEO);
    assert_int_equal(tk_sdp_parse(text, (size_t)n, &sdp, &err), -EBADMSG);
}

static void test_fragment(void **state)
{
    static const char frag[] = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
                               "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
                               "a=candidate:1 1 UDP 2130706431 198.51.100.1 49203 typ host\r\n";
    assert_int_equal(tk_sdp_parse_fragment(frag, sizeof(frag) - 1, &sdp, &err), 0);
    assert_true(tk_text_equal(sdp.ice.ufrag, "EsAw"));
    assert_int_equal(tk_sdp_parse_fragment("", 0, &sdp, &err), 0);
}

static void test_several_fingerprints(void **state)
{
    static const char offer[] = HEAD VIDEO "a=fingerprint:md5 AA:BB\r\n"
                                           "a=fingerprint:sha-256 CC:DD\r\n"
                                           "a=fingerprint:sha-1 EE:FF\r\n";
    assert_int_equal(tk_sdp_parse(offer, sizeof(offer) - 1, &sdp, &err), 0);
    assert_true(tk_text_equal(sdp.media[0].ice.fingerprint, "sha-256 CC:DD"));
}

static void test_writer(void **state)
{
    char out[16];
    struct tk_sdp_writer w = {.buf = out, .cap = sizeof(out)};
    tk_sdp_print(&w, "a=%d\r\n", 12345);
    assert_false(w.failed);
    tk_sdp_print(&w, "a=%d\r\n", 1234567);
    assert_true(w.failed);
    assert_int_equal(w.len, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chromium_watch),
        cmocka_unit_test(test_chromium_publish),
        cmocka_unit_test(test_chromium_simulcast),
        cmocka_unit_test(test_simulcast),
        cmocka_unit_test(test_session_level),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fragment),
        cmocka_unit_test(test_several_fingerprints),
        cmocka_unit_test(test_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
