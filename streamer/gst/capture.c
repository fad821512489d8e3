#include "streamer/gst/inputs.h"
#include "streamer/gst/link.h"
#include "streamer/gst/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SOUND_BUFFER_US 60000
#define SOUND_PERIOD_US 10000

/* A camera (V4L2) and a sound card (ALSA) of this machine; each has a pipeline of its own, so that
   neither waits for the other. */
struct capture {
    struct reader camera, microphone;
    char *device;
    char *card;
};

static struct capture capture;

static const char *name_of(const struct reader *reader)
{
    return reader == &capture.camera ? capture.device : capture.card;
}

static void fail(struct reader *reader, const GError *error)
{
    const char *what = reader == &capture.camera ? "camera" : "sound card";
    if (error->domain == GST_RESOURCE_ERROR && error->code == GST_RESOURCE_ERROR_BUSY) {
        link_fail("the %s %s is used by another program", what, name_of(reader));
    }
    link_fail("the %s %s does not work: %s", what, name_of(reader), error->message);
}

static void on_end(struct reader *reader)
{
    link_fail("%s ended", name_of(reader));
}

static void start(struct reader *reader, GstElement *source, const char *caps_text)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(caps_text);
    GstElement *filter = gst_element_factory_make("capsfilter", NULL);
    reader->live = true;
    reader->encode = true;
    reader->on_error = fail;
    reader->on_end = on_end;
    reader_init(reader);
    g_object_set(filter, "caps", caps, NULL);
    gst_bin_add_many(GST_BIN(reader->pipeline), source, filter, NULL);
    gst_element_link(source, filter);
    g_autoptr(GstPad) pad = gst_element_get_static_pad(filter, "src");
    reader_take(reader, pad, caps, false);
}

static void start_camera(void)
{
    int fd = open(capture.device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        link_fail("cannot open the camera %s: %s", capture.device, g_strerror(errno));
    }
    close(fd);
    GstElement *source = gst_element_factory_make("v4l2src", NULL);
    if (!source) {
        link_fail("GStreamer lacks a part: v4l2src");
    }
    g_object_set(source, "device", capture.device, NULL);
    /* many cameras give 720p at full rate only as JPEG */
    start(&capture.camera, source,
          "image/jpeg,width=1280,height=720;video/x-raw,width=1280,height=720;"
          "image/jpeg;video/x-raw");
}

static void start_microphone(void)
{
    GstElement *source = gst_element_factory_make("alsasrc", NULL);
    if (!source) {
        link_fail("GStreamer lacks a part: alsasrc (gstreamer1.0-alsa)");
    }
    g_object_set(source, "device", capture.card, "buffer-time", (gint64)SOUND_BUFFER_US,
                 "latency-time", (gint64)SOUND_PERIOD_US, NULL);
    start(&capture.microphone, source, "audio/x-raw");
}

void capture_start(const json_t *source)
{
    const char *device = json_string_value(json_object_get(source, "device"));
    const char *card = json_string_value(json_object_get(source, "alsa"));
    capture.device = g_strdup(device);
    capture.card = g_strdup(card);
    link_send_mode(false);
    if (device && device[0]) {
        start_camera();
        reader_play(&capture.camera);
    }
    if (card && card[0]) {
        start_microphone();
        reader_play(&capture.microphone);
    }
}

void capture_keyframe(void)
{
    track_keyframe(capture.camera.video.track);
}
