#include "streamer/transport/transport.h"

#include "streamer/transport/candidates.h"
#include "streamer/transport/demux.h"
#include "streamer/transport/dtls.h"
#include "streamer/transport/ice.h"
#include "streamer/transport/udp.h"

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#define MAX_PEERS 1000
#define READ_BATCHES 4 /* of one call, so that others get their turn */

struct tk_transport {
    struct tk_udp *udp;
    struct tk_dtls_identity *identity;
    struct tk_candidates candidates;
    int64_t consent_us;
    size_t max_peers;

    GPtrArray *peers;        /* all, borrowed: each takes itself out when it is destroyed */
    GHashTable *by_path;     /* struct tk_path → peer */
    GHashTable *by_ufrag;    /* text → peer */
    struct tk_peer *current; /* whom we call now; NULL once it is destroyed */
    int64_t now_us;          /* of the batch that is read */
    int64_t next_us;         /* no deadline is before it */
    struct tk_drops drops;   /* nobody's, and those of peers that are destroyed */
};

static guint path_hash(gconstpointer key)
{
    uint64_t words[sizeof(struct tk_path) / 8], h = 0x9e3779b97f4a7c15;
    memcpy(words, key, sizeof(words));
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        h = (h ^ words[i]) * 0xff51afd7ed558ccd;
        h ^= h >> 32;
    }
    return (guint)h;
}

static gboolean path_equal(gconstpointer a, gconstpointer b)
{
    return tk_path_equal(a, b);
}

static void on_add(void *ctx, struct tk_peer *peer, const struct tk_path *path)
{
    struct tk_transport *t = ctx;
    struct tk_peer *before = g_hash_table_lookup(t->by_path, path);
    if (before && before != peer) {
        tk_peer_lose_path(before, path);
    }
    g_hash_table_replace(t->by_path, g_memdup2(path, sizeof(*path)), peer);
}

static void on_remove(void *ctx, struct tk_peer *peer, const struct tk_path *path)
{
    struct tk_transport *t = ctx;
    if (g_hash_table_lookup(t->by_path, path) == peer) {
        g_hash_table_remove(t->by_path, path);
    }
}

static void on_add_ufrag(void *ctx, struct tk_peer *peer, const char *ufrag)
{
    struct tk_transport *t = ctx;
    g_hash_table_replace(t->by_ufrag, g_strdup(ufrag), peer);
}

static void on_remove_ufrag(void *ctx, struct tk_peer *peer, const char *ufrag)
{
    struct tk_transport *t = ctx;
    g_hash_table_remove(t->by_ufrag, ufrag);
}

static void on_destroy(void *ctx, struct tk_peer *peer)
{
    struct tk_transport *t = ctx;
    for (size_t i = 0; i < TK_DROP_COUNT; i++) {
        t->drops.by_reason[i] += tk_peer_drops(peer)->by_reason[i];
    }
    if (t->current == peer) {
        t->current = NULL;
    }
    g_ptr_array_remove_fast(t->peers, peer);
}

int tk_transport_open(const struct tk_transport_config *config, struct tk_transport **ret,
                      char *err, size_t err_cap)
{
    struct tk_transport *t = g_new0(struct tk_transport, 1);
    t->consent_us = config->consent_us;
    t->max_peers = config->max_peers ? config->max_peers : MAX_PEERS;
    t->next_us = INT64_MAX;
    t->peers = g_ptr_array_new();
    t->by_path = g_hash_table_new_full(path_hash, path_equal, g_free, NULL);
    t->by_ufrag = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    int r = tk_udp_open(config->port, &t->udp, err, err_cap);
    if (r == 0) {
        r = tk_candidates_find(&t->candidates, config->hosts, config->host_count,
                               tk_transport_has_ipv6(t), err, err_cap);
    }
    if (r == 0) {
        r = tk_dtls_identity_create(&t->identity);
        if (r < 0) {
            snprintf(err, err_cap, "OpenSSL makes no certificate for DTLS");
        }
    }
    if (r < 0) {
        tk_transport_close(t);
        return r;
    }
    *ret = t;
    return 0;
}

