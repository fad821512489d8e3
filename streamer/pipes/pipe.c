#include "streamer/pipes/pipe.h"

#include "config/log.h"
#include "streamer/pipes/pipe_proto.h"
#include "streamer/pipes/process.h"
#include "streamer/pipes/source.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS 1000
#define BATCH 32  /* messages of one system call */
#define BATCHES 4 /* of one read: other pipelines and peers wait meanwhile */
#define REAP_EVERY_US (5 * MS)
#define GRACE_US (300 * MS)    /* to exit by itself after its socket ended */
#define SETTLED_US (5000 * MS) /* having played so long, the next failure is a first one */
#define FAILED_AFTER 3         /* failures in a row */
#define NOTES_MAX 20           /* lines in the log of one process */
#define DECLARED_STEPS 2       /* of retry_us that a declared failure skips */
#define CAMERA_PATIENCE 2      /* times stall_us until a camera's first packet */

static const int64_t retry_us[] = {0, 200 * MS, 500 * MS, 1000 * MS, 2000 * MS, 5000 * MS};

struct tk_pipe *tk_pipe_create(const char *lesson, const struct tk_pipes_config *config,
                               int epoll_fd)
{
    struct tk_pipe *pipe = calloc(1, sizeof(*pipe));
    if (!pipe) {
        return NULL;
    }
    snprintf(pipe->lesson, sizeof(pipe->lesson), "%s", lesson);
    pipe->config = config;
    pipe->epoll_fd = epoll_fd;
    pipe->fd = -1;
    pipe->due_us = INT64_MAX;
    return pipe;
}

static void close_socket(struct tk_pipe *pipe)
{
    if (pipe->fd >= 0) {
        epoll_ctl(pipe->epoll_fd, EPOLL_CTL_DEL, pipe->fd, NULL);
        close(pipe->fd);
        pipe->fd = -1;
    }
}

void tk_pipe_destroy(struct tk_pipe *pipe)
{
    if (!pipe) {
        return;
    }
    close_socket(pipe);
    if (pipe->pid > 0) {
        tk_process_end(pipe->pid);
    }
    json_decref(pipe->source);
    free(pipe);
}

static void tell(struct tk_pipe *pipe, const char *state)
{
    const struct tk_pipes_handlers *h = &pipe->config->handlers;
    pipe->state = state;
    if (h->on_state) {
        h->on_state(h->ctx, pipe->lesson, tk_source_kind(pipe->source), state, pipe->cause,
                    pipe->passthrough, pipe->restarts);
    }
}

static void wait_until(struct tk_pipe *pipe, int64_t due_us)
{
    pipe->phase = TK_PIPE_WAITING;
    pipe->due_us = due_us;
}

/* The process is not needed any more, or does not play: its socket ends now, it itself later. */
static void end(struct tk_pipe *pipe, int64_t now_us, int64_t grace_us)
{
    if (pipe->live && pipe->heard_us - pipe->started_us >= SETTLED_US) {
        pipe->failures = 0;
    }
    close_socket(pipe);
    if (grace_us == 0) {
        kill(pipe->pid, SIGKILL);
    }
    pipe->phase = TK_PIPE_ENDING;
    pipe->due_us = now_us;
    pipe->kill_us = now_us + grace_us;
}

static bool has_source(const struct tk_pipe *pipe)
{
    return strcmp(tk_source_kind(pipe->source), "none") != 0;
}

void tk_pipe_set(struct tk_pipe *pipe, const json_t *source)
{
    if (pipe->source && json_equal(pipe->source, source) && !pipe->over) {
        return;
    }
    json_t *copy = json_deep_copy(source);
    json_decref(pipe->source);
    pipe->source = copy;
    pipe->encode = pipe->over = false;
    pipe->failures = 0;
    pipe->restarts = 0;
    pipe->state = NULL;
    if (pipe->phase == TK_PIPE_RUNNING || pipe->phase == TK_PIPE_ENDING) {
        /* its devices must be free before the next one opens them */
        pipe->replaced = true;
        end(pipe, 0, 0);
    } else {
        wait_until(pipe, 0);
    }
}

