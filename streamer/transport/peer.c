#include "streamer/transport/peer.h"

#include "streamer/transport/demux.h"
#include "streamer/transport/dtls.h"
#include "streamer/transport/ice.h"
#include "streamer/transport/srtp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONSENT_US 30000000 /* RFC 7675 §5.1 */
#define SEND_SSRCS_MAX 64   /* nine slots with picture, sound and repair have less than half */
#define RECEIVE_SSRCS_MAX 32

struct tk_peer {
    enum tk_peer_state state;
    struct tk_peer_handlers handlers;
    struct tk_peer_out out;
    struct tk_peer_paths owner;
    struct tk_dtls_identity *identity;
    struct tk_ice ice;
    struct tk_dtls *dtls;
    struct tk_srtp *send, *receive; /* from connected on */
    uint8_t *pending;               /* between tk_peer_rtp_begin and _end */
    int64_t consent_us;
    struct tk_drops drops;
    unsigned depth; /* of calls that may call handlers */
    bool destroyed;
};

static void set_state(struct tk_peer *peer, enum tk_peer_state state, const char *reason)
{
    assert(state > peer->state);
    peer->state = state;
    if (!peer->destroyed && peer->handlers.on_state) {
        peer->handlers.on_state(peer->handlers.ctx, state, reason);
    }
}

static void free_peer(struct tk_peer *peer)
{
    tk_srtp_destroy(peer->send);
    tk_srtp_destroy(peer->receive);
    tk_dtls_destroy(peer->dtls);
    free(peer);
}

static void enter(struct tk_peer *peer)
{
    peer->depth++;
}

static void leave(struct tk_peer *peer)
{
    if (--peer->depth == 0 && peer->destroyed) {
        free_peer(peer);
    }
}

/* Nothing leads here any more. */
static void detach(struct tk_peer *peer)
{
    while (peer->ice.path_count) {
        struct tk_path path = peer->ice.paths[0].path;
        tk_ice_forget(&peer->ice, &path);
        peer->owner.on_remove(peer->owner.ctx, peer, &path);
    }
    struct tk_ice_credentials *both[] = {&peer->ice.now, &peer->ice.old};
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->ufrag[0]) {
            peer->owner.on_remove_ufrag(peer->owner.ctx, peer, both[i]->ufrag);
            both[i]->ufrag[0] = 0;
        }
    }
}

static void go(struct tk_peer *peer, const char *reason)
{
    if (peer->state != TK_PEER_GONE) {
        tk_dtls_close(peer->dtls);
        detach(peer);
        set_state(peer, TK_PEER_GONE, reason);
    }
}

static void send_datagram(void *ctx, const uint8_t *buf, size_t len)
{
    struct tk_peer *peer = ctx;
    struct tk_path path;
    if (!tk_peer_path(peer, &path)) {
        return;
    }
    uint8_t *room = peer->out.room(peer->out.ctx, len);
    if (room) {
        memcpy(room, buf, len);
        peer->out.commit(peer->out.ctx, &path, len);
    }
}

int tk_peer_create(const struct tk_peer_config *config, struct tk_dtls_identity *identity,
                   const struct tk_peer_out *out, const struct tk_peer_paths *paths,
                   struct tk_peer **ret)
{
    struct tk_peer *peer = calloc(1, sizeof(*peer));
    if (!peer) {
        return -ENOMEM;
    }
    peer->handlers = config->handlers;
    peer->out = *out;
    peer->owner = *paths;
    peer->identity = identity;
    peer->consent_us = config->consent_us ? config->consent_us : CONSENT_US;
    int r = tk_ice_init(&peer->ice, config->remote_ufrag, config->now_us);
    if (r == 0) {
        r = tk_dtls_create(identity, config->remote_fingerprint, config->dtls_active, send_datagram,
                           peer, &peer->dtls);
    }
    if (r < 0) {
        free_peer(peer);
        return r;
    }
    peer->owner.on_add_ufrag(peer->owner.ctx, peer, peer->ice.now.ufrag);
    *ret = peer;
    return 0;
}

void tk_peer_destroy(struct tk_peer *peer)
{
    if (!peer || peer->destroyed) {
        return;
    }
    peer->destroyed = true;
    enter(peer);
    go(peer, "destroyed");
    peer->owner.on_destroy(peer->owner.ctx, peer);
    leave(peer);
}

enum tk_peer_state tk_peer_state(const struct tk_peer *peer)
{
    return peer->state;
}

const char *tk_peer_local_ufrag(const struct tk_peer *peer)
{
    return peer->ice.now.ufrag;
}

const char *tk_peer_local_pwd(const struct tk_peer *peer)
{
    return peer->ice.now.pwd;
}

const char *tk_peer_old_ufrag(const struct tk_peer *peer)
{
    return peer->ice.old.ufrag[0] ? peer->ice.old.ufrag : NULL;
}

bool tk_peer_path(const struct tk_peer *peer, struct tk_path *ret)
{
    if (peer->ice.in_use < 0) {
        return false;
    }
    *ret = peer->ice.paths[peer->ice.in_use].path;
    return true;
}