void tk_transport_close(struct tk_transport *t)
{
    if (!t) {
        return;
    }
    assert(t->peers->len == 0);
    if (t->udp) {
        tk_udp_flush(t->udp);
    }
    tk_udp_close(t->udp);
    tk_dtls_identity_destroy(t->identity);
    g_ptr_array_free(t->peers, TRUE);
    g_hash_table_destroy(t->by_path);
    g_hash_table_destroy(t->by_ufrag);
    g_free(t);
}

uint16_t tk_transport_port(const struct tk_transport *t)
{
    return tk_udp_port(t->udp);
}

bool tk_transport_has_ipv6(const struct tk_transport *t)
{
    return tk_udp_fd(t->udp, 1) >= 0;
}

const char *tk_transport_address(const struct tk_transport *t, size_t i)
{
    return i < t->candidates.count ? t->candidates.texts[i] : NULL;
}

int tk_transport_fd(const struct tk_transport *t, size_t i)
{
    return tk_udp_fd(t->udp, i);
}

const char *tk_transport_fingerprint(const struct tk_transport *t)
{
    return tk_dtls_identity_fingerprint(t->identity);
}

int tk_transport_candidates(const struct tk_transport *t, bool loopback, char *out, size_t cap)
{
    static const char *const own[] = {"127.0.0.1", "::1"};
    struct tk_candidates all = t->candidates;
    for (size_t i = 0; loopback && i < (tk_transport_has_ipv6(t) ? 2 : 1); i++) {
        struct tk_addr addr;
        if (tk_addr_parse(&addr, own[i])) {
            tk_candidates_add(&all, &addr);
        }
    }
    return tk_candidates_print(&all, tk_transport_port(t), out, cap);
}

static uint8_t *out_room(void *ctx, size_t cap)
{
    return tk_udp_room(((struct tk_transport *)ctx)->udp, cap);
}

static void out_commit(void *ctx, const struct tk_path *path, size_t len)
{
    tk_udp_commit(((struct tk_transport *)ctx)->udp, path, len);
}

static void note_deadline(struct tk_transport *t, const struct tk_peer *peer)
{
    int64_t deadline = tk_peer_next_deadline(peer);
    if (deadline < t->next_us) {
        t->next_us = deadline;
    }
}

static void give(struct tk_transport *t, struct tk_peer *peer, const struct tk_path *path,
                 uint8_t *buf, size_t len)
{
    t->current = peer;
    tk_peer_receive(peer, path, buf, len, t->now_us);
    if (t->current) {
        note_deadline(t, t->current);
    }
    t->current = NULL;
}

/* A path that is another's, who was heard on it just now, is not taken away. */
static bool is_taken(const struct tk_transport *t, const struct tk_peer *peer,
                     const struct tk_path *path)
{
    const struct tk_peer *owner = g_hash_table_lookup(t->by_path, path);
    return owner && owner != peer && t->now_us - tk_peer_heard(owner, path) < TK_ICE_SILENCE_US;
}

static void receive_stun(struct tk_transport *t, const struct tk_path *path, uint8_t *buf,
                         size_t len)
{
    char ufrag[TK_PEER_UFRAG_MAX + 1];
    int r = tk_ice_whose(buf, len, ufrag);
    if (r < 0) {
        t->drops.by_reason[r == -ENOTSUP ? TK_DROP_STUN_IGNORED : TK_DROP_STUN_MALFORMED]++;
        return;
    }
    struct tk_peer *peer = g_hash_table_lookup(t->by_ufrag, ufrag);
    if (peer && is_taken(t, peer, path)) {
        t->drops.by_reason[TK_DROP_STUN_IGNORED]++;
    } else if (peer) {
        give(t, peer, path, buf, len);
    } else {
        uint8_t answer[TK_ICE_ANSWER_MAX];
        size_t n = tk_ice_refuse(buf, len, answer);
        t->drops.by_reason[TK_DROP_STUN_UNAUTHENTICATED]++;
        uint8_t *room = n ? tk_udp_room(t->udp, n) : NULL;
        if (room) {
            memcpy(room, answer, n);
            tk_udp_commit(t->udp, path, n);
        }
    }
}

