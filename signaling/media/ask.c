/* Commands that wait for an answer: sessions made and made anew. */

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/core/random.h"
#include "signaling/media/media_state.h"

#define ANSWER_MS 10000
#define ASKED_CHECK_MS 1000
#define PEER_CHARS 26    /* 130 bits */
#define WAITING_MAX 1000 /* offers while no streamer runs */

struct asked {
    char peer[TK_PEER_TEXT];
    void *arg;
    bool create;
    int64_t until_ms;
};

struct canceling {
    const char *peer;
    GPtrArray *list;
};

static gboolean is_of_peer(gpointer key, gpointer value, gpointer arg)
{
    struct canceling *c = arg;
    if (strcmp(((struct asked *)value)->peer, c->peer) != 0) {
        return FALSE;
    }
    g_ptr_array_add(c->list, g_memdup2(value, sizeof(struct asked)));
    return TRUE;
}

/* What still waits for an answer about this session gets none from the streamer any more. */
void tk_media_ask_cancel(struct tk_media *m, const struct tk_peer_owner *owner, const char *peer)
{
    struct tk_problem problem;
    struct canceling c = {peer, g_ptr_array_new_with_free_func(g_free)};
    tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "This media session is over");
    g_hash_table_foreach_remove(m->asked, is_of_peer, &c);
    for (guint i = 0; owner && i < c.list->len; i++) {
        struct asked *a = g_ptr_array_index(c.list, i);
        owner->on_answer(owner->ctx, a->arg, &problem, peer, NULL);
    }
    g_ptr_array_unref(c.list);
}

/* ---- asking ---- */

static struct asked *ask(struct tk_media *m, json_int_t id, const char *peer, void *arg,
                         bool create)
{
    struct asked *a = g_new0(struct asked, 1);
    g_strlcpy(a->peer, peer, sizeof(a->peer));
    a->arg = arg;
    a->create = create;
    a->until_ms = tk_media_now_ms() + ANSWER_MS;
    gint64 *key = g_new(gint64, 1);
    *key = id;
    g_hash_table_insert(m->asked, key, a);
    return a;
}

static void fail(struct tk_media *m, const struct asked *a, const struct tk_problem *problem)
{
    struct tk_media_peer *p = tk_media_peer_find(m, a->peer);
    if (!p) {
        return;
    }
    struct tk_peer_owner owner = p->owner;
    if (a->create) {
        tk_media_peer_forget(m, p, false);
    }
    owner.on_answer(owner.ctx, a->arg, problem, a->peer, NULL);
}

static gboolean is_late(gpointer key, gpointer value, gpointer list)
{
    struct asked *a = value;
    if (a->until_ms > tk_media_now_ms()) {
        return FALSE;
    }
    g_ptr_array_add(list, g_memdup2(a, sizeof(*a)));
    return TRUE;
}

static void fail_all(struct tk_media *m, GPtrArray *list, const char *text)
{
    struct tk_problem problem;
    tk_problem_set(&problem, TK_PROBLEM_UNAVAILABLE, NULL, "%s", text);
    for (guint i = 0; i < list->len; i++) {
        struct asked *a = g_ptr_array_index(list, i);
        if (a->create) {
            tk_media_peer_send_close(m, a->peer, "closed");
        }
        fail(m, a, &problem);
    }
    g_ptr_array_unref(list);
}

static gboolean on_asked_time(gpointer arg)
{
    struct tk_media *m = arg;
    GPtrArray *late = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_foreach_remove(m->asked, is_late, late);
    fail_all(m, late, "The media program did not answer in time; try again");
    return G_SOURCE_CONTINUE;
}

static gint64 id_of(const json_t *message)
{
    return json_integer_value(json_object_get(message, "id"));
}

static bool take_asked(struct tk_media *m, gint64 id, struct asked *ret)
{
    struct asked *a = g_hash_table_lookup(m->asked, &id);
    if (!a) {
        return false;
    }
    *ret = *a;
    g_hash_table_remove(m->asked, &id);
    return true;
}

static int claim(struct tk_media *m, struct tk_media_peer *p, struct tk_problem *problem)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, p->lesson);
    if (!l || !(p->publishes || p->in_gallery)) {
        return 0;
    }
    int r = p->publishes ? tk_stage_claim(&l->stage, &p->claim, tk_media_now_ms(), problem) : 0;
    if (r < 0) {
        m->stats.publish_refused++;
        p->publishes = false;
        return r;
    }
    r = p->in_gallery ? tk_media_seat_take(l, p, problem) : 0;
    if (r < 0) {
        return r;
    }
    tk_media_lesson_update(l);
    return 0;
}

