#include "signaling/core/check.h"

#include <math.h>
#include <string.h>

static const char *const verdict_names[] = {"none", "green", "yellow", "red"};

const char *tk_verdict_name(enum tk_verdict v)
{
    return verdict_names[v];
}

/* ---- reading ---- */

struct range {
    const char *name;
    double min;
    double max;
};

static int read_number(const json_t *part, const char *field, struct range range, double *ret,
                       struct tk_problem *problem)
{
    const json_t *v = json_object_get(part, range.name);
    if (!json_is_number(v) || json_number_value(v) < range.min ||
        json_number_value(v) > range.max) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field,
                              "%s.%s is a number from %g to %g", field, range.name, range.min,
                              range.max);
    }
    *ret = json_number_value(v);
    return 0;
}

/* An object or null; anything else is wrong. */
static int read_part(const json_t *result, const char *field, const json_t **ret,
                     struct tk_problem *problem)
{
    const json_t *v = json_object_get(result, field);
    *ret = json_is_object(v) ? v : NULL;
    if (v && !json_is_object(v) && !json_is_null(v)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field, "%s is an object or null",
                              field);
    }
    return 0;
}

/* Why a device could not be opened; "" where it could. */
static int read_trouble(const json_t *part, const char *field, const char **ret,
                        struct tk_problem *problem)
{
    static const char *const known[] = {"missing", "denied", "busy"};
    const json_t *v = json_object_get(part, "problem");
    const char *text = json_string_value(v);
    *ret = part ? "" : "missing";
    for (size_t i = 0; text && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(text, known[i]) == 0) {
            *ret = known[i];
            return 0;
        }
    }
    if (v && !json_is_null(v) && (!text || *text)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, field,
                              "%s.problem is missing, denied or busy", field);
    }
    return 0;
}

static const struct range pixels_w = {"w", 0, 16384};
static const struct range pixels_h = {"h", 0, 16384};
static const struct range fps = {"fps", 0, 1000};
static const struct range level = {"level_db", -200, 20};
static const struct range delay = {"delay_ms", 0, 10000};
static const struct range residual = {"residual_db", -200, 20};
static const struct range reduction = {"reduction_db", -100, 200};
static const struct range down = {"down_kbps", 0, 1e8};
static const struct range up = {"up_kbps", 0, 1e8};
static const struct range rtt = {"rtt_ms", 0, 60000};

static int parse_camera(const json_t *result, struct tk_check *c, struct tk_problem *problem)
{
    const json_t *part = NULL;
    int r = read_part(result, "camera", &part, problem);
    if (r == 0) {
        r = read_trouble(part, "camera", &c->camera.problem, problem);
    }
    if (r < 0 || *c->camera.problem) {
        return r;
    }
    r = read_number(part, "camera", pixels_w, &c->camera.w, problem);
    if (r == 0) {
        r = read_number(part, "camera", pixels_h, &c->camera.h, problem);
    }
    return r == 0 ? read_number(part, "camera", fps, &c->camera.fps, problem) : r;
}

static int parse_mic(const json_t *result, struct tk_check *c, struct tk_problem *problem)
{
    const json_t *part = NULL;
    int r = read_part(result, "mic", &part, problem);
    if (r == 0) {
        r = read_trouble(part, "mic", &c->mic.problem, problem);
    }
    if (r < 0 || *c->mic.problem) {
        return r;
    }
    return read_number(part, "mic", level, &c->mic.level_db, problem);
}

static int parse_speaker(const json_t *result, struct tk_check *c, struct tk_problem *problem)
{
    const json_t *part = NULL;
    int r = read_part(result, "speaker", &part, problem);
    const json_t *found = json_object_get(part, "found");
    if (r == 0 && part && !json_is_boolean(found)) {
        r = tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "speaker",
                           "speaker.found is true or false");
    }
    c->speaker.found = json_is_true(found);
    if (r < 0 || !c->speaker.found) {
        return r;
    }
    r = read_number(part, "speaker", level, &c->speaker.level_db, problem);
    return r == 0 ? read_number(part, "speaker", delay, &c->speaker.delay_ms, problem) : r;
}

static int parse_echo(const json_t *result, struct tk_check *c, struct tk_problem *problem)
{
    const json_t *part = NULL;
    int r = read_part(result, "echo", &part, problem);
    c->echo.measured = r == 0 && part;
    if (!c->echo.measured) {
        return r;
    }
    r = read_number(part, "echo", residual, &c->echo.residual_db, problem);
    return r == 0 ? read_number(part, "echo", reduction, &c->echo.reduction_db, problem) : r;
}