static json_t *source_message(const struct tk_pipe *pipe)
{
    json_t *message = json_copy(pipe->source);
    if (message) {
        json_object_set_new(message, "encode", json_boolean(pipe->encode));
        if (pipe->config->data) {
            json_object_set_new(message, "data", json_string(pipe->config->data));
        }
    }
    return message;
}

static int send_source(struct tk_pipe *pipe)
{
    json_t *message = source_message(pipe);
    char *text = json_dumps(message, JSON_COMPACT);
    int r = -ENOMEM;
    if (text) {
        g_autofree char *datagram = g_strdup_printf("%c%s", TK_PIPE_SOURCE, text);
        r = send(pipe->fd, datagram, strlen(datagram), MSG_NOSIGNAL) < 0 ? -errno : 0;
        free(text);
    }
    json_decref(message);
    return r;
}

static int watch(struct tk_pipe *pipe)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = pipe};
    return epoll_ctl(pipe->epoll_fd, EPOLL_CTL_ADD, pipe->fd, &event) < 0 ? -errno : 0;
}

static void log_stop(struct tk_pipe *pipe, int64_t delay_us)
{
    char label[256];
    tk_source_label(pipe->source, label, sizeof(label));
    bool again = pipe->failures > 1 && strcmp(pipe->logged, pipe->cause) == 0;
    tk_log(again ? TK_LOG_DEBUG : TK_LOG_WARNING, "source stopped; starting it again",
           "lesson=%s kind=%s source=\"%s\" cause=\"%s\" delay_ms=%d restarts=%d", pipe->lesson,
           tk_source_kind(pipe->source), label, pipe->cause, (int)(delay_us / MS), pipe->restarts);
    snprintf(pipe->logged, sizeof(pipe->logged), "%s", pipe->cause);
}

/*
 * The next attempt, later the more often it failed. A pipeline that says itself what is wrong will
 * hardly find it mended at once; one that died may be lucky.
 */
static void retry(struct tk_pipe *pipe, int64_t now_us, bool declared)
{
    unsigned step = pipe->failures + (declared ? DECLARED_STEPS : 0);
    int64_t delay_us = retry_us[MIN(step, G_N_ELEMENTS(retry_us) - 1)];
    pipe->failures++;
    pipe->restarts++;
    log_stop(pipe, delay_us);
    wait_until(pipe, now_us + delay_us);
    pipe->passthrough = false;
    tell(pipe, declared || pipe->failures >= FAILED_AFTER ? "failed" : "starting");
}

static void start(struct tk_pipe *pipe, int64_t now_us)
{
    const struct tk_process_config config = {
        .program = pipe->config->program,
        .lesson = pipe->lesson,
        .data = pipe->config->data,
        .memory_bytes = pipe->config->memory_bytes,
    };
    pipe->live = pipe->declared = pipe->passthrough = false;
    pipe->notes = 0;
    pipe->started_us = pipe->heard_us = now_us;
    int r = tk_process_start(&config, &pipe->pid, &pipe->fd);
    if (r < 0) {
        snprintf(pipe->cause, sizeof(pipe->cause), "cannot start %s: %s", config.program,
                 strerror(-r));
        retry(pipe, now_us, true);
        return;
    }
    pipe->phase = TK_PIPE_RUNNING;
    r = watch(pipe);
    if (r == 0) {
        r = send_source(pipe);
    }
    if (r < 0) {
        snprintf(pipe->cause, sizeof(pipe->cause), "cannot tell the pipeline its source: %s",
                 strerror(-r));
        end(pipe, now_us, 0);
        return;
    }
    if (!pipe->state) {
        pipe->cause[0] = 0;
        tell(pipe, "starting");
    }
}

static void rest(struct tk_pipe *pipe)
{
    pipe->phase = TK_PIPE_IDLE;
    pipe->due_us = INT64_MAX;
    pipe->passthrough = false;
    tell(pipe, "none");
}

/* The process is reaped. */
static void go_on(struct tk_pipe *pipe, int64_t now_us)
{
    pipe->pid = 0;
    if (pipe->replaced) {
        pipe->replaced = false;
        pipe->cause[0] = 0;
        wait_until(pipe, now_us);
    } else if (pipe->over) {
        rest(pipe);
    } else if (pipe->fit_only_encoded) {
        pipe->fit_only_encoded = false;
        pipe->encode = true;
        wait_until(pipe, now_us);
    } else {
        retry(pipe, now_us, pipe->declared && !pipe->live);
    }
}

