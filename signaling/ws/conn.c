/* One connection: what comes in, what waits to go out, its signs of life and its end. */

#include <string.h>

#include "config/log.h"
#include "signaling/ws/tap.h"
#include "signaling/ws/ws_state.h"

#define PING_BYTES 4

static bool is_loopback(const char *address)
{
    return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0 ||
           g_str_has_prefix(address, "::ffff:127.");
}

struct tk_ws_conn *tk_ws_conn_create(struct tk_ws *ws, struct lws *wsi,
                                     const struct tk_credentials *credentials)
{
    struct tk_ws_conn *c = g_new0(struct tk_ws_conn, 1);
    int64_t now = ws->config.now().mono_ms;
    c->ws = ws;
    c->wsi = wsi;
    c->fd = -1;
    c->id = ++ws->next_conn;
    lws_get_peer_simple(wsi, c->address, sizeof(c->address));
    c->loopback = is_loopback(c->address);
    c->credentials = g_memdup2(credentials, sizeof(*credentials));
    c->in = g_byte_array_new();
    c->out = tk_outbox_create();
    c->allowance = TK_WS_MESSAGES_PER_S;
    c->live_allowance = TK_WS_LIVE_PER_S;
    c->allowance_ms = c->opened_ms = c->heard_ms = c->pinged_ms = now;
    c->end = TK_PAGE_LOST;
    g_hash_table_insert(ws->conns, &c->id, c);
    ws->stats.opened++;
    ws->stats.connections = g_hash_table_size(ws->conns);
    return c;
}

static void on_bytes(void *ctx, const void *bytes, size_t len)
{
    struct tk_ws_conn *c = ctx;
    tk_frames_read(&c->frames, bytes, len);
    if (c->frames.unmasked) {
        lws_callback_on_writable(c->wsi); /* a control frame alone is not handed to us */
    }
}

void tk_ws_conn_established(struct tk_ws_conn *c)
{
    c->fd = lws_get_socket_fd(c->wsi);
    c->ssl = lws_get_ssl(c->wsi);
    tk_tap_add(c->fd, c->ssl, on_bytes, c);
}

void tk_ws_conn_destroy(struct tk_ws_conn *c)
{
    if (c->fd >= 0) {
        tk_tap_remove(c->fd, c->ssl);
    }
    struct tk_ws *ws = c->ws;
    const char *farewell = c->said_bye && c->end == TK_PAGE_LEFT ? "bye" : "closed";
    /* a visitor sees nothing more while nobody knows whether they are still there */
    tk_ws_peers_leave(c, c->said_bye || c->visits ? farewell : NULL);
    if (c->visits) {
        tk_ws_visit_leave(c);
    }
    if (c->present) {
        tk_roster_close(c->present, ws->config.now(), c->end);
        tk_ws_class_gone(c, c->end);
    }
    g_hash_table_remove(ws->conns, &c->id);
    ws->stats.connections = g_hash_table_size(ws->conns);
    tk_outbox_destroy(c->out);
    g_byte_array_unref(c->in);
    g_free(c->credentials);
    g_free(c);
}

struct tk_ws_conn *tk_ws_conn_find(struct tk_ws *ws, uint64_t id)
{
    return ws->conns ? g_hash_table_lookup(ws->conns, &id) : NULL;
}

/* ---- out ---- */

void tk_ws_conn_close(struct tk_ws_conn *c, uint16_t code, const char *text)
{
    if (!c->closing) {
        c->closing = true;
        c->close_code = code;
        c->close_text = text;
        lws_callback_on_writable(c->wsi);
    }
}

void tk_ws_send(struct tk_ws_conn *c, json_t *message, bool droppable)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    if (text) {
        tk_ws_send_text(c, text, strlen(text), droppable);
    }
    free(text);
}

void tk_ws_send_text(struct tk_ws_conn *c, const char *text, size_t len, bool droppable)
{
    if (c->closing) {
        return;
    }
    int r = tk_outbox_push(c->out, text, len, droppable);
    if (r < 0) {
        c->ws->stats.closed_slow++;
        tk_log_info("a page reads too slowly, closing its connection", "who=%s", c->who);
        tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "reads too slowly");
    } else if (r > 0) {
        c->ws->stats.dropped++;
        c->rooms_stale = true;
    }
    c->ws->stats.messages_out++;
    lws_callback_on_writable(c->wsi);
}

static void set_reason(struct tk_ws_conn *c, uint16_t code, const char *text)
{
    lws_close_reason(c->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)text,
                     strlen(text));
}

int tk_ws_conn_fail(struct tk_ws_conn *c, uint16_t code, const char *text)
{
    tk_log_info("closing a WebSocket", "who=%s address=%s code=%u why=\"%s\"", c->who, c->address,
                code, text);
    set_reason(c, code, text);
    c->closing = true;
    return -1;
}

static int fail_unmasked(struct tk_ws_conn *c)
{
    c->ws->stats.malformed++;
    return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_PROTOCOL_ERR, "a frame is not masked");
}

/* Not empty: libwebsockets keeps an empty pong to itself, and a page that only listens seemed dead.
 */
