#include "streamer/control/parts.h"

#include "config/log.h"
#include "streamer/seam.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_HOSTS 16
#define STATS_MS 2000
#define STATS_MIN_MS 100
#define MAX_ADDRESSES 64

static const char *text_of(const json_t *m, const char *field)
{
    const char *text = json_string_value(json_object_get(m, field));
    return text ? text : "";
}

static json_int_t int_of(const json_t *m, const char *field)
{
    return json_integer_value(json_object_get(m, field));
}

/* ---- hello ---- */

static void say_ready(struct tk_control *c, json_int_t id)
{
    json_t *addresses = json_array();
    for (size_t i = 0; i < MAX_ADDRESSES && tk_transport_address(c->transport, i); i++) {
        json_array_append_new(addresses, json_string(tk_transport_address(c->transport, i)));
    }
    tk_control_send(
        c, json_pack("{s:s, s:I, s:i, s:i, s:o, s:b, s:i}", "type", "ready", "id", id, "version",
                     TK_SEAM_VERSION, "udp_port", (int)tk_transport_port(c->transport), "addresses",
                     addresses, "ipv6", tk_transport_has_ipv6(c->transport), "pid", (int)getpid()));
}

static int open_transport(struct tk_control *c, const json_t *m)
{
    const char *hosts[MAX_HOSTS];
    struct tk_transport_config config = {
        .port = (uint16_t)int_of(m, "udp_port"),
        .hosts = hosts,
        .consent_us = int_of(m, "consent_ms") * 1000,
        .max_peers = (size_t)int_of(m, "max_peers"),
    };
    size_t i;
    json_t *host;
    json_array_foreach(json_object_get(m, "hosts"), i, host)
    {
        if (!json_is_string(host) || config.host_count == MAX_HOSTS) {
            tk_control_error(c, int_of(m, "id"), "malformed", "hello: hosts are not strings");
            return -EINVAL;
        }
        hosts[config.host_count++] = json_string_value(host);
    }
    char why[256] = "";
    int r = tk_transport_open(&config, &c->transport, why, sizeof(why));
    if (r < 0) {
        tk_control_error(c, int_of(m, "id"), "port", "%s", why[0] ? why : strerror(-r));
    }
    return r;
}

static void on_source_rtp(void *ctx, const char *lesson, bool video, uint8_t *packet, size_t len,
                          int64_t now_us)
{
    struct tk_control *c = ctx;
    tk_sfu_source_rtp(c->sfu, lesson, video, packet, len, now_us);
}

static void on_source_clock(void *ctx, const char *lesson, bool video, uint32_t rtp_ts,
                            int64_t capture_us)
{
    struct tk_control *c = ctx;
    tk_sfu_source_clock(c->sfu, lesson, video, rtp_ts, capture_us, c->now_us);
}

static void on_keyframe(void *ctx, const char *lesson)
{
    struct tk_control *c = ctx;
    tk_pipes_keyframe(c->pipes, lesson);
}

static int open_rest(struct tk_control *c, const json_t *m, int64_t now_us)
{
    struct tk_sfu_config config = {
        .transport = c->transport,
        .handlers = {c, tk_control_on_peer_state, tk_control_on_track_state, on_keyframe},
        .realtime_us = g_get_real_time() - now_us,
        .max_peers = (size_t)int_of(m, "max_peers"),
    };
    struct tk_pipes_config pipes = {
        .data = json_string_value(json_object_get(m, "data")),
        .handlers = {c, on_source_rtp, on_source_clock, tk_control_on_source_state},
    };
    c->sfu = tk_sfu_create(&config);
    int r = c->sfu ? tk_pipes_create(&pipes, &c->pipes) : -ENOMEM;
    if (r < 0) { /* the worker goes by the sfu: with it there are pipes */
        tk_sfu_destroy(c->sfu);
        c->sfu = NULL;
    }
    return r;
}

static bool in_range(const json_t *m, const char *field, json_int_t min, json_int_t max)
{
    return !json_object_get(m, field) || (int_of(m, field) >= min && int_of(m, field) <= max);
}

