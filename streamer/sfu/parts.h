#ifndef TK_STREAMER_SFU_PARTS_H
#define TK_STREAMER_SFU_PARTS_H

/*
 * The nouns of the sfu, for its own files only. Owners: sfu owns lessons, a lesson its sessions and
 * tracks, a session its slots and inbounds. The worker's thread.
 */

#include "streamer/flow/recvstat.h"
#include "streamer/flow/rewrite.h"
#include "streamer/flow/rtxmap.h"
#include "streamer/sfu/sfu.h"
#include "streamer/sfu/track.h"
#include "streamer/wire/sdp.h"

#include <glib.h>

#define TK_LESSON_MAX_FEEDS 64
#define TK_SESSION_MAX_SLOTS 16
#define TK_SESSION_MAX_INBOUND 4
#define TK_SESSION_MAX_STREAMS (TK_SESSION_MAX_INBOUND * TK_TRACK_MAX_LAYERS)
#define TK_SFU_MAX_LESSONS 1000
#define TK_SFU_PAYLOAD_MAX 1360 /* with RTP and RTX headers within TK_PEER_PACKET_MAX */

/* RFC 8843, 8852, 6464 */
#define TK_URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define TK_URI_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define TK_URI_RID "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
#define TK_URI_REPAIRED "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

struct tk_session;
struct tk_slot;
struct tk_lesson;

struct tk_sfu_counts {
    uint64_t packets_in, packets_out, bytes_out, malformed, unknown_ssrc, resent, nacks, plis;
    uint64_t keyframes_asked, replays, no_room;
    uint64_t b_frames; /* tracks that had some */
};

struct tk_sfu {
    struct tk_sfu_config config;
    GHashTable *lessons;  /* id → owned */
    GHashTable *sessions; /* id → of their lesson */
    GPtrArray *pending;   /* layers that hold packets back until their frame is whole */
    GPtrArray *replays;   /* slots that get a stored group of pictures */
    int64_t tick_us, slice_us, stats_us;
    struct tk_sfu_counts counts;
    struct tk_sdp sdp; /* scratch of one negotiation */
};

/* Which track should feed a slot, and up to which layer of it; peer "" for all. */
struct tk_feed {
    int layer;
    char slot[TK_SFU_ID_MAX + 1], peer[TK_SFU_ID_MAX + 1];
    char from[TK_SFU_ID_MAX + 1], track[TK_SFU_ID_MAX + 1];
};

struct tk_lesson {
    struct tk_sfu *sfu;
    char id[TK_SFU_ID_MAX + 1];
    bool passthrough;    /* its pipeline makes no keyframe on request */
    GPtrArray *tracks;   /* owned */
    GPtrArray *sessions; /* owned */
    size_t feed_count;
    struct tk_feed feeds[TK_LESSON_MAX_FEEDS];
};

/*
 *   idle ──join──▶ replay ◀──large frame, join── live      tk_slot_join, tk_slot_send_pending,
 *     ▲              │ └───────caught up──────────▶│       replay_slices of sfu.c, tk_slot_leave
 *     └──track gone, restarted───┴─────────────────┘
 */
enum tk_slot_state {
    TK_SLOT_IDLE,
    TK_SLOT_REPLAY, /* the cursor runs through the store, in slices faster than real time */
    TK_SLOT_LIVE,
};

struct tk_slot {
    struct tk_session *session;
    char name[TK_SFU_ID_MAX + 1];
    bool video, nack;
    bool lacks_codec; /* it was said that a track has a codec which was not negotiated */
    enum tk_slot_state state;
    struct tk_layer *feed; /* what it gets; NULL when idle */
    struct tk_layer *next; /* what it waits for; of another track, or another layer of its own */
    int64_t next_us;       /* since when */
    int max_layer;         /* that it may get */
    int64_t fell_us;       /* when its layer fell silent and a lower one took over, 0 not */
    int64_t joined_us, cursor;
    int64_t first; /* of its layer, that it got: the numbers of those before are another's */
    uint32_t ssrc, rtx_ssrc;
    uint16_t rtx_seq;
    uint8_t pt[TK_CODEC_COUNT], rtx_pt[TK_CODEC_COUNT]; /* 0: not negotiated */
    struct tk_rewrite rewrite;

    uint32_t packets, octets;
    uint64_t bytes, frames, resent, nacks, plis;
    int64_t reported_us; /* the newest report about it */
    int64_t sent_us;     /* the newest packet */
    uint8_t lost_share;
    uint32_t jitter;
    struct tk_rtxmap sent;
};

#define TK_INBOUND_RTX 0x80

/* An m-line that sends to us. */
struct tk_inbound {
    struct tk_track *track; /* of the lesson */
    char mid[TK_SDP_MAX_MID + 1];
    bool video;
    uint8_t mid_ext, rid_ext, repaired_ext, level_ext; /* 0: not negotiated */
    uint8_t feedback;
    uint8_t pt[128]; /* codec, | TK_INBOUND_RTX; 0: not negotiated */
    size_t ssrc_count;
    uint32_t ssrcs[TK_SDP_MAX_SSRCS], rtx_of[TK_SDP_MAX_SSRCS]; /* as announced */
};

