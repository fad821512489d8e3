#include "signaling/media/media_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/log.h"
#include "streamer/seam.h"

int64_t tk_media_now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

struct tk_media_lesson *tk_media_lesson_find(const struct tk_media *m, const char *lesson)
{
    return g_hash_table_lookup(m->lessons, lesson);
}

/* ---- telling ---- */

static void tell_main(struct tk_media_lesson *l)
{
    struct tk_media *m = l->media;
    bool live = tk_stage_main_live(&l->stage);
    if (live != l->main_live) {
        l->main_live = live;
        if (m->handlers.on_main_media) {
            m->handlers.on_main_media(m->handlers.ctx, l->id, live,
                                      tk_stage_silent_ms(&l->stage, tk_media_now_ms()));
        }
    }
}

static void tell_publisher(struct tk_media_lesson *l)
{
    static const struct tk_publisher nobody;
    struct tk_media *m = l->media;
    const struct tk_publisher *now = tk_stage_publisher(&l->stage, TK_STAGE_PEOPLE);
    const struct tk_publisher *compare = now ? now : &nobody;
    if (strcmp(compare->key, l->publisher.key) == 0 && compare->live == l->publisher.live &&
        strcmp(compare->cause, l->publisher.cause) == 0) {
        return;
    }
    l->publisher = *compare;
    if (m->handlers.on_publisher) {
        m->handlers.on_publisher(m->handlers.ctx, l->id, now ? &l->publisher : NULL);
    }
}

void tk_media_send_feed(struct tk_media_lesson *l, const char *slot,
                        const struct tk_stage_feed *feed, int layer)
{
    json_t *m = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "slot.feed", "lesson", l->id, "slot",
                          slot, "from", feed->from, "track", feed->track);
    if (layer >= 0) {
        json_object_set_new(m, "layer", json_integer(layer));
    }
    tk_streamer_send(l->media->streamer, m);
}

static void send_feed(struct tk_media_lesson *l, enum tk_stage_slot slot)
{
    tk_media_send_feed(l, tk_stage_slot_name(slot), &l->fed[slot], -1);
}

static gboolean on_stage_time(gpointer arg)
{
    struct tk_media_lesson *l = arg;
    l->timer = 0;
    tk_media_lesson_update(l);
    return G_SOURCE_REMOVE;
}

void tk_media_lesson_update(struct tk_media_lesson *l)
{
    char peer[TK_PEER_TEXT];
    int64_t now = tk_media_now_ms();
    int64_t next = tk_stage_on_time(&l->stage, now);
    int64_t rooms_next = tk_gallery_on_time(&l->gallery, now);
    next = MIN(next, rooms_next);
    tk_media_rooms_update(l);
    for (int i = 0; i < TK_STAGE_SLOTS; i++) {
        struct tk_stage_feed feed;
        tk_stage_feed(&l->stage, (enum tk_stage_slot)i, &feed);
        if (strcmp(feed.from, l->fed[i].from) != 0 || strcmp(feed.track, l->fed[i].track) != 0) {
            l->fed[i] = feed;
            if (tk_streamer_runs(l->media->streamer)) {
                send_feed(l, (enum tk_stage_slot)i);
            }
        }
    }
    if (l->timer) {
        g_source_remove(l->timer);
        l->timer = 0;
    }
    if (next != INT64_MAX) {
        l->timer = g_timeout_add((guint)(next > now ? next - now : 0) + 1, on_stage_time, l);
    }
    tell_publisher(l);
    tell_main(l);
    while (tk_stage_next_closing(&l->stage, peer)) {
        tk_log_info("a publisher took over from itself", "lesson=%s", l->id);
        tk_media_peer_close(l->media, peer, "replaced");
    }
}

/* ---- desired state ---- */

static void lesson_free(gpointer arg)
{
    struct tk_media_lesson *l = arg;
    if (l->timer) {
        g_source_remove(l->timer);
    }
    json_decref(l->source);
    json_decref(l->source_status);
    tk_gallery_finish(&l->gallery);
    g_free(l->id);
    g_free(l);
}

static void send_source(struct tk_media_lesson *l)
{
    tk_streamer_send(l->media->streamer, json_pack("{s:s, s:s, s:O}", "type", "source.set",
                                                   "lesson", l->id, "source", l->source));
}

static void send_lesson(struct tk_media_lesson *l)
{
    tk_streamer_send(l->media->streamer,
                     json_pack("{s:s, s:s}", "type", "lesson.open", "lesson", l->id));
    if (l->source) {
        send_source(l);
    }
    for (int i = 0; i < TK_STAGE_SLOTS; i++) {
        if (*l->fed[i].from) {
            send_feed(l, (enum tk_stage_slot)i);
        }
    }
}

static void set_status(struct tk_media_lesson *l, json_t *status)
{
    struct tk_media *m = l->media;
    if (l->source_status && json_equal(l->source_status, status)) {
        json_decref(status);
        return;
    }
    json_decref(l->source_status);
    l->source_status = status;
    if (m->handlers.on_source_status) {
        m->handlers.on_source_status(m->handlers.ctx, l->id, status);
    }
}

