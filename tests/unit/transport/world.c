#include "tests/unit/transport/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tk_path test_path(int i)
{
    struct tk_path path = {.remote = {.ip = {10, 0, 0, (uint8_t)i}, .port = 4000, .family = 4},
                           .local = {.ip = {10, 0, 0, 99}, .family = 4}};
    return path;
}

static uint8_t *room(void *ctx, size_t cap)
{
    struct world *w = ctx;
    assert(cap <= sizeof(w->queue[0].bytes) && w->count < WORLD_QUEUE);
    return w->queue[(w->first + w->count) % WORLD_QUEUE].bytes;
}

static void commit(void *ctx, const struct tk_path *path, size_t len)
{
    struct world *w = ctx;
    struct datagram *d = &w->queue[(w->first + w->count) % WORLD_QUEUE];
    d->path = *path;
    d->len = len;
    w->count++;
}

static void on_add(void *ctx, struct tk_peer *peer, const struct tk_path *path)
{
    ((struct world *)ctx)->paths++;
}

static void on_remove(void *ctx, struct tk_peer *peer, const struct tk_path *path)
{
    ((struct world *)ctx)->paths--;
}

static void on_add_ufrag(void *ctx, struct tk_peer *peer, const char *ufrag)
{
    ((struct world *)ctx)->ufrags++;
}

static void on_remove_ufrag(void *ctx, struct tk_peer *peer, const char *ufrag)
{
    ((struct world *)ctx)->ufrags--;
}

static void on_destroy(void *ctx, struct tk_peer *peer)
{
    ((struct world *)ctx)->peer = NULL;
}

static void on_state(void *ctx, enum tk_peer_state state, const char *reason)
{
    struct world *w = ctx;
    w->state = state;
    w->reason = reason;
    w->states++;
    if (w->destroy_on_state) {
        tk_peer_destroy(w->peer);
    }
}

static void on_rtp(void *ctx, uint8_t *packet, size_t len, int64_t now_us)
{
    struct world *w = ctx;
    w->rtp++;
    memcpy(w->last, packet, len);
    w->last_len = len;
}

static void on_rtcp(void *ctx, uint8_t *packet, size_t len, int64_t now_us)
{
    struct world *w = ctx;
    w->rtcp++;
    memcpy(w->last, packet, len);
    w->last_len = len;
}

struct tk_peer_out world_out(struct world *w)
{
    return (struct tk_peer_out){room, commit, w};
}

struct tk_peer_paths world_paths(struct world *w)
{
    return (struct tk_peer_paths){on_add, on_remove, on_add_ufrag, on_remove_ufrag, on_destroy, w};
}

void world_init(struct world *w, const char *profiles, bool peer_is_active, const char *digest)
{
    memset(w, 0, sizeof(*w));
    w->queue = calloc(WORLD_QUEUE, sizeof(*w->queue));
    client_init(&w->client, peer_is_active, profiles, digest);
    int r = tk_dtls_identity_create(&w->identity);
    assert(r == 0);
    struct tk_peer_config config = {
        .remote_ufrag = "them",
        .remote_fingerprint = w->client.fingerprint,
        .dtls_active = peer_is_active,
        .handlers = {on_state, on_rtp, on_rtcp, w},
        .now_us = test_now_us,
    };
    struct tk_peer_out out = world_out(w);
    struct tk_peer_paths paths = world_paths(w);
    r = tk_peer_create(&config, w->identity, &out, &paths, &w->peer);
    assert(r == 0);
}

void world_finish(struct world *w)
{
    tk_peer_destroy(w->peer);
    tk_dtls_identity_destroy(w->identity);
    client_finish(&w->client);
    free(w->queue);
    assert(w->paths == 0 && w->ufrags == 0);
}

struct datagram *world_take(struct world *w)
{
    if (!w->count) {
        return NULL;
    }
    struct datagram *d = &w->queue[w->first];
    w->first = (w->first + 1) % WORLD_QUEUE;
    w->count--;
    return d;
}

void world_give(struct world *w, int path, const uint8_t *buf, size_t len)
{
    struct tk_path p = test_path(path);
    uint8_t *copy = malloc(len + 1); /* of its own size, so that a read past it is seen */
    memcpy(copy, buf, len);
    tk_peer_receive(w->peer, &p, copy, len, test_now_us);
    free(copy);
}

int world_check_as(struct world *w, int path, const struct check *check)
{
    uint8_t buf[256];
    size_t before = w->count;
    size_t len = make_check(buf, sizeof(buf), check);
    world_give(w, path, buf, len);
    if (w->count == before) {
        return -1;
    }
    struct datagram *answer = &w->queue[(w->first + before) % WORLD_QUEUE];
    struct tk_path p = test_path(path);
    assert(answer->len <= len && tk_path_equal(&answer->path, &p));
    int class = answer->bytes[0] << 8 | answer->bytes[1];
    if (w->count == before + 1) {
        w->count--;
    }
    if (class == 0x0111) {
        return answer->bytes[26] * 100 + answer->bytes[27];
    }
    return class == 0x0101 ? 0 : -2;
}

int world_check(struct world *w, int path, bool use_candidate)
{
    char username[64];
    snprintf(username, sizeof(username), "%s:them", tk_peer_local_ufrag(w->peer));
    struct check check = {
        .username = username,
        .pwd = tk_peer_local_pwd(w->peer),
        .use_candidate = use_candidate,
    };
    return world_check_as(w, path, &check);
}

void world_exchange(struct world *w, int path)
{
    uint8_t buf[2048];
    size_t len;
    for (bool busy = true; busy;) {
        busy = false;
        while (w->peer && (len = client_take(&w->client, buf, sizeof(buf)))) {
            busy = true;
            if (!w->lose) {
                world_give(w, path, buf, len);
            }
        }
        for (struct datagram *d; (d = world_take(w));) {
            if (!w->lose && d->bytes[0] >= 20 && d->bytes[0] < 64) {
                busy = true;
                client_receive(&w->client, d->bytes, d->len);
            }
        }
    }
}

void world_pass(struct world *w, int path, int64_t us)
{
    test_now_us += us;
    tk_peer_tick(w->peer, test_now_us);
    if (!w->client.done) {
        client_advance(&w->client);
    }
    world_exchange(w, path);
}

void world_connect(struct world *w)
{
    int r = world_check(w, 1, true);
    assert(r == 0);
    client_advance(&w->client);
    world_exchange(w, 1);
    assert(w->client.done && tk_peer_state(w->peer) == TK_PEER_CONNECTED);
    client_start_srtp(&w->client);
}
