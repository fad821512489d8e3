/* GET /metrics: what the parts count, as Prometheus text (exposition format 0.0.4). */

#include <openssl/crypto.h>
#include <string.h>
#include <sys/resource.h>

#include "signaling/media/media.h"
#include "signaling/server/health.h"
#include "signaling/server/server_state.h"
#include "signaling/ws/ws.h"

#define TYPE "text/plain; version=0.0.4; charset=utf-8"

bool tk_metrics_allowed(struct tk_request *r)
{
    const char *wanted = r->ctx->settings->metrics_token;
    const char *given = tk_http_bearer(r);
    if (r->loopback) {
        return true;
    }
    if (*wanted && given && strlen(given) == strlen(wanted) &&
        CRYPTO_memcmp(given, wanted, strlen(wanted)) == 0) {
        return true;
    }
    tk_http_fail(r, TK_PROBLEM_UNAUTHENTICATED, NULL,
                 "From other machines only with the metrics_token of the settings");
    return false;
}

static void add(GString *out, const char *name, const char *type, const char *help, double value)
{
    g_string_append_printf(out, "# HELP tongke_%s %s\n# TYPE tongke_%s %s\ntongke_%s %.17g\n", name,
                           help, name, type, name, value);
}

static void counter(GString *out, const char *name, const char *help, uint64_t value)
{
    add(out, name, "counter", help, (double)value);
}

static void gauge(GString *out, const char *name, const char *help, double value)
{
    add(out, name, "gauge", help, value);
}

static void add_server(GString *out, const struct tk_server *s)
{
    const struct tk_http_stats *http = tk_http_stats(s->http);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    gauge(out, "uptime_seconds", "Since the server started.",
          (double)(s->config.http.now().mono_ms - s->started_ms) / 1000);
    add(out, "process_cpu_seconds_total", "counter", "Processor time of the signaling server.",
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    gauge(out, "connections", "Open connections.", (double)tk_guard_open(s->guard));
    counter(out, "connections_refused_total", "Connections beyond the limits.",
            tk_guard_refused(s->guard));
    gauge(out, "http_requests_open", "Requests without a reply.", http->open);
    counter(out, "http_requests_total", "Requests.", http->requests);
    counter(out, "http_limited_total", "Requests refused for their rate.", http->limited);
    counter(out, "http_foreign_total", "Writes refused for their origin.", http->foreign);
    g_string_append(out, "# HELP tongke_http_replies_total Replies by class of status.\n"
                         "# TYPE tongke_http_replies_total counter\n");
    for (int class = 2; class <= 5; class ++) {
        g_string_append_printf(out,
                               "tongke_http_replies_total{class=\"%dxx\"} %" G_GUINT64_FORMAT "\n",
                               class, http->by_class[class]);
    }
}

static void add_store(GString *out, struct tk_store *store)
{
    struct tk_store_stats stats = tk_store_stats(store);
    counter(out, "store_jobs_total", "Writes carried out.", stats.jobs);
    counter(out, "store_failed_total", "Writes undone.", stats.failed);
    counter(out, "store_refused_total", "Writes refused: the queue was full.", stats.refused);
    counter(out, "store_transactions_total", "Transactions.", stats.transactions);
    add(out, "store_commit_seconds_total", "counter", "Time of all commits.",
        (double)stats.commit_us / 1e6);
    gauge(out, "store_queued", "Writes waiting.", stats.queued);
}

static void add_access(GString *out, const struct tk_access *access)
{
    const struct tk_access_stats *stats = tk_access_stats(access);
    counter(out, "logins_total", "Logins.", stats->logins);
    counter(out, "wrong_passwords_total", "Wrong passwords.", stats->wrong_passwords);
    counter(out, "wrong_codes_total", "Wrong enrolment codes and links.", stats->wrong_codes);
    counter(out, "guesses_limited_total", "Guesses that had to wait.", stats->limited);
}

static void add_ws(GString *out, const struct tk_ws *ws)
{
    const struct tk_ws_stats *stats = tk_ws_stats(ws);
    gauge(out, "ws_connections", "Open WebSockets.", stats->connections);
    counter(out, "ws_opened_total", "WebSockets opened.", stats->opened);
    counter(out, "ws_refused_origin_total", "WebSockets of other sites' pages.",
            stats->refused_origin);
    counter(out, "ws_refused_who_total", "WebSockets of nobody.", stats->refused_who);
    counter(out, "ws_messages_in_total", "Messages from pages.", stats->messages_in);
    counter(out, "ws_messages_out_total", "Messages to pages.", stats->messages_out);
    counter(out, "ws_malformed_total", "Messages not understood.", stats->malformed);
    counter(out, "ws_rate_limited_total", "Messages beyond the rate.", stats->rate_limited);
    counter(out, "ws_dropped_total", "Statistics left out for slow readers.", stats->dropped);
    counter(out, "ws_closed_slow_total", "Closed: the reader was too slow.", stats->closed_slow);
    counter(out, "ws_closed_silent_total", "Closed: no sign for 30 s.", stats->closed_silent);
}

/* The streamer's counters by their own names, which may only be those that Prometheus takes. */
static void add_streamer(GString *out, const json_t *counters)
{
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)counters, name, value)
    {
        if (json_is_number(value) &&
            strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name)) {
            g_string_append_printf(out, "tongke_streamer_%s %.17g\n", name,
                                   json_number_value(value));
        }
    }
}

static void add_media(GString *out, const struct tk_media *media)
{
    struct tk_media_stats stats = tk_media_stats(media);
    gauge(out, "streamer_ready", "1: a streamer answers.", tk_media_ready(media));
    counter(out, "streamer_starts_total", "Starts of the streamer.", stats.starts);
    counter(out, "streamer_hung_total", "Streamers killed because they did not answer.",
            stats.hung);
    counter(out, "streamer_overflows_total", "Streamers restarted: too many commands waited.",
            stats.overflows);
    counter(out, "seam_malformed_total", "Events of the streamer not understood.", stats.malformed);
    counter(out, "seam_errors_total", "Errors that the streamer told.", stats.errors);
    gauge(out, "seam_queued", "Commands waiting for the streamer.", stats.queued);
    gauge(out, "media_peers", "Media sessions.", stats.peers);
    counter(out, "media_peers_total", "Media sessions made.", stats.peers_made);
    counter(out, "publish_refused_total", "Publishers refused: another one publishes.",
            stats.publish_refused);
    gauge(out, "media_rooms", "Rooms of which picture or sound arrives.", stats.rooms);
    counter(out, "floor_changes_total", "Changes of who is heard by everybody.", stats.floors);
    if (tk_media_counters(media)) {
        add_streamer(out, tk_media_counters(media));
    }
}

void tk_metrics_reply(struct tk_request *r)
{
    const struct tk_server *s = r->ctx->server;
    GString *out = g_string_sized_new(8192);
    add_server(out, s);
    add_store(out, r->ctx->store);
    add_access(out, r->ctx->access);
    if (s->config.ws) {
        add_ws(out, s->config.ws);
    }
    if (r->ctx->media) {
        add_media(out, r->ctx->media);
    }
    tk_http_reply(r, 200, TYPE, out->str, out->len);
    g_string_free(out, TRUE);
}
