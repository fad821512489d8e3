/*
 * One HTTP connection: hands requests of libwebsockets to the router and writes its replies. What
 * libwebsockets 4.1 does not do is done here: one request at a time (further input waits until the
 * reply is written), no chunked bodies, no other upgrade than to WebSocket, no CONNECT.
 *
 *     idle ──head──▶ body ──whole──▶ handled ──reply──▶ writing ──written and body read──▶ idle
 */

#include <glib-unix.h>
#include <string.h>

#include "signaling/server/incoming.h"
#include "signaling/server/server_state.h"
#include "signaling/ws/tap.h"

#define WRITE_BYTES_MAX 32768
/* A body may take so long, and a second more for each 32 KiB. */
#define BODY_TIME_MS 30000
#define BODY_BYTES_PER_MS 32
#define REPLY_TIME_S 60
#define WRITE_TIME_S 30
/* So much of a refused body is read, so that its sender sees the reply and not a reset: a picture
 * that is a little too large. */
#define DISCARD_BYTES_MAX (8 * 1024 * 1024)
#define LINGER_S 2

struct connection {
    struct tk_server *server;
    struct lws *wsi;
    char address[TK_ADDRESS_MAX];
    bool secure;
    bool loopback;

    struct tk_request *request; /* NULL: none, or it is answered */
    bool busy;                  /* a request is under way */
    bool body_whole;
    bool close_after;
    bool served; /* a request came to its end here */
    bool read;   /* since then the socket was read: what comes is not held back input */
    bool tapped; /* reads are seen */
    int fd;
    const void *ssl;
    size_t discarded;
    int64_t body_deadline_ms;
    GByteArray *head; /* of the reply, what is left */
    GBytes *body;
    size_t written; /* of head, then of body */
    guint watch;    /* GLib source: the socket takes more of the reply */
};

static struct tk_server *server_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

static struct connection *find(struct lws *wsi)
{
    return g_hash_table_lookup(server_of(wsi)->connections, wsi);
}

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static int admit(struct tk_server *s, int fd)
{
    char address[TK_ADDRESS_MAX];
    bool loopback;
    tk_incoming_address(fd, address, &loopback);
    return s->stopping || !tk_guard_admits(s->guard, address);
}

static void on_read(void *ctx, const void *bytes, size_t len)
{
    struct connection *c = ctx;
    c->read = true;
}

/* Not before there is a request: until then a connection has no TLS of its own. */
static void watch_reads(struct connection *c)
{
    if (!c->tapped) {
        c->tapped = true;
        c->fd = lws_get_socket_fd(c->wsi);
        c->ssl = c->secure ? lws_get_ssl(c->wsi) : NULL;
        tk_tap_add(c->fd, c->ssl, on_read, c);
    }
}

static void open_connection(struct tk_server *s, struct lws *wsi)
{
    struct connection *c = g_new0(struct connection, 1);
    c->server = s;
    c->wsi = wsi;
    c->secure = lws_is_ssl(wsi);
    tk_incoming_address(lws_get_socket_fd(wsi), c->address, &c->loopback);
    tk_guard_add(s->guard, c->address);
    g_hash_table_insert(s->connections, wsi, c);
}

static void end_reply(struct connection *c)
{
    g_clear_handle_id(&c->watch, g_source_remove);
    g_clear_pointer(&c->head, g_byte_array_unref);
    g_clear_pointer(&c->body, g_bytes_unref);
    c->written = 0;
}

static void abandon(struct connection *c)
{
    if (c->request) {
        tk_http_abandon(c->request);
        c->request = NULL;
    }
    end_reply(c);
}

