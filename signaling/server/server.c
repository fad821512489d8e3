#include "signaling/server/server.h"

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/server/health.h"
#include "signaling/server/listen.h"
#include "signaling/server/server_state.h"
#include "signaling/ws/ws.h"

#define STOP_TIME_MS 3000
#define STOP_LOOK_MS 50
#define TLS_LOOK_S 3600

static bool on_file(struct tk_request *r)
{
    return tk_files_reply(r->ctx->server->files, r);
}

static const struct tk_route *const *tables(void)
{
    static const struct tk_route *all[24];
    size_t n = 0;
    for (const struct tk_route *const *table = tk_http_tables; *table; table++) {
        g_assert(n + 2 < G_N_ELEMENTS(all));
        all[n++] = *table;
    }
    all[n++] = tk_server_routes;
    all[n] = NULL;
    return all;
}

/* The certificate is looked at each hour: it may near its end, or an administrator replaced it. */
static gboolean on_renewal(gpointer arg)
{
    struct tk_server *s = arg;
    struct tk_tls_files files;
    char err[512];
    if (tk_authority_prepare(s->config.http.settings, s->hosts, &files, err, sizeof(err)) < 0) {
        tk_log_warning("keeping the old certificate", "cause=\"%s\"", err);
        return G_SOURCE_CONTINUE;
    }
    s->tls = files;
    if (tk_listen_reload(s) < 0) {
        tk_log_warning("keeping the old certificate", "file=%s", files.certificate);
    } else if (files.made) {
        tk_log_info("certificate renewed", "file=%s", files.certificate);
    }
    return G_SOURCE_CONTINUE;
}

static int prepare(struct tk_server *s, char *err, size_t cap)
{
    const struct tk_settings *settings = s->config.http.settings;
    char *folder = tk_files_folder(settings);
    int r = tk_files_read(folder, &s->files, err, cap);
    if (r == 0 && tk_files_count(s->files) == 0) {
        tk_log_warning("there are no built pages", "folder=%s", folder);
    }
    g_free(folder);
    s->hosts = tk_server_hosts(settings);
    return r < 0 ? r : tk_authority_prepare(settings, s->hosts, &s->tls, err, cap);
}

int tk_server_create(const struct tk_server_config *config, struct tk_server **ret, char *err,
                     size_t cap)
{
    struct tk_server *s = g_new0(struct tk_server, 1);
    const struct tk_settings *settings = config->http.settings;
    s->config = *config;
    s->config.http.server = s;
    s->started_ms = config->http.now().mono_ms;
    s->connections = g_hash_table_new(NULL, NULL);
    s->guard = tk_guard_create(settings->connections_per_address, settings->connections);
    s->health = tk_health_create(&s->config.http);
    s->http = tk_http_create(&s->config.http, tables(), on_file);
    int r = prepare(s, err, cap);
    if (r == 0) {
        r = tk_listen_start(s, err, cap);
    }
    if (r < 0) {
        tk_server_destroy(s);
        return r;
    }
    s->renewal = g_timeout_add_seconds(TLS_LOOK_S, on_renewal, s);
    *ret = s;
    return 0;
}

static gboolean on_stop_look(gpointer arg)
{
    struct tk_server *s = arg;
    if (g_hash_table_size(s->connections) > 0 &&
        s->config.http.now().mono_ms < s->stop_deadline_ms) {
        return G_SOURCE_CONTINUE;
    }
    s->stop_timer = 0;
    s->stopped(s->stopped_arg);
    return G_SOURCE_REMOVE;
}

void tk_server_stop(struct tk_server *s, const char *reason, void (*stopped)(void *arg), void *arg)
{
    if (s->stopping) {
        return;
    }
    s->stopping = true;
    s->stopped = stopped;
    s->stopped_arg = arg;
    s->stop_deadline_ms = s->config.http.now().mono_ms + STOP_TIME_MS;
    if (s->config.ws) {
        tk_ws_close_all(s->config.ws, reason);
    }
    tk_connections_drain(s);
    /* its timers are looked at only after an event */
    lws_cancel_service(s->lws);
    s->stop_timer = g_timeout_add(STOP_LOOK_MS, on_stop_look, s);
}

void tk_server_destroy(struct tk_server *s)
{
    if (!s) {
        return;
    }
    g_clear_handle_id(&s->renewal, g_source_remove);
    g_clear_handle_id(&s->stop_timer, g_source_remove);
    tk_listen_stop(s);
    tk_health_destroy(s->health);
    tk_http_destroy(s->http);
    tk_files_destroy(s->files);
    tk_guard_destroy(s->guard);
    g_hash_table_unref(s->connections);
    g_strfreev(s->hosts);
    g_free(s);
}
