#ifndef TK_STREAMER_TRANSPORT_ICE_H
#define TK_STREAMER_TRANSPORT_ICE_H

/*
 * The lite side of ICE (RFC 8445): answers checks, knows which paths are valid and which is in use,
 * and that the peer is still there (RFC 7675). No I/O, no clock: bytes and now in, an answer and
 * decisions out. The worker's thread.
 *
 * A path is taken into use by a check with USE-CANDIDATE from it, or by a check when the path in
 * use has been silent for 2 s, or when there is none yet.
 */

#include "streamer/transport/peer.h"
#include "streamer/wire/stun.h"

#define TK_ICE_UFRAG_LEN 8
#define TK_ICE_PWD_LEN 24 /* 144 bits; RFC 8445 §5.3: at least 128 */
#define TK_ICE_PATHS_MAX 8
#define TK_ICE_ANSWER_MAX 128
#define TK_ICE_SILENCE_US 2000000

struct tk_ice_credentials {
    char ufrag[TK_ICE_UFRAG_LEN + 1]; /* empty: none */
    char pwd[TK_ICE_PWD_LEN + 1];
    char remote_ufrag[TK_PEER_UFRAG_MAX + 1];
};

struct tk_ice_path {
    struct tk_path path;
    int64_t heard_us; /* last authenticated datagram */
};

struct tk_ice {
    struct tk_ice_credentials now, old; /* old: until the first check with the new ones */
    bool now_checked;                   /* a valid check came with them */
    struct tk_ice_path paths[TK_ICE_PATHS_MAX];
    size_t path_count;
    int in_use; /* of `paths`; -1: none */
    int64_t checked_us;
};

/* What a check led to. */
struct tk_ice_result {
    bool valid;          /* authenticated and answered with success */
    enum tk_drop drop;   /* else why not */
    bool added, changed; /* its path is new; another path is in use now */
    bool restarted;      /* the first check with the credentials of a restart */
    struct tk_path removed[TK_ICE_PATHS_MAX]; /* are no longer valid */
    size_t removed_count;
    size_t answer_len; /* 0: nothing to say */
};

/* -EINVAL: an ufrag that cannot be (RFC 8839 §5.4). */
int tk_ice_init(struct tk_ice *ice, const char *remote_ufrag, int64_t now_us);
int tk_ice_restart(struct tk_ice *ice, const char *remote_ufrag);

/*
 * A STUN message that came on `path`; `buf` is changed while it works. `answer` has
 * TK_ICE_ANSWER_MAX bytes.
 */
void tk_ice_receive(struct tk_ice *ice, const struct tk_path *path, uint8_t *buf, size_t len,
                    int64_t now_us, uint8_t *answer, struct tk_ice_result *ret);

/*
 * Whose a request may be: the first part of its USERNAME, empty if it has none. -EBADMSG; -ENOTSUP:
 * not a binding request.
 */
int tk_ice_whose(const uint8_t *buf, size_t len, char ufrag[TK_PEER_UFRAG_MAX + 1]);

/* The answer (400, 401) to a request that is nobody's: its length, 0 for none. */
size_t tk_ice_refuse(const uint8_t *buf, size_t len, uint8_t *answer);

/* Index of a valid path, -1 for any other. */
int tk_ice_find(const struct tk_ice *ice, const struct tk_path *path);

/* Something authentic came on the path. */
void tk_ice_heard(struct tk_ice *ice, int path, int64_t now_us);

/* The path has become another peer's. */
void tk_ice_forget(struct tk_ice *ice, const struct tk_path *path);

#endif