static void on_datagram(void *ctx, const struct tk_path *path, uint8_t *buf, size_t len)
{
    struct tk_transport *t = ctx;
    enum tk_kind kind = tk_demux(buf, len);
    if (kind == TK_KIND_UNKNOWN) {
        t->drops.by_reason[TK_DROP_UNKNOWN_KIND]++;
        return;
    }
    if (kind == TK_KIND_STUN) {
        receive_stun(t, path, buf, len);
        return;
    }
    struct tk_peer *peer = g_hash_table_lookup(t->by_path, path);
    if (peer) {
        give(t, peer, path, buf, len);
    } else {
        t->drops.by_reason[TK_DROP_UNKNOWN_ADDRESS]++;
    }
}

void tk_transport_read(struct tk_transport *t, size_t i, int64_t now_us)
{
    t->now_us = now_us;
    for (int k = 0; k < READ_BATCHES; k++) {
        if (tk_udp_read(t->udp, i, on_datagram, t) < TK_UDP_READ_BATCH) {
            break;
        }
    }
}

void tk_transport_flush(struct tk_transport *t)
{
    tk_udp_flush(t->udp);
}

static struct tk_peer *find_due(const struct tk_transport *t, int64_t now_us)
{
    for (guint i = 0; i < t->peers->len; i++) {
        struct tk_peer *peer = g_ptr_array_index(t->peers, i);
        if (tk_peer_next_deadline(peer) <= now_us) {
            return peer;
        }
    }
    return NULL;
}

int64_t tk_transport_on_time(struct tk_transport *t, int64_t now_us)
{
    struct tk_peer *peer;
    if (now_us < t->next_us) {
        return t->next_us;
    }
    /* A tick may destroy any peer, so the search begins anew; it moves its own deadline on. */
    while ((peer = find_due(t, now_us))) {
        tk_peer_tick(peer, now_us);
    }
    t->next_us = INT64_MAX;
    for (guint i = 0; i < t->peers->len; i++) {
        note_deadline(t, g_ptr_array_index(t->peers, i));
    }
    return t->next_us;
}

int tk_transport_peer_create(struct tk_transport *t, const struct tk_peer_config *config,
                             struct tk_peer **ret)
{
    struct tk_peer_config with_default = *config;
    struct tk_peer_out out = {out_room, out_commit, t};
    struct tk_peer_paths paths = {on_add, on_remove, on_add_ufrag, on_remove_ufrag, on_destroy, t};
    struct tk_peer *peer;
    if (t->peers->len >= t->max_peers) {
        return -ENOSPC;
    }
    if (!config->consent_us) {
        with_default.consent_us = t->consent_us;
    }
    int r = tk_peer_create(&with_default, t->identity, &out, &paths, &peer);
    if (r < 0) {
        return r;
    }
    g_ptr_array_add(t->peers, peer);
    note_deadline(t, peer);
    *ret = peer;
    return 0;
}

void tk_transport_counters(const struct tk_transport *t,
                           void (*each)(void *ctx, const char *name, uint64_t value), void *ctx)
{
    const struct tk_udp_counters *c = tk_udp_counters(t->udp);
    each(ctx, "datagrams_in", c->datagrams_in);
    each(ctx, "bytes_in", c->bytes_in);
    each(ctx, "reads", c->reads);
    each(ctx, "datagrams_out", c->datagrams_out);
    each(ctx, "bytes_out", c->bytes_out);
    each(ctx, "messages_out", c->messages_out);
    each(ctx, "writes", c->writes);
    for (int i = 0; i < TK_DROP_COUNT; i++) {
        char name[64];
        uint64_t sum = t->drops.by_reason[i];
        for (guint k = 0; k < t->peers->len; k++) {
            sum += tk_peer_drops(g_ptr_array_index(t->peers, k))->by_reason[i];
        }
        sum += i == TK_DROP_SEND_REFUSED ? c->refused : 0;
        sum += i == TK_DROP_UNKNOWN_KIND ? c->truncated : 0;
        snprintf(name, sizeof(name), "drop_%s", tk_drop_name((enum tk_drop)i));
        each(ctx, name, sum);
    }
}
