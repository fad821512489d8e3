#include "streamer/seam.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define S(n, req, max)                                                                             \
    {                                                                                              \
        n, TK_SEAM_STRING, req, max                                                                \
    }
#define I(n, req)                                                                                  \
    {                                                                                              \
        n, TK_SEAM_INT, req, 0                                                                     \
    }
#define R(n, req)                                                                                  \
    {                                                                                              \
        n, TK_SEAM_REAL, req, 0                                                                    \
    }
#define B(n, req)                                                                                  \
    {                                                                                              \
        n, TK_SEAM_BOOL, req, 0                                                                    \
    }
#define O(n, req)                                                                                  \
    {                                                                                              \
        n, TK_SEAM_OBJECT, req, 0                                                                  \
    }
#define A(n, req, max)                                                                             \
    {                                                                                              \
        n, TK_SEAM_ARRAY, req, max                                                                 \
    }

#define ID_MAX 64
#define TEXT_MAX 512
#define SDP_MAX (48 * 1024)

/* clang-format off */
static const struct tk_seam_message messages[] = {
    {"hello", TK_SEAM_COMMAND, false,
     {I("id", true), I("version", true), I("udp_port", true), A("hosts", false, 16),
      I("consent_ms", false), I("stats_ms", false), I("max_peers", false), S("data", false, 4096)},
     "first message: open the port; hosts are the announced addresses, none means those of the "
     "machine; data is the folder of the demo lesson; answered by ready or error"},
    {"lesson.open", TK_SEAM_COMMAND, false, {S("lesson", true, ID_MAX)}, "a lesson exists from now"},
    {"lesson.close", TK_SEAM_COMMAND, false, {S("lesson", true, ID_MAX), S("reason", false, TEXT_MAX)},
     "all its peers and its source end"},
    {"source.set", TK_SEAM_COMMAND, false, {S("lesson", true, ID_MAX), O("source", true)},
     "what the lesson's pipeline plays: {kind: demo|file|rtsp|v4l2|none, ...}"},
    {"slot.feed", TK_SEAM_COMMAND, false,
     {S("lesson", true, ID_MAX), S("slot", true, ID_MAX), S("from", true, ID_MAX),
      S("track", true, ID_MAX), S("peer", false, ID_MAX), I("layer", false)},
     "which track feeds a slot of every receiver, also of later ones (or of one, peer): from is a peer's "
     "id, `source` (its tracks: source.video, source.audio) or empty for nothing; it may come before "
     "the track does; layer: the highest simulcast layer to forward, 0 the lowest (absent: all). A slot "
     "never gets a track of its own session or of its own group"},
    {"peer.create", TK_SEAM_COMMAND, false,
     {I("id", true), S("peer", true, ID_MAX), S("lesson", true, ID_MAX), S("name", false, TEXT_MAX),
      O("slots", true), O("tracks", true), S("offer", true, SDP_MAX), B("loopback", false),
      S("group", false, ID_MAX)},
     "a new WebRTC session; slots and tracks name m-lines by mid ({\"0\":\"lesson.video\"}), or by "
     "kind where the mid is not known ({\"video\":…,\"audio\":…}); loopback: the peer is on this machine; "
     "group: sessions of one place (a room's pages), which never hear or see each other; answered by "
     "peer.answer or error"},
    {"peer.restart", TK_SEAM_COMMAND, false,
     {I("id", true), S("peer", true, ID_MAX), S("sdp", true, SDP_MAX)},
     "new ICE credentials or candidates: a whole offer or an sdpfrag (RFC 8840); answered by "
     "peer.answer (empty sdp: nothing to say) or error"},
    {"peer.close", TK_SEAM_COMMAND, false, {S("peer", true, ID_MAX), S("reason", false, TEXT_MAX)}, ""},
    {"ping", TK_SEAM_COMMAND, false, {I("id", true)}, "answered by pong"},
    {"stop", TK_SEAM_COMMAND, false, {S("reason", false, TEXT_MAX)}, "say BYE to all and exit"},

    {"ready", TK_SEAM_EVENT, false,
     {I("id", true), I("version", true), I("udp_port", true), A("addresses", true, 64), B("ipv6", true),
      I("pid", true)}, "the port is open"},
    {"error", TK_SEAM_EVENT, false,
     {I("id", false), S("code", true, ID_MAX), S("text", true, 2048), S("peer", false, ID_MAX)},
     "id 0 or absent: an event nobody asked for. Codes: malformed unknown sdp codec limit no_lesson "
     "no_peer state port internal"},
    {"peer.answer", TK_SEAM_EVENT, false,
     {I("id", true), S("peer", true, ID_MAX), S("sdp", true, SDP_MAX)}, ""},
    {"pong", TK_SEAM_EVENT, false, {I("id", true)}, ""},
    {"peer.state", TK_SEAM_EVENT, false,
     {S("peer", true, ID_MAX), S("lesson", true, ID_MAX), S("state", true, ID_MAX), S("reason", false, TEXT_MAX)},
     "state: checking connected gone; reason of gone: closed bye consent dtls lesson replaced"},
    {"track.state", TK_SEAM_EVENT, false,
     {S("lesson", true, ID_MAX), S("from", true, ID_MAX), S("track", true, ID_MAX), B("live", true),
      S("codec", false, ID_MAX), I("width", false), I("height", false), S("cause", false, ID_MAX)},
     "packets of this track arrive (or have not for 2 s); from: a peer's id or `source`; cause: `b_frames`, "
     "browsers cannot show it, or empty"},
    {"source.state", TK_SEAM_EVENT, false,
     {S("lesson", true, ID_MAX), S("kind", true, ID_MAX), S("state", true, ID_MAX), S("cause", false, TEXT_MAX),
      B("passthrough", false), I("restarts", false)}, "state: none starting live failed"},
    {"stats.peers", TK_SEAM_EVENT, true, {S("lesson", true, ID_MAX), A("peers", true, 200)},
     "each: {peer, in_kbps, out_kbps, fps, loss_pct, rtt_ms, jitter_ms, nacks, resent, plis, w, h}; fps and "
     "loss_pct are what reached the receiver by its reports"},
    {"stats.voice", TK_SEAM_EVENT, true,
     {S("lesson", true, ID_MAX), A("tracks", true, 200), I("span_ms", true)},
     "each 250 ms, of sound that arrives: {from, track, voice_ms}: how long was spoken in the span, by the "
     "sender's audio levels (RFC 6464)"},
    {"stats.streamer", TK_SEAM_EVENT, true, {O("counters", true)}, "name → number, for /metrics"},
};
/* clang-format on */