int64_t tk_peer_heard(const struct tk_peer *peer, const struct tk_path *path)
{
    int i = tk_ice_find(&peer->ice, path);
    return i < 0 ? INT64_MIN : peer->ice.paths[i].heard_us;
}

void tk_peer_lose_path(struct tk_peer *peer, const struct tk_path *path)
{
    tk_ice_forget(&peer->ice, path);
}

const struct tk_drops *tk_peer_drops(const struct tk_peer *peer)
{
    return &peer->drops;
}

int tk_peer_restart(struct tk_peer *peer, const char *remote_ufrag, int64_t now_us)
{
    struct tk_ice_credentials before[] = {peer->ice.now, peer->ice.old};
    if (peer->state == TK_PEER_GONE) {
        return -ENOTCONN;
    }
    int r = tk_ice_restart(&peer->ice, remote_ufrag);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < 2; i++) { /* of three, the one that was never used has gone */
        if (before[i].ufrag[0] && strcmp(before[i].ufrag, peer->ice.old.ufrag) != 0) {
            peer->owner.on_remove_ufrag(peer->owner.ctx, peer, before[i].ufrag);
        }
    }
    peer->owner.on_add_ufrag(peer->owner.ctx, peer, peer->ice.now.ufrag);
    return 0;
}

/* Keys out of the handshake: media may flow. */
static void start_media(struct tk_peer *peer)
{
    const struct tk_srtp_ciphers *ciphers = tk_dtls_identity_ciphers(peer->identity);
    uint8_t send[TK_SRTP_MASTER_MAX], receive[TK_SRTP_MASTER_MAX];
    enum tk_srtp_profile profile;
    if (!tk_dtls_keys(peer->dtls, &profile, send, receive)) {
        go(peer, "no-srtp-profile");
        return;
    }
    peer->send = tk_srtp_create(ciphers, profile, send, SEND_SSRCS_MAX);
    peer->receive = tk_srtp_create(ciphers, profile, receive, RECEIVE_SSRCS_MAX);
    explicit_bzero(send, sizeof(send));
    explicit_bzero(receive, sizeof(receive));
    if (!peer->send || !peer->receive) {
        go(peer, "no-memory");
        return;
    }
    set_state(peer, TK_PEER_CONNECTED, "connected");
}

/* What the association has come to. */
static void follow_dtls(struct tk_peer *peer)
{
    switch (tk_dtls_state(peer->dtls)) {
    case TK_DTLS_HANDSHAKE:
        break;
    case TK_DTLS_DONE:
        if (peer->state == TK_PEER_CHECKING) {
            start_media(peer);
        }
        break;
    case TK_DTLS_CLOSED:
        go(peer, "closed-by-peer");
        break;
    case TK_DTLS_FAILED:
        go(peer, tk_dtls_failure(peer->dtls));
        break;
    }
}

static void after_check(struct tk_peer *peer, const struct tk_path *path,
                        const struct tk_ice_result *result, const char *old_ufrag, int64_t now_us)
{
    for (size_t i = 0; i < result->removed_count; i++) {
        peer->owner.on_remove(peer->owner.ctx, peer, &result->removed[i]);
    }
    if (result->added) {
        peer->owner.on_add(peer->owner.ctx, peer, path);
    }
    if (result->restarted) {
        peer->owner.on_remove_ufrag(peer->owner.ctx, peer, old_ufrag);
    }
    if (peer->state == TK_PEER_NEW) {
        set_state(peer, TK_PEER_CHECKING, "checked");
        if (peer->state == TK_PEER_CHECKING) { /* the handler may have destroyed it */
            tk_dtls_start(peer->dtls, now_us);
            follow_dtls(peer);
        }
    }
}

static void receive_stun(struct tk_peer *peer, const struct tk_path *path, uint8_t *buf, size_t len,
                         int64_t now_us)
{
    uint8_t answer[TK_ICE_ANSWER_MAX];
    char old_ufrag[TK_ICE_UFRAG_LEN + 1];
    struct tk_ice_result result;
    memcpy(old_ufrag, peer->ice.old.ufrag, sizeof(old_ufrag));
    tk_ice_receive(&peer->ice, path, buf, len, now_us, answer, &result);
    if (result.answer_len) {
        uint8_t *room = peer->out.room(peer->out.ctx, result.answer_len);
        if (room) {
            memcpy(room, answer, result.answer_len);
            peer->out.commit(peer->out.ctx, path, result.answer_len);
        }
    }
    if (result.valid) {
        after_check(peer, path, &result, old_ufrag, now_us);
    } else {
        peer->drops.by_reason[result.drop]++;
    }
}

static enum tk_drop drop_of(int error)
{
    switch (error) {
    case -EPERM:
        return TK_DROP_SRTP_AUTHENTICATION;
    case -EALREADY:
        return TK_DROP_SRTP_REPLAY;
    case -ENOSPC:
        return TK_DROP_SRTP_SSRC_LIMIT;
    default:
        return TK_DROP_SRTP_MALFORMED;
    }
}

