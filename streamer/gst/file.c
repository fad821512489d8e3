#include "streamer/gst/inputs.h"
#include "streamer/gst/link.h"
#include "streamer/gst/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCAN_MS 1500 /* a file is looked through for so long at most; the rest while it plays */

struct file {
    struct reader reader;
    char *path;
    bool loop;
    guint scan_end; /* GLib source */
};

static struct file file;

static void fail(struct reader *reader, const GError *error)
{
    if (error->domain == GST_STREAM_ERROR) {
        switch (error->code) {
        case GST_STREAM_ERROR_TYPE_NOT_FOUND:
        case GST_STREAM_ERROR_WRONG_TYPE:
            link_fail("%s is no media file that can be played", file.path);
        case GST_STREAM_ERROR_CODEC_NOT_FOUND:
            link_fail("there is no decoder for what is in %s", file.path);
        case GST_STREAM_ERROR_DEMUX:
        case GST_STREAM_ERROR_DECODE:
            link_fail("%s is damaged: %s", file.path, error->message);
        default:
            break;
        }
    }
    link_fail("cannot play %s: %s", file.path, error->message);
}

static void rewind_file(void)
{
    file.reader.video.end = file.reader.audio.end = 0;
    if (!gst_element_seek_simple(file.reader.pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0)) {
        link_fail("%s cannot be played again from its begin", file.path);
    }
}

/* What was found out decides whether its H.264 is passed through; now it plays. */
static void end_scan(void)
{
    struct reader *r = &file.reader;
    if (file.scan_end) {
        g_source_remove(file.scan_end);
        file.scan_end = 0;
    }
    if (r->video.unfit || r->audio.unfit) {
        link_fit_only_encoded(r->video.unfit ? r->video.unfit : r->audio.unfit);
    }
    memset(&r->video.fitness, 0, sizeof(r->video.fitness));
    /* the flush comes before the streams go on: they find scanning off */
    gst_element_set_state(r->pipeline, GST_STATE_PAUSED);
    r->scanning = false;
    rewind_file();
    gst_element_set_state(r->pipeline, GST_STATE_PLAYING);
}

static gboolean on_scan_end(gpointer ctx)
{
    file.scan_end = 0;
    end_scan();
    return G_SOURCE_REMOVE;
}

static gboolean on_over(gpointer ctx)
{
    link_over();
    return G_SOURCE_REMOVE;
}

static void on_end(struct reader *r)
{
    GstClockTime end = MAX(r->video.end, r->audio.end);
    if (r->scanning) {
        end_scan();
    } else if (end == 0) {
        link_fail("%s has nothing that can be played", file.path);
    } else if (file.loop) {
        r->offset += end;
        memset(&r->video.fitness, 0, sizeof(r->video.fitness));
        rewind_file();
    } else {
        gint64 left = (gint64)(r->base + end) - (gint64)track_now();
        g_timeout_add((guint)MAX(left / (gint64)GST_MSECOND, 0) + 100, on_over, NULL);
    }
}

static void on_pad(GstElement *parser, GstPad *pad, gpointer ctx)
{
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    if (!caps) {
        caps = gst_pad_query_caps(pad, NULL);
    }
    if (!gst_caps_is_any(caps) && gst_caps_get_size(caps) > 0) {
        reader_take(&file.reader, pad, caps, false);
    }
}

static void on_all_pads(GstElement *parser, gpointer ctx)
{
    if (!file.reader.video.used && !file.reader.audio.used) {
        link_fail("%s has neither picture nor sound", file.path);
    }
}

static void check_path(void)
{
    struct stat st;
    int fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        link_fail("cannot open %s: %s", file.path, g_strerror(errno));
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        link_fail("%s is not a file", file.path);
    }
    if (st.st_size == 0) {
        link_fail("%s is empty", file.path);
    }
    close(fd);
}

void file_start(const json_t *source)
{
    struct reader *r = &file.reader;
    file.path = g_strdup(json_string_value(json_object_get(source, "path")));
    file.loop = json_is_true(json_object_get(source, "loop"));
    check_path();
    r->encode = json_is_true(json_object_get(source, "encode"));
    r->scanning = !r->encode;
    r->on_error = fail;
    r->on_end = on_end;
    reader_init(r);
    GstElement *reading = gst_element_factory_make("filesrc", NULL);
    GstElement *parser = gst_element_factory_make("parsebin", NULL);
    if (!reading || !parser) {
        link_fail("GStreamer lacks a part: filesrc, parsebin");
    }
    g_object_set(reading, "location", file.path, NULL);
    g_signal_connect(parser, "pad-added", G_CALLBACK(on_pad), NULL);
    g_signal_connect(parser, "no-more-pads", G_CALLBACK(on_all_pads), NULL);
    gst_bin_add_many(GST_BIN(r->pipeline), reading, parser, NULL);
    gst_element_link(reading, parser);
    if (r->scanning) {
        file.scan_end = g_timeout_add(SCAN_MS, on_scan_end, NULL);
    }
    reader_play(r);
}

void file_keyframe(void)
{
    track_keyframe(file.reader.video.track);
}
