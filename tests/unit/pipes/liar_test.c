/* What pipes do with a pipeline that speaks nonsense, dies or is silent; liar.c plays it. */

#include "stage.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static const char *liar;

struct liars {
    struct stage stage;
    const char *lesson;
};

static void on_rtp(void *ctx, const char *lesson, bool video, uint8_t *packet, size_t len,
                   int64_t now_us)
{
    ((struct liars *)ctx)->stage.video++;
}

static void on_state(void *ctx, const char *lesson, const char *kind, const char *state,
                     const char *cause, bool passthrough, int restarts)
{
    stage_on_state(&((struct liars *)ctx)->stage, lesson, kind, state, cause, passthrough,
                   restarts);
}

static void open_liar(struct liars *l, const char *manner, int64_t stall_us)
{
    char err[256];
    memset(l, 0, sizeof(*l));
    const struct tk_pipes_config config = {
        .program = liar,
        .stall_us = stall_us,
        .handlers = {l, on_rtp, NULL, on_state},
    };
    l->lesson = manner;
    assert_int_equal(tk_pipes_create(&config, &l->stage.pipes), 0);
    json_t *source = json_pack("{s:s}", "kind", "demo");
    assert_int_equal(tk_pipes_set(l->stage.pipes, manner, source, err, sizeof(err)), 0);
    json_decref(source);
}

static void ends_with(const char *manner, const char *cause)
{
    struct liars l;
    open_liar(&l, manner, 0);
    stage_until(&l.stage, l.stage.restarts > 0);
    if (!strstr(l.stage.last_cause, cause)) {
        fail_msg("%s: %s", manner, l.stage.last_cause);
    }
    tk_pipes_destroy(l.stage.pipes);
}

static void ends_one_that_speaks_nonsense(void **state)
{
    static const char *const manners[] = {"unknown",  "short-rtp",   "not-rtp",
                                          "long-rtp", "short-clock", "bad-mode"};
    for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
        ends_with(manners[i], "malformed message");
    }
}

static void repeats_its_words_as_valid_text(void **state)
{
    struct liars l;
    open_liar(&l, "odd-text", 0);
    stage_until(&l.stage, l.stage.restarts > 0);
    assert_string_equal(l.stage.state, "failed");
    assert_non_null(strstr(l.stage.last_cause, "bad "));
    assert_true(g_utf8_validate(l.stage.last_cause, -1, NULL));
    assert_null(strpbrk(l.stage.last_cause, "\n\""));
    tk_pipes_destroy(l.stage.pipes);
}

static void says_how_it_died(void **state)
{
    ends_with("dies", "ended with status 7");
}

static void kills_one_that_does_not_leave(void **state)
{
    ends_with("stays", "signal 9");
}

static void kills_one_that_is_silent(void **state)
{
    struct liars l;
    open_liar(&l, "silent", 200000);
    stage_until(&l.stage, l.stage.restarts > 0);
    assert_non_null(strstr(l.stage.last_cause, "neither picture nor sound"));
    tk_pipes_destroy(l.stage.pipes);

    open_liar(&l, "falls-silent", 200000);
    stage_until(&l.stage, l.stage.restarts > 0);
    assert_true(l.stage.video >= 1);
    tk_pipes_destroy(l.stage.pipes);
}

static void tries_for_ever_and_says_so(void **state)
{
    struct liars l;
    open_liar(&l, "dies", 0);
    stage_until(&l.stage, l.stage.restarts >= 4);
    stage_until(&l.stage, strcmp(l.stage.state, "live") == 0);
    tk_pipes_destroy(l.stage.pipes);
}

static void waits_longer_each_time(void **state)
{
    static const int64_t waits_ms[] = {500, 1000, 2000, 5000, 5000};
    struct liars l;
    int64_t now_us = 0;
    liar = "/nowhere/tongke-pipeline";
    open_liar(&l, "x", 0);
    for (size_t i = 0; i < G_N_ELEMENTS(waits_ms); i++) {
        int64_t due_us = tk_pipes_on_time(l.stage.pipes, now_us);
        assert_int_equal(due_us - now_us, waits_ms[i] * 1000);
        assert_int_equal(l.stage.restarts, i + 1);
        assert_string_equal(l.stage.state, "failed");
        now_us = due_us;
    }
    assert_non_null(
        strstr(l.stage.last_cause, "cannot start /nowhere/tongke-pipeline: No such file"));
    tk_pipes_destroy(l.stage.pipes);
}

static void leaves_no_process_behind(void **state)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_one_that_speaks_nonsense),
        cmocka_unit_test(repeats_its_words_as_valid_text),
        cmocka_unit_test(says_how_it_died),
        cmocka_unit_test(kills_one_that_does_not_leave),
        cmocka_unit_test(kills_one_that_is_silent),
        cmocka_unit_test(tries_for_ever_and_says_so),
        cmocka_unit_test(waits_longer_each_time),
        cmocka_unit_test(leaves_no_process_behind),
    };
    liar = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