static void receive_media(struct tk_peer *peer, int path, bool rtcp, uint8_t *buf, size_t len,
                          int64_t now_us)
{
    if (peer->state != TK_PEER_CONNECTED) {
        peer->drops.by_reason[TK_DROP_SRTP_NO_KEYS]++;
        return;
    }
    int r = rtcp ? tk_srtp_unprotect_rtcp(peer->receive, buf, len, &len)
                 : tk_srtp_unprotect(peer->receive, buf, len, &len);
    if (r < 0) {
        peer->drops.by_reason[drop_of(r)]++;
        return;
    }
    tk_ice_heard(&peer->ice, path, now_us);
    void (*handler)(void *, uint8_t *, size_t, int64_t) =
        rtcp ? peer->handlers.on_rtcp : peer->handlers.on_rtp;
    if (handler) {
        handler(peer->handlers.ctx, buf, len, now_us);
    }
}

static void receive_on_path(struct tk_peer *peer, const struct tk_path *path, uint8_t *buf,
                            size_t len, int64_t now_us)
{
    int i = tk_ice_find(&peer->ice, path);
    if (i < 0) {
        peer->drops.by_reason[TK_DROP_UNKNOWN_ADDRESS]++;
        return;
    }
    switch (tk_demux(buf, len)) {
    case TK_KIND_DTLS:
        tk_dtls_receive(peer->dtls, buf, len, now_us, &peer->drops);
        follow_dtls(peer);
        break;
    case TK_KIND_RTP:
        receive_media(peer, i, false, buf, len, now_us);
        break;
    case TK_KIND_RTCP:
        receive_media(peer, i, true, buf, len, now_us);
        break;
    default:
        peer->drops.by_reason[TK_DROP_UNKNOWN_KIND]++;
        break;
    }
}

void tk_peer_receive(struct tk_peer *peer, const struct tk_path *path, uint8_t *buf, size_t len,
                     int64_t now_us)
{
    if (peer->state == TK_PEER_GONE) {
        return;
    }
    enter(peer);
    if (tk_demux(buf, len) == TK_KIND_STUN) {
        receive_stun(peer, path, buf, len, now_us);
    } else {
        receive_on_path(peer, path, buf, len, now_us);
    }
    leave(peer);
}

uint8_t *tk_peer_rtp_begin(struct tk_peer *peer, size_t len)
{
    assert(len <= TK_PEER_PACKET_MAX && !peer->pending);
    if (peer->state != TK_PEER_CONNECTED || peer->ice.in_use < 0) {
        return NULL;
    }
    peer->pending = peer->out.room(peer->out.ctx, len + TK_SRTP_MAX_TAG);
    return peer->pending;
}

static int end(struct tk_peer *peer, size_t len,
               int (*protect)(struct tk_srtp *, uint8_t *, size_t, size_t *))
{
    uint8_t *buf = peer->pending;
    assert(buf && peer->state == TK_PEER_CONNECTED);
    peer->pending = NULL;
    if (!len) {
        return 0;
    }
    int r = protect(peer->send, buf, len, &len);
    if (r == 0) {
        peer->out.commit(peer->out.ctx, &peer->ice.paths[peer->ice.in_use].path, len);
    }
    return r;
}

int tk_peer_rtp_end(struct tk_peer *peer, size_t len)
{
    return end(peer, len, tk_srtp_protect);
}

int tk_peer_rtp_end_again(struct tk_peer *peer, size_t len)
{
    return end(peer, len, tk_srtp_protect_again);
}

int tk_peer_rtcp_send(struct tk_peer *peer, const uint8_t *packet, size_t len)
{
    assert(len <= TK_PEER_PACKET_MAX && !peer->pending);
    if (peer->state != TK_PEER_CONNECTED || peer->ice.in_use < 0) {
        return -ENOTCONN;
    }
    uint8_t *room = peer->out.room(peer->out.ctx, len + TK_SRTCP_MAX_OVERHEAD);
    if (!room) {
        return -EAGAIN;
    }
    memcpy(room, packet, len);
    int r = tk_srtp_protect_rtcp(peer->send, room, len, &len);
    if (r == 0) {
        peer->out.commit(peer->out.ctx, &peer->ice.paths[peer->ice.in_use].path, len);
    }
    return r;
}

int64_t tk_peer_next_deadline(const struct tk_peer *peer)
{
    if (peer->state == TK_PEER_GONE) {
        return INT64_MAX;
    }
    int64_t consent = peer->ice.checked_us + peer->consent_us;
    int64_t dtls = tk_dtls_next_deadline(peer->dtls);
    return consent < dtls ? consent : dtls;
}

void tk_peer_tick(struct tk_peer *peer, int64_t now_us)
{
    if (peer->state == TK_PEER_GONE) {
        return;
    }
    enter(peer);
    if (now_us >= peer->ice.checked_us + peer->consent_us) {
        go(peer, peer->state == TK_PEER_NEW ? "never-checked" : "consent-expired");
    } else if (now_us >= tk_dtls_next_deadline(peer->dtls)) {
        tk_dtls_tick(peer->dtls, now_us);
        follow_dtls(peer);
    }
    leave(peer);
}