static void close_connection(struct tk_server *s, struct lws *wsi)
{
    struct connection *c = g_hash_table_lookup(s->connections, wsi);
    if (c) {
        abandon(c);
        if (c->tapped) {
            tk_tap_remove(c->fd, c->ssl);
        }
        tk_guard_remove(s->guard, c->address);
        g_hash_table_remove(s->connections, wsi);
        g_free(c);
    }
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {421, "Misdirected Request"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Status";
}

/* RFC 9110, section 6.6.1: IMF-fixdate. */
static void format_date(char *out, size_t cap)
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(out, cap, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/*
 * libwebsockets 4.1 does not write while input is held back, and spins on input that it does not
 * take: so input is let through only at the moment of writing.
 */
static gboolean on_socket_writable(gint fd, GIOCondition condition, gpointer arg)
{
    struct connection *c = arg;
    lws_rx_flow_control(c->wsi, 1);
    lws_callback_on_writable(c->wsi);
    return G_SOURCE_CONTINUE;
}

static void on_reply(void *arg, const struct tk_http_reply *reply)
{
    struct connection *c = arg;
    char date[64];
    GString *head = g_string_sized_new(1024);
    bool has_body = reply->status != 204 && reply->status != 304;
    c->request = NULL;
    format_date(date, sizeof(date));
    c->close_after = c->close_after || c->server->stopping || !c->body_whole;
    g_string_append_printf(head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", reply->status,
                           reason_of(reply->status), date);
    g_string_append_len(head, reply->head->str, (gssize)reply->head->len);
    if (has_body) {
        g_string_append_printf(head, "Content-Length: %zu\r\n", g_bytes_get_size(reply->body));
    }
    g_string_append_printf(head, "Connection: %s\r\n\r\n", c->close_after ? "close" : "keep-alive");
    gsize len = head->len;
    c->head = g_byte_array_new_take((guint8 *)g_string_free(head, FALSE), len);
    c->body = has_body && !reply->head_only ? g_bytes_ref(reply->body) : g_bytes_new(NULL, 0);
    c->written = 0;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WRITE_TIME_S);
    c->watch = g_unix_fd_add(lws_get_socket_fd(c->wsi), G_IO_OUT, on_socket_writable, c);
}

static void run(struct connection *c)
{
    lws_rx_flow_control(c->wsi, 0);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, REPLY_TIME_S);
    if (c->request) {
        tk_http_run(c->request);
    }
}

static void start_request(struct connection *c, struct tk_incoming *incoming)
{
    struct tk_http_incoming *head = &incoming->head;
    const char *length = head->headers[TK_HTTP_CONTENT_LENGTH];
    const char *host = head->headers[TK_HTTP_HOST];
    bool chunked = head->headers[TK_HTTP_TRANSFER_ENCODING] != NULL;
    bool bodiless = strcmp(head->method, "GET") == 0 || strcmp(head->method, "HEAD") == 0 ||
                    strcmp(head->method, "DELETE") == 0 || strcmp(head->method, "OPTIONS") == 0;
    head->address = c->address;
    head->loopback = c->loopback;
    head->secure = c->secure;
    head->misdirected = !c->secure && host && !tk_host_is_ours(host, c->server->hosts);
    /* without a length libwebsockets waits for a body that may never come: it counts as none */
    c->body_whole = !chunked && (!length ? bodiless : strcmp(length, "0") == 0);
    c->close_after = chunked || (!length && !bodiless) || incoming->wants_close;
    c->busy = true;
    c->discarded = 0;
    c->body_deadline_ms = now_ms() + BODY_TIME_MS;
    c->request = tk_http_open(c->server->http, head, on_reply, c);
    if (c->request) {
        c->body_deadline_ms += (int64_t)tk_http_body_expected(c->request) / BODY_BYTES_PER_MS;
    }
    if (c->body_whole || (c->request && tk_http_body_expected(c->request) == 0)) {
        run(c);
    }
}

/*
 * libwebsockets 4.1 reads the body of a request that it held back from the wrong place, and for
 * ever: pipelining is for requests without a body.
 */
static bool is_held_back(const struct connection *c)
{
    return c->served && !c->read;
}

static bool is_readable(const struct connection *c)
{
    return !is_held_back(c) || (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0 &&
                                lws_hdr_total_length(c->wsi, WSI_TOKEN_POST_URI) == 0 &&
                                lws_hdr_total_length(c->wsi, WSI_TOKEN_PUT_URI) == 0 &&
                                lws_hdr_total_length(c->wsi, WSI_TOKEN_PATCH_URI) == 0);
}

static int on_http(struct connection *c)
{
    if (c->busy || !is_readable(c)) {
        return -1;
    }
    watch_reads(c);
    struct tk_incoming incoming;
    if (!tk_incoming_read(c->wsi, &incoming)) {
        return -1;
    }
    start_request(c, &incoming);
    tk_incoming_finish(&incoming);
    return 0;
}