static int parse_link(const json_t *result, struct tk_check *c, struct tk_problem *problem)
{
    const json_t *part = NULL;
    int r = read_part(result, "link", &part, problem);
    c->link.measured = r == 0 && part;
    if (!c->link.measured) {
        return r;
    }
    r = read_number(part, "link", down, &c->link.down_kbps, problem);
    if (r == 0) {
        r = read_number(part, "link", up, &c->link.up_kbps, problem);
    }
    return r == 0 ? read_number(part, "link", rtt, &c->link.rtt_ms, problem) : r;
}

int tk_check_parse(const json_t *result, struct tk_check *ret, struct tk_problem *problem)
{
    struct tk_check c = {0};
    if (!json_is_object(result)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "result",
                              "result is what was measured: camera, mic, speaker, echo, link");
    }
    int r = parse_camera(result, &c, problem);
    if (r == 0) {
        r = parse_mic(result, &c, problem);
    }
    if (r == 0) {
        r = parse_speaker(result, &c, problem);
    }
    if (r == 0) {
        r = parse_echo(result, &c, problem);
    }
    if (r == 0) {
        r = parse_link(result, &c, problem);
    }
    if (r == 0) {
        *ret = c;
    }
    return r;
}

/* ---- judging ---- */

static void judge_camera(struct tk_check *c)
{
    c->camera.verdict = TK_VERDICT_GREEN;
    c->camera.cause = "";
    if (strcmp(c->camera.problem, "missing") == 0) { /* such a room sends sound alone */
        c->camera.verdict = TK_VERDICT_NONE;
        c->camera.cause = "camera_missing";
    } else if (*c->camera.problem) {
        c->camera.verdict = TK_VERDICT_RED;
        c->camera.cause =
            strcmp(c->camera.problem, "denied") == 0 ? "camera_denied" : "camera_busy";
    } else if (c->camera.w < TK_CHECK_CAMERA_W || c->camera.fps < TK_CHECK_CAMERA_FPS) {
        c->camera.verdict = TK_VERDICT_YELLOW;
        c->camera.cause = c->camera.fps < TK_CHECK_CAMERA_FPS ? "camera_slow" : "camera_small";
    }
}

static void judge_mic(struct tk_check *c)
{
    c->mic.verdict = TK_VERDICT_GREEN;
    c->mic.cause = "";
    if (*c->mic.problem) {
        c->mic.verdict = TK_VERDICT_RED;
        c->mic.cause = strcmp(c->mic.problem, "missing") == 0  ? "mic_missing"
                       : strcmp(c->mic.problem, "denied") == 0 ? "mic_denied"
                                                               : "mic_busy";
    } else if (c->mic.level_db <= TK_CHECK_MIC_SILENT_DB) {
        c->mic.verdict = TK_VERDICT_RED;
        c->mic.cause = "mic_silent";
    } else if (c->mic.level_db <= TK_CHECK_MIC_QUIET_DB) {
        c->mic.verdict = TK_VERDICT_YELLOW;
        c->mic.cause = "mic_quiet";
    } else if (c->mic.level_db >= TK_CHECK_MIC_LOUD_DB) {
        c->mic.verdict = TK_VERDICT_YELLOW;
        c->mic.cause = "mic_loud";
    }
}

/* After the microphone, which is what listens. */
static void judge_speaker(struct tk_check *c)
{
    c->speaker.verdict = TK_VERDICT_GREEN;
    c->speaker.cause = "";
    if (c->mic.verdict == TK_VERDICT_RED) {
        c->speaker.verdict = TK_VERDICT_NONE;
        c->speaker.cause = "mic_first";
    } else if (!c->speaker.found) {
        c->speaker.verdict = TK_VERDICT_RED;
        c->speaker.cause = "speaker_off";
    } else if (c->speaker.delay_ms > TK_CHECK_SPEAKER_TOO_LATE_MS) {
        c->speaker.verdict = TK_VERDICT_RED;
        c->speaker.cause = "speaker_late";
    } else if (c->speaker.level_db < TK_CHECK_SPEAKER_QUIET_DB) {
        c->speaker.verdict = TK_VERDICT_YELLOW;
        c->speaker.cause = "speaker_quiet";
    } else if (c->speaker.delay_ms > TK_CHECK_SPEAKER_LATE_MS) {
        c->speaker.verdict = TK_VERDICT_YELLOW;
        c->speaker.cause = "speaker_late";
    }
}

/*
 * After the speaker: without a chirp there is no echo of it. A quiet one teaches the canceller
 * nothing: what it left then is no reason to turn the television down, which is to be turned up.
 */
