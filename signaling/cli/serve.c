/*
 * tongke serve: the order of start and stop.
 *
 * settings → lock → ports → store → access → lessons → boards → classroom → media → bridge → ws →
 * server → control. Each part knows only those before it; they end in the opposite order.
 */

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config/log.h"
#include "signaling/classroom/board.h"
#include "signaling/classroom/classroom.h"
#include "signaling/cli/control.h"
#include "signaling/cli/folder.h"
#include "signaling/cli/ports.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/lesson.h"
#include "signaling/core/visit.h"
#include "signaling/media/bridge.h"
#include "signaling/server/server.h"
#include "signaling/ws/ws.h"

#define ERR_BYTES (TK_FOLDER_PATH + 256)
/* After a kill the streamer ends with its socket and frees the ports. */
#define PORTS_WAIT_MS 3000
/* The server takes 3 s at most; 5 s is the promise for the whole. */
#define STOP_MAX_MS 3500

struct serve {
    const struct tk_settings *settings;
    GMainLoop *loop;
    int lock;
    struct tk_store *store;
    struct tk_access *access;
    struct tk_lessons *lessons;
    struct tk_boards *boards;
    struct tk_classroom *classroom;
    struct tk_visits *visits;
    struct tk_media *media;
    struct tk_media_bridge *bridge;
    struct tk_ws *ws;
    struct tk_server *server;
    struct tk_control *control;
    struct tk_command_ctx commands;
    guint tick;
    bool stopping;
    bool cannot_write; /* told */
    int status;
};

static gboolean on_store(gpointer arg)
{
    struct serve *s = arg;
    if (s->store) {
        tk_store_dispatch(s->store);
    }
    return G_SOURCE_REMOVE;
}

/* From the writer's and the hashing thread. */
static void wake(void *ctx)
{
    g_idle_add_full(G_PRIORITY_DEFAULT, on_store, ctx, NULL);
}

/* A full disk is said once, and once that it is over: pages and /healthz tell it in their way. */
static void tell_disk(struct serve *s)
{
    int r = tk_lessons_beat_result(s->lessons);
    if (s->cannot_write == (r < 0)) {
        return;
    }
    s->cannot_write = r < 0;
    if (r < 0) {
        tk_log_error("nothing can be written; reports are not taken until it can", "why=\"%s\"",
                     strerror(-r));
    } else {
        tk_log_info("what waited is being written again", NULL);
    }
}

static gboolean on_tick(gpointer arg)
{
    struct serve *s = arg;
    struct tk_now now = tk_now_read();
    int64_t due = tk_lessons_tick(s->lessons, now);
    int64_t wait_ms = MIN(due, tk_classroom_tick(s->classroom, now)) - now.mono_ms;
    tk_visits_tick(s->visits, now);
    tell_disk(s);
    s->tick = g_timeout_add((guint)CLAMP(wait_ms, 1, 1000), on_tick, s);
    return G_SOURCE_REMOVE;
}

static void on_stopped(void *arg)
{
    struct serve *s = arg;
    g_main_loop_quit(s->loop);
}

static gboolean on_stop_overdue(gpointer arg)
{
    struct serve *s = arg;
    tk_log_warning("stop: the server takes too long, ending it", "after_ms=%d", STOP_MAX_MS);
    g_main_loop_quit(s->loop);
    return G_SOURCE_REMOVE;
}

static void stop(struct serve *s, int status)
{
    if (s->stopping) {
        return;
    }
    s->stopping = true;
    s->status = status;
    g_timeout_add(STOP_MAX_MS, on_stop_overdue, s);
    tk_server_stop(s->server, "stop", on_stopped, s);
}

static gboolean on_signal(gpointer arg)
{
    tk_log_info("stop: asked to end", NULL);
    stop(arg, 0);
    return G_SOURCE_CONTINUE;
}

static void on_media_failed(void *ctx, const char *text)
{
    struct serve *s = ctx;
    fprintf(stderr, "tongke: %s\n", text);
    if (s->server) {
        stop(s, 1);
        return;
    }
    s->status = 1;
}

static void on_account_ended(void *ctx, int64_t account_id)
{
    struct serve *s = ctx;
    if (s->ws) {
        tk_ws_account_ended(s->ws, account_id);
    }
}

static void on_device_revoked(void *ctx, int64_t device_id)
{
    struct serve *s = ctx;
    if (s->ws) {
        tk_ws_device_revoked(s->ws, device_id);
    }
}

static void on_session_ended(void *ctx, const uint8_t *hash)
{
    struct serve *s = ctx;
    if (s->ws) {
        tk_ws_session_ended(s->ws, hash);
    }
}

