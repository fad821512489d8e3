/* media.offer, media.restart, media.close: the media sessions of pages. */

#include <stdio.h>
#include <string.h>

#include "signaling/ws/ws_state.h"

static const char *const slot_names[] = {"lesson.video", "lesson.audio", "board.video",
                                         "floor.audio", "floor.video"};
static const char *const track_names[] = {"people.video", "people.audio", "board.video"};

#define MIDS_MAX 16
#define MID_MAX 32

static struct tk_ws_peer *find(struct tk_ws *ws, const char *peer)
{
    return ws->peers && peer ? g_hash_table_lookup(ws->peers, peer) : NULL;
}

static struct tk_ws_peer *find_own(struct tk_ws_conn *c, const char *peer)
{
    struct tk_ws_peer *p = find(c->ws, peer);
    return p && p->conn == c->id ? p : NULL;
}

/* ---- what media says ---- */

static void on_answer(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                      const char *sdp)
{
    struct tk_ws *ws = ctx;
    struct tk_ws_peer *p = find(ws, peer);
    if (!p) {
        return;
    }
    struct tk_ws_conn *c = tk_ws_conn_find(ws, p->conn);
    const char *op = *p->op ? p->op : NULL;
    if (c && problem) {
        tk_ws_answer_problem(c, op, problem);
    } else if (c) {
        json_t *m = json_pack("{s:s, s:s, s:s}", "type", "media.answer", "peer", peer, "sdp", sdp);
        if (op) {
            json_object_set_new(m, "op", json_string(op));
        }
        tk_ws_send(c, m, false);
    }
    p->op[0] = '\0';
    if (problem && !tk_media_peer_exists(ws->config.media, peer)) {
        g_hash_table_remove(ws->peers, peer);
    }
}

static void tell_gone(struct tk_ws *ws, const struct tk_ws_peer *p, const char *reason)
{
    struct tk_ws_conn *c = tk_ws_conn_find(ws, p->conn);
    if (c) {
        tk_ws_send(
            c, json_pack("{s:s, s:s, s:s}", "type", "media.gone", "peer", p->id, "reason", reason),
            false);
    }
}

static void on_gone(void *ctx, const char *peer, const char *reason)
{
    struct tk_ws *ws = ctx;
    struct tk_ws_peer *p = find(ws, peer);
    if (p) {
        tell_gone(ws, p, reason);
        g_hash_table_remove(ws->peers, peer);
    }
}

static void on_stats(void *ctx, const char *peer, const struct tk_peer_stats *s)
{
    struct tk_ws *ws = ctx;
    struct tk_ws_peer *p = find(ws, peer);
    struct tk_ws_conn *c = p ? tk_ws_conn_find(ws, p->conn) : NULL;
    if (!c || !c->present) {
        return;
    }
    /* one way, by half the round trip, and what the jitter makes it wait */
    double delay = s->rtt_ms > 0 ? s->rtt_ms / 2 + s->jitter_ms : -1;
    const struct tk_page_stats stats = {.fps = s->fps,
                                        .loss_pct = s->loss_pct,
                                        .rtt_ms = s->rtt_ms > 0 ? s->rtt_ms : -1,
                                        .delay_ms = delay,
                                        .kbps = s->out_kbps,
                                        .w = s->w,
                                        .h = s->h};
    tk_roster_stats(c->present, ws->config.now(), &stats);
}

/* ---- what pages ask ---- */

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* {mid: name} with names that exist; absent is none. */
static bool check_map(const json_t *map, const char *const *names, size_t n)
{
    const char *mid;
    json_t *name;
    if (!map) {
        return true;
    }
    if (!json_is_object(map) || json_object_size(map) > MIDS_MAX) {
        return false;
    }
    json_object_foreach((json_t *)map, mid, name)
    {
        const char *text = json_string_value(name);
        if (strlen(mid) > MID_MAX || !text || !is_one_of(text, names, n)) {
            return false;
        }
    }
    return true;
}

