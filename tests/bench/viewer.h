#ifndef TK_TESTS_BENCH_VIEWER_H
#define TK_TESTS_BENCH_VIEWER_H

/*
 * A receive-only WebRTC viewer for measuring: a controlling ICE agent on a UDP socket of its own,
 * DTLS-SRTP, one receiver report a second, a keyframe request at the start. It counts SRTP packets
 * and their sequence gaps and decodes nothing. One thread.
 */

#include "streamer/transport/dtls.h"

#include <netinet/in.h>

#define VIEWER_STREAMS 4
#define VIEWER_SDP_MAX 16384

struct viewer_stream {
    uint32_t ssrc;
    uint8_t pt;
    uint16_t highest;
    uint64_t packets;
    int64_t gaps;
};

struct viewer {
    int fd;
    char ufrag[8], pwd[28]; /* ours */
    char remote_ufrag[64], remote_pwd[128];
    char fingerprint[160];
    struct sockaddr_in remote;
    uint32_t video_ssrc, audio_ssrc;   /* as announced */
    struct tk_dtls_identity *identity; /* not ours */
    struct tk_dtls *dtls;
    struct tk_srtp *send;
    bool paired;
    int64_t joined_us, connected_us, first_packet_us, next_check_us, next_report_us;
    uint64_t packets, bytes;
    struct viewer_stream streams[VIEWER_STREAMS];
};

/* Opens the socket on `ip` and makes credentials. 0 or -errno. */
int viewer_open(struct viewer *v, const char *ip);
void viewer_close(struct viewer *v);

/* Our description: an offer (`answer` false, with `mids` "0" and "1") or an answer to `to`. */
void viewer_describe(const struct viewer *v, const char *fingerprint, const char *to, char *out,
                     size_t cap);

/* Takes the server's description and starts. -EBADMSG: something is missing in it. */
int viewer_start(struct viewer *v, struct tk_dtls_identity *identity, const char *sdp,
                 int64_t now_us);

void viewer_read(struct viewer *v, int64_t now_us);
void viewer_tick(struct viewer *v, int64_t now_us);

#endif
