#include "streamer/gst/link.h"

#include "streamer/pipes/pipe_proto.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32

/* No cleaning up: threads of GStreamer may be anywhere, and the kernel frees it all. */
G_GNUC_NORETURN static void leave(void)
{
    _exit(0);
}

static void send_message(const void *message, size_t len)
{
    while (send(TK_PIPE_FD, message, len, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            leave();
        }
    }
}

json_t *link_receive_source(void)
{
    static char message[TK_PIPE_SOURCE_MAX];
    ssize_t n = recv(TK_PIPE_FD, message, sizeof(message), 0);
    if (n <= 0) {
        leave();
    }
    if (message[0] != TK_PIPE_SOURCE) {
        return NULL;
    }
    json_t *source = json_loadb(message + 1, (size_t)n - 1, JSON_REJECT_DUPLICATES, NULL);
    memset(message, 0, sizeof(message)); /* a password may be in it */
    return source;
}

static void send_batch(struct mmsghdr *messages, unsigned count)
{
    unsigned sent = 0;
    while (sent < count) {
        int n = sendmmsg(TK_PIPE_FD, messages + sent, count - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            leave();
        }
        sent += n > 0 ? (unsigned)n : 0;
    }
}

void link_send_packets(bool video, GstBufferList *packets)
{
    uint8_t bytes[BATCH][1 + TK_PIPE_PACKET_MAX];
    struct iovec iov[BATCH];
    struct mmsghdr messages[BATCH];
    guint total = gst_buffer_list_length(packets);
    unsigned n = 0;
    memset(messages, 0, sizeof(messages));
    for (guint i = 0; i < total; i++) {
        GstBuffer *packet = gst_buffer_list_get(packets, i);
        bytes[n][0] = video ? TK_PIPE_VIDEO : TK_PIPE_AUDIO;
        gsize len = gst_buffer_extract(packet, 0, bytes[n] + 1, TK_PIPE_PACKET_MAX);
        if (len < gst_buffer_get_size(packet)) {
            continue; /* no payloader of ours makes one so long */
        }
        iov[n] = (struct iovec){bytes[n], len + 1};
        messages[n].msg_hdr.msg_iov = &iov[n];
        messages[n].msg_hdr.msg_iovlen = 1;
        if (++n == BATCH) {
            send_batch(messages, n);
            n = 0;
        }
    }
    send_batch(messages, n);
}

void link_send_clock(bool video, guint32 rtp_ts, gint64 capture_us)
{
    uint8_t m[TK_PIPE_CLOCK_BYTES] = {TK_PIPE_CLOCK, video ? TK_PIPE_VIDEO : TK_PIPE_AUDIO};
    guint32 ts = GUINT32_TO_BE(rtp_ts);
    gint64 us = GINT64_TO_BE(capture_us);
    memcpy(m + 2, &ts, sizeof(ts));
    memcpy(m + 6, &us, sizeof(us));
    send_message(m, sizeof(m));
}

void link_send_mode(bool passthrough)
{
    const uint8_t m[] = {TK_PIPE_MODE, passthrough ? 1 : 0};
    send_message(m, sizeof(m));
}

static void send_text(enum tk_pipe_type type, const char *text)
{
    char m[1 + TK_PIPE_TEXT_MAX];
    size_t len = strnlen(text, TK_PIPE_TEXT_MAX);
    m[0] = (char)type;
    memcpy(m + 1, text, len);
    send_message(m, len + 1);
}

void link_note(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    g_autofree char *text = g_strdup_vprintf(format, ap);
    va_end(ap);
    send_text(TK_PIPE_NOTE, text);
}

void link_fail(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    g_autofree char *text = g_strdup_vprintf(format, ap);
    va_end(ap);
    send_text(TK_PIPE_FAILED, text);
    leave();
}

void link_fit_only_encoded(const char *why)
{
    send_text(TK_PIPE_ENCODE, why);
    leave();
}

void link_over(void)
{
    send_text(TK_PIPE_OVER, "");
    leave();
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer on_keyframe)
{
    char m[64];
    ssize_t n = recv(fd, m, sizeof(m), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        leave();
    }
    if (n == 1 && m[0] == TK_PIPE_KEYFRAME) {
        ((void (*)(void))on_keyframe)();
    }
    return G_SOURCE_CONTINUE;
}

void link_watch(void (*on_keyframe)(void))
{
    g_unix_fd_add(TK_PIPE_FD, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, (gpointer)on_keyframe);
}
