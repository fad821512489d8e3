#ifndef TK_STREAMER_TRANSPORT_DROPS_H
#define TK_STREAMER_TRANSPORT_DROPS_H

/* Why datagrams are dropped, counted for /metrics. The names are those of drops.c. */

#include <stdint.h>

enum tk_drop {
    TK_DROP_UNKNOWN_KIND,    /* none of RFC 7983's */
    TK_DROP_UNKNOWN_ADDRESS, /* media or DTLS from where no valid check came */
    TK_DROP_STUN_MALFORMED,
    TK_DROP_STUN_UNAUTHENTICATED,
    TK_DROP_STUN_IGNORED, /* indications and responses: a lite agent asks nothing */
    TK_DROP_DTLS_MALFORMED,
    TK_DROP_DTLS_LATE, /* of the clear epoch, once the handshake is done */
    TK_DROP_DTLS_LIMIT,
    TK_DROP_SRTP_NO_KEYS,
    TK_DROP_SRTP_MALFORMED,
    TK_DROP_SRTP_AUTHENTICATION,
    TK_DROP_SRTP_REPLAY,
    TK_DROP_SRTP_SSRC_LIMIT,
    TK_DROP_SEND_REFUSED, /* the kernel would not take it */
    TK_DROP_COUNT,
};

struct tk_drops {
    uint64_t by_reason[TK_DROP_COUNT];
};

/* "srtp_replay" and so on. */
const char *tk_drop_name(enum tk_drop reason);

#endif
