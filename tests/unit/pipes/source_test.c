#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "streamer/pipes/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check(const char *text, char *err, size_t cap)
{
    json_t *source = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(source);
    err[0] = 0;
    int r = tk_source_check(source, err, cap);
    json_decref(source);
    return r;
}

static void takes_what_the_protocol_says(void **state)
{
    static const char *const good[] = {
        "{\"kind\":\"none\"}",
        "{\"kind\":\"demo\"}",
        "{\"kind\":\"file\",\"path\":\"/a.mp4\",\"loop\":true}",
        "{\"kind\":\"file\",\"path\":\"/a.mp4\"}",
        "{\"kind\":\"rtsp\",\"url\":\"rtsp://h/x\",\"user\":\"u\",\"password\":null}",
        "{\"kind\":\"v4l2\",\"device\":\"/dev/video0\",\"alsa\":\"default\"}",
        "{\"kind\":\"v4l2\",\"alsa\":\"default\"}",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char err[256];
        assert_int_equal(check(good[i], err, sizeof(err)), 0);
    }
}

static void says_what_is_wrong(void **state)
{
    static const char *const bad[][2] = {
        {"[]", "not an object"},
        {"{}", "unknown kind"},
        {"{\"kind\":7}", "unknown kind"},
        {"{\"kind\":\"srt\"}", "unknown kind of source 'srt'"},
        {"{\"kind\":\"demo\",\"path\":\"/a\"}", "has no 'path'"},
        {"{\"kind\":\"file\"}", "has no 'path'"},
        {"{\"kind\":\"file\",\"path\":\"\"}", "'path' is empty"},
        {"{\"kind\":\"file\",\"path\":1}", "'path' is not a string"},
        {"{\"kind\":\"file\",\"path\":\"a\\u0000b\"}", "zero byte"},
        {"{\"kind\":\"file\",\"path\":\"/a\",\"loop\":\"yes\"}", "'loop' is not a boolean"},
        {"{\"kind\":\"rtsp\",\"url\":\"http://h\"}", "rtsp://"},
        {"{\"kind\":\"v4l2\"}", "neither"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char err[256];
        assert_int_equal(check(bad[i][0], err, sizeof(err)), -EINVAL);
        if (!strstr(err, bad[i][1])) {
            fail_msg("%s: %s", bad[i][0], err);
        }
    }
}

static void refuses_a_text_that_is_too_long(void **state)
{
    char err[256];
    char *path = malloc(5000);
    memset(path, 'a', 4999);
    path[4999] = 0;
    json_t *source = json_pack("{s:s,s:s}", "kind", "file", "path", path);
    assert_int_equal(tk_source_check(source, err, sizeof(err)), -EINVAL);
    json_decref(source);
    free(path);
}

static void shows_no_password(void **state)
{
    static const char *const labels[][2] = {
        {"rtsp://user:secret@camera:554/stream?token=secret#secret", "rtsp://camera:554/stream"},
        {"rtsp://user:sec/ret@camera/stream", "rtsp://camera/stream"},
        {"rtsps://user:se@cret@camera", "rtsp://camera"},
        {"rtsp://camera/stream", "rtsp://camera/stream"},
    };
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        char label[128];
        json_t *source =
            json_pack("{s:s,s:s,s:s}", "kind", "rtsp", "url", labels[i][0], "password", "secret");
        tk_source_label(source, label, sizeof(label));
        assert_string_equal(label, labels[i][1]);
        json_decref(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_protocol_says),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(refuses_a_text_that_is_too_long),
        cmocka_unit_test(shows_no_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
