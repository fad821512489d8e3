#include "streamer/control/parts.h"

#include "config/log.h"
#include "streamer/seam.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGES_A_ROUND 32
#define VOICE_EVERY_US 250000 /* it is counted for who has the floor: a turn may be short */

struct tk_control *tk_control_create(int fd)
{
    struct tk_control *c = g_try_new0(struct tk_control, 1);
    if (c) {
        c->fd = fd;
        g_queue_init(&c->queue);
    }
    return c;
}

static void free_event(void *event)
{
    json_decref(event);
}

void tk_control_destroy(struct tk_control *c)
{
    if (!c) {
        return;
    }
    tk_sfu_destroy(c->sfu);
    if (c->transport) {
        tk_transport_flush(c->transport);
    }
    tk_transport_close(c->transport);
    tk_pipes_destroy(c->pipes); /* last: the port is free before a process that dies slowly is */
    g_queue_clear_full(&c->queue, free_event);
    g_free(c);
}

/* What can still be told of a message that was refused: whom to answer, and whether it exists. */
static void refuse(struct tk_control *c, const void *buf, size_t len, const char *why)
{
    json_t *message = len <= TK_SEAM_MAX_BYTES ? json_loadb(buf, len, 0, NULL) : NULL;
    const char *type = json_string_value(json_object_get(message, "type"));
    bool unknown = type && !tk_seam_find(TK_SEAM_COMMAND, type);
    json_int_t id = json_integer_value(json_object_get(message, "id"));
    tk_log_warning("command refused, ignoring", "why=\"%s\"", why);
    tk_control_error(c, id, unknown ? "unknown" : "malformed", "%s", why);
    json_decref(message);
}

void tk_control_take(struct tk_control *c, const void *buf, size_t len, int64_t now_us)
{
    char why[512];
    c->now_us = now_us;
    c->commands++;
    json_t *message = tk_seam_parse(TK_SEAM_COMMAND, buf, len, why, sizeof(why));
    if (!message) {
        refuse(c, buf, len, why);
        return;
    }
    tk_control_do(c, message, now_us);
    json_decref(message);
}

void tk_control_read(struct tk_control *c, int64_t now_us)
{
    static char buf[TK_SEAM_MAX_BYTES + 1]; /* one byte more shows what is too long */
    for (int i = 0; i < MESSAGES_A_ROUND && !c->ended; i++) {
        ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (n <= 0) {
            tk_log_info("the socket ended", NULL);
            c->ended = true;
            return;
        }
        tk_control_take(c, buf, (size_t)n, now_us);
    }
}

int64_t tk_control_on_time(struct tk_control *c, int64_t now_us)
{
    if (!c->sfu) {
        return INT64_MAX;
    }
    c->now_us = now_us;
    if (now_us >= c->stats_us) {
        tk_control_send_stats(c, now_us);
        c->stats_us = now_us + c->stats_every_us;
    }
    if (now_us >= c->voice_us + VOICE_EVERY_US) {
        tk_control_send_voices(c, now_us);
    }
    int64_t next_us = MIN(c->stats_us, c->voice_us + VOICE_EVERY_US);
    next_us = MIN(next_us, tk_pipes_on_time(c->pipes, now_us));
    next_us = MIN(next_us, tk_transport_on_time(c->transport, now_us));
    next_us = MIN(next_us, tk_sfu_on_time(c->sfu, now_us));
    tk_transport_flush(c->transport);
    return next_us;
}

bool tk_control_has_ended(const struct tk_control *c)
{
    return c->ended;
}

struct tk_transport *tk_control_transport(const struct tk_control *c)
{
    return c->sfu ? c->transport : NULL;
}

struct tk_pipes *tk_control_pipes(const struct tk_control *c)
{
    return c->pipes;
}
