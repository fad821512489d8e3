#include "streamer/control/parts.h"

#include "config/log.h"
#include "streamer/seam.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_droppable(const json_t *event)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    const struct tk_seam_message *m = tk_seam_find(TK_SEAM_EVENT, type ? type : "");
    return m && m->droppable;
}

/* True: nothing more to do for this event. */
static bool try_send(struct tk_control *c, const json_t *event)
{
    char why[256] = "";
    int r = tk_seam_send(c->fd, TK_SEAM_EVENT, event, why, sizeof(why));
    if (r == -EAGAIN) {
        return false;
    }
    if (r == -EPIPE || r == -ECONNRESET) {
        c->ended = true;
    } else if (r < 0) {
        tk_log_error("event not sent, ignoring", "error=\"%s\" why=\"%s\"", strerror(-r), why);
    }
    return true;
}

void tk_control_send(struct tk_control *c, json_t *event)
{
    bool waits = c->queue.length > 0;
    if (!waits && try_send(c, event)) {
        json_decref(event);
    } else if (is_droppable(event)) {
        c->dropped_events++;
        json_decref(event);
    } else if (c->queue.length < TK_CONTROL_MAX_QUEUE) {
        g_queue_push_tail(&c->queue, event);
    } else {
        tk_log_error("tongke reads no events, closing", "waiting=%u", c->queue.length);
        c->ended = true;
        json_decref(event);
    }
}

bool tk_control_is_full(const struct tk_control *c)
{
    return c->queue.length > 0;
}

void tk_control_write(struct tk_control *c)
{
    while (c->queue.length > 0 && try_send(c, g_queue_peek_head(&c->queue))) {
        json_decref(g_queue_pop_head(&c->queue));
    }
}

void tk_control_error(struct tk_control *c, json_int_t id, const char *code, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    c->errors++;
    gchar *valid = g_utf8_make_valid(text, -1);
    tk_control_send(c, json_pack("{s:s, s:I, s:s, s:s}", "type", "error", "id", id, "code", code,
                                 "text", valid));
    g_free(valid);
}

void tk_control_on_peer_state(void *ctx, const char *peer, const char *lesson, const char *state,
                              const char *reason)
{
    tk_log_info("peer", "peer=%s lesson=%s state=%s reason=%s", peer, lesson, state, reason);
    tk_control_send(ctx, json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "peer.state", "peer", peer,
                                   "lesson", lesson, "state", state, "reason", reason));
}

void tk_control_on_track_state(void *ctx, const struct tk_sfu_track_state *t)
{
    tk_log_info("track", "lesson=%s from=%s track=%s live=%d codec=%s size=%dx%d", t->lesson,
                t->from, t->track, t->live, t->codec, t->width, t->height);
    tk_control_send(ctx, json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:i, s:i, s:s}", "type",
                                   "track.state", "lesson", t->lesson, "from", t->from, "track",
                                   t->track, "live", t->live, "codec", t->codec, "width", t->width,
                                   "height", t->height, "cause", t->cause));
}

void tk_control_on_source_state(void *ctx, const char *lesson, const char *kind, const char *state,
                                const char *cause, bool passthrough, int restarts)
{
    struct tk_control *c = ctx;
    tk_sfu_source_passthrough(c->sfu, lesson, passthrough);
    tk_control_send(c, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:i}", "type", "source.state",
                                 "lesson", lesson, "kind", kind, "state", state, "cause",
                                 cause ? cause : "", "passthrough", passthrough, "restarts",
                                 restarts));
}

static void send_peers(void *ctx, const char *lesson, json_t *peers)
{
    tk_control_send(
        ctx, json_pack("{s:s, s:s, s:O}", "type", "stats.peers", "lesson", lesson, "peers", peers));
}

static void send_voices(void *ctx, const char *lesson, json_t *tracks)
{
    struct tk_control *c = ctx;
    tk_control_send(c, json_pack("{s:s, s:s, s:O, s:I}", "type", "stats.voice", "lesson", lesson,
                                 "tracks", tracks, "span_ms", (json_int_t)c->voice_span_ms));
}

void tk_control_send_voices(struct tk_control *c, int64_t now_us)
{
    c->voice_span_ms = (now_us - c->voice_us) / 1000;
    c->voice_us = now_us;
    tk_sfu_voice(c->sfu, c->voice_span_ms, send_voices, c);
}

static void add_counter(void *ctx, const char *name, uint64_t value)
{
    json_object_set_new(ctx, name, json_integer((json_int_t)value));
}

void tk_control_send_stats(struct tk_control *c, int64_t now_us)
{
    tk_sfu_stats(c->sfu, now_us, send_peers, c);
    json_t *counters = json_object();
    tk_sfu_counters(c->sfu, add_counter, counters);
    tk_transport_counters(c->transport, add_counter, counters);
    add_counter(counters, "commands", c->commands);
    add_counter(counters, "command_errors", c->errors);
    add_counter(counters, "events_dropped", c->dropped_events);
    tk_control_send(c, json_pack("{s:s, s:o}", "type", "stats.streamer", "counters", counters));
}
