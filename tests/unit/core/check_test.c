/* The check of a room: what is read, and how it is judged at each threshold. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "signaling/core/check.h"

#define GOOD                                                                                       \
    "{\"camera\":{\"w\":1280,\"h\":720,\"fps\":30},\"mic\":{\"level_db\":-30},"                    \
    "\"speaker\":{\"found\":true,\"level_db\":-28,\"delay_ms\":90},"                               \
    "\"echo\":{\"residual_db\":-58,\"reduction_db\":30},"                                          \
    "\"link\":{\"down_kbps\":2000,\"up_kbps\":1000,\"rtt_ms\":200}}"

/* GOOD with `part` replaced by `value`. */
static json_t *with(const char *part, const char *value)
{
    json_t *o = json_loads(GOOD, 0, NULL);
    json_t *v = json_loads(value, JSON_DECODE_ANY, NULL);
    assert_non_null(o);
    assert_non_null(v);
    json_object_set_new(o, part, v);
    return o;
}

static void check(const char *part, const char *value, const char *verdict, const char *cause,
                  const char *whole)
{
    struct tk_check c;
    struct tk_problem problem = {0};
    json_t *o = with(part, value);
    assert_int_equal(0, tk_check_parse(o, &c, &problem));
    tk_check_judge(&c);
    json_t *out = tk_check_json(&c);
    const json_t *p = json_object_get(out, part);
    assert_string_equal(verdict, json_string_value(json_object_get(p, "verdict")));
    assert_string_equal(cause, json_string_value(json_object_get(p, "cause")));
    assert_string_equal(whole, json_string_value(json_object_get(out, "verdict")));
    json_decref(out);
    json_decref(o);
}

static void all_is_well(void **state)
{
    struct tk_check c;
    struct tk_problem problem;
    json_t *o = json_loads(GOOD, 0, NULL);
    assert_int_equal(0, tk_check_parse(o, &c, &problem));
    tk_check_judge(&c);
    assert_int_equal(TK_VERDICT_GREEN, c.verdict);
    assert_int_equal(TK_VERDICT_GREEN, c.camera.verdict);
    assert_int_equal(TK_VERDICT_GREEN, c.mic.verdict);
    assert_int_equal(TK_VERDICT_GREEN, c.speaker.verdict);
    assert_int_equal(TK_VERDICT_GREEN, c.echo.verdict);
    assert_int_equal(TK_VERDICT_GREEN, c.link.verdict);
    json_decref(o);
}

static void camera(void **state)
{
    check("camera", "null", "none", "camera_missing", "green");
    check("camera", "{\"problem\":\"missing\"}", "none", "camera_missing", "green");
    check("camera", "{\"problem\":\"denied\"}", "red", "camera_denied", "red");
    check("camera", "{\"problem\":\"busy\"}", "red", "camera_busy", "red");
    check("camera", "{\"w\":640,\"h\":360,\"fps\":10}", "green", "", "green");
    check("camera", "{\"w\":639,\"h\":360,\"fps\":10}", "yellow", "camera_small", "yellow");
    check("camera", "{\"w\":320,\"h\":240,\"fps\":9.9}", "yellow", "camera_slow", "yellow");
}

static void mic(void **state)
{
    check("mic", "null", "red", "mic_missing", "red");
    check("mic", "{\"problem\":\"denied\"}", "red", "mic_denied", "red");
    check("mic", "{\"problem\":\"busy\"}", "red", "mic_busy", "red");
    check("mic", "{\"level_db\":-75}", "red", "mic_silent", "red");
    check("mic", "{\"level_db\":-74.9}", "yellow", "mic_quiet", "yellow");
    check("mic", "{\"level_db\":-50}", "yellow", "mic_quiet", "yellow");
    check("mic", "{\"level_db\":-49.9}", "green", "", "green");
    check("mic", "{\"level_db\":-1}", "yellow", "mic_loud", "yellow");
}

static void speaker(void **state)
{
    check("speaker", "{\"found\":false}", "red", "speaker_off", "red");
    check("speaker", "null", "red", "speaker_off", "red");
    check("speaker", "{\"found\":true,\"level_db\":-45,\"delay_ms\":200}", "green", "", "green");
    check("speaker", "{\"found\":true,\"level_db\":-45.1,\"delay_ms\":200}", "yellow",
          "speaker_quiet", "yellow");
    check("speaker", "{\"found\":true,\"level_db\":-30,\"delay_ms\":201}", "yellow", "speaker_late",
          "yellow");
    check("speaker", "{\"found\":true,\"level_db\":-30,\"delay_ms\":501}", "red", "speaker_late",
          "red");
}

static void echo(void **state)
{
    check("echo", "{\"residual_db\":-40,\"reduction_db\":20}", "green", "", "green");
    check("echo", "{\"residual_db\":-60,\"reduction_db\":2}", "green", "", "green");
    check("echo", "{\"residual_db\":-40,\"reduction_db\":19.9}", "yellow", "echo_some", "yellow");
    check("echo", "{\"residual_db\":-40,\"reduction_db\":10}", "yellow", "echo_some", "yellow");
    check("echo", "{\"residual_db\":-40,\"reduction_db\":9.9}", "red", "echo_strong", "red");
    check("echo", "null", "none", "sound_first", "green");
}

