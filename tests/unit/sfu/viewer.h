#ifndef TK_TESTS_UNIT_SFU_VIEWER_H
#define TK_TESTS_UNIT_SFU_VIEWER_H

/*
 * A lesson `demo` with its sfu on a real port of loopback, and viewers and publishers of it made of
 * other parts (tests/unit/transport/client.h). Time is virtual: test_now_us.
 */

#include "streamer/sfu/sfu.h"
#include "streamer/wire/rtp.h"

#include "tests/unit/transport/client.h"

#define MS 1000

struct stage {
    struct tk_transport *transport;
    struct tk_sfu *sfu;
    int keyframes;
    char peer_state[64], peer_reason[64]; /* the newest */
    int tracks_live, tracks_dead;
    bool live; /* the newest state of a track */
    char track[64], codec[16], cause[16];
    int width;
};

extern struct stage stage;

int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Of every receiver, up to `layer`. */
void stage_feed(const char *slot, const char *from, const char *track, int layer);

/* Lets `ms` pass, in steps of 1 ms. */
void stage_run(int ms);

/* A packet of the lesson's source. */
struct packet {
    bool video, key, marker;
    uint32_t ssrc, ts;
    uint16_t seq;
};
void stage_source(const struct packet *p);

/* A minimal offer of one m-line each; `dir` as the offerer sees it. Returns its length. */
size_t make_offer(char *out, size_t cap, const char *dir, const char *fingerprint);

struct viewer_wish {
    const char *id, *group; /* group may be NULL */
    bool publishes;         /* people.video and people.audio; else it receives lesson.* */
    const char *more;       /* further lines of its video m-line, the offer's last; or NULL */
};

struct viewer {
    int fd;
    struct client client;
    char answer[TK_SFU_SDP_MAX], ufrag[64], pwd[64];
    uint32_t video_ssrc, rtx_ssrc, audio_ssrc;
};

/* Offers and connects. */
void viewer_join_as(struct viewer *v, const struct viewer_wish *wish);
void viewer_join(struct viewer *v, const char *id, bool publishes);
void viewer_leave(struct viewer *v);

/* The next clear packet; 0: none. `buf` of 2048. */
size_t viewer_take(struct viewer *v, uint8_t *buf, bool *rtcp);
/* The next RTP packet of that SSRC, others are thrown away. */
bool viewer_rtp(struct viewer *v, uint32_t ssrc, struct tk_rtp *ret);
void viewer_send_rtp(struct viewer *v, uint8_t *packet, size_t len);
void viewer_send_rtcp(struct viewer *v, const uint8_t *packet, size_t len);

/* The next of a fixed row of numbers (xorshift): a failure comes again. */
uint32_t viewer_random(void);

#endif
