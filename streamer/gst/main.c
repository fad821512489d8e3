/*
 * tongke-pipeline: plays one source for tongke-streamer. Started by streamer/pipes with the socket
 * as descriptor 3; the first message on it says what to play. Not for use by hand.
 */

#include "streamer/gst/inputs.h"
#include "streamer/gst/link.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streamer/pipes/pipe_proto.h"

#include <fcntl.h>

struct input {
    const char *kind;
    void (*start)(const json_t *source);
    void (*keyframe)(void);
};

static const struct input inputs[] = {
    {"demo", demo_start, demo_keyframe},
    {"file", file_start, file_keyframe},
    {"rtsp", camera_start, camera_keyframe},
    {"v4l2", capture_start, capture_keyframe},
};

/* Nothing of what hostile media could make of us: no new rights, no life after the streamer's. */
static void confine(void)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a password may be in memory */
    fcntl(TK_PIPE_FD, F_SETFD, FD_CLOEXEC);
}

/* Media makes libraries complain without end; their words may hold addresses with passwords. */
static GLogWriterOutput quiet(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer ctx)
{
    return G_LOG_WRITER_HANDLED;
}

int main(int argc, char **argv)
{
    int type = 0;
    socklen_t len = sizeof(type);
    if (getsockopt(TK_PIPE_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_SEQPACKET) {
        fprintf(stderr, "tongke-pipeline is started by tongke-streamer\n");
        return 2;
    }
    confine();
    g_log_set_writer_func(quiet, NULL, NULL);
    json_t *source = link_receive_source();
    const char *kind = json_string_value(json_object_get(source, "kind"));
    gst_init(NULL, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        if (kind && strcmp(inputs[i].kind, kind) == 0) {
            inputs[i].start(source);
            json_decref(source);
            link_watch(inputs[i].keyframe);
            g_main_loop_run(g_main_loop_new(NULL, FALSE));
        }
    }
    link_fail("this pipeline cannot play a source of kind '%s'", kind ? kind : "");
}