static void on_hello(struct tk_control *c, const json_t *m, int64_t now_us)
{
    json_int_t id = int_of(m, "id");
    if (int_of(m, "version") != TK_SEAM_VERSION) {
        tk_control_error(c, id, "state", "version %lld is spoken there, %d here",
                         (long long)int_of(m, "version"), TK_SEAM_VERSION);
        return;
    }
    if (!in_range(m, "udp_port", 0, UINT16_MAX) || !in_range(m, "consent_ms", 0, 3600000) ||
        !in_range(m, "stats_ms", 0, 3600000) || !in_range(m, "max_peers", 0, 100000)) {
        tk_control_error(c, id, "malformed", "hello: a number is out of its range");
        return;
    }
    if (open_transport(c, m) < 0) {
        return;
    }
    int r = open_rest(c, m, now_us);
    if (r < 0) {
        tk_control_error(c, id, "internal", "cannot start: %s", strerror(-r));
        c->ended = true;
        return;
    }
    json_int_t stats_ms = int_of(m, "stats_ms");
    c->stats_every_us = (stats_ms ? MAX(stats_ms, STATS_MIN_MS) : STATS_MS) * 1000;
    c->stats_us = now_us + c->stats_every_us;
    c->voice_us = now_us;
    say_ready(c, id);
}

/* ---- lessons ---- */

static void no_lesson(struct tk_control *c, const json_t *m)
{
    tk_control_error(c, int_of(m, "id"), "no_lesson", "%s: no lesson '%s' is open",
                     text_of(m, "type"), text_of(m, "lesson"));
}

static void on_lesson_open(struct tk_control *c, const json_t *m, int64_t now_us)
{
    if (tk_sfu_lesson_open(c->sfu, text_of(m, "lesson")) == -ENOSPC) {
        tk_control_error(c, 0, "limit", "lesson.open: too many lessons");
    }
}

static void on_lesson_close(struct tk_control *c, const json_t *m, int64_t now_us)
{
    tk_pipes_remove(c->pipes, text_of(m, "lesson"));
    if (tk_sfu_lesson_close(c->sfu, text_of(m, "lesson")) < 0) {
        no_lesson(c, m);
    }
}

static void on_source_set(struct tk_control *c, const json_t *m, int64_t now_us)
{
    char why[256] = "";
    if (!tk_sfu_has_lesson(c->sfu, text_of(m, "lesson"))) {
        no_lesson(c, m);
    } else if (tk_pipes_set(c->pipes, text_of(m, "lesson"), json_object_get(m, "source"), why,
                            sizeof(why)) < 0) {
        tk_control_error(c, 0, "malformed", "source.set: %s", why);
    }
}

static void on_slot_feed(struct tk_control *c, const json_t *m, int64_t now_us)
{
    struct tk_sfu_feed feed = {
        .slot = text_of(m, "slot"),
        .peer = text_of(m, "peer"),
        .from = text_of(m, "from"),
        .track = text_of(m, "track"),
        .layer = json_object_get(m, "layer") ? (int)int_of(m, "layer") : TK_SFU_ALL_LAYERS,
    };
    if (!in_range(m, "layer", 0, TK_SFU_ALL_LAYERS)) {
        tk_control_error(c, 0, "malformed", "slot.feed: layer is 0 to %d", TK_SFU_ALL_LAYERS);
        return;
    }
    int r = tk_sfu_feed(c->sfu, text_of(m, "lesson"), &feed, now_us);
    if (r == -ENOENT) {
        no_lesson(c, m);
    } else if (r < 0) {
        tk_control_error(c, 0, "limit", "slot.feed: too many rules for one lesson");
    }
}

/* ---- peers ---- */

static void answer(struct tk_control *c, const json_t *m)
{
    tk_control_send(c, json_pack("{s:s, s:I, s:s, s:s}", "type", "peer.answer", "id",
                                 int_of(m, "id"), "peer", text_of(m, "peer"), "sdp", c->answer));
}