static int write_ping(struct tk_ws_conn *c)
{
    uint8_t buf[LWS_PRE + PING_BYTES] = {0};
    c->ping_due = false;
    if (lws_write(c->wsi, buf + LWS_PRE, PING_BYTES, LWS_WRITE_PING) < 0) {
        return -1;
    }
    lws_callback_on_writable(c->wsi);
    return 0;
}

int tk_ws_conn_write(struct tk_ws_conn *c)
{
    size_t len = 0;
    G_STATIC_ASSERT(TK_OUTBOX_ROOM >= LWS_PRE);
    if (c->frames.unmasked) {
        return fail_unmasked(c);
    }
    if (c->ping_due && !c->closing) {
        return write_ping(c);
    }
    uint8_t *data = tk_outbox_head(c->out, &len);
    if (data) {
        int n = lws_write(c->wsi, data, len, LWS_WRITE_TEXT);
        tk_outbox_pop(c->out);
        if (n < (int)len) {
            return -1;
        }
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    if (c->closing) {
        set_reason(c, c->close_code, c->close_text);
        return -1;
    }
    if (c->rooms_stale) {
        c->rooms_stale = false;
        tk_ws_send_rooms(c);
    }
    if (c->class_stale) {
        tk_ws_send_class(c);
    }
    return 0;
}

/* ---- in ---- */

static bool is_live(const json_t *m)
{
    const char *type = json_string_value(json_object_get(m, "type"));
    return type && (strcmp(type, "board.ink") == 0 || strcmp(type, "board.laser") == 0);
}

static void fill(double *allowance, int64_t span_ms, int per_s)
{
    *allowance = MIN(*allowance + (double)span_ms * per_s / 1000.0, per_s);
}

/* 0: go on; 1: leave this message out; -1: close. `m` NULL: it could not be read. */
static int spend(struct tk_ws_conn *c, const json_t *m)
{
    int64_t now = c->ws->config.now().mono_ms;
    double *allowance = is_live(m) ? &c->live_allowance : &c->allowance;
    fill(&c->allowance, now - c->allowance_ms, TK_WS_MESSAGES_PER_S);
    fill(&c->live_allowance, now - c->allowance_ms, TK_WS_LIVE_PER_S);
    c->allowance_ms = now;
    if (*allowance >= 1.0) {
        *allowance -= 1.0;
        c->refused = 0;
        return 0;
    }
    c->ws->stats.rate_limited++;
    return ++c->refused > TK_WS_REFUSALS_MAX ? -1 : 1;
}

static json_t *parse(struct tk_ws_conn *c)
{
    json_error_t error;
    json_t *m = json_loadb((const char *)c->in->data, c->in->len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(m)) {
        json_decref(m);
        return NULL;
    }
    return m;
}

static int on_whole(struct tk_ws_conn *c)
{
    c->ws->stats.messages_in++;
    if (!g_utf8_validate((const char *)c->in->data, c->in->len, NULL) &&
        !memchr(c->in->data, '\0', c->in->len)) {
        c->ws->stats.malformed++;
        return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "not UTF-8");
    }
    json_t *m = parse(c);
    int limited = spend(c, m);
    if (limited < 0) {
        json_decref(m);
        return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "far too many messages");
    }
    if (!m) {
        c->ws->stats.malformed++;
        return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "not a JSON object");
    }
    if (limited) {
        const char *op = json_string_value(json_object_get(m, "op"));
        tk_ws_answer_error(c, op, TK_PROBLEM_RATE_LIMITED, NULL, "At most %d messages a second",
                           is_live(m) ? TK_WS_LIVE_PER_S : TK_WS_MESSAGES_PER_S);
    } else if (!c->closing) {
        tk_ws_dispatch(c, m);
    }
    json_decref(m);
    return 0;
}

int tk_ws_conn_receive(struct tk_ws_conn *c, const void *in, size_t len)
{
    c->heard_ms = c->ws->config.now().mono_ms;
    if (c->frames.unmasked) {
        return fail_unmasked(c);
    }
    if (lws_frame_is_binary(c->wsi)) {
        return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    }
    if (c->in->len + len + lws_remaining_packet_payload(c->wsi) > TK_WS_MESSAGE_MAX) {
        return tk_ws_conn_fail(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "over 64 KiB");
    }
    g_byte_array_append(c->in, in, (guint)len);
    if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi) > 0) {
        return 0;
    }
    int r = on_whole(c);
    g_byte_array_set_size(c->in, 0);
    return r;
}

/* ---- signs of life ---- */

void tk_ws_conn_tick(struct tk_ws_conn *c, int64_t now_ms)
{
    if (now_ms - c->heard_ms > TK_WS_SILENT_MS) {
        c->ws->stats.closed_silent++;
        tk_log_info("a page fell silent, closing its connection", "who=%s", c->who);
        c->closing = true; /* no farewell: nobody hears it */
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC); /* frees c */
        return;
    }
    if (!c->page && now_ms - c->opened_ms > TK_WS_HELLO_MS) {
        tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "no hello");
    }
    if (now_ms - c->pinged_ms >= TK_WS_PING_MS) {
        c->pinged_ms = now_ms;
        c->ping_due = true;
        lws_callback_on_writable(c->wsi);
    }
}
