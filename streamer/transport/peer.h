#ifndef TK_STREAMER_TRANSPORT_PEER_H
#define TK_STREAMER_TRANSPORT_PEER_H

/*
 * One remote endpoint: an ICE-lite agent, its DTLS association and the SRTP keys that come of it.
 * Datagrams in, clear RTP and RTCP out by callback; clear packets in, datagrams out into a batch.
 * No I/O, no clock. RTP and RTCP share the path (RFC 5761). The worker's thread.
 *
 *   new ──first valid check──▶ checking ──DTLS done──▶ connected
 *    └───────── timeout ─────────┴─── consent, close_notify ──▶ gone
 */

#include "streamer/transport/addr.h"
#include "streamer/transport/drops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_PEER_UFRAG_MAX 256   /* RFC 8839 §5.4 */
#define TK_PEER_PACKET_MAX 1400 /* a clear RTP or RTCP packet */

struct tk_peer;
struct tk_dtls_identity;

enum tk_peer_state {
    TK_PEER_NEW,
    TK_PEER_CHECKING,
    TK_PEER_CONNECTED,
    TK_PEER_GONE,
};

/* Where datagrams go. Between room and commit nothing else may write. */
struct tk_peer_out {
    uint8_t *(*room)(void *ctx, size_t cap); /* NULL: no room now */
    void (*commit)(void *ctx, const struct tk_path *path, size_t len);
    void *ctx;
};

/* A handler may call anything of its peer, also tk_peer_destroy. */
struct tk_peer_handlers {
    /* `reason` is a constant text: "connected", "consent-expired", "closed-by-peer", … */
    void (*on_state)(void *ctx, enum tk_peer_state state, const char *reason);
    /* `packet` may be changed in place; it is the handler's until it returns. */
    void (*on_rtp)(void *ctx, uint8_t *packet, size_t len, int64_t now_us);
    void (*on_rtcp)(void *ctx, uint8_t *packet, size_t len, int64_t now_us);
    void *ctx;
};

struct tk_peer_config {
    const char *remote_ufrag;
    const char *remote_fingerprint; /* as in SDP: "sha-256 AB:CD:…"; also sha-384 and sha-512 */
    bool dtls_active;               /* we send the ClientHello: the peer's setup is passive */
    struct tk_peer_handlers handlers;
    int64_t now_us;
    int64_t consent_us; /* gone after so long without an authenticated check; 0: 30 s */
};

/* How the owner of a table of peers hears what leads to this one. All are called, none is NULL. */
struct tk_peer_paths {
    void (*on_add)(void *ctx, struct tk_peer *peer, const struct tk_path *path);
    void (*on_remove)(void *ctx, struct tk_peer *peer, const struct tk_path *path);
    void (*on_add_ufrag)(void *ctx, struct tk_peer *peer, const char *ufrag);
    void (*on_remove_ufrag)(void *ctx, struct tk_peer *peer, const char *ufrag);
    void (*on_destroy)(void *ctx, struct tk_peer *peer); /* the last */
    void *ctx;
};

/*
 * Peers that live in a transport are made by tk_transport_peer_create. -EINVAL: the fingerprint or
 * ufrag cannot be read; -ENOMEM.
 */
int tk_peer_create(const struct tk_peer_config *config, struct tk_dtls_identity *identity,
                   const struct tk_peer_out *out, const struct tk_peer_paths *paths,
                   struct tk_peer **ret);

/*
 * Says close_notify if connected, and is gone. No handler is called. Inside one of its handlers its
 * memory stays until the handler has returned. NULL does nothing.
 */
void tk_peer_destroy(struct tk_peer *peer);

enum tk_peer_state tk_peer_state(const struct tk_peer *peer);

/* For the answer; they change with tk_peer_restart. */
const char *tk_peer_local_ufrag(const struct tk_peer *peer);
const char *tk_peer_local_pwd(const struct tk_peer *peer);

/* The ufrag before a restart while it is still good, else NULL. */
const char *tk_peer_old_ufrag(const struct tk_peer *peer);

/*
 * ICE restart (RFC 8445 §9): makes new local credentials. The old ones and the old path go on until
 * the first check with the new. -EINVAL: the ufrag cannot be.
 */
int tk_peer_restart(struct tk_peer *peer, const char *remote_ufrag, int64_t now_us);

/* The path in use; false before the first valid check. */
bool tk_peer_path(const struct tk_peer *peer, struct tk_path *ret);

/* A datagram that came on `path`; `buf` is decrypted in place. Drops are counted by reason. */
void tk_peer_receive(struct tk_peer *peer, const struct tk_path *path, uint8_t *buf, size_t len,
                     int64_t now_us);

/*
 * Room in the send batch for a clear RTP packet of at most `len` (≤ TK_PEER_PACKET_MAX) bytes.
 * NULL: not connected or no room, drop it. Nothing else may be sent before tk_peer_rtp_end.
 * Packets for one peer that follow one another leave in one message as long as they have equal
 * length, or with a shorter one at the end: so loop over receivers outside, over packets inside.
 */
uint8_t *tk_peer_rtp_begin(struct tk_peer *peer, size_t len);

/*
 * Protects the packet in place and queues it; `len` 0 gives the room back. 0; -EALREADY for a
 * sequence number that was sent already: a nonce must not serve twice; -EBADMSG: not RTP; -ENOSPC:
 * too many SSRCs.
 */
int tk_peer_rtp_end(struct tk_peer *peer, size_t len);

/* As tk_peer_rtp_end for a resend: the caller swears that all bytes are those of the first time. */
int tk_peer_rtp_end_again(struct tk_peer *peer, size_t len);

/* Protects and queues a compound or reduced-size RTCP packet. -ENOTCONN, -EAGAIN, as above. */
int tk_peer_rtcp_send(struct tk_peer *peer, const uint8_t *packet, size_t len);

/* Timers: when tk_peer_tick is due next (INT64_MAX never), and what is due now. */
int64_t tk_peer_next_deadline(const struct tk_peer *peer);
void tk_peer_tick(struct tk_peer *peer, int64_t now_us);

/* When something authentic last came on a path; INT64_MIN: it is none of this peer's. */
int64_t tk_peer_heard(const struct tk_peer *peer, const struct tk_path *path);

/* The path has become another peer's; on_remove is not called. */
void tk_peer_lose_path(struct tk_peer *peer, const struct tk_path *path);

/* What it dropped, by reason. */
const struct tk_drops *tk_peer_drops(const struct tk_peer *peer);

#endif
