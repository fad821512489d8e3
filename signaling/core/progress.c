/* Reads PROTOCOL.md's progress message. */

#include "signaling/core/field.h"
#include "signaling/core/roster.h"

#define SPAN_MAX_MS                                                                                \
    3600000 /* a page that slept reports once; roster believes no more than it may */
#define COUNT_MAX 1000000

/* A figure for the status; negative where it is not told or makes no sense. */
static double figure(const json_t *m, const char *object, const char *field, double max)
{
    const json_t *v = json_object_get(json_object_get(m, object), field);
    double value = json_is_number(v) ? json_number_value(v) : -1;
    return value >= 0 && value <= max ? value : -1;
}

int tk_progress_parse(const json_t *message, struct tk_progress *ret, struct tk_problem *problem)
{
    struct tk_progress p = {0};
    int r = tk_field_count(message, "n", INT64_MAX, -1, &p.n, problem);
    if (r == 0) {
        r = tk_field_count(message, "span_ms", SPAN_MAX_MS, -1, &p.span_ms, problem);
    }
    if (r == 0) {
        r = tk_field_count(message, "frames", COUNT_MAX, 0, &p.frames, problem);
    }
    if (r == 0) {
        r = tk_field_count(message, "audio_ms", SPAN_MAX_MS, 0, &p.audio_ms, problem);
    }
    if (r == 0) {
        r = tk_field_bool(message, "muted", &p.muted, problem);
    }
    if (r == 0) {
        r = tk_field_bool(message, "hidden", &p.hidden, problem);
    }
    if (r < 0) {
        return r;
    }
    p.fps = figure(message, "video", "fps", 1000);
    p.w = (int)figure(message, "video", "w", 16384);
    p.h = (int)figure(message, "video", "h", 16384);
    p.rtt_ms = figure(message, "link", "rtt_ms", 600000);
    *ret = p;
    return 0;
}
