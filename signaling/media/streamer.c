#include "signaling/media/streamer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/log.h"
#include "streamer/seam.h"

#define PING_MS 1000
#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 5000
#define STEADY_MS 30000 /* after so long a death counts as the first again */
#define STOP_MS 1000
#define EVENTS_AT_ONCE 256
#define SEAM_FD 3

enum state {
    STATE_WAITING,
    STATE_STARTING,
    STATE_READY,
};

struct tk_streamer {
    char *program;
    struct tk_streamer_handlers handlers;
    enum state state;
    bool was_ready;
    bool failed_told;
    GPid pid;
    int fd;
    guint watch_child;
    guint watch_in;
    guint watch_out;
    guint timer_ping;
    guint timer_start;
    GQueue queue; /* json_t */
    int64_t next_id;
    int64_t started_ms;
    int64_t heard_ms;
    int64_t backoff_ms;
    const char *cause; /* why we end it ourselves */
    char last_error[256];
    char last_malformed[512]; /* the newest: not logged again */
    int malformed;            /* of this process */
    int events;               /* since the last ping */
    struct tk_streamer_stats stats;
    uint8_t buf[TK_SEAM_MAX_BYTES + 1];
};

static void start_process(struct tk_streamer *s);

static int64_t mono_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void drop_source(guint *source)
{
    if (*source) {
        g_source_remove(*source);
        *source = 0;
    }
}

static void drop_queue(struct tk_streamer *s)
{
    json_t *command;
    while ((command = g_queue_pop_head(&s->queue))) {
        json_decref(command);
    }
}

/* The socket is done with; the process ends by that, or is made to. */
static void close_socket(struct tk_streamer *s)
{
    drop_source(&s->watch_in);
    drop_source(&s->watch_out);
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    drop_queue(s);
}

static void end_process(struct tk_streamer *s, const char *cause)
{
    if (s->state == STATE_WAITING || s->cause) {
        return;
    }
    s->cause = cause;
    close_socket(s);
    if (s->pid) {
        kill(s->pid, SIGKILL); /* on_child_exit follows */
    }
}

/* ---- sending ---- */

static gboolean on_writable(gint fd, GIOCondition condition, gpointer arg)
{
    struct tk_streamer *s = arg;
    char err[256] = "";
    json_t *command;
    while ((command = g_queue_peek_head(&s->queue))) {
        int r = tk_seam_send(s->fd, TK_SEAM_COMMAND, command, err, sizeof(err));
        if (r == -EAGAIN) {
            return G_SOURCE_CONTINUE;
        }
        if (r < 0 && r != -EMSGSIZE && r != -EINVAL) {
            s->watch_out = 0;
            end_process(s, "its socket broke");
            return G_SOURCE_REMOVE;
        }
        json_decref(g_queue_pop_head(&s->queue));
    }
    s->watch_out = 0;
    return G_SOURCE_REMOVE;
}

static int enqueue(struct tk_streamer *s, json_t *command)
{
    if (g_queue_get_length(&s->queue) >= TK_STREAMER_QUEUE_MAX) {
        s->stats.overflows++;
        json_decref(command);
        end_process(s, "its command queue is full");
        return -EAGAIN;
    }
    g_queue_push_tail(&s->queue, command);
    if (!s->watch_out) {
        s->watch_out = g_unix_fd_add(s->fd, G_IO_OUT, on_writable, s);
    }
    return 0;
}

static int check(const json_t *command)
{
    char err[256] = "";
    if (tk_seam_check(TK_SEAM_COMMAND, command, err, sizeof(err)) < 0) {
        tk_log_error("a command for the streamer is malformed, ignoring it", "why=\"%s\"", err);
        return -EINVAL;
    }
    return json_dumpb(command, NULL, 0, JSON_COMPACT) > TK_SEAM_MAX_BYTES ? -EMSGSIZE : 0;
}

int tk_streamer_send(struct tk_streamer *s, json_t *command)
{
    int r = check(command);
    if (r == 0 && s->fd < 0) {
        s->stats.dropped++;
        r = -EAGAIN;
    }
    if (r < 0) {
        json_decref(command);
        return r;
    }
    if (!g_queue_is_empty(&s->queue)) {
        return enqueue(s, command);
    }
    char err[256] = "";
    r = tk_seam_send(s->fd, TK_SEAM_COMMAND, command, err, sizeof(err));
    if (r == -EAGAIN) {
        return enqueue(s, command);
    }
    json_decref(command);
    if (r < 0) {
        end_process(s, "its socket broke");
        return -EAGAIN;
    }
    return 0;
}

int64_t tk_streamer_next_id(struct tk_streamer *s)
{
    return ++s->next_id;
}

/* ---- receiving ---- */

static bool is_port_error(const json_t *event)
{
    const char *code = json_string_value(json_object_get(event, "code"));
    return code && strcmp(code, "port") == 0;
}

