#ifndef TK_STREAMER_GST_READER_H
#define TK_STREAMER_GST_READER_H

/*
 * The way in, shared by file, camera and capture: a GstPipeline of which streams come and are
 * brought to a form that a track takes; the first picture and the first sound are played, the rest
 * is left. H.264 and Opus pass as they are while they are fit (fitness.h), else the process ends
 * with link_fit_only_encoded and is started anew with `encode`.
 */

#include "streamer/gst/fitness.h"
#include "streamer/gst/track.h"

struct reader;

/* One stream on its way from the reader's pipeline to its track. */
struct stream {
    struct reader *reader;
    enum track_form form;
    bool used;
    struct track *track; /* after the first buffer that is played */
    struct fitness fitness;
    const char *unfit; /* found while scanning */
    GstClockTime end;  /* running time at which its last buffer ends */
};

struct reader {
    GstElement *pipeline;
    bool encode;
    bool live;     /* a camera: capture time is that of its buffers; else buffers wait for theirs */
    bool scanning; /* a file is looked through before it is played */
    GMutex lock;   /* of `base` */
    GstClockTime base;   /* a file: capture time of its begin, 0 before it plays */
    GstClockTime offset; /* a file that goes round: running time of the rounds before */
    struct stream video, audio;
    /* Why it stopped, in words; `error` may hold secrets. Ends the process. */
    void (*on_error)(struct reader *reader, const GError *error);
    void (*on_end)(struct reader *reader);
};

/* An empty pipeline whose messages go to the handlers on the default main context. */
void reader_init(struct reader *reader);

/*
 * Takes a pad of `caps` into use: false when it is not wanted (a second picture, subtitles).
 * `rtp`: it carries RTP packets.
 */
bool reader_take(struct reader *reader, GstPad *pad, const GstCaps *caps, bool rtp);

void reader_play(struct reader *reader);

#endif
