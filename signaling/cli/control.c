#include "signaling/cli/control.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/log.h"
#include "signaling/cli/folder.h"

struct connection {
    struct tk_control *control; /* NULL: closed, somebody still owes a reply */
    int fd;
    guint in;
    guint out;
    bool busy; /* its command is being carried out */
    GString *received;
    GString *to_send;
};

struct tk_control {
    const struct tk_command_ctx *ctx;
    int fd;
    guint source;
    GPtrArray *connections;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

int tk_control_address(const struct tk_settings *settings, struct sockaddr_un *ret)
{
    char path[TK_FOLDER_PATH];
    tk_folder_path(settings, TK_CONTROL_NAME, path);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(ret->sun_path)) {
        return -ENAMETOOLONG;
    }
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

static void connection_free(struct connection *c)
{
    g_string_free(c->received, TRUE);
    g_string_free(c->to_send, TRUE);
    g_free(c);
}

static void remove_source(guint *source)
{
    if (*source != 0) {
        g_source_remove(*source);
        *source = 0;
    }
}

/* Freed at once, or by the reply that is still owed. */
static void connection_close(struct connection *c)
{
    remove_source(&c->in);
    remove_source(&c->out);
    close(c->fd);
    g_ptr_array_remove_fast(c->control->connections, c);
    c->control = NULL;
    if (!c->busy) {
        connection_free(c);
    }
}

/* Sends what it can, and closes when all is sent. */
static void flush_out(struct connection *c);

static gboolean on_writable(gint fd, GIOCondition condition, gpointer arg)
{
    struct connection *c = arg;
    c->out = 0;
    flush_out(c);
    return G_SOURCE_REMOVE;
}

static void flush_out(struct connection *c)
{
    while (c->to_send->len > 0) {
        ssize_t n = send(c->fd, c->to_send->str, c->to_send->len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (c->out == 0) {
                c->out = g_unix_fd_add(c->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, on_writable, c);
            }
            return;
        }
        if (n < 0 && errno != EINTR) {
            break;
        }
        if (n > 0) {
            g_string_erase(c->to_send, 0, n);
        }
    }
    connection_close(c);
}

static void on_done(void *arg, const json_t *reply)
{
    struct connection *c = arg;
    c->busy = false;
    if (!c->control) {
        connection_free(c);
        return;
    }
    char *text = json_dumps(reply, JSON_COMPACT);
    g_string_append(c->to_send, text ? text : "{\"status\":1}");
    g_string_append_c(c->to_send, '\n');
    free(text);
    flush_out(c);
}

static void refuse(struct connection *c, const char *why)
{
    json_t *reply = json_pack("{s:i, s:{s:s, s:s}}", "status", 2, "error", "code", "bad_request",
                              "detail", why);
    on_done(c, reply);
    json_decref(reply);
}

static void take_line(struct connection *c, size_t len)
{
    json_t *request = json_loadb(c->received->str, len, JSON_REJECT_DUPLICATES, NULL);
    c->busy = true;
    if (!json_is_object(request)) {
        refuse(c, "not a JSON object on one line");
    } else {
        tk_command_run(c->control->ctx, request, on_done, c);
    }
    json_decref(request);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer arg)
{
    struct connection *c = arg;
    char buf[8192];
    ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (n <= 0 || c->received->len + (size_t)n > TK_CONTROL_LINE_MAX) {
        if (n > 0) {
            tk_log_warning("control: line too long, closing", "max=%d", TK_CONTROL_LINE_MAX);
        }
        c->in = 0;
        connection_close(c);
        return G_SOURCE_REMOVE;
    }
    g_string_append_len(c->received, buf, n);
    const char *end = memchr(c->received->str, '\n', c->received->len);
    if (!end) {
        return G_SOURCE_CONTINUE;
    }
    c->in = 0;
    take_line(c, (size_t)(end - c->received->str));
    return G_SOURCE_REMOVE;
}

static bool is_ours(int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static gboolean on_connection(gint fd, GIOCondition condition, gpointer arg)
{
    struct tk_control *control = arg;
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0) {
        return G_SOURCE_CONTINUE;
    }
    if (control->connections->len >= TK_CONTROL_CONNECTIONS_MAX || !is_ours(accepted)) {
        tk_log_warning("control: connection refused", "open=%u", control->connections->len);
        close(accepted);
        return G_SOURCE_CONTINUE;
    }
    struct connection *c = g_new0(struct connection, 1);
    c->control = control;
    c->fd = accepted;
    c->received = g_string_new(NULL);
    c->to_send = g_string_new(NULL);
    c->in = g_unix_fd_add(accepted, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, c);
    g_ptr_array_add(control->connections, c);
    return G_SOURCE_CONTINUE;
}

static int listen_at(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    unlink(address->sun_path);
    mode_t mask = umask(0177); /* 0600 from its first moment */
    int r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
    umask(mask);
    if (r == 0 && listen(fd, TK_CONTROL_CONNECTIONS_MAX) < 0) {
        r = -errno;
    }
    if (r < 0) {
        close(fd);
        return r;
    }
    return fd;
}

int tk_control_create(const struct tk_command_ctx *ctx, struct tk_control **ret, char *err,
                      size_t cap)
{
    struct sockaddr_un address;
    int fd = tk_control_address(ctx->settings, &address);
    if (fd == 0) {
        fd = listen_at(&address);
    }
    if (fd < 0) {
        snprintf(err, cap, "%s/%s: %s", ctx->settings->data_dir, TK_CONTROL_NAME, strerror(-fd));
        return fd;
    }
    struct tk_control *c = g_new0(struct tk_control, 1);
    c->ctx = ctx;
    c->fd = fd;
    g_strlcpy(c->path, address.sun_path, sizeof(c->path));
    c->connections = g_ptr_array_new();
    c->source = g_unix_fd_add(fd, G_IO_IN, on_connection, c);
    *ret = c;
    return 0;
}

void tk_control_destroy(struct tk_control *c)
{
    if (!c) {
        return;
    }
    while (c->connections->len > 0) {
        connection_close(g_ptr_array_index(c->connections, 0));
    }
    g_ptr_array_unref(c->connections);
    g_source_remove(c->source);
    close(c->fd);
    unlink(c->path);
    g_free(c);
}