static void check_ending(struct tk_pipe *pipe, int64_t now_us)
{
    char how[128] = "the pipeline ended";
    if (tk_process_reap(pipe->pid, how, sizeof(how))) {
        if (!pipe->cause[0]) {
            snprintf(pipe->cause, sizeof(pipe->cause), "%s", how);
        }
        go_on(pipe, now_us);
        return;
    }
    if (now_us >= pipe->kill_us) {
        kill(pipe->pid, SIGKILL);
        pipe->kill_us = INT64_MAX;
    }
    pipe->due_us = now_us + REAP_EVERY_US;
}

static int64_t stall_deadline(const struct tk_pipe *pipe)
{
    bool camera = strcmp(tk_source_kind(pipe->source), "rtsp") == 0 && !pipe->live;
    return pipe->heard_us + pipe->config->stall_us * (camera ? CAMERA_PATIENCE : 1);
}

static void check_running(struct tk_pipe *pipe, int64_t now_us)
{
    if (now_us >= stall_deadline(pipe)) {
        snprintf(pipe->cause, sizeof(pipe->cause), "neither picture nor sound came for %d s",
                 (int)((now_us - pipe->heard_us) / (1000 * MS)));
        end(pipe, now_us, 0);
        return;
    }
    pipe->due_us = stall_deadline(pipe);
}

int64_t tk_pipe_on_time(struct tk_pipe *pipe, int64_t now_us)
{
    /* a phase may lead to the next one at once, but not for ever */
    for (int i = 0; i < 4 && pipe->due_us <= now_us; i++) {
        if (pipe->phase == TK_PIPE_RUNNING) {
            check_running(pipe, now_us);
        } else if (pipe->phase == TK_PIPE_ENDING) {
            check_ending(pipe, now_us);
        } else if (has_source(pipe)) {
            start(pipe, now_us);
            pipe->due_us = pipe->phase == TK_PIPE_RUNNING ? stall_deadline(pipe) : pipe->due_us;
        } else {
            rest(pipe);
        }
    }
    return pipe->due_us;
}

static void copy_text(char *to, size_t cap, const uint8_t *text, size_t len)
{
    g_autofree char *valid =
        g_utf8_make_valid((const char *)text, (gssize)MIN(len, TK_PIPE_TEXT_MAX));
    g_strdelimit(valid, "\n\r\t\"", ' ');
    snprintf(to, cap, "%s", valid);
    const char *end;
    g_utf8_validate(to, -1, &end); /* cut within a character? */
    to[end - to] = 0;
}

static void hear_packet(struct tk_pipe *pipe, bool video, uint8_t *packet, size_t len,
                        int64_t now_us)
{
    const struct tk_pipes_handlers *h = &pipe->config->handlers;
    pipe->heard_us = now_us;
    if (!pipe->live) {
        pipe->live = true;
        pipe->cause[0] = 0;
        tk_log_info("source plays", "lesson=%s kind=%s passthrough=%s start_ms=%d", pipe->lesson,
                    tk_source_kind(pipe->source), pipe->passthrough ? "yes" : "no",
                    (int)((now_us - pipe->started_us) / MS));
        tell(pipe, "live");
    }
    h->on_rtp(h->ctx, pipe->lesson, video, packet, len, now_us);
}

static void hear_clock(struct tk_pipe *pipe, const uint8_t *m)
{
    const struct tk_pipes_handlers *h = &pipe->config->handlers;
    uint32_t rtp_ts;
    int64_t capture_us;
    memcpy(&rtp_ts, m + 2, sizeof(rtp_ts));
    memcpy(&capture_us, m + 6, sizeof(capture_us));
    if (h->on_clock) {
        h->on_clock(h->ctx, pipe->lesson, m[1] == TK_PIPE_VIDEO, GUINT32_FROM_BE(rtp_ts),
                    GINT64_FROM_BE(capture_us));
    }
}

