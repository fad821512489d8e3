#include "streamer/gst/inputs.h"
#include "streamer/gst/link.h"
#include "streamer/gst/reader.h"

#include <string.h>

#define LATENCY_MS 100          /* for packets that come late or in the wrong order */
#define UDP_PATIENCE_US 1500000 /* without a packet so long: the same over TCP */
#define TCP_PATIENCE_US 5000000

struct camera {
    struct reader reader;
    char *host; /* for texts: address without user and password */
};

static struct camera camera;

/* GStreamer's texts may hold the address with the password: only our own words go out. */
static void fail(struct reader *reader, const GError *error)
{
    if (error->domain == GST_RESOURCE_ERROR) {
        switch (error->code) {
        case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
            link_fail("the camera %s refuses user and password", camera.host);
        case GST_RESOURCE_ERROR_NOT_FOUND:
            link_fail("the camera %s has no such stream, or its name is not known", camera.host);
        case GST_RESOURCE_ERROR_OPEN_READ:
        case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
        case GST_RESOURCE_ERROR_OPEN_WRITE:
            link_fail("cannot reach the camera %s", camera.host);
        case GST_RESOURCE_ERROR_READ:
        case GST_RESOURCE_ERROR_WRITE:
            link_fail("the camera %s closed the connection", camera.host);
        default:
            break;
        }
    }
    if (error->domain == GST_STREAM_ERROR) {
        link_fail("what the camera %s sends cannot be decoded", camera.host);
    }
    link_fail("the camera %s does not play (error %d)", camera.host, error->code);
}

static void on_end(struct reader *reader)
{
    link_fail("the camera %s ended its stream", camera.host);
}

static gboolean on_select(GstElement *source, guint number, GstCaps *caps, gpointer ctx)
{
    const char *media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
    return media && (strcmp(media, "video") == 0 || strcmp(media, "audio") == 0);
}

static void on_pad(GstElement *source, GstPad *pad, gpointer ctx)
{
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    if (caps) {
        reader_take(&camera.reader, pad, caps, true);
    }
}

static void on_all_pads(GstElement *source, gpointer ctx)
{
    if (!camera.reader.video.used && !camera.reader.audio.used) {
        link_fail("the camera %s offers neither picture nor sound", camera.host);
    }
}

/* User and password out of rtsp://user:password@host/…, if the address has them. */
static char *split_address(const char *url, char **user, char **password)
{
    const char *rest = strstr(url, "://") + 3;
    const char *at = strrchr(rest, '@');
    if (!at) {
        return g_strdup(url);
    }
    g_autofree char *scheme = g_strndup(url, (gsize)(rest - url));
    g_autofree char *info = g_strndup(rest, (gsize)(at - rest));
    char *colon = strchr(info, ':');
    if (colon) {
        *colon = 0;
        *password = g_uri_unescape_string(colon + 1, NULL);
    }
    *user = g_uri_unescape_string(info, NULL);
    memset(info, 0, (gsize)(at - rest));
    return g_strconcat(scheme, at + 1, NULL);
}

static void configure(GstElement *rtsp, const json_t *source)
{
    const char *user = json_string_value(json_object_get(source, "user"));
    const char *password = json_string_value(json_object_get(source, "password"));
    g_autofree char *own_user = NULL;
    g_autofree char *own_password = NULL;
    g_autofree char *address =
        split_address(json_string_value(json_object_get(source, "url")), &own_user, &own_password);
    const char *host = strstr(address, "://") + 3;
    camera.host = g_strndup(host, strcspn(host, "/?#"));
    g_object_set(rtsp, "location", address, "latency", LATENCY_MS, "timeout",
                 (guint64)UDP_PATIENCE_US, "tcp-timeout", (guint64)TCP_PATIENCE_US, "user-id",
                 user && user[0] ? user : own_user, "user-pw",
                 password && password[0] ? password : own_password, NULL);
}

void camera_start(const json_t *source)
{
    struct reader *r = &camera.reader;
    r->live = true;
    r->encode = json_is_true(json_object_get(source, "encode"));
    r->on_error = fail;
    r->on_end = on_end;
    reader_init(r);
    GstElement *rtsp = gst_element_factory_make("rtspsrc", NULL);
    if (!rtsp) {
        link_fail("GStreamer lacks a part: rtspsrc");
    }
    configure(rtsp, source);
    g_signal_connect(rtsp, "select-stream", G_CALLBACK(on_select), NULL);
    g_signal_connect(rtsp, "pad-added", G_CALLBACK(on_pad), NULL);
    g_signal_connect(rtsp, "no-more-pads", G_CALLBACK(on_all_pads), NULL);
    gst_bin_add(GST_BIN(r->pipeline), rtsp);
    reader_play(r);
}

void camera_keyframe(void)
{
    track_keyframe(camera.reader.video.track);
}