static void refuse(struct tk_control *c, const json_t *m, const struct tk_sfu_error *err)
{
    tk_log_info("peer refused", "peer=%s code=%s text=\"%s\"", text_of(m, "peer"), err->code,
                err->text);
    tk_control_error(c, int_of(m, "id"), err->code, "%s", err->text);
}

static void on_peer_create(struct tk_control *c, const json_t *m, int64_t now_us)
{
    const json_t *offer = json_object_get(m, "offer");
    struct tk_sfu_peer_config config = {
        .id = text_of(m, "peer"),
        .lesson = text_of(m, "lesson"),
        .name = text_of(m, "name"),
        .group = text_of(m, "group"),
        .slots = json_object_get(m, "slots"),
        .tracks = json_object_get(m, "tracks"),
        .offer = json_string_value(offer),
        .offer_len = json_string_length(offer),
        .loopback = json_is_true(json_object_get(m, "loopback")),
    };
    struct tk_sfu_error err;
    if (tk_sfu_peer_create(c->sfu, &config, c->answer, sizeof(c->answer), now_us, &err) < 0) {
        refuse(c, m, &err);
    } else {
        answer(c, m);
    }
}

static void on_peer_restart(struct tk_control *c, const json_t *m, int64_t now_us)
{
    const json_t *sdp = json_object_get(m, "sdp");
    struct tk_sfu_error err;
    if (tk_sfu_peer_restart(c->sfu, text_of(m, "peer"), json_string_value(sdp),
                            json_string_length(sdp), c->answer, sizeof(c->answer), now_us,
                            &err) < 0) {
        refuse(c, m, &err);
    } else {
        answer(c, m);
    }
}

static void on_peer_close(struct tk_control *c, const json_t *m, int64_t now_us)
{
    const char *reason = text_of(m, "reason");
    if (tk_sfu_peer_close(c->sfu, text_of(m, "peer"), reason[0] ? reason : "closed") < 0) {
        tk_control_error(c, 0, "no_peer", "peer.close: no peer '%s'", text_of(m, "peer"));
    }
}

/* ---- the rest ---- */

static void on_ping(struct tk_control *c, const json_t *m, int64_t now_us)
{
    tk_control_send(c, json_pack("{s:s, s:I}", "type", "pong", "id", int_of(m, "id")));
}

static void on_stop(struct tk_control *c, const json_t *m, int64_t now_us)
{
    tk_log_info("asked to stop", "reason=\"%s\"", text_of(m, "reason"));
    c->ended = true;
}

enum when {
    BEFORE_HELLO = 1,
    AFTER_HELLO = 2,
};

static const struct {
    const char *type;
    int when;
    void (*handle)(struct tk_control *c, const json_t *message, int64_t now_us);
} commands[] = {
    {"hello", BEFORE_HELLO, on_hello},
    {"lesson.open", AFTER_HELLO, on_lesson_open},
    {"lesson.close", AFTER_HELLO, on_lesson_close},
    {"source.set", AFTER_HELLO, on_source_set},
    {"slot.feed", AFTER_HELLO, on_slot_feed},
    {"peer.create", AFTER_HELLO, on_peer_create},
    {"peer.restart", AFTER_HELLO, on_peer_restart},
    {"peer.close", AFTER_HELLO, on_peer_close},
    {"ping", BEFORE_HELLO | AFTER_HELLO, on_ping},
    {"stop", BEFORE_HELLO | AFTER_HELLO, on_stop},
};

void tk_control_do(struct tk_control *c, const json_t *message, int64_t now_us)
{
    const char *type = text_of(message, "type");
    int when = c->sfu ? AFTER_HELLO : BEFORE_HELLO;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].type, type) != 0) {
            continue;
        }
        if (commands[i].when & when) {
            commands[i].handle(c, message, now_us);
        } else {
            tk_control_error(c, int_of(message, "id"), "state", "%s: %s", type,
                             c->sfu ? "was said before" : "not before hello");
        }
        return;
    }
    tk_control_error(c, int_of(message, "id"), "unknown", "%s is not carried out here", type);
}