const struct tk_seam_message *tk_seam_messages(size_t *count)
{
    *count = sizeof(messages) / sizeof(messages[0]);
    return messages;
}

const struct tk_seam_message *tk_seam_find(enum tk_seam_dir dir, const char *type)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].dir == dir && strcmp(messages[i].type, type) == 0) {
            return &messages[i];
        }
    }
    return NULL;
}

__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t cap, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err, cap, fmt, ap);
    va_end(ap);
    return -EINVAL;
}

static bool has_type(const json_t *v, enum tk_seam_type type)
{
    switch (type) {
    case TK_SEAM_STRING:
        return json_is_string(v);
    case TK_SEAM_INT:
        return json_is_integer(v);
    case TK_SEAM_REAL:
        return json_is_number(v);
    case TK_SEAM_BOOL:
        return json_is_boolean(v);
    case TK_SEAM_OBJECT:
        return json_is_object(v);
    case TK_SEAM_ARRAY:
        return json_is_array(v);
    }
    return false;
}

static const char *type_name(enum tk_seam_type type)
{
    static const char *const names[] = {"a string",  "an integer", "a number",
                                        "a boolean", "an object",  "an array"};
    return names[type];
}

static int check_field(const char *message, const struct tk_seam_field *f, const json_t *v,
                       char *err, size_t cap)
{
    if (!v) {
        return f->required ? refuse(err, cap, "%s: field '%s' is missing", message, f->name) : 0;
    }
    if (!has_type(v, f->type)) {
        return refuse(err, cap, "%s: field '%s' is not %s", message, f->name, type_name(f->type));
    }
    size_t size = json_is_string(v) ? json_string_length(v) : json_array_size(v);
    if (f->max && size > f->max) {
        return refuse(err, cap, "%s: field '%s' is too long (%zu of at most %zu)", message, f->name,
                      size, f->max);
    }
    return 0;
}

static bool knows_field(const struct tk_seam_message *m, const char *name)
{
    if (strcmp(name, "type") == 0) {
        return true;
    }
    for (const struct tk_seam_field *f = m->fields; f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return true;
        }
    }
    return false;
}

int tk_seam_check(enum tk_seam_dir dir, const json_t *message, char *err, size_t err_cap)
{
    if (!json_is_object(message)) {
        return refuse(err, err_cap, "message is not an object");
    }
    const char *type = json_string_value(json_object_get(message, "type"));
    if (!type) {
        return refuse(err, err_cap, "message has no 'type'");
    }
    const struct tk_seam_message *m = tk_seam_find(dir, type);
    if (!m) {
        return refuse(err, err_cap, "unknown message '%.64s'", type);
    }
    for (const struct tk_seam_field *f = m->fields; f->name; f++) {
        int r = check_field(type, f, json_object_get(message, f->name), err, err_cap);
        if (r < 0) {
            return r;
        }
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)message, key, value)
    {
        if (!knows_field(m, key)) {
            return refuse(err, err_cap, "%s: unknown field '%.64s'", type, key);
        }
    }
    return 0;
}

json_t *tk_seam_parse(enum tk_seam_dir dir, const void *buf, size_t len, char *err, size_t err_cap)
{
    if (len > TK_SEAM_MAX_BYTES) {
        refuse(err, err_cap, "message of %zu bytes is over %d", len, TK_SEAM_MAX_BYTES);
        return NULL;
    }
    json_error_t je;
    json_t *message = json_loadb(buf, len, JSON_REJECT_DUPLICATES, &je);
    if (!message) {
        refuse(err, err_cap, "not JSON at byte %d: %s", je.position, je.text);
        return NULL;
    }
    if (tk_seam_check(dir, message, err, err_cap) < 0) {
        json_decref(message);
        return NULL;
    }
    return message;
}

int tk_seam_send(int fd, enum tk_seam_dir dir, const json_t *message, char *err, size_t err_cap)
{
    int r = tk_seam_check(dir, message, err, err_cap);
    if (r < 0) {
        return r;
    }
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text) {
        return -ENOMEM;
    }
    size_t len = strlen(text);
    if (len > TK_SEAM_MAX_BYTES) {
        r = -EMSGSIZE;
    } else if (send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        r = -errno;
    }
    free(text);
    return r;
}
