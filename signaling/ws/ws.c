#include "signaling/ws/ws.h"

#include <string.h>

#include "config/log.h"
#include "signaling/core/session.h"
#include "signaling/ws/ws_state.h"

#define TICK_MS 1000
#define LOGINS_MS 15000 /* how often it is looked whether pages' logins are over */
#define HEADER_MAX 6144

/* ---- the upgrade ---- */

static const char *header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t cap)
{
    return lws_hdr_copy(wsi, buf, (int)cap, token) > 0 ? buf : NULL;
}

static enum tk_origin origin_of(struct lws *wsi)
{
    static const char name[] = "sec-fetch-site:";
    char host[256];
    char origin[256];
    char site[32];
    const char *site_text =
        lws_hdr_custom_copy(wsi, site, sizeof(site), name, sizeof(name) - 1) > 0 ? site : NULL;
    return tk_origin_check(header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin)), site_text,
                           header(wsi, WSI_TOKEN_HOST, host, sizeof(host)));
}

static int refuse(struct lws *wsi, unsigned status)
{
    lws_return_http_status(wsi, status, NULL);
    return -1;
}

/*
 * Who presents itself is read here, while there are headers; whether that is enough is answered to
 * `hello`, because a page cannot see why an upgrade was refused.
 */
static int on_upgrade(struct tk_ws *ws, struct lws *wsi, struct tk_ws_conn **slot)
{
    char path[32];
    char cookies[HEADER_MAX];
    struct tk_credentials credentials;
    if (ws->closing) {
        return refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE);
    }
    if (!header(wsi, WSI_TOKEN_GET_URI, path, sizeof(path)) || strcmp(path, "/ws") != 0) {
        return refuse(wsi, HTTP_STATUS_NOT_FOUND);
    }
    if (origin_of(wsi) != TK_ORIGIN_OURS) {
        ws->stats.refused_origin++;
        tk_log_warning("a WebSocket from another site, refusing it", NULL);
        return refuse(wsi, HTTP_STATUS_FORBIDDEN);
    }
    tk_credentials_read(ws->config.access, ws->config.now(),
                        header(wsi, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof(cookies)), &credentials);
    *slot = tk_ws_conn_create(ws, wsi, &credentials);
    return 0;
}

/* ---- libwebsockets ---- */

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct tk_ws_conn **slot = user;
    const struct lws_protocols *protocol = lws_get_protocol(wsi);
    struct tk_ws *ws = protocol ? protocol->user : NULL;
    struct tk_ws_conn *c = slot ? *slot : NULL;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return ws && slot ? on_upgrade(ws, wsi, slot) : -1;
    case LWS_CALLBACK_ESTABLISHED:
        if (!c) {
            return -1;
        }
        tk_ws_conn_established(c);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return c ? tk_ws_conn_write(c) : -1;
    case LWS_CALLBACK_RECEIVE:
        return c ? tk_ws_conn_receive(c, in, len) : -1;
    case LWS_CALLBACK_RECEIVE_PONG:
        if (c) {
            c->heard_ms = ws->config.now().mono_ms;
        }
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        if (c) {
            *slot = NULL;
            tk_ws_conn_destroy(c);
        }
        return 0;
    default:
        return 0;
    }
}

void tk_ws_protocol(struct tk_ws *ws, struct lws_protocols *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->name = TK_WS_PROTOCOL;
    ret->callback = callback;
    ret->per_session_data_size = sizeof(struct tk_ws_conn *);
    ret->user = ws;
}

/* ---- life ---- */

static void revoke_one(struct tk_ws_conn *c);

/* The login that the page came with is over: it must log in again. */
static bool is_outdated(const struct tk_ws_conn *c)
{
    const struct tk_credentials *k = c->credentials;
    for (int i = 0; c->page && i < k->accounts_count; i++) {
        if (k->accounts[i].id == c->account.id) {
            return !tk_session_lives(c->ws->config.access, c->ws->config.now(), k->sessions[i]);
        }
    }
    return false;
}

static void end_outdated(struct tk_ws *ws)
{
    GList *conns = g_hash_table_get_values(ws->conns);
    for (GList *l = conns; l; l = l->next) {
        struct tk_ws_conn *c = l->data;
        if (!c->closing && is_outdated(c)) {
            tk_log_info("a page's login is over, closing its connection", "who=%s", c->who);
            revoke_one(c);
        }
    }
    g_list_free(conns);
}

static gboolean on_tick(gpointer arg)
{
    struct tk_ws *ws = arg;
    int64_t now = ws->config.now().mono_ms;
    GList *conns = g_hash_table_get_values(ws->conns);
    for (GList *l = conns; l; l = l->next) {
        tk_ws_conn_tick(l->data, now);
    }
    g_list_free(conns);
    if (now - ws->logins_seen_ms >= LOGINS_MS) {
        ws->logins_seen_ms = now;
        end_outdated(ws);
    }
    return G_SOURCE_CONTINUE;
}

