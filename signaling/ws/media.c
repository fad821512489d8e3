/* media.offer, media.restart, media.close: the media sessions of pages. */

#include <stdio.h>
#include <string.h>

#include "signaling/ws/ws_state.h"

#define MIDS_MAX 16
#define MID_MAX 32

/* Not an administrator's: who looks in on a lesson watches it, which is on record. */
#define EVERYBODY (TK_WS_ROOM | TK_WS_TEACH | TK_WS_WATCH)

/* What a page may receive or send: bits of enum tk_ws_page. */
struct name {
    const char *name;
    unsigned pages;
};

static const struct name slot_names[] = {
    {"lesson.video", EVERYBODY},  {"lesson.audio", EVERYBODY},  {"board.video", EVERYBODY},
    {"floor.audio", EVERYBODY},   {"floor.video", EVERYBODY},   {"large.video", TK_WS_TEACH},
    {"room1.video", TK_WS_TEACH}, {"room2.video", TK_WS_TEACH}, {"room3.video", TK_WS_TEACH},
    {"room4.video", TK_WS_TEACH}, {"room5.video", TK_WS_TEACH}, {"room6.video", TK_WS_TEACH},
    {"room7.video", TK_WS_TEACH}, {"room8.video", TK_WS_TEACH},
};
static const struct name track_names[] = {
    {"people.video", TK_WS_TEACH}, {"people.audio", TK_WS_TEACH}, {"board.video", TK_WS_TEACH},
    {"room.video", TK_WS_ROOM},    {"room.audio", TK_WS_ROOM},
};

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
    if (!c || !c->present || !p->lesson_slots) { /* of the lesson, not of what it sends */
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

/*
 * A page may for a while have two sessions that send, an older one and the one that replaces it:
 * it is told the most that is wanted of any.
 */
void tk_ws_tell_send(struct tk_ws_conn *c)
{
    GHashTableIter it;
    gpointer value;
    int layers = -1;
    bool audio = false;
    g_hash_table_iter_init(&it, c->ws->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        const struct tk_ws_peer *p = value;
        if (p->conn == c->id && p->sends) {
            layers = MAX(layers, p->layers);
            audio |= p->audio;
        }
    }
    if (layers >= 0 && (layers != c->told_layers || audio != c->told_audio)) {
        c->told_layers = layers;
        c->told_audio = audio;
        tk_ws_send(c,
                   json_pack("{s:s, s:i, s:b}", "type", "send", "layers", layers, "audio", audio),
                   false);
    }
}

static void on_send(void *ctx, const char *peer, int layers, bool audio)
{
    struct tk_ws *ws = ctx;
    struct tk_ws_peer *p = find(ws, peer);
    if (!p) {
        return;
    }
    p->sends = true;
    p->layers = layers;
    p->audio = audio;
    struct tk_ws_conn *c = tk_ws_conn_find(ws, p->conn);
    if (c) {
        tk_ws_tell_send(c);
    }
}

/* ---- what pages ask ---- */

static const char *page_name(enum tk_ws_page page)
{
    switch (page) {
    case TK_WS_ROOM:
        return "A room's page";
    case TK_WS_TEACH:
        return "The teacher's page";
    default:
        return "This page";
    }
}

static const struct name *find_name(const char *name, const struct name *names, size_t n)
{
    for (size_t i = 0; name && i < n; i++) {
        if (strcmp(names[i].name, name) == 0) {
            return &names[i];
        }
    }
    return NULL;
}

struct map {
    const char *field;
    const char *verb;
    const struct name *names;
    size_t count;
};

static const struct map slots_map = {"slots", "receives", slot_names, G_N_ELEMENTS(slot_names)};
static const struct map tracks_map = {"tracks", "sends", track_names, G_N_ELEMENTS(track_names)};

/* {mid: name} with names that exist and that this page may; absent is none. */
static int check_map(const struct tk_ws_conn *c, const json_t *map, const struct map *as,
                     struct tk_problem *problem)
{
    const char *mid;
    json_t *value;
    if (map && (!json_is_object(map) || json_object_size(map) > MIDS_MAX)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, as->field,
                              "%s: {mid: name}, at most %d", as->field, MIDS_MAX);
    }
    json_object_foreach((json_t *)map, mid, value)
    {
        const char *text = json_string_value(value);
        const struct name *name = find_name(text, as->names, as->count);
        if (strlen(mid) > MID_MAX || !name) {
            return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, as->field,
                                  "%s: there is no '%.40s'", as->field, text ? text : "");
        }
        if (!(name->pages & c->page)) {
            return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, as->field, "%s never %s '%s'",
                                  page_name(c->page), as->verb, name->name);
        }
    }
    return 0;
}

static int check_offer(const struct tk_ws_conn *c, const json_t *m, struct tk_problem *problem)
{
    const char *sdp = json_string_value(json_object_get(m, "sdp"));
    if (!sdp || strlen(sdp) > TK_SDP_MAX_BYTES) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "sdp",
                              "sdp is an offer of at most 32 KiB");
    }
    int r = check_map(c, json_object_get(m, "slots"), &slots_map, problem);
    r = r < 0 ? r : check_map(c, json_object_get(m, "tracks"), &tracks_map, problem);
    if (r < 0) {
        return r;
    }
    if (!*c->lesson) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no lesson now");
    }
    if (c->visits && !tk_ws_visit_lasts(c)) {
        return tk_problem_set(problem, TK_PROBLEM_UNAVAILABLE, NULL,
                              "This visit is not on record yet, or the lesson is not open");
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

static bool has_lesson_slots(const json_t *slots)
{
    const char *mid;
    json_t *name;
    json_object_foreach((json_t *)slots, mid, name)
    {
        if (g_str_has_prefix(json_string_value(name), "lesson.")) {
            return true;
        }
    }
    return false;
}

static struct tk_ws_peer *add_peer(struct tk_ws_conn *c, const char *id, const char *op)
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
    return p;
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
    const struct tk_peer_owner owner = {.ctx = c->ws,
                                        .on_answer = on_answer,
                                        .on_gone = on_gone,
                                        .on_stats = on_stats,
                                        .on_send = on_send};
    snprintf(key, sizeof(key), "account:%lld", (long long)c->account.id);
    const struct tk_peer_config config = {
        .lesson = c->lesson,
        .name = c->account.id ? c->account.name : c->device.room.name,
        .slots = json_object_get(m, "slots"),
        .tracks = json_object_get(m, "tracks"),
        .offer = json_string_value(json_object_get(m, "sdp")),
        .loopback = c->loopback,
        .room_id = c->page == TK_WS_ROOM ? c->device.room.id : 0,
        .publisher_key = key,
        .publisher_name = c->account.name,
        .publisher_name_en = c->account.name_en,
        .owner = &owner,
    };
    if (tk_media_peer_create(c->ws->config.media, &config, peer, &problem) < 0) {
        tk_ws_answer_problem(c, op, &problem);
        return;
    }
    add_peer(c, peer, op)->lesson_slots = has_lesson_slots(config.slots);
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