static int on_body(struct connection *c, const void *bytes, size_t len)
{
    if (now_ms() > c->body_deadline_ms) {
        return -1;
    }
    if (c->request) {
        tk_http_body(c->request, bytes, len);
        return 0;
    }
    c->discarded += len;
    return c->discarded > DISCARD_BYTES_MAX ? -1 : 0;
}

/* Reply written and body read: the connection is free for the next request, or closes. */
static int end_request(struct connection *c)
{
    c->busy = false;
    if (c->close_after || lws_http_transaction_completed(c->wsi)) {
        return -1;
    }
    c->served = true;
    c->read = false;
    return 0;
}

static int on_body_whole(struct connection *c)
{
    if (!c->busy || c->body_whole) {
        return 0;
    }
    c->body_whole = true;
    if (c->request) {
        run(c);
        return 0;
    }
    return c->head ? 0 : end_request(c);
}

static int write_some(struct connection *c)
{
    static unsigned char buffer[LWS_PRE + WRITE_BYTES_MAX];
    gsize body_len;
    const uint8_t *body = g_bytes_get_data(c->body, &body_len);
    size_t head_left = c->head->len > c->written ? c->head->len - c->written : 0;
    size_t n = MIN(head_left, WRITE_BYTES_MAX);
    memcpy(buffer + LWS_PRE, c->head->data + c->written, n);
    if (n < WRITE_BYTES_MAX && body_len > 0) {
        size_t from = c->written + n - c->head->len;
        size_t m = MIN(body_len - from, WRITE_BYTES_MAX - n);
        memcpy(buffer + LWS_PRE + n, body + from, m);
        n += m;
    }
    if (lws_write(c->wsi, buffer + LWS_PRE, n, LWS_WRITE_HTTP) < (int)n) {
        return -1;
    }
    c->written += n;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WRITE_TIME_S);
    return c->written < c->head->len + body_len ? 1 : 0;
}

static int on_writeable(struct connection *c)
{
    if (!c->head) {
        return 0;
    }
    int r = c->written < c->head->len + g_bytes_get_size(c->body) ? write_some(c) : 0;
    if (r < 0) {
        return -1;
    }
    if (r > 0 || lws_partial_buffered(c->wsi)) {
        if (c->body_whole) {
            lws_rx_flow_control(c->wsi, 0);
        }
        return 0;
    }
    end_reply(c);
    if (!c->body_whole) { /* refused: reads on for a moment */
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LINGER_S);
        return 0;
    }
    return end_request(c);
}

static int on_connection(struct connection *c, enum lws_callback_reasons reason, void *in,
                         size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return on_http(c);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(c, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_whole(c);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writeable(c);
    case LWS_CALLBACK_CLOSED_HTTP:
        abandon(c);
        return 0;
    default:
        return 0;
    }
}

static bool is_fresh(struct lws *wsi)
{
    const struct connection *c = find(wsi);
    return c && !c->busy && !is_held_back(c);
}

int tk_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                           size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return admit(server_of(wsi), (int)(intptr_t)in);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        open_connection(server_of(wsi), wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        close_connection(server_of(wsi), wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        /* neither h2c nor anything else: only hanging up is safe here in libwebsockets 4.1 */
        return g_ascii_strcasecmp(in, "websocket") == 0 && is_fresh(wsi) ? 0 : -1;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* a WebSocket without our subprotocol */
    case LWS_CALLBACK_RAW_ADOPT:                  /* CONNECT */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: {
        struct tk_server *s = server_of(wsi);
        if (s->tls_ctx_count < TK_SERVER_TLS_MAX) {
            s->tls_ctx[s->tls_ctx_count++] = user;
        }
        return 0;
    }
    default: {
        struct connection *c = find(wsi);
        return c ? on_connection(c, reason, in, len) : 0;
    }
    }
}

void tk_connections_drain(struct tk_server *s)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, s->connections);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct connection *c = value;
        const struct lws_protocols *protocol = lws_get_protocol(c->wsi);
        if (protocol && protocol->callback != tk_connection_callback) {
            continue; /* a WebSocket: closed by ws, once its page was told */
        }
        c->close_after = true;
        if (!c->busy) {
            lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, LWS_TO_KILL_ASYNC);
        }
    }
}