static void on_malformed(struct tk_streamer *s, const char *why)
{
    s->stats.malformed++;
    if (strcmp(why, s->last_malformed) != 0) {
        g_strlcpy(s->last_malformed, why, sizeof(s->last_malformed));
        tk_log_warning("the streamer sent something malformed, ignoring it", "why=\"%s\"", why);
    }
    if (++s->malformed > TK_STREAMER_MALFORMED_MAX) {
        end_process(s, "it sends what is malformed");
    }
}

static void on_message(struct tk_streamer *s, size_t len)
{
    char err[512] = "";
    json_t *event = tk_seam_parse(TK_SEAM_EVENT, s->buf, len, err, sizeof(err));
    if (!event) {
        on_malformed(s, err);
        return;
    }
    const char *type = json_string_value(json_object_get(event, "type"));
    s->heard_ms = mono_ms();
    if (strcmp(type, "ready") == 0) {
        s->state = STATE_READY;
        s->was_ready = true;
        s->handlers.on_ready(s->handlers.ctx, event);
    } else if (strcmp(type, "pong") != 0) {
        if (s->state == STATE_STARTING && strcmp(type, "error") == 0) {
            const char *text = json_string_value(json_object_get(event, "text"));
            g_strlcpy(s->last_error, text, sizeof(s->last_error));
        }
        s->handlers.on_event(s->handlers.ctx, type, event);
        if (s->state == STATE_STARTING && is_port_error(event)) {
            end_process(s, "its port is in use");
        }
    }
    json_decref(event);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer arg)
{
    struct tk_streamer *s = arg;
    for (int i = 0; i < EVENTS_AT_ONCE && s->fd >= 0; i++) {
        ssize_t n = recv(s->fd, s->buf, sizeof(s->buf), MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return G_SOURCE_CONTINUE;
        }
        if (n <= 0) {
            s->watch_in = 0;
            end_process(s, "its socket ended");
            return G_SOURCE_REMOVE;
        }
        on_message(s, (size_t)n);
        if (++s->events > TK_STREAMER_EVENTS_A_SECOND) {
            end_process(s, "it sends too many events");
        }
    }
    return s->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- watching ---- */

static gboolean on_ping(gpointer arg)
{
    struct tk_streamer *s = arg;
    s->events = 0;
    int64_t limit = s->state == STATE_READY ? TK_STREAMER_SILENT_MS : TK_STREAMER_START_MS;
    if (mono_ms() - s->heard_ms > limit) {
        s->stats.hung++;
        s->timer_ping = 0;
        end_process(s, s->state == STATE_READY ? "it did not answer for 5 s"
                                               : "it was not ready within 10 s");
        return G_SOURCE_REMOVE;
    }
    if (s->state == STATE_READY) {
        json_int_t id = tk_streamer_next_id(s);
        tk_streamer_send(s, json_pack("{s:s, s:I}", "type", "ping", "id", id));
    }
    return G_SOURCE_CONTINUE;
}

static gboolean on_start_timer(gpointer arg)
{
    struct tk_streamer *s = arg;
    s->timer_start = 0;
    start_process(s);
    return G_SOURCE_REMOVE;
}

/* How long to wait before the next start: not at all the first time. */
static int64_t next_backoff(struct tk_streamer *s)
{
    int64_t wait = s->backoff_ms;
    if (mono_ms() - s->started_ms > STEADY_MS) {
        wait = 0;
    }
    s->backoff_ms = wait == 0 ? BACKOFF_FIRST_MS : MIN(wait * 2, BACKOFF_MAX_MS);
    return wait;
}

static void describe_exit(int status, char *out, size_t cap)
{
    if (WIFSIGNALED(status)) {
        snprintf(out, cap, "killed by signal %d", WTERMSIG(status));
    } else {
        snprintf(out, cap, "ended with status %d", WEXITSTATUS(status));
    }
}

static void on_child_exit(GPid pid, gint status, gpointer arg)
{
    struct tk_streamer *s = arg;
    char how[64];
    describe_exit(status, how, sizeof(how));
    s->watch_child = 0;
    s->pid = 0;
    g_spawn_close_pid(pid);
    drop_source(&s->timer_ping);
    close_socket(s);
    s->state = STATE_WAITING;
    int64_t wait = next_backoff(s);
    tk_log_warning("the streamer is gone, starting it again", "how=\"%s\" cause=\"%s\" in_ms=%lld",
                   how, s->cause ? s->cause : "", (long long)wait);
    s->timer_start = g_timeout_add((guint)wait, on_start_timer, s);
    s->handlers.on_ended(s->handlers.ctx, s->cause ? s->cause : how);
    if (!s->was_ready && !s->failed_told) {
        s->failed_told = true;
        char text[384];
        snprintf(text, sizeof(text), "%s: %s", s->program, *s->last_error ? s->last_error : how);
        s->handlers.on_failed(s->handlers.ctx, text);
    }
}

static void in_child(gpointer arg)
{
    /* an interrupt typed for the server is not for the streamer, which ends with its socket */
    setpgid(0, 0);
}

static int spawn(struct tk_streamer *s, int theirs, GError **error)
{
    gchar *argv[] = {s->program, (gchar *)"--seam-fd", (gchar *)G_STRINGIFY(SEAM_FD), NULL};
    const gint from[] = {theirs};
    const gint to[] = {SEAM_FD};
    GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN;
    gboolean ok = g_spawn_async_with_pipes_and_fds(NULL, (const gchar *const *)argv, NULL, flags,
                                                   in_child, NULL, -1, -1, -1, from, to, 1, &s->pid,
                                                   NULL, NULL, NULL, error);
    return ok ? 0 : -ECHILD;
}

static void start_failed(struct tk_streamer *s, const char *text)
{
    tk_log_error("the streamer cannot be started", "why=\"%s\"", text);
    s->timer_start = g_timeout_add(BACKOFF_MAX_MS, on_start_timer, s);
    if (!s->was_ready && !s->failed_told) {
        s->failed_told = true;
        s->handlers.on_failed(s->handlers.ctx, text);
    }
}

static void start_process(struct tk_streamer *s)
{
    int pair[2];
    GError *error = NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
        start_failed(s, g_strerror(errno));
        return;
    }
    int r = spawn(s, pair[1], &error);
    close(pair[1]);
    if (r < 0) {
        close(pair[0]);
        start_failed(s, error->message);
        g_clear_error(&error);
        return;
    }
    s->fd = pair[0];
    s->state = STATE_STARTING;
    s->cause = NULL;
    s->last_error[0] = s->last_malformed[0] = '\0';
    s->malformed = s->events = 0;
    s->started_ms = s->heard_ms = mono_ms();
    s->stats.starts++;
    s->watch_child = g_child_watch_add(s->pid, on_child_exit, s);
    s->watch_in = g_unix_fd_add(s->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, s);
    s->timer_ping = g_timeout_add(PING_MS, on_ping, s);
    s->handlers.on_started(s->handlers.ctx);
}

