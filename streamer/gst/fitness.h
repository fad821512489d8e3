#ifndef TK_STREAMER_GST_FITNESS_H
#define TK_STREAMER_GST_FITNESS_H

/*
 * Whether H.264 and Opus as they are can go to a browser through WebRTC: a pure judgement on caps
 * and bytes. No I/O, no clock.
 */

#include <gst/gst.h>
#include <stdbool.h>

#define FITNESS_GROUP_MAX (4 * GST_SECOND) /* a joiner waits no longer for a picture */

struct fitness {
    bool begun;            /* an access unit has been seen */
    bool keyframe;         /* an IDR has been seen */
    GstClockTime idr_time; /* of the last IDR, or of the first unit */
};

/* Why video with these caps (of h264parse) is unfit, NULL if it isn't. */
const char *fitness_of_caps(const GstCaps *caps);

/* The same for the next access unit, in byte-stream form; `time` in presentation order. */
const char *fitness_of_unit(struct fitness *fitness, const guint8 *unit, gsize len,
                            GstClockTime time);

/* The same for an Opus packet: only frames of 20 ms pass, one to a packet (RFC 6716 §3.1). */
const char *fitness_of_opus(const guint8 *packet, gsize len);

#endif
