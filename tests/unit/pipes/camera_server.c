/*
 * An RTSP camera for the tests, by GStreamer's own server library: writes its port as one line and
 * serves until its standard input ends. With the argument `locked` it wants a user and password.
 */

#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PICTURE                                                                                    \
    "videotestsrc is-live=true pattern=ball ! "                                                    \
    "video/x-raw,format=I420,width=320,height=240,framerate=25/1"
#define SOUND "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=2"

static const struct {
    const char *path;
    const char *launch;
    GstRTSPLowerTrans transports;
} streams[] = {
    {"/h264",
     "( " PICTURE " ! x264enc tune=zerolatency key-int-max=25 ! "
     "video/x-h264,profile=constrained-baseline ! rtph264pay name=pay0 pt=96 " SOUND
     " ! opusenc ! rtpopuspay name=pay1 pt=97 )",
     GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP},
    {"/tcp",
     "( " PICTURE " ! x264enc tune=zerolatency key-int-max=25 ! "
     "video/x-h264,profile=main ! rtph264pay name=pay0 pt=96 )",
     GST_RTSP_LOWER_TRANS_TCP},
    {"/other",
     "( " PICTURE " ! jpegenc ! rtpjpegpay name=pay0 pt=26 " SOUND
     " ! audioresample ! audioconvert ! audio/x-raw,rate=8000,channels=1 ! alawenc ! "
     "rtppcmapay name=pay1 pt=8 )",
     GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP},
    {"/long",
     "( " PICTURE " ! x264enc tune=zerolatency key-int-max=1000 option-string=scenecut=0 ! "
     "rtph264pay name=pay0 pt=96 )",
     GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP},
    {"/locked",
     "( " PICTURE " ! x264enc tune=zerolatency key-int-max=25 ! rtph264pay name=pay0 pt=96 )",
     GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP},
};

static GstRTSPMediaFactory *make_factory(size_t i)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, streams[i].launch);
    gst_rtsp_media_factory_set_protocols(factory, streams[i].transports);
    GstRTSPPermissions *permissions = gst_rtsp_permissions_new();
    gst_rtsp_permissions_add_role(permissions, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                  G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                  G_TYPE_BOOLEAN, TRUE, NULL);
    gst_rtsp_media_factory_set_permissions(factory, permissions);
    gst_rtsp_permissions_unref(permissions);
    return factory;
}

static void lock(GstRTSPServer *server)
{
    GstRTSPAuth *auth = gst_rtsp_auth_new();
    GstRTSPToken *viewer =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", NULL);
    g_autofree char *basic = gst_rtsp_auth_make_basic("village", "open sesame");
    gst_rtsp_auth_add_basic(auth, basic, viewer);
    gst_rtsp_server_set_auth(server, auth);
    gst_rtsp_token_unref(viewer);
    g_object_unref(auth);
}

static gboolean on_input(GIOChannel *channel, GIOCondition condition, gpointer loop)
{
    _exit(0);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    GstRTSPServer *server = gst_rtsp_server_new();
    gst_rtsp_server_set_address(server, "127.0.0.1");
    gst_rtsp_server_set_service(server, "0");
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        gst_rtsp_mount_points_add_factory(mounts, streams[i].path, make_factory(i));
    }
    g_object_unref(mounts);
    if (argc > 1 && strcmp(argv[1], "locked") == 0) {
        lock(server);
    }
    if (gst_rtsp_server_attach(server, NULL) == 0) {
        return 1;
    }
    printf("%d\n", gst_rtsp_server_get_bound_port(server));
    fflush(stdout);
    g_io_add_watch(g_io_channel_unix_new(STDIN_FILENO), G_IO_IN | G_IO_HUP, on_input, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