static int check_offer(const struct tk_ws_conn *c, const json_t *m, struct tk_problem *problem)
{
    const json_t *tracks = json_object_get(m, "tracks");
    const char *sdp = json_string_value(json_object_get(m, "sdp"));
    if (!sdp || strlen(sdp) > TK_SDP_MAX_BYTES) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "sdp",
                              "sdp is an offer of at most 32 KiB");
    }
    if (!check_map(json_object_get(m, "slots"), slot_names, G_N_ELEMENTS(slot_names))) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "slots", "slots: {mid: slot name}");
    }
    if (!check_map(tracks, track_names, G_N_ELEMENTS(track_names))) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "tracks", "tracks: {mid: track name}");
    }
    if (json_object_size(tracks) > 0 && c->page != TK_WS_TEACH) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "tracks",
                              "Only the lesson's teacher sends");
    }
    if (!*c->lesson) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no lesson now");
    }
    return 0;
}

/* A page that offers again and again keeps its newest sessions. */
static void make_room(struct tk_ws_conn *c)
{
    for (;;) {
        GHashTableIter it;
        gpointer value;
        struct tk_ws_peer *oldest = NULL;
        int count = 0;
        g_hash_table_iter_init(&it, c->ws->peers);
        while (g_hash_table_iter_next(&it, NULL, &value)) {
            struct tk_ws_peer *p = value;
            if (p->conn == c->id) {
                count++;
                oldest = !oldest || p->number < oldest->number ? p : oldest;
            }
        }
        if (count < TK_WS_PEERS_MAX) {
            return;
        }
        tk_media_peer_close(c->ws->config.media, oldest->id, "replaced");
    }
}

static void add_peer(struct tk_ws_conn *c, const char *id, const char *op)
{
    static uint64_t number;
    struct tk_ws_peer *p = g_new0(struct tk_ws_peer, 1);
    g_strlcpy(p->id, id, sizeof(p->id));
    g_strlcpy(p->who, c->who, sizeof(p->who));
    g_strlcpy(p->load, c->load, sizeof(p->load));
    g_strlcpy(p->lesson, c->lesson, sizeof(p->lesson));
    g_strlcpy(p->op, op ? op : "", sizeof(p->op));
    p->number = ++number;
    p->conn = c->id;
    g_hash_table_insert(c->ws->peers, p->id, p);
}

