#include "streamer/sfu/parts.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define TICK_US 20000
#define SLICE_US 3000
#define FRAME_WAIT_US 2000
#define MAX_PEERS 1000

void tk_random(void *out, size_t len)
{
    while (getrandom(out, len, 0) != (ssize_t)len) {
        /* interrupted before the pool was ready, at most */
    }
}

struct tk_sfu *tk_sfu_create(const struct tk_sfu_config *config)
{
    struct tk_sfu *sfu = g_try_new0(struct tk_sfu, 1);
    if (!sfu) {
        return NULL;
    }
    sfu->config = *config;
    sfu->config.max_peers = config->max_peers ? config->max_peers : MAX_PEERS;
    sfu->lessons =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)tk_lesson_destroy);
    sfu->sessions = g_hash_table_new(g_str_hash, g_str_equal);
    sfu->pending = g_ptr_array_new();
    sfu->replays = g_ptr_array_new();
    return sfu;
}

static void ignore_track(void *ctx, const struct tk_sfu_track_state *state)
{
}

void tk_sfu_destroy(struct tk_sfu *sfu)
{
    if (!sfu) {
        return;
    }
    sfu->config.handlers.on_track_state = ignore_track;
    g_hash_table_unref(sfu->lessons);
    g_hash_table_unref(sfu->sessions);
    g_ptr_array_unref(sfu->pending);
    g_ptr_array_unref(sfu->replays);
    g_free(sfu);
}

bool tk_sfu_has_lesson(const struct tk_sfu *sfu, const char *lesson)
{
    return tk_lesson_find(sfu, lesson) != NULL;
}

static void say_peer(struct tk_session *s, const char *state, const char *reason)
{
    const struct tk_sfu_handlers *h = &s->sfu->config.handlers;
    h->on_peer_state(h->ctx, s->id, s->lesson->id, state, reason);
}

static void end_session(struct tk_session *s, const char *reason)
{
    tk_session_bye(s);
    say_peer(s, "gone", reason);
    tk_session_destroy(s);
}

int tk_sfu_peer_close(struct tk_sfu *sfu, const char *peer, const char *reason)
{
    struct tk_session *s = g_hash_table_lookup(sfu->sessions, peer);
    if (!s) {
        return -ENOENT;
    }
    end_session(s, reason);
    return 0;
}

int tk_sfu_lesson_close(struct tk_sfu *sfu, const char *id)
{
    struct tk_lesson *lesson = tk_lesson_find(sfu, id);
    if (!lesson) {
        return -ENOENT;
    }
    while (lesson->sessions->len > 0) {
        end_session(g_ptr_array_index(lesson->sessions, 0), "lesson");
    }
    g_hash_table_remove(sfu->lessons, id);
    return 0;
}

