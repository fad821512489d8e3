#include "tests/bench/signal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_MAX 65536

static int fail(const char *what, const char *detail)
{
    fprintf(stderr, "viewers: %s: %.200s\n", what, detail);
    return -EPROTO;
}

/* Splits http://a.b.c.d:port/path; plain HTTP to a numeric address is all that is measured. */
static int dial(const char *url, const char **ret_path)
{
    char ip[64];
    int port;
    int used = 0;
    if (sscanf(url, "http://%63[0-9.]:%d%n", ip, &port, &used) != 2) {
        return fail("not an http://ADDRESS:PORT/… address", url);
    }
    *ret_path = url + used;
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, ip, &sa.sin_addr) != 1) {
        return fail("not an address", ip);
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
        int r = -errno;
        fail("cannot connect", url);
        if (fd >= 0) {
            close(fd);
        }
        return r;
    }
    return fd;
}

static void read_reply(int fd, char *reply)
{
    size_t len = 0;
    ssize_t n;
    while (len < REPLY_MAX - 1 && (n = read(fd, reply + len, REPLY_MAX - 1 - len)) > 0) {
        len += (size_t)n;
    }
    reply[len] = 0;
}

/* One request on a connection of its own (HTTP/1.0: no chunks come back). The body of the reply, to
 * be freed; NULL on failure. */
static char *request(const char *method, const char *url, const char *headers, const char *body)
{
    const char *path;
    int fd = dial(url, &path);
    if (fd < 0) {
        return NULL;
    }
    dprintf(fd, "%s %s HTTP/1.0\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n%s", method,
            path, headers, strlen(body), body);
    char *reply = malloc(REPLY_MAX);
    read_reply(fd, reply);
    close(fd);
    int status = 0;
    char *start = strstr(reply, "\r\n\r\n");
    if (sscanf(reply, "HTTP/1.%*d %d", &status) != 1 || status / 100 != 2 || !start) {
        fail("refused", reply);
        free(reply);
        return NULL;
    }
    memmove(reply, start + 4, strlen(start + 4) + 1);
    return reply;
}

int signal_whep(const char *url, const char *token, const char *offer, char *out, size_t cap)
{
    char headers[512];
    snprintf(headers, sizeof(headers),
             "Content-Type: application/sdp\r\nAuthorization: Bearer %s\r\n", token);
    char *answer = request("POST", url, headers, offer);
    if (!answer) {
        return -EPROTO;
    }
    snprintf(out, cap, "%s", answer);
    free(answer);
    return 0;
}

/* Takes the reference of `body` (NULL: a GET). */
static json_t *janus(const char *url, json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    char *reply =
        request(text ? "POST" : "GET", url, "Content-Type: application/json\r\n", text ? text : "");
    free(text);
    json_t *parsed = reply ? json_loads(reply, 0, NULL) : NULL;
    free(reply);
    return parsed;
}

static int created(json_t *reply, char *ret_id, size_t cap)
{
    json_t *id = json_object_get(json_object_get(reply, "data"), "id");
    snprintf(ret_id, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    if (!id) {
        char *text = json_dumps(reply, JSON_COMPACT | JSON_ENCODE_ANY);
        fail("Janus gave no id", text ? text : "no reply");
        free(text);
    }
    json_decref(reply);
    return id ? 0 : -EPROTO;
}

static int wait_offer(const char *session_url, char *out, size_t cap)
{
    for (int events = 0; events < 8; events++) {
        json_t *event = janus(session_url, NULL);
        if (!event) {
            return -EPROTO;
        }
        const char *sdp = json_string_value(json_object_get(json_object_get(event, "jsep"), "sdp"));
        if (sdp) {
            snprintf(out, cap, "%s", sdp);
        }
        json_decref(event);
        if (sdp) {
            return 0;
        }
    }
    return fail("Janus", "no offer came");
}

int signal_janus_watch(struct signal_janus *j, int mountpoint, char *out, size_t cap)
{
    char url[256];
    int r = created(janus(j->url, json_pack("{s:s,s:s}", "janus", "create", "transaction", "t")),
                    j->session, sizeof(j->session));
    if (r < 0) {
        return r;
    }
    snprintf(url, sizeof(url), "%s/%s", j->url, j->session);
    r = created(janus(url, json_pack("{s:s,s:s,s:s}", "janus", "attach", "transaction", "t",
                                     "plugin", "janus.plugin.streaming")),
                j->handle, sizeof(j->handle));
    if (r < 0) {
        return r;
    }
    snprintf(url, sizeof(url), "%s/%s/%s", j->url, j->session, j->handle);
    json_decref(janus(url, json_pack("{s:s,s:s,s:{s:s,s:i}}", "janus", "message", "transaction",
                                     "t", "body", "request", "watch", "id", mountpoint)));
    snprintf(url, sizeof(url), "%s/%s?maxev=1", j->url, j->session);
    return wait_offer(url, out, cap);
}

int signal_janus_start(struct signal_janus *j, const char *answer)
{
    char url[256];
    snprintf(url, sizeof(url), "%s/%s/%s", j->url, j->session, j->handle);
    json_t *reply = janus(url, json_pack("{s:s,s:s,s:{s:s},s:{s:s,s:s}}", "janus", "message",
                                         "transaction", "t", "body", "request", "start", "jsep",
                                         "type", "answer", "sdp", answer));
    if (!reply) {
        return -EPROTO;
    }
    json_decref(reply);
    return 0;
}