/* A layer as it comes from a session. */
struct tk_stream {
    struct tk_inbound *inbound;
    struct tk_layer *layer;
    char rid[TK_SDP_MAX_RID + 1]; /* empty: the m-line's only one */
    uint8_t fir_number, lost_share;
    uint32_t ssrc, rtx_ssrc; /* in use, 0 none */
    uint64_t bytes, frames, nacks;
    int64_t ssrc_us;
    struct tk_recvstat stat;
};

/* What was agreed for one m-line. */
struct tk_mline {
    bool accepted;
    uint8_t dir; /* as we see it */
    uint8_t feedback;
    uint8_t pt[TK_CODEC_COUNT], rtx_pt[TK_CODEC_COUNT], h264_mode;
    uint32_t h264_level;
    struct tk_slot *slot;
    struct tk_inbound *inbound;
};

struct tk_session {
    struct tk_sfu *sfu;
    struct tk_lesson *lesson;
    struct tk_peer *peer;
    char id[TK_SFU_ID_MAX + 1], group[TK_SFU_ID_MAX + 1];
    char cname[20];
    char ufrag[TK_PEER_UFRAG_MAX + 1]; /* theirs */
    uint64_t origin;                   /* of the answer's o= line, and its version */
    unsigned version;
    bool dtls_active, loopback, connected;
    size_t mline_count;
    struct tk_mline mlines[TK_SDP_MAX_MEDIA];
    size_t slot_count, inbound_count, stream_count;
    struct tk_slot *slots[TK_SESSION_MAX_SLOTS];         /* owned */
    struct tk_inbound *inbounds[TK_SESSION_MAX_INBOUND]; /* owned */
    struct tk_stream *streams[TK_SESSION_MAX_STREAMS];   /* owned */
    int64_t report_us;                                   /* the next report is due */
    int early_reports;                                   /* so many more come sooner */
    int rtt_ms;
    bool has_sender_clock;
    int64_t sender_clock_us; /* their NTP time + this = our monotonic time */
    int64_t stats_us;
};

/* lesson.c */
struct tk_lesson *tk_lesson_find(const struct tk_sfu *sfu, const char *id);
void tk_lesson_destroy(struct tk_lesson *lesson);
struct tk_track *tk_lesson_track(const struct tk_lesson *lesson, const char *from,
                                 const char *name);
/* What should feed the slot does, or will. */
void tk_lesson_feed_slot(struct tk_lesson *lesson, struct tk_slot *slot, int64_t now_us);
void tk_lesson_feed_all(struct tk_lesson *lesson, int64_t now_us);

/* slot.c */
void tk_slot_want(struct tk_slot *slot, struct tk_layer *layer, int64_t now_us);
void tk_slot_leave(struct tk_slot *slot, struct tk_layer *layer);
/* Its layer begins anew: a slot that it feeds waits for its next keyframe. */
void tk_slot_restart(struct tk_slot *slot, struct tk_layer *layer, int64_t now_us);
/* From packet `seq` of its layer, now. */
void tk_slot_join(struct tk_slot *slot, struct tk_layer *layer, int64_t seq, int64_t now_us);
void tk_slot_send_pending(struct tk_slot *slot, const struct tk_layer *layer, int64_t now_us);
/* The next slice of the store; true: caught up. */
bool tk_slot_replay(struct tk_slot *slot, int64_t now_us);
void tk_slot_resend(struct tk_slot *slot, uint16_t out_seq, int64_t now_us);
void tk_slot_need_key(struct tk_slot *slot, int64_t now_us);
void tk_slot_tick(struct tk_slot *slot, int64_t now_us);

/* sfu.c */
void tk_random(void *out, size_t len);

/* session.c */
struct tk_session *tk_session_create(struct tk_lesson *lesson, const char *id, int64_t now_us);
void tk_session_destroy(struct tk_session *session);
void tk_session_on_rtp(void *ctx, uint8_t *packet, size_t len, int64_t now_us);

/* answer.c: choose what an offer and the wishes have in common; answer_write.c: write it down */
int tk_answer_choose(struct tk_session *session, const struct tk_sdp *offer, const json_t *slots,
                     const json_t *tracks, struct tk_sfu_error *err);
int tk_answer_write(struct tk_session *session, const struct tk_sdp *offer, char *out, size_t cap);
__attribute__((format(printf, 3, 4))) int tk_sfu_refuse(struct tk_sfu_error *err, const char *code,
                                                        const char *fmt, ...);

/* report.c: RTCP */
void tk_session_on_rtcp(void *ctx, uint8_t *packet, size_t len, int64_t now_us);
void tk_session_report(struct tk_session *session, int64_t now_us);
void tk_session_ask_key(struct tk_session *session, const struct tk_layer *layer);
void tk_session_nack(struct tk_session *session, int64_t now_us);
void tk_session_bye(struct tk_session *session);

#endif
