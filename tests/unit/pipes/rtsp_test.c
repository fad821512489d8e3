/* Pipes with a real RTSP server, camera_server.c. */

#include "stage.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static const char *camera_program;

struct camera {
    pid_t pid;
    int input; /* its end is the camera's */
    int port;
};

static void camera_start_as(struct camera *camera, const char *manner)
{
    const char *argv[] = {camera_program, manner, NULL};
    int output;
    char line[32] = "";
    assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                         NULL, &camera->pid, &camera->input, &output, NULL, NULL));
    assert_true(read(output, line, sizeof(line) - 1) > 0);
    camera->port = atoi(line);
    assert_true(camera->port > 0);
    close(output);
}

static void camera_start(struct camera *camera)
{
    camera_start_as(camera, "open");
}

static void camera_stop(struct camera *camera)
{
    kill(camera->pid, SIGKILL);
    waitpid(camera->pid, NULL, 0);
    close(camera->input);
}

static void look(struct stage *s, const struct camera *camera, const char *path, const char *more)
{
    s->video = s->audio = s->keyframes = 0;
    stage_set(s, "{\"kind\":\"rtsp\",\"url\":\"rtsp://127.0.0.1:%d/%s\"%s}", camera->port, path,
              more);
    stage_until(s, s->began > 0);
}

static void passes_a_camera_through(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start(&camera);
    stage_open(&s, program, 0);
    look(&s, &camera, "h264", "");
    stage_until(&s, s.video > 60 && s.audio > 100 && s.keyframes > 2);
    assert_string_equal(s.state, "live");
    assert_true(s.passthrough);
    assert_true(s.longest <= TK_PIPES_PAYLOAD_MAX);
    assert_true(s.clock_first[0] && s.clock_first[1]);
    assert_int_equal(s.restarts, 0);
    stage_close(&s);
    camera_stop(&camera);
}

static void takes_tcp_where_udp_is_refused(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start(&camera);
    stage_open(&s, program, 0);
    look(&s, &camera, "tcp", "");
    stage_until(&s, s.video > 30);
    assert_true(s.passthrough);
    stage_close(&s);
    camera_stop(&camera);
}

static void encodes_what_is_not_h264_and_opus(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start(&camera);
    stage_open(&s, program, 0);
    look(&s, &camera, "other", "");
    stage_until(&s, s.video > 30 && s.audio > 30);
    assert_false(s.passthrough);
    stage_close(&s);
    camera_stop(&camera);
}

static void encodes_a_camera_with_rare_keyframes(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start(&camera);
    stage_open(&s, program, 0);
    look(&s, &camera, "long", "");
    stage_until(&s, strcmp(s.state, "live") == 0 && s.passthrough);
    stage_until(&s, strcmp(s.state, "live") == 0 && !s.passthrough && s.keyframes >= 2);
    assert_int_equal(s.restarts, 0);
    stage_close(&s);
    camera_stop(&camera);
}

static void opens_with_user_and_password(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start_as(&camera, "locked");
    stage_open(&s, program, 0);
    look(&s, &camera, "locked", ",\"user\":\"village\",\"password\":\"open sesame\"");
    stage_until(&s, s.video > 10);
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", tk_pipes_pid(s.pipes, LESSON));
    g_autofree char *line = NULL;
    gsize len = 0;
    assert_true(g_file_get_contents(path, &line, &len, NULL));
    assert_null(memmem(line, len, "sesame", 6));

    stage_set(&s,
              "{\"kind\":\"rtsp\",\"url\":\"rtsp://village:open%%20sesame@127.0.0.1:%d/locked\"}",
              camera.port);
    s.video = 0;
    stage_until(&s, s.began > 0);
    s.video = 0;
    stage_until(&s, s.video > 10);
    stage_close(&s);
    camera_stop(&camera);
}

static void says_why_a_camera_does_not_play(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start_as(&camera, "locked");
    stage_open(&s, program, 0);
    look(&s, &camera, "locked", "");
    stage_until(&s, strcmp(s.state, "failed") == 0);
    assert_non_null(strstr(s.cause, "refuses user and password"));
    look(&s, &camera, "locked", ",\"user\":\"village\",\"password\":\"hidden words\"");
    stage_until(&s, strcmp(s.state, "failed") == 0);
    assert_non_null(strstr(s.cause, "refuses user and password"));
    assert_null(strstr(s.cause, "hidden"));
    look(&s, &camera, "nothing", ",\"user\":\"village\",\"password\":\"open sesame\"");
    stage_until(&s, strcmp(s.state, "failed") == 0);
    assert_non_null(strstr(s.cause, "no such stream"));
    camera_stop(&camera);
    stage_set(&s, "{\"kind\":\"rtsp\",\"url\":\"rtsp://u:hidden@127.0.0.1:%d/h264\"}", camera.port);
    stage_until(&s, s.began > 0);
    stage_until(&s, strcmp(s.state, "failed") == 0);
    assert_non_null(strstr(s.cause, "cannot reach the camera 127.0.0.1"));
    assert_null(strstr(s.cause, "hidden"));
    stage_close(&s);
}

static void connects_again(void **state)
{
    struct camera camera;
    struct stage s;
    camera_start(&camera);
    stage_open(&s, program, 0);
    look(&s, &camera, "tcp", "");
    stage_until(&s, s.video > 10);
    kill(tk_pipes_pid(s.pipes, LESSON), SIGKILL);
    stage_until(&s, s.restarts == 1);
    s.video = 0;
    stage_until(&s, s.video > 10 && strcmp(s.state, "live") == 0);
    camera_stop(&camera);
    stage_until(&s, s.restarts == 2); /* the camera has gone, and it is noticed */
    stage_close(&s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_a_camera_through),
        cmocka_unit_test(takes_tcp_where_udp_is_refused),
        cmocka_unit_test(encodes_what_is_not_h264_and_opus),
        cmocka_unit_test(encodes_a_camera_with_rare_keyframes),
        cmocka_unit_test(opens_with_user_and_password),
        cmocka_unit_test(says_why_a_camera_does_not_play),
        cmocka_unit_test(connects_again),
    };
    program = argv[1];
    camera_program = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
