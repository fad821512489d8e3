/* What a lesson is fed with when no teacher publishes: the check of PROTOCOL.md's Source. */

#include <string.h>

#include "signaling/core/lesson_state.h"

#define SOURCE_TEXT_MAX 1024

static int wrong(struct tk_problem *problem, const char *field, const char *text)
{
    return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s", text);
}

bool tk_text_fits(const json_t *v, size_t max)
{
    const char *text = json_string_value(v);
    if (!text || json_string_length(v) > max || strlen(text) != json_string_length(v)) {
        return false;
    }
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return false;
        }
    }
    return true;
}

static int check_url(const json_t *source, struct tk_problem *problem)
{
    const char *url = json_string_value(json_object_get(source, "url"));
    if (!tk_text_fits(json_object_get(source, "url"), SOURCE_TEXT_MAX) ||
        !(g_str_has_prefix(url, "rtsp://") || g_str_has_prefix(url, "rtsps://"))) {
        return wrong(problem, "source", "A camera's url begins with rtsp:// or rtsps://");
    }
    /* an address is shown, logged and audited; RFC 3986, section 3.2.1: userinfo "@" host */
    const char *authority = strstr(url, "://") + 3;
    if (memchr(authority, '@', strcspn(authority, "/?#"))) {
        return wrong(problem, "source",
                     "A camera's user and password have fields of their own, not in its url");
    }
    static const char *const optional[] = {"user", "password"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *v = json_object_get(source, optional[i]);
        if (v && !json_is_null(v) && !tk_text_fits(v, SOURCE_TEXT_MAX)) {
            return wrong(problem, "source", "A camera's user and password are texts");
        }
    }
    return 0;
}

int tk_source_check(const json_t *source, struct tk_problem *problem)
{
    const char *kind = json_string_value(json_object_get(source, "kind"));
    if (!kind) {
        return wrong(problem, "source", "A source has a kind: demo, file, rtsp, v4l2 or none");
    }
    if (strcmp(kind, "demo") == 0 || strcmp(kind, "none") == 0) {
        return 0;
    }
    if (strcmp(kind, "file") == 0) {
        const json_t *path = json_object_get(source, "path");
        const json_t *loop = json_object_get(source, "loop");
        if (!tk_text_fits(path, SOURCE_TEXT_MAX) || json_string_value(path)[0] != '/') {
            return wrong(problem, "source", "A file's path is absolute, /like/this.mp4");
        }
        return loop && !json_is_boolean(loop) ? wrong(problem, "source", "loop is true or false")
                                              : 0;
    }
    if (strcmp(kind, "rtsp") == 0) {
        return check_url(source, problem);
    }
    if (strcmp(kind, "v4l2") == 0) {
        const json_t *device = json_object_get(source, "device");
        const json_t *alsa = json_object_get(source, "alsa");
        if (!tk_text_fits(device, SOURCE_TEXT_MAX) ||
            !g_str_has_prefix(json_string_value(device), "/dev/")) {
            return wrong(problem, "source", "A camera's device is /dev/video0 or the like");
        }
        return alsa && !json_is_null(alsa) && !tk_text_fits(alsa, SOURCE_TEXT_MAX)
                   ? wrong(problem, "source",
                           "alsa is the name of a sound device, hw:1 or the like")
                   : 0;
    }
    return wrong(problem, "source", "A source's kind is demo, file, rtsp, v4l2 or none");
}
