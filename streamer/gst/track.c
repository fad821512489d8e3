#include "streamer/gst/track.h"

#include "streamer/gst/link.h"
#include "streamer/pipes/pipes.h"

#include <gst/app/app.h>
#include <gst/video/video.h>

#define RTP_HEADER 12
#define CLOCK_EVERY GST_SECOND
#define QUEUE_TIME (400 * GST_MSECOND)
#define PICTURE_KBPS 1500
#define SOUND_BPS 64000

struct track {
    bool video;
    GstElement *pipeline;
    GstElement *source;
    GstElement *encoder; /* NULL: passed through */
    GstClockTime base;   /* capture time of running time 0 */
    GstClockTime clock_sent;
};

GstClockTime track_now(void)
{
    return (GstClockTime)g_get_monotonic_time() * GST_USECOND;
}

static guint32 rtp_timestamp(GstBuffer *packet)
{
    guint32 ts = 0;
    gst_buffer_extract(packet, 4, &ts, sizeof(ts));
    return GUINT32_FROM_BE(ts);
}

static void tell_clock(struct track *track, GstSample *sample, GstBuffer *first)
{
    GstClockTime running = gst_segment_to_running_time(gst_sample_get_segment(sample),
                                                       GST_FORMAT_TIME, GST_BUFFER_PTS(first));
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
        return;
    }
    GstClockTime capture = track->base + running;
    if (track->clock_sent && capture < track->clock_sent + CLOCK_EVERY) {
        return;
    }
    track->clock_sent = capture;
    link_send_clock(track->video, rtp_timestamp(first), (gint64)(capture / GST_USECOND));
}

static GstFlowReturn on_packets(GstAppSink *sink, gpointer ctx)
{
    struct track *track = ctx;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    if (!sample) {
        return GST_FLOW_EOS;
    }
    GstBufferList *list = gst_sample_get_buffer_list(sample);
    GstBuffer *single = gst_sample_get_buffer(sample);
    if (list && gst_buffer_list_length(list) > 0) {
        tell_clock(track, sample, gst_buffer_list_get(list, 0));
        link_send_packets(track->video, list);
    } else if (single) {
        g_autoptr(GstBufferList) one = gst_buffer_list_new_sized(1);
        gst_buffer_list_add(one, gst_buffer_ref(single));
        tell_clock(track, sample, single);
        link_send_packets(track->video, one);
    }
    return GST_FLOW_OK;
}

/*
 * Baseline without B-frames and without a queue of frames inside: what goes in comes out. Slices in
 * parallel (more than one thread) cost bits and wake-ups; one thread does for what we send.
 */
static char *describe_encoder(const struct track_config *c)
{
    return g_strdup_printf("videoconvert n-threads=1 ! video/x-raw,format=I420 ! "
                           "x264enc name=encoder speed-preset=%s tune=zerolatency bitrate=%d "
                           "key-int-max=%d bframes=0 threads=1 sliced-threads=false "
                           "vbv-buf-capacity=800 qp-min=14 aud=false ! "
                           "video/x-h264,profile=constrained-baseline,stream-format=byte-stream,"
                           "alignment=au",
                           c->speed ? c->speed : "superfast", PICTURE_KBPS, 2 * c->fps);
}

static char *describe(const struct track_config *c)
{
    g_autofree char *encoder = NULL;
    int mtu = RTP_HEADER + TK_PIPES_PAYLOAD_MAX;
    switch (c->form) {
    case TRACK_PICTURES:
        encoder = describe_encoder(c);
        G_GNUC_FALLTHROUGH;
    case TRACK_H264:
        return g_strdup_printf("appsrc name=source ! %s ! rtph264pay pt=96 mtu=%d "
                               "config-interval=0 aggregate-mode=zero-latency ! "
                               "appsink name=sink",
                               encoder ? encoder : "h264parse config-interval=-1", mtu);
    case TRACK_SOUND:
        encoder = g_strdup_printf("audioconvert ! audioresample ! "
                                  "audio/x-raw,format=S16LE,rate=48000,channels=2 ! "
                                  "opusenc bitrate=%d frame-size=20 inband-fec=true "
                                  "packet-loss-percentage=10 complexity=5",
                                  SOUND_BPS);
        G_GNUC_FALLTHROUGH;
    case TRACK_OPUS:
        return g_strdup_printf("appsrc name=source ! %s ! rtpopuspay pt=97 mtu=%d ! "
                               "appsink name=sink",
                               encoder ? encoder : "identity silent=true", mtu);
    }
    return NULL;
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer ctx)
{
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        g_autoptr(GError) error = NULL;
        gst_message_parse_error(message, &error, NULL);
        link_fail("cannot encode: %s", error->message);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static void configure(struct track *track, const struct track_config *config)
{
    GstElement *sink = gst_bin_get_by_name(GST_BIN(track->pipeline), "sink");
    GstAppSinkCallbacks callbacks = {.new_sample = on_packets};
    g_object_set(sink, "sync", config->paced, "async", FALSE, "buffer-list", TRUE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, track, NULL);
    gst_object_unref(sink);
    g_object_set(track->source, "caps", config->caps, "format", GST_FORMAT_TIME, "block",
                 config->paced, "max-bytes", G_GUINT64_CONSTANT(0), "max-time", (guint64)QUEUE_TIME,
                 "is-live", !config->paced, NULL);

    g_autoptr(GstBus) bus = gst_element_get_bus(track->pipeline);
    gst_bus_set_sync_handler(bus, on_message, track, NULL);

    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(track->pipeline), clock);
    gst_element_set_start_time(track->pipeline, GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(track->pipeline, track->base);
}

struct track *track_create(const struct track_config *config)
{
    struct track *track = g_new0(struct track, 1);
    g_autofree char *description = describe(config);
    g_autoptr(GError) error = NULL;
    track->video = config->form == TRACK_PICTURES || config->form == TRACK_H264;
    track->pipeline = gst_parse_launch(description, &error);
    if (!track->pipeline || error) {
        link_fail("GStreamer lacks a part: %s", error ? error->message : "");
    }
    track->source = gst_bin_get_by_name(GST_BIN(track->pipeline), "source");
    track->encoder = gst_bin_get_by_name(GST_BIN(track->pipeline), "encoder");
    /* a second earlier than now: what was captured shortly before has a running time too */
    track->base = track_now() - GST_SECOND;
    configure(track, config);
    if (gst_element_set_state(track->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        link_fail("the encoder does not start");
    }
    return track;
}

bool track_push(struct track *track, GstBuffer *buffer, GstClockTime capture)
{
    buffer = gst_buffer_make_writable(buffer);
    GST_BUFFER_PTS(buffer) = capture > track->base ? capture - track->base : 0;
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    return gst_app_src_push_buffer(GST_APP_SRC(track->source), buffer) == GST_FLOW_OK;
}

void track_keyframe(struct track *track)
{
    if (!track || !track->encoder) {
        return;
    }
    g_autoptr(GstPad) pad = gst_element_get_static_pad(track->encoder, "src");
    /* No "all headers": the payloader would send them as a frame of their own before the keyframe,
     * which browsers cannot decode and answer with another request; config-interval has them in. */
    gst_pad_send_event(pad,
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, FALSE, 0));
}