static void judge_echo(struct tk_check *c)
{
    c->echo.verdict = TK_VERDICT_NONE;
    c->echo.cause = "";
    if (c->speaker.verdict == TK_VERDICT_NONE || !c->speaker.found || !c->echo.measured) {
        c->echo.cause = "sound_first";
    } else if (c->echo.reduction_db >= TK_CHECK_ECHO_GOOD_DB ||
               c->echo.residual_db <= TK_CHECK_ECHO_GONE_DB) {
        c->echo.verdict = TK_VERDICT_GREEN;
    } else if (c->speaker.level_db < TK_CHECK_SPEAKER_QUIET_DB) {
        c->echo.cause = "sound_first";
    } else {
        bool usable = c->echo.reduction_db >= TK_CHECK_ECHO_USABLE_DB;
        c->echo.verdict = usable ? TK_VERDICT_YELLOW : TK_VERDICT_RED;
        c->echo.cause = usable ? "echo_some" : "echo_strong";
    }
}

static enum tk_verdict at_least(double value, double good, double usable)
{
    return value >= good ? TK_VERDICT_GREEN : value >= usable ? TK_VERDICT_YELLOW : TK_VERDICT_RED;
}

/* The worst of the three says why; of equals the first. */
static void judge_link(struct tk_check *c)
{
    if (!c->link.measured) {
        c->link.verdict = TK_VERDICT_RED;
        c->link.cause = "link_failed";
        return;
    }
    const struct {
        enum tk_verdict verdict;
        const char *cause;
    } parts[] = {
        {at_least(c->link.down_kbps, TK_CHECK_DOWN_GOOD_KBPS, TK_CHECK_DOWN_USABLE_KBPS),
         "link_down"},
        {at_least(c->link.up_kbps, TK_CHECK_UP_GOOD_KBPS, TK_CHECK_UP_USABLE_KBPS), "link_up"},
        {at_least(-c->link.rtt_ms, -TK_CHECK_RTT_GOOD_MS, -TK_CHECK_RTT_USABLE_MS), "link_late"},
    };
    c->link.verdict = TK_VERDICT_GREEN;
    c->link.cause = "";
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].verdict > c->link.verdict) {
            c->link.verdict = parts[i].verdict;
            c->link.cause = parts[i].cause;
        }
    }
}

void tk_check_judge(struct tk_check *c)
{
    judge_camera(c);
    judge_mic(c);
    judge_speaker(c);
    judge_echo(c);
    judge_link(c);
    const enum tk_verdict parts[] = {c->camera.verdict, c->mic.verdict, c->speaker.verdict,
                                     c->echo.verdict, c->link.verdict};
    c->verdict = TK_VERDICT_GREEN;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        c->verdict = parts[i] > c->verdict ? parts[i] : c->verdict;
    }
}

/* ---- writing ---- */

static json_t *figure(double value)
{
    return json_real(round(value * 10) / 10);
}

static json_t *part_json(enum tk_verdict verdict, const char *cause)
{
    return json_pack("{s:s, s:s}", "verdict", tk_verdict_name(verdict), "cause", cause);
}

json_t *tk_check_json(const struct tk_check *c)
{
    json_t *camera = part_json(c->camera.verdict, c->camera.cause);
    json_t *mic = part_json(c->mic.verdict, c->mic.cause);
    json_t *speaker = part_json(c->speaker.verdict, c->speaker.cause);
    json_t *echo = part_json(c->echo.verdict, c->echo.cause);
    json_t *link = part_json(c->link.verdict, c->link.cause);
    if (!*c->camera.problem) {
        json_object_set_new(camera, "w", figure(c->camera.w));
        json_object_set_new(camera, "h", figure(c->camera.h));
        json_object_set_new(camera, "fps", figure(c->camera.fps));
    }
    if (!*c->mic.problem) {
        json_object_set_new(mic, "level_db", figure(c->mic.level_db));
    }
    json_object_set_new(speaker, "found", json_boolean(c->speaker.found));
    if (c->speaker.found) {
        json_object_set_new(speaker, "level_db", figure(c->speaker.level_db));
        json_object_set_new(speaker, "delay_ms", figure(c->speaker.delay_ms));
    }
    if (c->echo.measured) {
        json_object_set_new(echo, "residual_db", figure(c->echo.residual_db));
        json_object_set_new(echo, "reduction_db", figure(c->echo.reduction_db));
    }
    if (c->link.measured) {
        json_object_set_new(link, "down_kbps", figure(c->link.down_kbps));
        json_object_set_new(link, "up_kbps", figure(c->link.up_kbps));
        json_object_set_new(link, "rtt_ms", figure(c->link.rtt_ms));
    }
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "verdict", tk_verdict_name(c->verdict),
                     "camera", camera, "mic", mic, "speaker", speaker, "echo", echo, "link", link);
}
