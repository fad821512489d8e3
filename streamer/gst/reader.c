#include "streamer/gst/reader.h"

#include "streamer/gst/link.h"

#include <gst/app/app.h>
#include <string.h>

#define LEAD (300 * GST_MSECOND)    /* before a file's first picture: decoders warm up */
#define QUEUE_TIME (3 * GST_SECOND) /* as far as streams in a file lie apart */
#define QUEUE_BYTES (16 * 1024 * 1024)
#define DEFAULT_FPS 25
#define MAX_FPS 25

static int frames_per_second(const GstCaps *caps)
{
    int n = 0;
    int d = 1;
    gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &n, &d);
    int fps = n > 0 && d > 0 ? (n + d / 2) / d : DEFAULT_FPS;
    return CLAMP(fps, 1, MAX_FPS);
}

/* Ends the process when the buffer cannot be passed through; while scanning, remembers why. */
static void judge(struct stream *stream, GstCaps *caps, GstBuffer *buffer, GstClockTime time)
{
    GstMapInfo map;
    if ((stream->form != TRACK_H264 && stream->form != TRACK_OPUS) || stream->unfit ||
        !gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return;
    }
    if (stream->form == TRACK_OPUS) {
        stream->unfit = fitness_of_opus(map.data, map.size);
    } else {
        stream->unfit = stream->fitness.begun ? NULL : fitness_of_caps(caps);
        if (!stream->unfit) {
            stream->unfit = fitness_of_unit(&stream->fitness, map.data, map.size, time);
        }
    }
    gst_buffer_unmap(buffer, &map);
    if (stream->unfit && !stream->reader->scanning) {
        link_fit_only_encoded(stream->unfit);
    }
}

static GstClockTime capture_time(struct reader *reader, GstClockTime running)
{
    if (reader->live) {
        return gst_element_get_base_time(reader->pipeline) + running;
    }
    g_mutex_lock(&reader->lock);
    if (!reader->base) {
        reader->base = track_now() + LEAD;
    }
    GstClockTime capture = reader->base + reader->offset + running;
    g_mutex_unlock(&reader->lock);
    return capture;
}

static GstFlowReturn play(struct stream *stream, GstCaps *caps, GstBuffer *buffer,
                          GstClockTime running)
{
    if (stream->form == TRACK_H264 && !stream->fitness.keyframe) {
        return GST_FLOW_OK; /* nothing can be decoded before the first IDR */
    }
    if (!stream->track && stream == &stream->reader->video) {
        link_send_mode(stream->form == TRACK_H264);
    }
    if (!stream->track) {
        stream->track = track_create(&(struct track_config){
            .form = stream->form,
            .caps = caps,
            .paced = !stream->reader->live,
            .fps = frames_per_second(caps),
        });
    }
    GstClockTime capture = capture_time(stream->reader, running);
    return track_push(stream->track, gst_buffer_ref(buffer), capture) ? GST_FLOW_OK : GST_FLOW_EOS;
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer ctx)
{
    struct stream *stream = ctx;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    if (!sample) {
        return GST_FLOW_EOS;
    }
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstCaps *caps = gst_sample_get_caps(sample);
    GstClockTime running = gst_segment_to_running_time(gst_sample_get_segment(sample),
                                                       GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(running) || !caps) {
        return GST_FLOW_OK; /* before the begin, or without a time to show it */
    }
    judge(stream, caps, buffer, running);
    GstClockTime length = GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : 0;
    stream->end = MAX(stream->end, running + length);
    return stream->reader->scanning ? GST_FLOW_OK : play(stream, caps, buffer, running);
}

static gboolean on_message(GstBus *bus, GstMessage *message, gpointer ctx)
{
    struct reader *reader = ctx;
    g_autoptr(GError) error = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, NULL);
        reader->on_error(reader, error);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        reader->on_end(reader);
    }
    return G_SOURCE_CONTINUE;
}

/* A decoder that works on several frames at once gives the first of them later. */
static void on_element(GstBin *bin, GstBin *sub, GstElement *element, gpointer ctx)
{
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), "max-threads")) {
        g_object_set(element, "max-threads", 1, NULL);
    }
}