static void set_status_state(struct tk_media_lesson *l, const char *state)
{
    const char *kind = json_string_value(json_object_get(l->source, "kind"));
    set_status(l, json_pack("{s:s, s:s, s:s, s:i, s:b}", "kind", kind ? kind : "none", "state",
                            kind && strcmp(kind, "none") != 0 ? state : "none", "cause", "",
                            "restarts", 0, "passthrough", 0));
}

void tk_media_lesson_open(struct tk_media *m, const char *lesson)
{
    if (tk_media_lesson_find(m, lesson)) {
        return;
    }
    struct tk_media_lesson *l = g_new0(struct tk_media_lesson, 1);
    l->id = g_strdup(lesson);
    l->media = m;
    for (int i = 0; i < TK_STAGE_SLOTS; i++) {
        l->fed[i].track = "";
    }
    tk_stage_init(&l->stage);
    tk_gallery_init(&l->gallery);
    g_hash_table_insert(m->lessons, l->id, l);
    if (tk_streamer_runs(m->streamer)) {
        send_lesson(l);
    }
    set_status_state(l, "starting");
    tk_media_lesson_update(l);
}

void tk_media_lesson_close(struct tk_media *m, const char *lesson, const char *reason)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (!l) {
        return;
    }
    tk_media_peers_gone(m, l->id, "lesson");
    tk_streamer_send(m->streamer, json_pack("{s:s, s:s, s:s}", "type", "lesson.close", "lesson",
                                            l->id, "reason", reason ? reason : ""));
    tk_stage_init(&l->stage);
    tell_publisher(l);
    tell_main(l);
    g_hash_table_remove(m->lessons, lesson);
}

int tk_media_lesson_source(struct tk_media *m, const char *lesson, const json_t *source)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (!l) {
        return -ENOENT;
    }
    if (l->source && json_equal(l->source, source)) {
        return 0;
    }
    json_decref(l->source);
    l->source = json_deep_copy(source);
    if (tk_streamer_runs(m->streamer)) {
        send_source(l);
    }
    set_status_state(l, "starting");
    return 0;
}

void tk_media_lesson_start(struct tk_media *m, const char *lesson)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (l) {
        tk_stage_start(&l->stage, true, tk_media_now_ms());
        tk_media_lesson_update(l);
    }
}

void tk_media_lesson_release(struct tk_media *m, const char *lesson)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (l) {
        tk_stage_start(&l->stage, false, tk_media_now_ms());
        tk_media_lesson_update(l);
    }
}

json_t *tk_media_source_status(const struct tk_media *m, const char *lesson)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    return l ? json_incref(l->source_status) : NULL;
}

/* ---- the streamer's events ---- */

static json_t *host_list(const char *hosts)
{
    json_t *list = json_array();
    char **names = g_strsplit(hosts, ",", 16);
    for (char **n = names; *n; n++) {
        if (*g_strstrip(*n)) {
            json_array_append_new(list, json_string(*n));
        }
    }
    g_strfreev(names);
    return list;
}

static void on_started(void *ctx)
{
    struct tk_media *m = ctx;
    const struct tk_settings *s = m->settings;
    char *data = g_canonicalize_filename(s->data_dir, NULL);
    json_int_t id = tk_streamer_next_id(m->streamer);
    tk_streamer_send(m->streamer,
                     json_pack("{s:s, s:I, s:i, s:I, s:o, s:I, s:I, s:I, s:s}", "type", "hello",
                               "id", id, "version", TK_SEAM_VERSION, "udp_port",
                               (json_int_t)s->port, "hosts", host_list(s->hosts), "consent_ms",
                               (json_int_t)s->consent_s * 1000, "stats_ms", (json_int_t)s->stats_ms,
                               "max_peers", (json_int_t)s->peers, "data", data));
    g_free(data);
    GHashTableIter it;
    gpointer lesson;
    g_hash_table_iter_init(&it, m->lessons);
    while (g_hash_table_iter_next(&it, NULL, &lesson)) {
        send_lesson(lesson);
    }
    tk_media_ask_flush(m);
}

static void on_ready(void *ctx, const json_t *ready)
{
    struct tk_media *m = ctx;
    tk_log_info("the streamer is ready", "pid=%lld udp_port=%lld",
                (long long)json_integer_value(json_object_get(ready, "pid")),
                (long long)json_integer_value(json_object_get(ready, "udp_port")));
    if (m->handlers.on_up) {
        m->handlers.on_up(m->handlers.ctx, true);
    }
}

static void on_ended(void *ctx, const char *cause)
{
    struct tk_media *m = ctx;
    if (m->handlers.on_up) {
        m->handlers.on_up(m->handlers.ctx, false);
    }
    GHashTableIter it;
    gpointer value;
    g_hash_table_iter_init(&it, m->lessons);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_media_lesson *l = value;
        tk_stage_reset(&l->stage, tk_media_now_ms());
        tk_gallery_reset(&l->gallery, tk_media_now_ms());
        set_status_state(l, "starting");
        tk_media_lesson_update(l);
    }
    tk_media_peers_reset(m);
    json_decref(m->counters);
    m->counters = NULL;
}