int tk_streamer_create(const char *program, const struct tk_streamer_handlers *handlers,
                       struct tk_streamer **ret)
{
    if (access(program, X_OK) < 0) {
        return -errno;
    }
    struct tk_streamer *s = g_new0(struct tk_streamer, 1);
    s->program = g_strdup(program);
    s->handlers = *handlers;
    s->fd = -1;
    g_queue_init(&s->queue);
    *ret = s;
    /* from the loop, so that the owner has its pointer before anything is called */
    s->timer_start = g_timeout_add(0, on_start_timer, s);
    return 0;
}

static bool reap(struct tk_streamer *s, int64_t wait_ms)
{
    int64_t until = mono_ms() + wait_ms;
    for (;;) {
        if (waitpid(s->pid, NULL, WNOHANG) != 0) {
            return true;
        }
        if (mono_ms() >= until) {
            return false;
        }
        g_usleep(5000);
    }
}

void tk_streamer_destroy(struct tk_streamer *s)
{
    if (!s) {
        return;
    }
    drop_source(&s->timer_ping);
    drop_source(&s->timer_start);
    drop_source(&s->watch_child);
    if (s->pid) {
        if (s->fd >= 0) {
            tk_streamer_send(s, json_pack("{s:s, s:s}", "type", "stop", "reason", "stop"));
        }
        close_socket(s); /* SEQPACKET: what was sent is still read */
        if (!reap(s, STOP_MS)) {
            kill(s->pid, SIGKILL);
            waitpid(s->pid, NULL, 0);
        }
        g_spawn_close_pid(s->pid);
    }
    close_socket(s);
    g_free(s->program);
    g_free(s);
}

bool tk_streamer_runs(const struct tk_streamer *s)
{
    return s->fd >= 0;
}

bool tk_streamer_ready(const struct tk_streamer *s)
{
    return s->state == STATE_READY && s->fd >= 0 &&
           mono_ms() - s->heard_ms <= TK_STREAMER_SILENT_MS;
}

struct tk_streamer_stats tk_streamer_stats(const struct tk_streamer *s)
{
    struct tk_streamer_stats stats = s->stats;
    stats.queued = s->queue.length;
    stats.pid = s->pid;
    return stats;
}

int tk_streamer_find(const char *setting, char *ret, size_t cap)
{
    if (*setting) {
        g_strlcpy(ret, setting, cap);
        return access(ret, X_OK) < 0 ? -ENOENT : 0;
    }
    static const char *const places[] = {"tongke-streamer", "../streamer/tongke-streamer"};
    char *self = g_file_read_link("/proc/self/exe", NULL);
    char *dir = g_path_get_dirname(self ? self : ".");
    int r = -ENOENT;
    for (size_t i = 0; r < 0 && i < G_N_ELEMENTS(places); i++) {
        snprintf(ret, cap, "%s/%s", dir, places[i]);
        r = access(ret, X_OK) < 0 ? -ENOENT : 0;
    }
    g_free(dir);
    g_free(self);
    return r;
}