static bool is_rtp(const uint8_t *packet, size_t len)
{
    return len >= 12 && packet[0] >> 6 == 2;
}

static void note(struct tk_pipe *pipe, const uint8_t *text, size_t len)
{
    char line[TK_PIPE_TEXT_MAX + 1];
    copy_text(line, sizeof(line), text, len);
    if (pipe->notes < NOTES_MAX) {
        pipe->notes++;
        tk_log_info("pipeline says", "lesson=%s text=\"%s\"", pipe->lesson, line);
    }
}

/* A last word that is followed by the end of the socket. */
static void hear_last(struct tk_pipe *pipe, enum tk_pipe_type type, const uint8_t *text, size_t len)
{
    if (type == TK_PIPE_OVER) {
        pipe->over = true;
        snprintf(pipe->cause, sizeof(pipe->cause), "the file has been played to its end");
        return;
    }
    copy_text(pipe->cause, sizeof(pipe->cause), text, len);
    if (type == TK_PIPE_ENCODE && !pipe->encode) {
        pipe->fit_only_encoded = true;
        tk_log_info("source is encoded from now on", "lesson=%s cause=\"%s\"", pipe->lesson,
                    pipe->cause);
    } else {
        pipe->declared = true;
    }
}

/* False: the message is none of pipe_proto.h. */
static bool hear(struct tk_pipe *pipe, uint8_t *m, size_t len, int64_t now_us)
{
    switch (m[0]) {
    case TK_PIPE_VIDEO:
    case TK_PIPE_AUDIO:
        if (!is_rtp(m + 1, len - 1)) {
            return false;
        }
        hear_packet(pipe, m[0] == TK_PIPE_VIDEO, m + 1, len - 1, now_us);
        return true;
    case TK_PIPE_CLOCK:
        if (len != TK_PIPE_CLOCK_BYTES || (m[1] != TK_PIPE_VIDEO && m[1] != TK_PIPE_AUDIO)) {
            return false;
        }
        hear_clock(pipe, m);
        return true;
    case TK_PIPE_MODE:
        if (len != 2 || m[1] > 1) {
            return false;
        }
        pipe->passthrough = m[1] == 1;
        if (pipe->live) {
            tell(pipe, "live");
        }
        return true;
    case TK_PIPE_NOTE:
        note(pipe, m + 1, len - 1);
        return true;
    case TK_PIPE_ENCODE:
    case TK_PIPE_FAILED:
    case TK_PIPE_OVER:
        hear_last(pipe, (enum tk_pipe_type)m[0], m + 1, len - 1);
        return true;
    default:
        return false;
    }
}

void tk_pipe_read(struct tk_pipe *pipe, int64_t now_us)
{
    uint8_t buffers[BATCH][1 + TK_PIPE_PACKET_MAX];
    struct mmsghdr messages[BATCH];
    struct iovec iov[BATCH];
    memset(messages, 0, sizeof(messages));
    for (int i = 0; i < BATCH; i++) {
        iov[i] = (struct iovec){buffers[i], sizeof(buffers[i])};
        messages[i].msg_hdr.msg_iov = &iov[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (int round = 0; round < BATCHES && pipe->phase == TK_PIPE_RUNNING; round++) {
        int n = recvmmsg(pipe->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                end(pipe, now_us, GRACE_US);
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            if (messages[i].msg_len == 0) { /* the end of the socket */
                end(pipe, now_us, GRACE_US);
                return;
            }
            if ((messages[i].msg_hdr.msg_flags & MSG_TRUNC) ||
                !hear(pipe, buffers[i], messages[i].msg_len, now_us)) {
                snprintf(pipe->cause, sizeof(pipe->cause),
                         "the pipeline sent a malformed message of type %d", buffers[i][0]);
                pipe->declared = false;
                end(pipe, now_us, 0);
                return;
            }
        }
        if (n < BATCH) {
            return;
        }
    }
}

void tk_pipe_keyframe(struct tk_pipe *pipe)
{
    const uint8_t type = TK_PIPE_KEYFRAME;
    if (pipe->phase == TK_PIPE_RUNNING && !pipe->passthrough) {
        /* lost when the pipeline does not read: it will be asked again */
        (void)!send(pipe->fd, &type, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}
