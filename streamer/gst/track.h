#ifndef TK_STREAMER_GST_TRACK_H
#define TK_STREAMER_GST_TRACK_H

/*
 * The way out: one track of what is played, from pictures or sound (raw, or already H.264 or Opus)
 * to RTP on the link. Each is a small GstPipeline of its own on the monotonic clock, so that a
 * track may come late or never and holds no other. Buffers are pushed with the CLOCK_MONOTONIC time
 * of their capture, from one thread for each track.
 *
 *   appsrc ─▶ [convert ─▶ x264enc | opusenc] ─▶ rtph264pay | rtpopuspay ─▶ appsink ─▶ link
 */

#include <gst/gst.h>
#include <stdbool.h>

struct track;

enum track_form {
    TRACK_PICTURES, /* video/x-raw: converted, encoded */
    TRACK_H264,     /* access units in byte-stream form, SPS and PPS before each IDR */
    TRACK_SOUND,    /* audio/x-raw: converted, encoded */
    TRACK_OPUS,     /* packets of 20 ms */
};

struct track_config {
    enum track_form form;
    GstCaps *caps;     /* of what is pushed; borrowed */
    bool paced;        /* packets wait for their capture time: a file, not a camera */
    const char *speed; /* x264's preset for pictures; NULL: superfast */
    int fps;           /* of pictures: a keyframe each 2 s */
};

/* Ends the process with a cause when it cannot be made. Lives as long as the process. */
struct track *track_create(const struct track_config *config);

/*
 * Takes `buffer` over; `capture` is in ns of CLOCK_MONOTONIC. May wait while the track is full and
 * paced. False when the track has ended.
 */
bool track_push(struct track *track, GstBuffer *buffer, GstClockTime capture);

/* Makes the encoder's next picture a keyframe; nothing where there is no encoder. Any thread. */
void track_keyframe(struct track *track);

/* CLOCK_MONOTONIC in ns. */
GstClockTime track_now(void);

#endif