/*
 * Who publishes is judged after the offer: the contract's order has the broken offer (400) and the
 * unknown codec (406) before the conflict (409).
 */
void tk_media_on_answer(struct tk_media *m, const json_t *event)
{
    struct asked a;
    struct tk_problem problem;
    struct tk_media_peer *p;
    if (!take_asked(m, id_of(event), &a) || !(p = tk_media_peer_find(m, a.peer))) {
        return;
    }
    if (a.create && claim(m, p, &problem) < 0) {
        tk_media_peer_send_close(m, a.peer, "closed");
        fail(m, &a, &problem);
        return;
    }
    if (a.create) {
        m->stats.peers_made++;
    }
    const char *sdp = json_string_value(json_object_get(event, "sdp"));
    p->version += !a.create && *sdp; /* an answer to candidates alone is empty */
    p->owner.on_answer(p->owner.ctx, a.arg, NULL, a.peer, sdp);
}

static const struct {
    const char *code; /* the seam's */
    enum tk_problem_code problem;
} codes[] = {
    {"sdp", TK_PROBLEM_BAD_REQUEST},   {"codec", TK_PROBLEM_CODEC},
    {"limit", TK_PROBLEM_UNAVAILABLE}, {"no_lesson", TK_PROBLEM_NOT_FOUND},
    {"no_peer", TK_PROBLEM_NOT_FOUND}, {"state", TK_PROBLEM_CONFLICT},
};

void tk_media_on_error(struct tk_media *m, const json_t *event)
{
    const char *code = json_string_value(json_object_get(event, "code"));
    const char *text = json_string_value(json_object_get(event, "text"));
    struct asked a;
    m->stats.errors++;
    if (!take_asked(m, id_of(event), &a)) {
        tk_log_warning("the streamer reports an error", "code=%s why=\"%s\"", code, text);
        return;
    }
    struct tk_problem problem;
    enum tk_problem_code kind = TK_PROBLEM_INTERNAL;
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        kind = strcmp(codes[i].code, code) == 0 ? codes[i].problem : kind;
    }
    if (kind == TK_PROBLEM_INTERNAL) {
        tk_log_error("the streamer could not do it", "code=%s why=\"%s\"", code, text);
    }
    tk_problem_set(&problem, kind, NULL, "%s", text);
    fail(m, &a, &problem);
}

static void drop_waiting(struct tk_media *m)
{
    json_t *message;
    while ((message = g_queue_pop_head(&m->waiting))) {
        json_decref(message);
    }
}

static gboolean collect(gpointer key, gpointer value, gpointer list)
{
    g_ptr_array_add(list, g_memdup2(value, sizeof(struct asked)));
    return TRUE;
}

void tk_media_peers_reset(struct tk_media *m)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    drop_waiting(m);
    g_hash_table_foreach_remove(m->asked, collect, all);
    fail_all(m, all, "The media program was restarted; try again");
    tk_media_peers_gone(m, NULL, "streamer");
}

static bool read_tracks(struct tk_media_peer *p, const json_t *tracks, struct tk_problem *problem)
{
    const char *mid;
    json_t *name;
    json_object_foreach((json_t *)tracks, mid, name)
    {
        enum tk_stage_group group;
        enum tk_stage_kind kind;
        const char *text = json_string_value(name);
        if (text && tk_gallery_track_parse(text, &kind)) {
            continue;
        }
        if (!text || !tk_stage_track_parse(text, &group, &kind)) {
            tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "tracks", "There is no track '%.40s'",
                           text ? text : "");
            return false;
        }
        p->claim.has[group][kind] = true;
        p->publishes = true;
    }
    return true;
}

static struct tk_media_peer *peer_new(const struct tk_peer_config *c, struct tk_problem *problem)
{
    struct tk_media_peer *p = g_new0(struct tk_media_peer, 1);
    tk_random_base32(p->id, PEER_CHARS);
    p->lesson = g_strdup(c->lesson);
    p->owner = *c->owner;
    g_strlcpy(p->tag, c->tag ? c->tag : "", sizeof(p->tag));
    if (!read_tracks(p, c->tracks, problem) || tk_media_seat_read(p, c, problem) < 0) {
        tk_media_peer_free(p);
        return NULL;
    }
    if (p->publishes) {
        g_strlcpy(p->who.key, c->publisher_key, sizeof(p->who.key));
        g_strlcpy(p->who.name, c->publisher_name ? c->publisher_name : "", sizeof(p->who.name));
        g_strlcpy(p->who.name_en, c->publisher_name_en ? c->publisher_name_en : "",
                  sizeof(p->who.name_en));
    }
    p->claim.who = &p->who;
    p->claim.peer = p->id;
    p->claim.started = c->started;
    return p;
}

