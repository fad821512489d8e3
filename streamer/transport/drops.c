#include "streamer/transport/drops.h"

static const char *const names[TK_DROP_COUNT] = {
    [TK_DROP_UNKNOWN_KIND] = "unknown_kind",
    [TK_DROP_UNKNOWN_ADDRESS] = "unknown_address",
    [TK_DROP_STUN_MALFORMED] = "stun_malformed",
    [TK_DROP_STUN_UNAUTHENTICATED] = "stun_unauthenticated",
    [TK_DROP_STUN_IGNORED] = "stun_ignored",
    [TK_DROP_DTLS_MALFORMED] = "dtls_malformed",
    [TK_DROP_DTLS_LATE] = "dtls_late",
    [TK_DROP_DTLS_LIMIT] = "dtls_limit",
    [TK_DROP_SRTP_NO_KEYS] = "srtp_no_keys",
    [TK_DROP_SRTP_MALFORMED] = "srtp_malformed",
    [TK_DROP_SRTP_AUTHENTICATION] = "srtp_authentication",
    [TK_DROP_SRTP_REPLAY] = "srtp_replay",
    [TK_DROP_SRTP_SSRC_LIMIT] = "srtp_ssrc_limit",
    [TK_DROP_SEND_REFUSED] = "send_refused",
};

const char *tk_drop_name(enum tk_drop reason)
{
    return names[reason];
}
