#ifndef TK_STREAMER_SFU_TRACK_H
#define TK_STREAMER_SFU_TRACK_H

/* What somebody sends, in one layer or several of simulcast. For the sfu's own files only. */

#include "streamer/flow/clock.h"
#include "streamer/flow/history.h"
#include "streamer/flow/keyframe.h"
#include "streamer/flow/speaker.h"
#include "streamer/sfu/sfu.h"
#include "streamer/wire/codec.h"
#include "streamer/wire/rtp.h"
#include "streamer/wire/sdp.h"

#include <glib.h>

#define TK_TRACK_MAX_LAYERS TK_SDP_MAX_LAYERS
#define TK_LAYER_MAX_PENDING 64
#define TK_VIDEO_HISTORY 2048  /* packets: 4 s of 4 Mbit/s */
#define TK_LAYER_HISTORY 1024  /* of each of several layers */
#define TK_SOURCE_HISTORY 4096 /* a group of a camera that is passed through: 4 s of 8 Mbit/s */
#define TK_AUDIO_HISTORY 256

struct tk_lesson;
struct tk_session;

/* One encoding of a track: the only one, or one of simulcast. What is forwarded is in here. */
struct tk_layer {
    struct tk_track *track;
    bool live;
    enum tk_codec codec;
    uint32_t ssrc;
    uint16_t width, height;
    int64_t last_us;            /* a packet came */
    struct tk_history *history; /* NULL before the first packet */
    struct tk_clock clock;
    int64_t clock_us; /* when we were told */
    struct tk_keyframe keyframe;
    int64_t key_seq; /* the first packet of the newest group of pictures, 0 none */
    uint32_t key_ts;
    GPtrArray *slots; /* that it feeds, or that wait for it */
    bool is_pending;
    int64_t pending_us;
    size_t pending_count;
    int64_t pending[TK_LAYER_MAX_PENDING];
};

/* What somebody sends, in one to three layers from the smallest. */
struct tk_track {
    struct tk_lesson *lesson;
    struct tk_session *publisher; /* NULL: the pipeline */
    char from[TK_SFU_ID_MAX + 1], name[TK_SFU_ID_MAX + 1];
    bool video;
    bool has_b; /* it was said that browsers cannot show its B-frames */
    /* as it is told: that of the highest layer that lives */
    bool live;
    enum tk_codec codec;
    uint16_t width, height;
    bool untold; /* its state has changed since it was told */
    int told;    /* how often in this second */
    int64_t told_us;
    struct tk_speaker speaker; /* of sound */
    size_t layer_count;
    struct tk_layer layers[TK_TRACK_MAX_LAYERS];
};

/* track.c */
struct tk_track *tk_track_create(struct tk_lesson *lesson, struct tk_session *publisher,
                                 const char *from, const char *name, bool video);
/* One more, larger than those before. NULL: TK_TRACK_MAX_LAYERS are the most. */
struct tk_layer *tk_track_add_layer(struct tk_track *track);
void tk_track_destroy(struct tk_track *track);
/* A layer of it lives, died or changed: tells its new state, if it is one. */
void tk_track_update(struct tk_track *track);
/* The highest layer that flows and is at most `max`, else the lowest that flows, else `has`. */
struct tk_layer *tk_track_choose(struct tk_track *track, int max, struct tk_layer *has,
                                 int64_t now_us);
void tk_track_tick(struct tk_track *track, int64_t now_us);

/* layer.c */
void tk_layer_init(struct tk_layer *layer, struct tk_track *track);
void tk_layer_finish(struct tk_layer *layer);
/* A packet of `codec` in its original form. */
void tk_layer_push(struct tk_layer *layer, enum tk_codec codec, const struct tk_rtp *rtp,
                   int64_t now_us);
/* One that was sent again: what is of no stream that we have is dropped. */
void tk_layer_repair(struct tk_layer *layer, enum tk_codec codec, const struct tk_rtp *rtp,
                     int64_t now_us);
void tk_layer_flush(struct tk_layer *layer, int64_t now_us);
/* Its sender says that `ts` was captured at `at_us`. */
void tk_layer_set_clock(struct tk_layer *layer, uint32_t ts, int64_t at_us, int64_t now_us);
void tk_layer_set_dead(struct tk_layer *layer);
void tk_layer_need_key(struct tk_layer *layer, int64_t now_us);
/* The newest group of pictures is whole in the store. */
bool tk_layer_has_group(const struct tk_layer *layer);
/* It lives, and its last packet is not long ago. */
bool tk_layer_flows(const struct tk_layer *layer, int64_t now_us);
void tk_layer_tick(struct tk_layer *layer, int64_t now_us);

#endif