void reader_init(struct reader *reader)
{
    reader->pipeline = gst_pipeline_new("reader");
    g_mutex_init(&reader->lock);
    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(reader->pipeline), clock);
    g_autoptr(GstBus) bus = gst_element_get_bus(reader->pipeline);
    gst_bus_add_watch(bus, on_message, reader);
    if (reader->live) {
        g_signal_connect(reader->pipeline, "deep-element-added", G_CALLBACK(on_element), NULL);
    }
}

static const char *const picture_chain =
    "decodebin ! deinterlace mode=auto method=linear ! videorate drop-only=true "
    "max-rate=25 ! "
    "videoscale ! videoconvert ! video/x-raw,format=I420,width=(int)[2,1280,2],"
    "height=(int)[2,720,2],pixel-aspect-ratio=1/1";
static const char *const sound_chain = "decodebin ! audioconvert ! audioresample ! "
                                       "audio/x-raw,format=S16LE,rate=48000,channels=2";

static const char *chain(struct stream *stream, const char *codec, bool rtp)
{
    bool passes = !stream->reader->encode;
    bool video = stream == &stream->reader->video;
    if (passes && video && strcmp(codec, "h264") == 0) {
        stream->form = TRACK_H264;
        return rtp ? "rtph264depay ! h264parse config-interval=-1 ! "
                     "video/x-h264,stream-format=byte-stream,alignment=au"
                   : "h264parse config-interval=-1 ! "
                     "video/x-h264,stream-format=byte-stream,alignment=au";
    }
    if (passes && !video && strcmp(codec, "opus") == 0) {
        stream->form = TRACK_OPUS;
        return rtp ? "rtpopusdepay ! audio/x-opus,channel-mapping-family=0"
                   : "opusparse ! audio/x-opus,channel-mapping-family=0";
    }
    stream->form = video ? TRACK_PICTURES : TRACK_SOUND;
    return video ? picture_chain : sound_chain;
}

static void link_stream(struct stream *stream, GstPad *pad, const char *description)
{
    g_autoptr(GError) error = NULL;
    /* demuxers serve all streams from one thread: a queue keeps one from waiting for the other */
    g_autofree char *whole = g_strdup_printf(
        "queue name=in max-size-buffers=0 max-size-bytes=%d max-size-time=%" G_GUINT64_FORMAT
        " ! %s ! appsink name=sink sync=false async=false max-buffers=4",
        QUEUE_BYTES, (guint64)QUEUE_TIME, description);
    GstElement *bin = gst_parse_bin_from_description(whole, FALSE, &error);
    if (!bin || error) {
        link_fail("GStreamer lacks a part: %s", error ? error->message : "");
    }
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(bin), "sink");
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, stream, NULL);
    gst_bin_add(GST_BIN(stream->reader->pipeline), bin);
    g_autoptr(GstElement) first = gst_bin_get_by_name(GST_BIN(bin), "in");
    g_autoptr(GstPad) inner = gst_element_get_static_pad(first, "sink");
    GstPad *to = gst_ghost_pad_new("sink", inner);
    gst_element_add_pad(bin, to);
    GstPadLinkReturn linked = gst_pad_link(pad, to);
    if (linked != GST_PAD_LINK_OK) {
        link_fail("the parts of the pipeline do not fit together: %s",
                  gst_pad_link_get_name(linked));
    }
    gst_element_sync_state_with_parent(bin);
}

bool reader_take(struct reader *reader, GstPad *pad, const GstCaps *caps, bool rtp)
{
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *name = gst_structure_get_name(s);
    const char *media = rtp ? gst_structure_get_string(s, "media") : name;
    const char *codec = rtp ? gst_structure_get_string(s, "encoding-name") : name;
    if (!media || !codec) {
        return false;
    }
    struct stream *stream = g_str_has_prefix(media, "video")   ? &reader->video
                            : g_str_has_prefix(media, "image") ? &reader->video
                            : g_str_has_prefix(media, "audio") ? &reader->audio
                                                               : NULL;
    if (!stream || stream->used) {
        return false;
    }
    stream->used = true;
    stream->reader = reader;
    g_autofree char *lower = g_ascii_strdown(codec, -1);
    const char *bare = strstr(lower, "/x-") ? strstr(lower, "/x-") + 3 : lower;
    link_stream(stream, pad, chain(stream, bare, rtp));
    return true;
}

void reader_play(struct reader *reader)
{
    /* the outcome comes as a message */
    gst_element_set_state(reader->pipeline, GST_STATE_PLAYING);
}
