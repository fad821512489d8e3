#ifndef TK_STREAMER_GST_LINK_H
#define TK_STREAMER_GST_LINK_H

/*
 * The pipeline's end of the socket to the streamer (streamer/pipes/pipe_proto.h). When the streamer
 * has gone every function ends the process: there is nobody left to work for. Any thread.
 */

#include <gst/gst.h>
#include <jansson.h>
#include <stdbool.h>

/* Waits for the source. A new reference, or NULL when the first message is none. */
json_t *link_receive_source(void);

/* The packets of one moment; each is one RTP packet. */
void link_send_packets(bool video, GstBufferList *packets);

void link_send_clock(bool video, guint32 rtp_ts, gint64 capture_us);
void link_send_mode(bool passthrough);

/* A line for the log. No secret may be in it. */
void link_note(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The last words; they end the process. */
void link_fail(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;
void link_fit_only_encoded(const char *why) G_GNUC_NORETURN;
void link_over(void) G_GNUC_NORETURN;

/* Calls `on_keyframe` on the default main context whenever the streamer asks for one. */
void link_watch(void (*on_keyframe)(void));

#endif