void tk_ws_on_offer(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    char peer[TK_PEER_TEXT];
    char key[TK_PUBLISHER_KEY_MAX];
    if (check_offer(c, m, &problem) < 0) {
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    make_room(c);
    const struct tk_peer_owner owner = {
        .ctx = c->ws, .on_answer = on_answer, .on_gone = on_gone, .on_stats = on_stats};
    snprintf(key, sizeof(key), "account:%lld", (long long)c->account.id);
    const struct tk_peer_config config = {
        .lesson = c->lesson,
        .name = c->account.id ? c->account.name : c->device.room.name,
        .slots = json_object_get(m, "slots"),
        .tracks = json_object_get(m, "tracks"),
        .offer = json_string_value(json_object_get(m, "sdp")),
        .loopback = c->loopback,
        .publisher_key = key,
        .publisher_name = c->account.name,
        .publisher_name_en = c->account.name_en,
        .owner = &owner,
    };
    if (tk_media_peer_create(c->ws->config.media, &config, peer, &problem) < 0) {
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    add_peer(c, peer, op);
}

void tk_ws_on_restart(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    struct tk_ws_peer *p = find_own(c, json_string_value(json_object_get(m, "peer")));
    const char *sdp = json_string_value(json_object_get(m, "sdp"));
    if (!sdp) {
        tk_ws_answer_error(c, op, TK_PROBLEM_BAD_FIELD, "sdp", "sdp is an offer");
        return;
    }
    if (!p) {
        tk_ws_answer_error(c, op, TK_PROBLEM_NOT_FOUND, "peer", "This media session is over");
        return;
    }
    if (tk_media_peer_restart(c->ws->config.media, p->id, sdp, NULL, &problem) < 0) {
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    g_strlcpy(p->op, op ? op : "", sizeof(p->op));
}

void tk_ws_on_media_close(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_ws_peer *p = find_own(c, json_string_value(json_object_get(m, "peer")));
    if (p) {
        char id[TK_PEER_TEXT];
        g_strlcpy(id, p->id, sizeof(id));
        g_hash_table_remove(c->ws->peers, id);
        tk_media_peer_close(c->ws->config.media, id, "bye");
    }
    tk_ws_answer_ok(c, op);
}

/* ---- whose they are ---- */

static void end_each(struct tk_ws *ws, bool (*is)(const struct tk_ws_peer *p, const void *arg),
                     const void *arg, const char *reason)
{
    GHashTableIter it;
    gpointer value;
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_iter_init(&it, ws->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_peer *p = value;
        if (is(p, arg)) {
            g_ptr_array_add(ids, g_strdup(p->id));
        }
    }
    for (guint i = 0; i < ids->len; i++) {
        const char *id = g_ptr_array_index(ids, i);
        g_hash_table_remove(ws->peers, id);
        tk_media_peer_close(ws->config.media, id, reason);
    }
    g_ptr_array_unref(ids);
}

static bool is_lost_of(const struct tk_ws_peer *p, const void *arg)
{
    const struct tk_ws_conn *c = arg;
    return p->conn == 0 && strcmp(p->who, c->who) == 0;
}

static bool is_of_conn(const struct tk_ws_peer *p, const void *arg)
{
    return p->conn == ((const struct tk_ws_conn *)arg)->id;
}

static bool is_of_who(const struct tk_ws_peer *p, const void *arg)
{
    return strcmp(p->who, arg) == 0;
}

void tk_ws_peers_take(struct tk_ws_conn *c, bool resumes)
{
    GHashTableIter it;
    gpointer value;
    g_hash_table_iter_init(&it, c->ws->peers);
    while (resumes && g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_peer *p = value;
        if (strcmp(p->load, c->load) == 0 && strcmp(p->lesson, c->lesson) == 0) {
            p->conn = c->id;
        }
    }
    end_each(c->ws, is_lost_of, c, "closed");
}

json_t *tk_ws_peers_json(const struct tk_ws_conn *c)
{
    json_t *ids = json_array();
    GHashTableIter it;
    gpointer value;
    g_hash_table_iter_init(&it, c->ws->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        if (is_of_conn(value, c)) {
            json_array_append_new(ids, json_string(((struct tk_ws_peer *)value)->id));
        }
    }
    return ids;
}

void tk_ws_peers_leave(struct tk_ws_conn *c, const char *reason)
{
    GHashTableIter it;
    gpointer value;
    if (reason) {
        end_each(c->ws, is_of_conn, c, reason);
        return;
    }
    g_hash_table_iter_init(&it, c->ws->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_peer *p = value;
        p->conn = p->conn == c->id ? 0 : p->conn;
    }
}

void tk_ws_peers_end(struct tk_ws *ws, const char *who)
{
    end_each(ws, is_of_who, who, "bye");
}

void tk_ws_peers_follow(struct tk_ws_conn *c)
{
    GHashTableIter it;
    gpointer value;
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_iter_init(&it, c->ws->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_ws_peer *p = value;
        if (is_of_conn(p, c) && strcmp(p->lesson, c->lesson) != 0) {
            g_ptr_array_add(ids, g_strdup(p->id));
        }
    }
    for (guint i = 0; i < ids->len; i++) {
        const char *id = g_ptr_array_index(ids, i);
        tell_gone(c->ws, find(c->ws, id), "lesson");
        g_hash_table_remove(c->ws->peers, id);
        tk_media_peer_close(c->ws->config.media, id, "closed");
    }
    g_ptr_array_unref(ids);
}