/* One is not told to turn the television up and down at once. */
static void a_quiet_television_says_nothing_of_the_echo(void **state)
{
    struct tk_check c;
    struct tk_problem problem;
    json_t *o = with("speaker", "{\"found\":true,\"level_db\":-52,\"delay_ms\":150}");
    json_object_set_new(o, "echo",
                        json_pack("{s:f, s:f}", "residual_db", -50.0, "reduction_db", -2.0));
    assert_int_equal(0, tk_check_parse(o, &c, &problem));
    tk_check_judge(&c);
    assert_string_equal("speaker_quiet", c.speaker.cause);
    assert_int_equal(TK_VERDICT_NONE, c.echo.verdict);
    assert_string_equal("sound_first", c.echo.cause);
    assert_int_equal(TK_VERDICT_YELLOW, c.verdict);
    json_decref(o);
}

/* What listens is broken: the television is not blamed for it, nor is an echo found. */
static void a_silent_microphone_says_nothing_of_the_rest(void **state)
{
    struct tk_check c;
    struct tk_problem problem;
    json_t *o = with("mic", "{\"level_db\":-90}");
    json_object_set_new(o, "speaker", json_pack("{s:b}", "found", 0));
    assert_int_equal(0, tk_check_parse(o, &c, &problem));
    tk_check_judge(&c);
    assert_int_equal(TK_VERDICT_NONE, c.speaker.verdict);
    assert_string_equal("mic_first", c.speaker.cause);
    assert_int_equal(TK_VERDICT_NONE, c.echo.verdict);
    assert_string_equal("sound_first", c.echo.cause);
    assert_int_equal(TK_VERDICT_RED, c.verdict);
    json_decref(o);
}

static void link_of_the_room(void **state)
{
    static const struct {
        const char *down, *up, *rtt, *verdict, *cause;
    } cases[] = {
        {"1999", "1000", "200", "yellow", "link_down"},
        {"2000", "999", "200", "yellow", "link_up"},
        {"2000", "1000", "201", "yellow", "link_late"},
        {"300", "150", "500", "yellow", "link_down"},
        {"299", "1000", "10", "red", "link_down"},
        {"2000", "149", "10", "red", "link_up"},
        {"2000", "1000", "501", "red", "link_late"},
        /* the worst says why */
        {"500", "100", "10", "red", "link_up"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char value[128];
        snprintf(value, sizeof(value), "{\"down_kbps\":%s,\"up_kbps\":%s,\"rtt_ms\":%s}",
                 cases[i].down, cases[i].up, cases[i].rtt);
        check("link", value, cases[i].verdict, cases[i].cause, cases[i].verdict);
    }
    check("link", "null", "red", "link_failed", "red");
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"camera", "7"},
        {"camera", "{}"},
        {"camera", "{\"w\":-1,\"h\":1,\"fps\":1}"},
        {"camera", "{\"w\":1,\"h\":1,\"fps\":\"30\"}"},
        {"camera", "{\"problem\":\"stolen\"}"},
        {"camera", "{\"problem\":7}"},
        {"mic", "{}"},
        {"mic", "{\"level_db\":1e308}"},
        {"mic", "{\"level_db\":null}"},
        {"mic", "[]"},
        {"speaker", "{}"},
        {"speaker", "{\"found\":1}"},
        {"speaker", "{\"found\":true}"},
        {"speaker", "{\"found\":true,\"level_db\":-3,\"delay_ms\":-1}"},
        {"echo", "{\"residual_db\":-3}"},
        {"echo", "true"},
        {"link", "{\"down_kbps\":1,\"up_kbps\":1}"},
        {"link", "{\"down_kbps\":1e9,\"up_kbps\":1,\"rtt_ms\":1}"},
        {"link", "{\"down_kbps\":1,\"up_kbps\":1,\"rtt_ms\":60001}"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct tk_check c;
        struct tk_problem problem = {0};
        json_t *o = with(wrong[i][0], wrong[i][1]);
        assert_true(tk_check_parse(o, &c, &problem) < 0);
        assert_string_equal("bad_field", problem.code);
        assert_string_equal(wrong[i][0], problem.field);
        json_decref(o);
    }
    struct tk_check c;
    struct tk_problem problem = {0};
    assert_true(tk_check_parse(NULL, &c, &problem) < 0);
    assert_string_equal("result", problem.field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(camera),
        cmocka_unit_test(mic),
        cmocka_unit_test(speaker),
        cmocka_unit_test(echo),
        cmocka_unit_test(a_quiet_television_says_nothing_of_the_echo),
        cmocka_unit_test(a_silent_microphone_says_nothing_of_the_rest),
        cmocka_unit_test(link_of_the_room),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
