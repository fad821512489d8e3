/* Pipes with the real tongke-pipeline: a small demo lesson and media files made by GStreamer. */

#include "stage.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const char *program;

#define FLASHES                                                                                    \
    "videotestsrc num-buffers=%d pattern=ball ! "                                                  \
    "video/x-raw,format=I420,width=320,height=240,framerate=25/1"
#define TICKS                                                                                      \
    "audiotestsrc num-buffers=%d samplesperbuffer=960 wave=ticks ! "                               \
    "audio/x-raw,rate=48000,channels=2"

static void write_plain(struct stage *s, const char *name, size_t bytes)
{
    g_autofree char *path = g_build_filename(s->folder, "demo", name, NULL);
    g_autofree char *content = g_malloc(bytes);
    memset(content, 128, bytes);
    assert_true(g_file_set_contents(path, content, (gssize)bytes, NULL));
}

/* A lesson of one second, of the least that lesson.json may hold. */
static void make_lesson(struct stage *s)
{
    static const char json[] =
        "{\"width\":64,\"height\":48,\"fps\":25,\"sound\":\"voice.ogg\","
        "\"mouth\":\"0123012301230123012301230\",\"cards\":[{\"file\":\"a\",\"frames\":10},"
        "{\"file\":\"b\",\"frames\":15}],\"sprites\":[{\"file\":\"s\",\"width\":8,\"height\":8,"
        "\"count\":2}],\"actors\":[{\"sprite\":0,\"every\":0,\"x\":1,\"y\":2,\"dx\":1.5,\"dy\":-1,"
        "\"top\":0,\"bottom\":48}],\"strip\":{\"file\":\"strip\",\"width\":96,\"height\":8,\"y\":"
        "40,"
        "\"step\":2},\"clock\":{\"file\":\"digits\",\"width\":8,\"height\":8,\"x\":0,\"y\":0}}";
    g_autofree char *folder = g_build_filename(s->folder, "demo", NULL);
    g_autofree char *path = g_build_filename(folder, "lesson.json", NULL);
    g_mkdir(folder, 0700);
    write_plain(s, "a", 64 * 48 * 3 / 2);
    write_plain(s, "b", 64 * 48 * 3 / 2);
    write_plain(s, "s", 2 * (8 * 8 * 3 / 2 + 8 * 8));
    write_plain(s, "strip", 96 * 8 * 3 / 2);
    write_plain(s, "digits", 12 * 8 * 8 * 3 / 2);
    stage_record(s, "audiotestsrc num-buffers=50 samplesperbuffer=960 ! "
                    "audio/x-raw,rate=48000,channels=2 ! opusenc ! oggmux ! "
                    "filesink location=demo/voice.ogg");
    assert_true(g_file_set_contents(path, json, -1, NULL));
}

static void record(struct stage *s, const char *encoder, const char *sound, const char *muxer,
                   const char *file)
{
    g_autofree char *description = g_strdup_printf(
        FLASHES " ! %s ! queue ! %s name=m ! filesink location=%s " TICKS " ! %s ! queue ! m.", 150,
        encoder, muxer, file, 300, sound);
    stage_record(s, description);
}

static void play(struct stage *s, const char *file, bool loop)
{
    stage_set(s, "{\"kind\":\"file\",\"path\":\"%s/%s\",\"loop\":%s}", s->folder, file,
              loop ? "true" : "false");
}

static void plays_the_demo_lesson(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    make_lesson(&s);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.began > 0);
    stage_until(&s, s.video > 60 && s.audio > 120); /* more than twice round */
    assert_string_equal(s.state, "live");
    assert_string_equal(s.cause, "");
    assert_false(s.passthrough);
    assert_int_equal(s.restarts, 0);
    assert_true(s.longest <= TK_PIPES_PAYLOAD_MAX);
    assert_true(s.clock_first[0] && s.clock_first[1]);
    assert_true(s.keyframes >= 1);
    stage_close(&s);
}

static void makes_a_keyframe_when_asked(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    make_lesson(&s);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.keyframes == 1 && s.video > 3);
    for (int i = 0; i < 3; i++) {
        int keyframes = s.keyframes;
        int pictures = s.video;
        tk_pipes_keyframe(s.pipes, LESSON);
        stage_until(&s, s.keyframes > keyframes);
        assert_true(s.video - pictures < 40); /* far sooner than one came by itself */
    }
    stage_close(&s);
}

