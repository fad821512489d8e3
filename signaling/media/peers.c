/* Media sessions: whose they are, and their end. */

#include <string.h>

#include "config/log.h"
#include "signaling/media/media_state.h"

void tk_media_peer_free(gpointer arg)
{
    struct tk_media_peer *p = arg;
    g_free(p->lesson);
    g_free(p);
}

struct tk_media_peer *tk_media_peer_find(const struct tk_media *m, const char *peer)
{
    return g_hash_table_lookup(m->peers, peer);
}

/* Takes it out of the lesson and the table. `held`: its publisher may come back. */
void tk_media_peer_forget(struct tk_media *m, struct tk_media_peer *p, bool held)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, p->lesson);
    char id[TK_PEER_TEXT];
    g_strlcpy(id, p->id, sizeof(id));
    bool counts = p->publishes || p->in_gallery;
    g_hash_table_remove(m->peers, p->id);
    if (l && counts) {
        tk_stage_gone(&l->stage, id, held, tk_media_now_ms());
        tk_gallery_gone(&l->gallery, id, tk_media_now_ms());
        tk_media_lesson_update(l);
    }
}

void tk_media_peer_send_close(struct tk_media *m, const char *peer, const char *reason)
{
    if (tk_streamer_runs(m->streamer)) {
        tk_streamer_send(m->streamer, json_pack("{s:s, s:s, s:s}", "type", "peer.close", "peer",
                                                peer, "reason", reason));
    }
}

/* Over at the streamer: the owner is told. */
static void gone(struct tk_media *m, struct tk_media_peer *p, const char *reason, bool held)
{
    struct tk_peer_owner owner = p->owner;
    char id[TK_PEER_TEXT];
    g_strlcpy(id, p->id, sizeof(id));
    tk_media_peer_forget(m, p, held);
    tk_media_ask_cancel(m, &owner, id);
    if (owner.on_gone) {
        owner.on_gone(owner.ctx, id, reason);
    }
}

/* ---- events ---- */

void tk_media_on_peer_state(struct tk_media *m, const json_t *event)
{
    struct tk_media_peer *p =
        tk_media_peer_find(m, json_string_value(json_object_get(event, "peer")));
    if (!p || strcmp(json_string_value(json_object_get(event, "state")), "gone") != 0) {
        return;
    }
    const char *reason = json_string_value(json_object_get(event, "reason"));
    reason = reason ? reason : "closed";
    tk_log_info("a media session ended", "lesson=%s reason=%s", p->lesson, reason);
    /* the page closed or reloads; consent and dtls took their time already */
    gone(m, p, reason, strcmp(reason, "closed") == 0 || strcmp(reason, "bye") == 0);
}

static double number(const json_t *o, const char *name)
{
    return json_number_value(json_object_get(o, name));
}

void tk_media_on_peer_stats(struct tk_media *m, const json_t *event)
{
    size_t i;
    json_t *o;
    json_array_foreach(json_object_get(event, "peers"), i, o)
    {
        const char *id = json_string_value(json_object_get(o, "peer"));
        struct tk_media_peer *p = id ? tk_media_peer_find(m, id) : NULL;
        if (!p || !p->owner.on_stats) {
            continue;
        }
        const struct tk_peer_stats stats = {.fps = number(o, "fps"),
                                            .loss_pct = number(o, "loss_pct"),
                                            .rtt_ms = number(o, "rtt_ms"),
                                            .jitter_ms = number(o, "jitter_ms"),
                                            .in_kbps = number(o, "in_kbps"),
                                            .out_kbps = number(o, "out_kbps"),
                                            .w = (int)number(o, "w"),
                                            .h = (int)number(o, "h")};
        p->owner.on_stats(p->owner.ctx, p->id, &stats);
    }
}

static GPtrArray *ids_of(const struct tk_media *m, const char *lesson, const void *owner_ctx)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter it;
    gpointer value;
    g_hash_table_iter_init(&it, m->peers);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        const struct tk_media_peer *p = value;
        if ((!lesson || strcmp(p->lesson, lesson) == 0) &&
            (!owner_ctx || p->owner.ctx == owner_ctx)) {
            g_ptr_array_add(ids, g_strdup(p->id));
        }
    }
    return ids;
}

void tk_media_peers_gone(struct tk_media *m, const char *lesson, const char *reason)
{
    GPtrArray *ids = ids_of(m, lesson, NULL);
    for (guint i = 0; i < ids->len; i++) {
        struct tk_media_peer *p = tk_media_peer_find(m, g_ptr_array_index(ids, i));
        if (p) {
            gone(m, p, reason, true);
        }
    }
    g_ptr_array_unref(ids);
}

void tk_media_peer_close(struct tk_media *m, const char *peer, const char *reason)
{
    struct tk_media_peer *p = tk_media_peer_find(m, peer);
    if (!p) {
        return;
    }
    tk_media_peer_send_close(m, p->id, reason);
    if (strcmp(reason, "replaced") == 0) {
        gone(m, p, reason, false);
        return;
    }
    struct tk_peer_owner owner = p->owner;
    char id[TK_PEER_TEXT];
    g_strlcpy(id, p->id, sizeof(id));
    tk_media_peer_forget(m, p, strcmp(reason, "bye") != 0);
    tk_media_ask_cancel(m, &owner, id);
}

void tk_media_disown(struct tk_media *m, const void *owner_ctx, const char *reason)
{
    GPtrArray *ids = ids_of(m, NULL, owner_ctx);
    for (guint i = 0; i < ids->len; i++) {
        const char *id = g_ptr_array_index(ids, i);
        tk_media_ask_cancel(m, NULL, id);
        tk_media_peer_close(m, id, reason);
    }
    g_ptr_array_unref(ids);
}

bool tk_media_peer_exists(const struct tk_media *m, const char *peer)
{
    return tk_media_peer_find(m, peer) != NULL;
}

const char *tk_media_peer_tag(const struct tk_media *m, const char *peer)
{
    const struct tk_media_peer *p = tk_media_peer_find(m, peer);
    return p ? p->tag : NULL;
}

int tk_media_peer_version(const struct tk_media *m, const char *peer)
{
    const struct tk_media_peer *p = tk_media_peer_find(m, peer);
    return p ? p->version : 0;
}

void tk_media_peers_init(struct tk_media *m)
{
    m->peers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, tk_media_peer_free);
    tk_media_ask_init(m);
}

void tk_media_peers_finish(struct tk_media *m)
{
    tk_media_ask_finish(m);
    g_hash_table_destroy(m->peers);
    m->peers = NULL;
}
