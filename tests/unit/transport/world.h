#ifndef TK_TESTS_UNIT_TRANSPORT_WORLD_H
#define TK_TESTS_UNIT_TRANSPORT_WORLD_H

/* A peer and its client in virtual time, with what the peer sends kept in a queue. */

#include "tests/unit/transport/client.h"

#include "streamer/transport/dtls.h"
#include "streamer/transport/peer.h"

#define WORLD_QUEUE 256

struct datagram {
    struct tk_path path;
    uint8_t bytes[1500];
    size_t len;
};

struct world {
    struct tk_dtls_identity *identity;
    struct tk_peer *peer;
    struct client client;
    struct datagram *queue;
    size_t first, count;
    enum tk_peer_state state;
    const char *reason;
    size_t states, rtp, rtcp, paths, ufrags;
    uint8_t last[1500];
    size_t last_len;
    bool destroy_on_state, lose; /* lose: what either side sends is lost */
};

struct tk_path test_path(int i);

void world_init(struct world *w, const char *profiles, bool peer_is_active, const char *digest);
void world_finish(struct world *w);
struct tk_peer_out world_out(struct world *w);
struct tk_peer_paths world_paths(struct world *w);

/* The next datagram that the peer sent; NULL: none. */
struct datagram *world_take(struct world *w);

/* A check with the peer's present credentials; returns the class of the answer, -1: none. */
int world_check(struct world *w, int path, bool use_candidate);
int world_check_as(struct world *w, int path, const struct check *check);

void world_give(struct world *w, int path, const uint8_t *buf, size_t len);

/* Carries what both sides have to say until they are silent. */
void world_exchange(struct world *w, int path);

/* Lets time pass for both, and carries what comes of it. */
void world_pass(struct world *w, int path, int64_t us);

/* Check and handshake. */
void world_connect(struct world *w);

#endif