/* Sound and picture have one clock: what was captured at one time has timestamps that say so. */
static void keeps_one_clock(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    make_lesson(&s);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.clocks[0] >= 3 && s.clocks[1] >= 3);
    int64_t now_us = g_get_monotonic_time();
    for (int video = 0; video < 2; video++) {
        assert_true(s.clock_us[video] <= now_us + 40000);
        assert_true(s.clock_us[video] > now_us - 5000000);
    }
    uint32_t ts = s.clock_ts[1];
    int64_t us = s.clock_us[1];
    int clocks = s.clocks[1];
    stage_until(&s, s.clocks[1] > clocks);
    int64_t by_rtp_us = (int64_t)(s.clock_ts[1] - ts) * 100 / 9;
    assert_true(llabs(by_rtp_us - (s.clock_us[1] - us)) < 100);
    stage_close(&s);
}

static void comes_back_after_a_kill(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    make_lesson(&s);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.video > 3);
    for (int i = 1; i <= 3; i++) {
        uint32_t ssrc = s.ssrc[1];
        int pid = tk_pipes_pid(s.pipes, LESSON);
        assert_true(pid > 0);
        assert_int_equal(kill(pid, SIGKILL), 0);
        stage_until(&s, s.restarts == i);
        assert_non_null(strstr(s.last_cause, "signal 9"));
        stage_until(&s, strcmp(s.state, "live") == 0 && s.ssrc[1] != ssrc);
        assert_int_not_equal(tk_pipes_pid(s.pipes, LESSON), pid);
    }
    stage_close(&s);
}

static void says_that_the_lesson_is_missing(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, strcmp(s.state, "failed") == 0);
    assert_non_null(strstr(s.cause, "cannot read the demo lesson"));
    make_lesson(&s);
    stage_until(&s, strcmp(s.state, "live") == 0); /* it goes on trying */
    stage_close(&s);
}

static void passes_h264_through_and_goes_round(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    record(&s, "x264enc key-int-max=50 bframes=0 ! video/x-h264,profile=main", "avenc_aac",
           "mp4mux", "a.mp4");
    play(&s, "a.mp4", true);
    stage_until(&s, s.video > 170 && s.audio > 320); /* 150 and 300 in the file */
    assert_true(s.passthrough);
    assert_int_equal(s.restarts, 0);
    assert_true(s.longest <= TK_PIPES_PAYLOAD_MAX);
    stage_close(&s);
}

static void ends_with_the_file(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    record(&s, "x264enc key-int-max=50 bframes=0", "opusenc", "matroskamux", "a.mkv");
    play(&s, "a.mkv", false);
    stage_until(&s, strcmp(s.state, "none") == 0);
    assert_true(s.video >= 150 && s.audio >= 299);
    assert_non_null(strstr(s.cause, "to its end"));
    assert_int_equal(s.restarts, 0);
    play(&s, "a.mkv", false); /* again, when somebody says so */
    stage_until(&s, strcmp(s.state, "live") == 0);
    stage_close(&s);
}

static void encodes_what_browsers_cannot_play(void **state)
{
    static const char *const cases[][3] = {
        {"x264enc key-int-max=50 bframes=2 b-adapt=false", "matroskamux", "b.mkv"},
        {"x264enc key-int-max=140 bframes=0 option-string=scenecut=0", "mp4mux", "long.mp4"},
        {"vp8enc deadline=1", "webmmux", "vp8.webm"},
    };
    struct stage s;
    stage_open(&s, program, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        record(&s, cases[i][0], "opusenc", cases[i][1], cases[i][2]);
        play(&s, cases[i][2], true);
        stage_until(&s, s.began > 0);
        s.video = s.audio = 0;
        stage_until(&s, strcmp(s.state, "live") == 0 && s.video > 30 && s.audio > 30);
        assert_false(s.passthrough);
        assert_int_equal(s.restarts, 0);
        int keyframes = s.keyframes;
        int pictures = s.video;
        tk_pipes_keyframe(s.pipes, LESSON);
        stage_until(&s, s.keyframes > keyframes);
        assert_true(s.video - pictures < 45);
    }
    stage_close(&s);
}