/* Connections of a county, and a file for each. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int start_rules(struct serve *s, char *err, size_t cap)
{
    char path[TK_FOLDER_PATH];
    tk_folder_path(s->settings, "tongke.db", path);
    int r = tk_folder_lock(s->settings, &s->lock, err, cap);
    if (r == 0) {
        r = tk_ports_wait(s->settings, PORTS_WAIT_MS, err, cap);
    }
    if (r == 0) {
        r = tk_store_open(&s->store, path, err, cap);
    }
    if (r < 0) {
        return r;
    }
    tk_store_set_wake(s->store, wake, s);
    s->access = tk_access_create(s->store, s->settings);
    r = tk_lessons_create(s->store, s->settings, true, tk_now_read(), &s->lessons);
    if (r < 0) {
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    r = tk_visits_create(s->store, tk_now_read(), &s->visits);
    if (r < 0) {
        snprintf(err, cap, "%s: %s", path, strerror(-r));
        return r;
    }
    s->boards = tk_boards_create(s->store, s->lessons);
    s->classroom = tk_classroom_create(s->store, s->lessons, tk_now_read);
    tk_classroom_listen_board(s->classroom, s->boards);
    return 0;
}

static int start_media(struct serve *s, char *err, size_t cap)
{
    struct tk_media_config media = {.settings = s->settings};
    int r = tk_media_create(&media, &s->media, err, cap);
    if (r < 0) {
        return r;
    }
    s->bridge = tk_media_bridge_create(&(struct tk_media_bridge_config){
        .media = s->media,
        .lessons = s->lessons,
        .classroom = s->classroom,
        .now = tk_now_read,
        .on_failed = on_media_failed,
        .ctx = s,
    });
    return 0;
}

static int start_pages(struct serve *s, char *err, size_t cap)
{
    s->ws = tk_ws_create(&(struct tk_ws_config){
        .access = s->access,
        .lessons = s->lessons,
        .boards = s->boards,
        .classroom = s->classroom,
        .visits = s->visits,
        .media = s->media,
        .settings = s->settings,
        .build = TK_VERSION,
        .now = tk_now_read,
    });
    struct tk_server_config config = {
        .http = {.access = s->access,
                 .store = s->store,
                 .settings = s->settings,
                 .lessons = s->lessons,
                 .boards = s->boards,
                 .classroom = s->classroom,
                 .media = s->media,
                 .now = tk_now_read},
        .ws = s->ws,
    };
    int r = tk_server_create(&config, &s->server, err, cap);
    if (r < 0) {
        return r;
    }
    tk_access_listen(s->access, &(struct tk_access_listener){.ctx = s,
                                                             .on_account_ended = on_account_ended,
                                                             .on_device_revoked = on_device_revoked,
                                                             .on_session_ended = on_session_ended});
    s->commands = (struct tk_command_ctx){
        .access = s->access,
        .store = s->store,
        .settings = s->settings,
        .lessons = s->lessons,
        .serving = true,
        .now = tk_now_read,
    };
    return tk_control_create(&s->commands, &s->control, err, cap);
}

static int start(struct serve *s, char *err, size_t cap)
{
    int r = start_rules(s, err, cap);
    if (r == 0) {
        r = start_media(s, err, cap);
    }
    return r == 0 ? start_pages(s, err, cap) : r;
}

/* Half-built is fine. */
static void end(struct serve *s)
{
    if (s->tick != 0) {
        g_source_remove(s->tick);
    }
    tk_control_destroy(s->control);
    tk_server_destroy(s->server);
    tk_ws_destroy(g_steal_pointer(&s->ws));
    tk_visits_destroy(s->visits, tk_now_read());
    if (s->lessons) {
        tk_lessons_stop(s->lessons, tk_now_read());
    }
    tk_media_bridge_destroy(s->bridge);
    tk_media_destroy(s->media);
    tk_classroom_destroy(s->classroom);
    tk_boards_destroy(s->boards);
    tk_lessons_destroy(s->lessons);
    tk_access_destroy(s->access);
    if (s->store) {
        tk_store_set_wake(s->store, NULL, NULL);
    }
    tk_store_close(g_steal_pointer(&s->store));
    if (s->lock >= 0) {
        close(s->lock);
    }
}

static void run(struct serve *s)
{
    g_unix_signal_add(SIGTERM, on_signal, s);
    g_unix_signal_add(SIGINT, on_signal, s);
    on_tick(s);
    tk_log_info("ready", "port=%lld data=%s", (long long)s->settings->port, s->settings->data_dir);
    g_main_loop_run(s->loop);
}

int tk_here_serve(const struct tk_here *here)
{
    char err[ERR_BYTES] = "";
    struct serve s = {.settings = tk_here_settings(here), .lock = -1};
    if (!s.settings) {
        return 1;
    }
    tk_log_init("tongke", s.settings->log_level);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    s.loop = g_main_loop_new(NULL, FALSE);
    int r = start(&s, err, sizeof(err));
    if (r == 0 && s.status == 0) {
        run(&s);
    }
    end(&s);
    g_main_loop_unref(s.loop);
    if (r < 0) {
        return tk_here_fail(here, "%s", err);
    }
    tk_log_info("ended", "status=%d", s.status);
    return s.status;
}