struct tk_ws *tk_ws_create(const struct tk_ws_config *config)
{
    struct tk_ws *ws = g_rc_box_new0(struct tk_ws);
    ws->config = *config;
    ws->conns = g_hash_table_new(g_int64_hash, g_int64_equal);
    ws->peers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    ws->ops = tk_ops_create();
    ws->timer = g_timeout_add(TICK_MS, on_tick, ws);
    tk_ws_tell_init(ws);
    tk_ws_board_init(ws);
    tk_ws_class_init(ws);
    return ws;
}

void tk_ws_unref(struct tk_ws *ws)
{
    g_rc_box_release(ws);
}

void tk_ws_destroy(struct tk_ws *ws)
{
    if (!ws) {
        return;
    }
    ws->closing = true;
    g_source_remove(ws->timer);
    tk_ws_board_finish(ws);
    tk_ws_class_finish(ws);
    tk_ws_tell_finish(ws);
    tk_media_disown(ws->config.media, ws, "closed");
    GHashTable *conns = ws->conns;
    tk_ops_destroy(ws->ops);
    ws->ops = NULL;
    ws->conns = NULL;
    g_hash_table_destroy(ws->peers);
    ws->peers = NULL;
    g_hash_table_destroy(conns);
    tk_ws_unref(ws);
}

static GList *established(struct tk_ws *ws)
{
    return g_hash_table_get_values(ws->conns);
}

void tk_ws_close_all(struct tk_ws *ws, const char *reason)
{
    GList *conns = established(ws);
    ws->closing = true;
    for (GList *l = conns; l; l = l->next) {
        struct tk_ws_conn *c = l->data;
        c->end = c->end == TK_PAGE_LOST ? TK_PAGE_MOVED : c->end;
        tk_ws_send(c, json_pack("{s:s, s:s}", "type", "server.closing", "reason", reason), false);
        tk_ws_conn_close(c, LWS_CLOSE_STATUS_GOINGAWAY, reason);
    }
    g_list_free(conns);
}

static void revoke_one(struct tk_ws_conn *c)
{
    c->end = TK_PAGE_REVOKED;
    tk_ws_peers_leave(c, "bye");
    tk_ws_send(c, json_pack("{s:s}", "type", "revoked"), false);
    tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "revoked");
}

/* A page that said hello as this one is told; one that did not yet must present itself again. */
static bool presents(const struct tk_ws_conn *c, int64_t account_id, int64_t device_id)
{
    const struct tk_credentials *k = c->credentials;
    bool found = false;
    if (c->page) {
        return (account_id && c->account.id == account_id) ||
               (device_id && c->device.id == device_id);
    }
    for (int i = 0; i < k->accounts_count; i++) {
        found |= account_id && k->accounts[i].id == account_id;
    }
    for (int i = 0; i < k->devices_count; i++) {
        found |= device_id && k->devices[i].id == device_id;
    }
    return found;
}

static void revoke_all(struct tk_ws *ws, int64_t account_id, int64_t device_id)
{
    char who[TK_WS_WHO_MAX];
    GList *conns = established(ws);
    for (GList *l = conns; l; l = l->next) {
        if (presents(l->data, account_id, device_id)) {
            revoke_one(l->data);
        }
    }
    g_list_free(conns);
    g_snprintf(who, sizeof(who), "%c%lld", account_id ? 'a' : 'd',
               (long long)(account_id ? account_id : device_id));
    tk_ws_peers_end(ws, who);
}

void tk_ws_account_ended(struct tk_ws *ws, int64_t account_id)
{
    revoke_all(ws, account_id, 0);
}

void tk_ws_device_revoked(struct tk_ws *ws, int64_t device_id)
{
    revoke_all(ws, 0, device_id);
}

/* The page is there, or may say hello, by this session. */
static bool rests_on(const struct tk_ws_conn *c, const uint8_t *hash)
{
    const struct tk_credentials *k = c->credentials;
    for (int i = 0; i < k->accounts_count; i++) {
        if (memcmp(k->sessions[i], hash, sizeof(k->sessions[i])) == 0) {
            return !c->page || c->account.id == k->accounts[i].id;
        }
    }
    return false;
}

void tk_ws_session_ended(struct tk_ws *ws, const uint8_t *hash)
{
    GList *conns = established(ws);
    for (GList *l = conns; l; l = l->next) {
        if (rests_on(l->data, hash)) {
            revoke_one(l->data);
        }
    }
    g_list_free(conns);
}

const struct tk_ws_stats *tk_ws_stats(const struct tk_ws *ws)
{
    return &ws->stats;
}