static void on_failed(void *ctx, const char *text)
{
    struct tk_media *m = ctx;
    if (m->handlers.on_failed) {
        m->handlers.on_failed(m->handlers.ctx, text);
    }
}

static struct tk_media_lesson *lesson_of(const struct tk_media *m, const json_t *event)
{
    return tk_media_lesson_find(m, json_string_value(json_object_get(event, "lesson")));
}

static void on_track_state(struct tk_media *m, const json_t *event)
{
    struct tk_media_lesson *l = lesson_of(m, event);
    if (l) {
        const char *from = json_string_value(json_object_get(event, "from"));
        const char *track = json_string_value(json_object_get(event, "track"));
        bool live = json_is_true(json_object_get(event, "live"));
        tk_stage_track(&l->stage, from, track, live, tk_media_now_ms());
        tk_gallery_track(&l->gallery, from, track, live, tk_media_now_ms());
        const char *cause = json_string_value(json_object_get(event, "cause"));
        if (cause && *cause) {
            tk_stage_cause(&l->stage, from, cause);
        }
        tk_media_lesson_update(l);
    }
}

static void on_source_state(struct tk_media *m, const json_t *event)
{
    struct tk_media_lesson *l = lesson_of(m, event);
    if (!l) {
        return;
    }
    const char *cause = json_string_value(json_object_get(event, "cause"));
    set_status(l, json_pack("{s:s, s:s, s:s, s:I, s:b}", "kind",
                            json_string_value(json_object_get(event, "kind")), "state",
                            json_string_value(json_object_get(event, "state")), "cause",
                            cause ? cause : "", "restarts",
                            (json_int_t)json_integer_value(json_object_get(event, "restarts")),
                            "passthrough", json_is_true(json_object_get(event, "passthrough"))));
}

static void on_streamer_stats(struct tk_media *m, const json_t *event)
{
    json_decref(m->counters);
    m->counters = json_incref(json_object_get(event, "counters"));
}

static const struct {
    const char *type;
    void (*handle)(struct tk_media *m, const json_t *event);
} events[] = {
    {"peer.answer", tk_media_on_answer},    {"error", tk_media_on_error},
    {"peer.state", tk_media_on_peer_state}, {"track.state", on_track_state},
    {"source.state", on_source_state},      {"stats.peers", tk_media_on_peer_stats},
    {"stats.voice", tk_media_on_voice},     {"stats.streamer", on_streamer_stats},
};

static void on_event(void *ctx, const char *type, const json_t *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        if (strcmp(events[i].type, type) == 0) {
            events[i].handle(ctx, event);
            return;
        }
    }
}

/* ---- life ---- */

int tk_media_create(const struct tk_media_config *config, struct tk_media **ret, char *err,
                    size_t cap)
{
    char program[TK_SETTINGS_TEXT + 64];
    if (tk_streamer_find(config->program ? config->program : config->settings->streamer_program,
                         program, sizeof(program)) < 0) {
        snprintf(err, cap, "%s: the media program is not there or cannot be run", program);
        return -ENOENT;
    }
    struct tk_media *m = g_new0(struct tk_media, 1);
    m->settings = config->settings;
    m->handlers = config->handlers;
    m->lessons = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lesson_free);
    tk_media_peers_init(m);
    const struct tk_streamer_handlers handlers = {.ctx = m,
                                                  .on_started = on_started,
                                                  .on_ready = on_ready,
                                                  .on_event = on_event,
                                                  .on_ended = on_ended,
                                                  .on_failed = on_failed};
    int r = tk_streamer_create(program, &handlers, &m->streamer);
    if (r < 0) {
        snprintf(err, cap, "%s: %s", program, strerror(-r));
        tk_media_destroy(m);
        return r;
    }
    *ret = m;
    return 0;
}

void tk_media_destroy(struct tk_media *m)
{
    if (!m) {
        return;
    }
    memset(&m->handlers, 0, sizeof(m->handlers));
    tk_media_peers_finish(m);
    tk_streamer_destroy(m->streamer);
    g_hash_table_destroy(m->lessons);
    json_decref(m->counters);
    g_free(m);
}

void tk_media_set_handlers(struct tk_media *m, const struct tk_media_handlers *handlers)
{
    m->handlers = *handlers;
}

bool tk_media_ready(const struct tk_media *m)
{
    return tk_streamer_ready(m->streamer);
}

struct tk_media_stats tk_media_stats(const struct tk_media *m)
{
    struct tk_streamer_stats of = tk_streamer_stats(m->streamer);
    struct tk_media_stats stats = m->stats;
    stats.starts = of.starts;
    stats.hung = of.hung;
    stats.overflows = of.overflows;
    stats.malformed = of.malformed;
    stats.queued = of.queued;
    stats.pid = of.pid;
    stats.peers = g_hash_table_size(m->peers);
    stats.rooms = tk_media_live_rooms(m);
    return stats;
}

const json_t *tk_media_counters(const struct tk_media *m)
{
    return m->counters;
}
