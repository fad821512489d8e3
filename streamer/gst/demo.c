#include "streamer/gst/inputs.h"
#include "streamer/gst/lesson.h"
#include "streamer/gst/link.h"
#include "streamer/gst/track.h"

#include <gst/app/app.h>

#define PACKET (20 * GST_MSECOND)
#define AHEAD 3 /* sound for so many frames is handed over early: drawing does not hold it up */
#define MAX_BEHIND (200 * GST_MSECOND) /* after a longer stop frames are left out */

/*
 * The demo lesson is drawn and encoded as it is shown: so it has a running clock and makes a
 * keyframe when asked. Its sound was encoded when the lesson was made: packets are sent as they
 * are, beside the pictures that they belong to.
 */
struct demo {
    struct lesson *lesson;
    struct track *pictures;
    struct track *sound;
    GPtrArray *packets; /* GstBuffer, 20 ms each */
};

static struct demo demo;

static void read_packets(const char *path)
{
    g_autofree char *description =
        g_strdup("filesrc name=file ! oggdemux ! opusparse ! appsink name=sink sync=false");
    GstElement *pipeline = gst_parse_launch(description, NULL);
    g_autoptr(GstElement) file = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "file") : NULL;
    g_autoptr(GstElement) sink = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "sink") : NULL;
    if (!file || !sink) {
        link_fail("GStreamer lacks a part for Ogg and Opus");
    }
    g_object_set(file, "location", path, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    demo.packets = g_ptr_array_new();
    GstSample *sample;
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(sink)))) {
        GstBuffer *packet = gst_sample_get_buffer(sample);
        if (packet && !GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_HEADER)) {
            g_ptr_array_add(demo.packets, gst_buffer_copy_deep(packet));
        }
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
    if (demo.packets->len == 0) {
        link_fail("the demo lesson's sound %s has no Opus", path);
    }
}

static GstBuffer *draw(guint64 number)
{
    const struct lesson *l = demo.lesson;
    gsize bytes = canvas_bytes(l->width, l->height, false);
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, bytes, NULL);
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        link_fail("out of memory");
    }
    struct canvas picture = {map.data, l->width, l->height, false};
    lesson_draw(l, number, g_get_real_time(), &picture);
    gst_buffer_unmap(buffer, &map);
    return buffer;
}

/* Packets number `first` up to `until` of the lesson that goes round; each waits for its time. */
static void push_sound(guint64 first, guint64 until, GstClockTime begin)
{
    guint64 round = (guint64)demo.lesson->frames * GST_SECOND / (guint64)demo.lesson->fps / PACKET;
    for (guint64 i = first; i < until; i++) {
        guint at = (guint)(i % round);
        if (at < demo.packets->len) {
            GstBuffer *packet = gst_buffer_copy(g_ptr_array_index(demo.packets, at));
            track_push(demo.sound, packet, begin + i * PACKET);
        }
    }
}

static void wait_until(GstClockTime when)
{
    GstClockTime now = track_now();
    if (now < when) {
        g_usleep((gulong)((when - now) / GST_USECOND));
    }
}

static gpointer play(gpointer ctx)
{
    const GstClockTime frame = GST_SECOND / (GstClockTime)demo.lesson->fps;
    GstClockTime begin = track_now();
    guint64 heard = 0;
    for (guint64 number = 0;; number++) {
        GstClockTime due = begin + number * frame;
        wait_until(due);
        if (track_now() > due + MAX_BEHIND) {
            number = (track_now() - begin) / frame;
            due = begin + number * frame;
            heard = number * frame / PACKET;
        }
        guint64 until = (number + AHEAD) * frame / PACKET;
        push_sound(heard, until, begin);
        heard = until;
        track_push(demo.pictures, draw(number), due);
    }
    return NULL;
}

void demo_start(const json_t *source)
{
    const char *data = json_string_value(json_object_get(source, "data"));
    g_autofree char *folder = g_build_filename(data ? data : ".", "demo", NULL);
    char *cause = NULL;
    demo.lesson = lesson_read(folder, &cause);
    if (!demo.lesson) {
        link_fail("%s", cause);
    }
    read_packets(demo.lesson->sound);

    g_autoptr(GstCaps) pictures =
        gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                            demo.lesson->width, "height", G_TYPE_INT, demo.lesson->height,
                            "framerate", GST_TYPE_FRACTION, demo.lesson->fps, 1, NULL);
    g_autoptr(GstCaps) sound =
        gst_caps_new_simple("audio/x-opus", "rate", G_TYPE_INT, 48000, "channels", G_TYPE_INT, 2,
                            "channel-mapping-family", G_TYPE_INT, 0, NULL);
    demo.pictures = track_create(&(struct track_config){
        .form = TRACK_PICTURES, .caps = pictures, .speed = "ultrafast", .fps = demo.lesson->fps});
    demo.sound =
        track_create(&(struct track_config){.form = TRACK_OPUS, .caps = sound, .paced = true});
    link_send_mode(false);
    g_thread_unref(g_thread_new("demo", play, NULL));
}

void demo_keyframe(void)
{
    track_keyframe(demo.pictures);
}