static json_t *create_message(json_int_t id, const struct tk_media_peer *p,
                              const struct tk_peer_config *c)
{
    json_t *none = json_object();
    json_t *message =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:O, s:O, s:s, s:b}", "type", "peer.create", "id", id,
                  "peer", p->id, "lesson", p->lesson, "name", c->name ? c->name : "", "slots",
                  c->slots ? c->slots : none, "tracks", c->tracks ? c->tracks : none, "offer",
                  c->offer, "loopback", c->loopback);
    json_decref(none);
    if (message && c->room_id) {
        json_object_set_new(message, "group", json_sprintf("room:%lld", (long long)c->room_id));
    }
    return message;
}

static int send_problem(int r, struct tk_problem *problem)
{
    if (r == -EAGAIN) {
        return tk_problem_set(problem, TK_PROBLEM_UNAVAILABLE, NULL,
                              "The media program is being started; try again");
    }
    return tk_problem_set(problem, TK_PROBLEM_BAD_REQUEST, "sdp",
                          "The session description is too long, or is not UTF-8");
}

/* Between the end of a streamer and the start of the next an offer waits. */
static int send_or_wait(struct tk_media *m, json_t *message)
{
    if (tk_streamer_runs(m->streamer)) {
        return tk_streamer_send(m->streamer, message);
    }
    if (m->waiting.length >= WAITING_MAX) {
        json_decref(message);
        return -EAGAIN;
    }
    g_queue_push_tail(&m->waiting, message);
    return 0;
}

void tk_media_ask_flush(struct tk_media *m)
{
    json_t *message;
    while ((message = g_queue_pop_head(&m->waiting))) {
        struct asked a;
        struct tk_problem problem;
        gint64 id = id_of(message);
        if (!g_hash_table_contains(m->asked, &id)) {
            json_decref(message); /* it took too long, or its owner is gone */
            continue;
        }
        int r = tk_streamer_send(m->streamer, message);
        if (r < 0 && take_asked(m, id, &a)) {
            send_problem(r, &problem);
            fail(m, &a, &problem);
        }
    }
}

int tk_media_peer_create(struct tk_media *m, const struct tk_peer_config *config,
                         char ret_peer[TK_PEER_TEXT], struct tk_problem *problem)
{
    if (!tk_media_lesson_find(m, config->lesson)) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL,
                              "The lesson '%.64s' is not open now", config->lesson);
    }
    if (strlen(config->offer) > TK_SDP_MAX_BYTES) {
        return send_problem(-EMSGSIZE, problem);
    }
    struct tk_media_peer *p = peer_new(config, problem);
    if (!p) {
        return -EINVAL;
    }
    json_int_t id = tk_streamer_next_id(m->streamer);
    json_t *message = create_message(id, p, config);
    int r = message ? send_or_wait(m, message) : -EINVAL;
    if (r < 0) {
        tk_media_peer_free(p);
        return send_problem(r, problem);
    }
    g_hash_table_insert(m->peers, p->id, p);
    ask(m, id, p->id, config->arg, true);
    g_strlcpy(ret_peer, p->id, TK_PEER_TEXT);
    return 0;
}

int tk_media_peer_restart(struct tk_media *m, const char *peer, const char *sdp, void *arg,
                          struct tk_problem *problem)
{
    struct tk_media_peer *p = tk_media_peer_find(m, peer);
    if (!p) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "This media session is over");
    }
    if (strlen(sdp) > TK_SDP_MAX_BYTES) {
        return send_problem(-EMSGSIZE, problem);
    }
    json_int_t id = tk_streamer_next_id(m->streamer);
    json_t *message = json_pack("{s:s, s:I, s:s, s:s}", "type", "peer.restart", "id", id, "peer",
                                p->id, "sdp", sdp);
    int r = message ? tk_streamer_send(m->streamer, message) : -EINVAL;
    if (r < 0) {
        return send_problem(r, problem);
    }
    ask(m, id, p->id, arg, false);
    return 0;
}

void tk_media_ask_init(struct tk_media *m)
{
    g_queue_init(&m->waiting);
    m->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    m->timer_asked = g_timeout_add(ASKED_CHECK_MS, on_asked_time, m);
}

void tk_media_ask_finish(struct tk_media *m)
{
    g_source_remove(m->timer_asked);
    drop_waiting(m);
    g_hash_table_destroy(m->asked);
    m->asked = NULL;
}