/* The transport's word for the end, as the seam has it. */
static const char *reason_of(const char *transport)
{
    static const struct {
        const char *begins, *reason;
    } words[] = {
        {"consent", "consent"},
        {"closed", "bye"},
        {"never", "consent"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (g_str_has_prefix(transport, words[i].begins)) {
            return words[i].reason;
        }
    }
    return "dtls";
}

static void on_state(void *ctx, enum tk_peer_state state, const char *reason)
{
    struct tk_session *s = ctx;
    if (state == TK_PEER_CHECKING) {
        say_peer(s, "checking", "");
    } else if (state == TK_PEER_CONNECTED) {
        s->connected = true;
        say_peer(s, "connected", "");
        s->sfu->tick_us = 0; /* feed its slots in the next round */
    } else if (state == TK_PEER_GONE) {
        say_peer(s, "gone", reason_of(reason));
        tk_session_destroy(s);
    }
}

static const struct tk_sdp_ice *first_ice(const struct tk_session *s, const struct tk_sdp *sdp)
{
    for (size_t i = 0; i < s->mline_count; i++) {
        if (s->mlines[i].accepted) {
            return &sdp->media[i].ice;
        }
    }
    return &sdp->ice;
}

static int create_transport(struct tk_session *s, const struct tk_sdp *offer, int64_t now_us,
                            struct tk_sfu_error *err)
{
    const struct tk_sdp_ice *ice = first_ice(s, offer);
    char fingerprint[256];
    if (!ice->ufrag.len || !ice->pwd.len || !ice->fingerprint.len) {
        return tk_sfu_refuse(err, "sdp", "has no %s",
                             !ice->ufrag.len ? "ice-ufrag"
                             : !ice->pwd.len ? "ice-pwd"
                                             : "fingerprint");
    }
    g_snprintf(s->ufrag, sizeof(s->ufrag), "%.*s", (int)ice->ufrag.len, ice->ufrag.at);
    g_snprintf(fingerprint, sizeof(fingerprint), "%.*s", (int)ice->fingerprint.len,
               ice->fingerprint.at);
    s->dtls_active = ice->setup == TK_SDP_PASSIVE;
    struct tk_peer_config config = {
        .remote_ufrag = s->ufrag,
        .remote_fingerprint = fingerprint,
        .dtls_active = s->dtls_active,
        .handlers = {on_state, tk_session_on_rtp, tk_session_on_rtcp, s},
        .now_us = now_us,
    };
    int r = tk_transport_peer_create(s->sfu->config.transport, &config, &s->peer);
    if (r == -EINVAL) {
        return tk_sfu_refuse(err, "sdp", "its fingerprint or ice-ufrag cannot be read");
    }
    return r < 0 ? tk_sfu_refuse(err, r == -ENOSPC ? "limit" : "internal", "%s", strerror(-r)) : 0;
}

static int check_peer(struct tk_sfu *sfu, const struct tk_sfu_peer_config *config,
                      struct tk_sfu_error *err)
{
    struct tk_sdp_error what;
    if (!tk_lesson_find(sfu, config->lesson)) {
        return tk_sfu_refuse(err, "no_lesson", "no lesson '%s' is open", config->lesson);
    }
    if (!config->id[0] || g_hash_table_contains(sfu->sessions, config->id)) {
        return tk_sfu_refuse(err, "state", "peer '%s' exists", config->id);
    }
    if (g_hash_table_size(sfu->sessions) >= sfu->config.max_peers) {
        return tk_sfu_refuse(err, "limit", "%zu peers are the most", sfu->config.max_peers);
    }
    if (tk_sdp_parse(config->offer, config->offer_len, &sfu->sdp, &what) < 0) {
        return tk_sfu_refuse(err, "sdp", "line %d: %s", what.line, what.what);
    }
    return 0;
}

int tk_sfu_peer_create(struct tk_sfu *sfu, const struct tk_sfu_peer_config *config, char *answer,
                       size_t cap, int64_t now_us, struct tk_sfu_error *err)
{
    int r = check_peer(sfu, config, err);
    if (r < 0) {
        return r;
    }
    struct tk_lesson *lesson = tk_lesson_find(sfu, config->lesson);
    struct tk_session *s = tk_session_create(lesson, config->id, now_us);
    s->loopback = config->loopback;
    g_strlcpy(s->group, config->group ? config->group : "", sizeof(s->group));
    r = tk_answer_choose(s, &sfu->sdp, config->slots, config->tracks, err);
    r = r < 0 ? r : create_transport(s, &sfu->sdp, now_us, err);
    if (r == 0 && tk_answer_write(s, &sfu->sdp, answer, cap) < 0) {
        r = tk_sfu_refuse(err, "limit", "the answer would be longer than %zu bytes", cap);
    }
    if (r < 0) {
        tk_session_destroy(s);
        return r;
    }
    tk_lesson_feed_all(lesson, now_us); /* its tracks may be waited for */
    return 0;
}

/* RFC 8840 section 4.4: the server's new credentials and its candidates. */
static int write_fragment(const struct tk_session *s, char *out, size_t cap)
{
    char candidates[4096];
    struct tk_sdp_writer w = {.buf = out, .cap = cap};
    if (tk_transport_candidates(s->sfu->config.transport, s->loopback, candidates,
                                sizeof(candidates)) < 0) {
        return -ENOSPC;
    }
    tk_sdp_print(&w, "a=ice-lite\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
                 tk_peer_local_ufrag(s->peer), tk_peer_local_pwd(s->peer));
    tk_sdp_print(&w, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n%sa=end-of-candidates\r\n",
                 candidates);
    return w.failed ? -ENOSPC : 0;
}

int tk_sfu_peer_restart(struct tk_sfu *sfu, const char *peer, const char *text, size_t len,
                        char *answer, size_t cap, int64_t now_us, struct tk_sfu_error *err)
{
    struct tk_session *s = g_hash_table_lookup(sfu->sessions, peer);
    struct tk_sdp *sdp = &sfu->sdp;
    struct tk_sdp_error what;
    if (!s) {
        return tk_sfu_refuse(err, "no_peer", "no peer '%s'", peer);
    }
    bool whole = len >= 2 && memcmp(text, "v=", 2) == 0;
    int r =
        whole ? tk_sdp_parse(text, len, sdp, &what) : tk_sdp_parse_fragment(text, len, sdp, &what);
    if (r < 0) {
        return tk_sfu_refuse(err, "sdp", "line %d: %s", what.line, what.what);
    }
    if (whole && sdp->media_count != s->mline_count) {
        return tk_sfu_refuse(err, "sdp", "has other m-lines than before");
    }
    const struct tk_sdp_ice *ice = whole ? first_ice(s, sdp) : &sdp->ice;
    ice = !ice->ufrag.len && sdp->media_count ? &sdp->media[0].ice : ice;
    bool fresh = ice->ufrag.len && !tk_text_equal(ice->ufrag, s->ufrag);
    answer[0] = 0;
    if (fresh) {
        g_snprintf(s->ufrag, sizeof(s->ufrag), "%.*s", (int)ice->ufrag.len, ice->ufrag.at);
        if (tk_peer_restart(s->peer, s->ufrag, now_us) < 0) {
            return tk_sfu_refuse(err, "sdp", "its ice-ufrag cannot be read");
        }
    } else if (!whole) {
        return 0; /* candidates: a lite agent sends no checks and needs none */
    }
    r = whole ? tk_answer_write(s, sdp, answer, cap) : write_fragment(s, answer, cap);
    return r < 0 ? tk_sfu_refuse(err, "limit", "the answer would be too long") : 0;
}

static void tick_session(struct tk_session *s, int64_t now_us)
{
    if (!s->connected) {
        return;
    }
    for (size_t i = 0; i < s->slot_count; i++) {
        struct tk_slot *slot = s->slots[i];
        if (slot->state == TK_SLOT_IDLE && !slot->next) {
            tk_lesson_feed_slot(s->lesson, slot, now_us);
        }
        tk_slot_tick(slot, now_us);
    }
    if (s->inbound_count) {
        tk_session_nack(s, now_us);
    }
    if (now_us >= s->report_us) {
        tk_session_report(s, now_us);
    }
}

static void tick_lesson(struct tk_lesson *lesson, int64_t now_us)
{
    for (guint i = 0; i < lesson->tracks->len; i++) {
        tk_track_tick(g_ptr_array_index(lesson->tracks, i), now_us);
    }
    for (guint i = 0; i < lesson->sessions->len; i++) {
        tick_session(g_ptr_array_index(lesson->sessions, i), now_us);
    }
}

static void tick(struct tk_sfu *sfu, int64_t now_us)
{
    GHashTableIter iter;
    void *lesson;
    g_hash_table_iter_init(&iter, sfu->lessons);
    while (g_hash_table_iter_next(&iter, NULL, &lesson)) {
        tick_lesson(lesson, now_us);
    }
    sfu->tick_us = now_us + TICK_US;
}

static void replay_slices(struct tk_sfu *sfu, int64_t now_us)
{
    for (guint i = sfu->replays->len; i-- > 0;) {
        if (i >= sfu->replays->len) {
            continue; /* the one before made others join live */
        }
        struct tk_slot *slot = g_ptr_array_index(sfu->replays, i);
        if (tk_slot_replay(slot, now_us)) {
            slot->state = TK_SLOT_LIVE;
            g_ptr_array_remove_fast(sfu->replays, slot);
        }
    }
    sfu->slice_us = now_us + SLICE_US;
}

static int64_t flush_pending(struct tk_sfu *sfu, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (guint i = sfu->pending->len; i-- > 0;) {
        struct tk_layer *layer = g_ptr_array_index(sfu->pending, i);
        int64_t due_us = layer->pending_us + FRAME_WAIT_US;
        if (now_us >= due_us) {
            tk_layer_flush(layer, now_us);
        } else {
            next_us = MIN(next_us, due_us);
        }
    }
    return next_us;
}

int64_t tk_sfu_on_time(struct tk_sfu *sfu, int64_t now_us)
{
    if (now_us >= sfu->tick_us) {
        tick(sfu, now_us);
    }
    if (sfu->replays->len && now_us >= sfu->slice_us) {
        replay_slices(sfu, now_us);
    }
    int64_t next_us = flush_pending(sfu, now_us);
    if (sfu->replays->len) {
        next_us = MIN(next_us, sfu->slice_us);
    }
    return g_hash_table_size(sfu->lessons) ? MIN(next_us, sfu->tick_us) : INT64_MAX;
}

void tk_sfu_counters(const struct tk_sfu *sfu,
                     void (*each)(void *ctx, const char *name, uint64_t value), void *ctx)
{
    const struct tk_sfu_counts *c = &sfu->counts;
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"peers", g_hash_table_size(sfu->sessions)},
        {"lessons", g_hash_table_size(sfu->lessons)},
        {"rtp_in", c->packets_in},
        {"rtp_out", c->packets_out},
        {"rtp_out_bytes", c->bytes_out},
        {"malformed", c->malformed},
        {"unknown_ssrc", c->unknown_ssrc},
        {"nacks", c->nacks},
        {"resent", c->resent},
        {"plis", c->plis},
        {"keyframes_asked", c->keyframes_asked},
        {"b_frame_tracks", c->b_frames},
        {"replays", c->replays},
        {"send_no_room", c->no_room},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        each(ctx, all[i].name, all[i].value);
    }
}