static void says_what_is_wrong_with_a_file(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    g_autofree char *junk = g_build_filename(s.folder, "junk.mp4", NULL);
    g_autofree char *empty = g_build_filename(s.folder, "empty.mp4", NULL);
    static const char noise[] = "this is no film at all, whatever its name says; not at all";
    assert_true(g_file_set_contents(junk, noise, -1, NULL));
    assert_true(g_file_set_contents(empty, "", 0, NULL));
    record(&s, "x264enc bframes=0", "avenc_aac", "mp4mux", "whole.mp4");
    stage_record(&s, "filesrc num-buffers=1 blocksize=9000 location=whole.mp4 ! "
                     "filesink location=cut.mp4");
    static const char *const cases[][2] = {
        {"missing.mp4", "missing.mp4: No such file"},
        {"junk.mp4", "junk.mp4"},
        {"empty.mp4", "is empty"},
        {"cut.mp4", "damaged"},
        {"", "is not a file"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        play(&s, cases[i][0], true);
        stage_until(&s, s.began > 0);
        stage_until(&s, strcmp(s.state, "failed") == 0);
        if (!strstr(s.cause, cases[i][1])) {
            fail_msg("%s: %s", cases[i][0], s.cause);
        }
    }
    stage_set(&s, "{\"kind\":\"v4l2\",\"device\":\"/dev/video99\"}");
    stage_until(&s, strstr(s.cause, "cannot open the camera /dev/video99") != NULL);
    stage_close(&s);
}

static void changes_its_source(void **state)
{
    struct stage s;
    stage_open(&s, program, 0);
    make_lesson(&s);
    record(&s, "x264enc key-int-max=50 bframes=0", "avenc_aac", "mp4mux", "a.mp4");
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.video > 3);
    int pid = tk_pipes_pid(s.pipes, LESSON);
    int states = s.states;
    stage_set(&s, "{\"kind\":\"demo\"}"); /* the same: nothing happens */
    stage_until(&s, s.video > 10);
    assert_int_equal(tk_pipes_pid(s.pipes, LESSON), pid);
    assert_int_equal(s.states, states);
    play(&s, "a.mp4", true);
    stage_until(&s, strcmp(s.state, "live") == 0 && s.passthrough);
    assert_int_equal(s.restarts, 0);
    stage_set(&s, "{\"kind\":\"none\"}");
    stage_until(&s, strcmp(s.state, "none") == 0);
    assert_int_equal(tk_pipes_pid(s.pipes, LESSON), 0);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, strcmp(s.state, "live") == 0);
    pid = tk_pipes_pid(s.pipes, LESSON);
    tk_pipes_remove(s.pipes, LESSON);
    stage_until(&s, tk_pipes_on_time(s.pipes, g_get_monotonic_time()) == INT64_MAX);
    assert_int_equal(kill(pid, 0), -1); /* killed and reaped, without waiting for it */
    stage_close(&s);
}

static void limits_the_process(void **state)
{
    struct stage s;
    struct rlimit core;
    stage_open(&s, program, 0);
    make_lesson(&s);
    stage_set(&s, "{\"kind\":\"demo\"}");
    stage_until(&s, s.video > 3);
    int pid = tk_pipes_pid(s.pipes, LESSON);
    assert_int_equal(prlimit(pid, RLIMIT_CORE, NULL, &core), 0);
    assert_int_equal(core.rlim_max, 0);
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid);
    g_autofree char *status = NULL;
    assert_true(g_file_get_contents(path, &status, NULL, NULL));
    assert_non_null(strstr(status, "NoNewPrivs:\t1"));
    stage_close(&s);
}

static void leaves_no_process_behind(void **state)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_the_demo_lesson),
        cmocka_unit_test(makes_a_keyframe_when_asked),
        cmocka_unit_test(keeps_one_clock),
        cmocka_unit_test(comes_back_after_a_kill),
        cmocka_unit_test(says_that_the_lesson_is_missing),
        cmocka_unit_test(passes_h264_through_and_goes_round),
        cmocka_unit_test(ends_with_the_file),
        cmocka_unit_test(encodes_what_browsers_cannot_play),
        cmocka_unit_test(says_what_is_wrong_with_a_file),
        cmocka_unit_test(changes_its_source),
        cmocka_unit_test(limits_the_process),
        cmocka_unit_test(leaves_no_process_behind),
    };
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
