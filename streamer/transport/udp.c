#include "streamer/transport/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define SEND_BATCH 128           /* messages */
#define SEND_BUFFER (256 * 1024) /* bytes of a batch: within a second-level cache */
#define SEGMENTS_MAX 64          /* of a message: UDP_MAX_SEGMENTS of Linux before 6.9 */
#define MESSAGE_MAX 64000        /* bytes of a message: what an IP datagram could hold */
#define ANY_PORT_TRIES 16
#define SOCKET_BUFFER (8 * 1024 * 1024)

/* Room for either pktinfo, and the segment size. */
#define CONTROL_LEN (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)))

union control {
    char bytes[CONTROL_LEN];
    struct cmsghdr align;
};

/* Datagrams for one path, one after the other in the send buffer. */
struct message {
    struct tk_path path;
    size_t at, len;
    uint16_t segment, count;
    bool closed; /* a shorter datagram has ended it */
};

struct udp_socket {
    int fd;
    bool no_segment; /* the device would not cut messages */
};

struct tk_udp {
    struct udp_socket sockets[2];
    uint16_t port;
    struct tk_udp_counters counters;

    struct mmsghdr in[TK_UDP_READ_BATCH];
    struct iovec in_iov[TK_UDP_READ_BATCH];
    struct sockaddr_storage in_from[TK_UDP_READ_BATCH];
    union control in_control[TK_UDP_READ_BATCH];
    uint8_t in_buf[TK_UDP_READ_BATCH][TK_UDP_DATAGRAM_MAX];

    struct message messages[SEND_BATCH];
    size_t message_count, used;
    struct mmsghdr out[SEND_BATCH];
    struct iovec out_iov[SEND_BATCH];
    struct sockaddr_storage out_to[SEND_BATCH];
    union control out_control[SEND_BATCH];
    uint8_t out_buf[SEND_BUFFER];
};

static int set_options(int fd, int family)
{
    int one = 1, size = SOCKET_BUFFER;
    /* The forced size needs a privilege; the plain one is cut to the machine's limit. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    }
    if (family == AF_INET) {
        return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
    }
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0) {
        return -1;
    }
    return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one));
}

static int bind_any(int fd, int family, uint16_t port)
{
    struct tk_addr any = {.family = family == AF_INET ? 4 : 6, .port = port};
    struct sockaddr_storage ss;
    socklen_t len = tk_addr_to_sockaddr(&any, &ss);
    return bind(fd, (struct sockaddr *)&ss, len);
}

static int open_socket(int family, uint16_t port, int *ret_fd)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    if (set_options(fd, family) < 0 || bind_any(fd, family, port) < 0) {
        int r = -errno;
        close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

static int bound_port(int fd, uint16_t *ret_port)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    struct tk_addr addr;
    if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0) {
        return -errno;
    }
    tk_addr_from_sockaddr(&addr, (struct sockaddr *)&ss);
    *ret_port = addr.port;
    return 0;
}

static void init_read_batch(struct tk_udp *udp)
{
    for (size_t i = 0; i < TK_UDP_READ_BATCH; i++) {
        udp->in_iov[i] = (struct iovec){udp->in_buf[i], TK_UDP_DATAGRAM_MAX};
        udp->in[i].msg_hdr = (struct msghdr){
            .msg_name = &udp->in_from[i],
            .msg_iov = &udp->in_iov[i],
            .msg_iovlen = 1,
            .msg_control = udp->in_control[i].bytes,
        };
    }
}

/* The same port for both families. */
static int open_both(struct tk_udp *udp, uint16_t port)
{
    int r = open_socket(AF_INET, port, &udp->sockets[0].fd);
    if (r == 0) {
        r = bound_port(udp->sockets[0].fd, &udp->port);
    }
    if (r == 0) {
        r = open_socket(AF_INET6, udp->port, &udp->sockets[1].fd);
        if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL) {
            r = 0; /* no IPv6 here */
        }
    }
    if (r < 0 && udp->sockets[0].fd >= 0) {
        close(udp->sockets[0].fd);
        udp->sockets[0].fd = -1;
    }
    return r;
}

int tk_udp_open(uint16_t port, struct tk_udp **ret, char *err, size_t err_cap)
{
    struct tk_udp *udp = calloc(1, sizeof(*udp));
    if (!udp) {
        snprintf(err, err_cap, "no memory for UDP port %u", port);
        return -ENOMEM;
    }
    udp->sockets[0].fd = udp->sockets[1].fd = -1;
    init_read_batch(udp);
    int r = open_both(udp, port);
    for (int i = 0; r == -EADDRINUSE && port == 0 && i < ANY_PORT_TRIES; i++) {
        r = open_both(udp, port); /* a port free for IPv4 may be taken for IPv6 */
    }
    if (r < 0) {
        snprintf(err, err_cap, "cannot listen on UDP port %u: %s", port, strerror(-r));
        tk_udp_close(udp);
        return r;
    }
    *ret = udp;
    return 0;
}

void tk_udp_close(struct tk_udp *udp)
{
    if (!udp) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (udp->sockets[i].fd >= 0) {
            close(udp->sockets[i].fd);
        }
    }
    free(udp);
}

uint16_t tk_udp_port(const struct tk_udp *udp)
{
    return udp->port;
}

int tk_udp_fd(const struct tk_udp *udp, size_t i)
{
    return i < 2 ? udp->sockets[i].fd : -1;
}

const struct tk_udp_counters *tk_udp_counters(const struct tk_udp *udp)
{
    return &udp->counters;
}

/* Which of our addresses was talked to. */
static void read_local(struct msghdr *h, struct tk_addr *local)
{
    memset(local, 0, sizeof(*local));
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof(info));
            memcpy(local->ip, &info.ipi_addr, 4);
            local->family = 4;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof(info));
            memcpy(local->ip, &info.ipi6_addr, 16);
            local->family = 6;
        }
    }
}

size_t tk_udp_read(struct tk_udp *udp, size_t i,
                   void (*each)(void *ctx, const struct tk_path *path, uint8_t *buf, size_t len),
                   void *ctx)
{
    if (tk_udp_fd(udp, i) < 0) {
        return 0;
    }
    for (size_t k = 0; k < TK_UDP_READ_BATCH; k++) {
        udp->in[k].msg_hdr.msg_namelen = sizeof(udp->in_from[k]);
        udp->in[k].msg_hdr.msg_controllen = CONTROL_LEN;
    }
    int n = recvmmsg(udp->sockets[i].fd, udp->in, TK_UDP_READ_BATCH, MSG_DONTWAIT, NULL);
    udp->counters.reads++;
    for (int k = 0; k < n; k++) {
        struct msghdr *h = &udp->in[k].msg_hdr;
        struct tk_path path;
        size_t len = udp->in[k].msg_len;
        udp->counters.datagrams_in++;
        udp->counters.bytes_in += len;
        if (h->msg_flags & MSG_TRUNC) {
            udp->counters.truncated++;
            continue;
        }
        if (tk_addr_from_sockaddr(&path.remote, h->msg_name)) {
            read_local(h, &path.local);
            each(ctx, &path, udp->in_buf[k], len);
        }
    }
    return n > 0 ? (size_t)n : 0;
}

uint8_t *tk_udp_room(struct tk_udp *udp, size_t cap)
{
    if (cap > TK_UDP_DATAGRAM_MAX) {
        return NULL;
    }
    if (udp->message_count == SEND_BATCH || SEND_BUFFER - udp->used < cap) {
        tk_udp_flush(udp);
    }
    return udp->out_buf + udp->used;
}

/* Whether the datagram can be the next segment of the last message. */
static bool joins(const struct message *m, const struct tk_path *path, size_t len)
{
    return !m->closed && len <= m->segment && m->count < SEGMENTS_MAX &&
           m->len + len <= MESSAGE_MAX && tk_path_equal(&m->path, path);
}

void tk_udp_commit(struct tk_udp *udp, const struct tk_path *path, size_t len)
{
    struct message *last = udp->message_count ? &udp->messages[udp->message_count - 1] : NULL;
    if (len == 0) {
        return;
    }
    if (last && joins(last, path, len)) {
        last->closed = len < last->segment;
        last->len += len;
        last->count++;
    } else {
        udp->messages[udp->message_count++] = (struct message){
            .path = *path,
            .at = udp->used,
            .len = len,
            .segment = (uint16_t)len,
            .count = 1,
        };
    }
    udp->used += len;
}

static void add_control(struct msghdr *h, int level, int type, const void *data, size_t len)
{
    struct cmsghdr *c = (struct cmsghdr *)((char *)h->msg_control + h->msg_controllen);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(c), data, len);
    h->msg_controllen += CMSG_SPACE(len);
}

static void add_local(struct msghdr *h, const struct tk_addr *local)
{
    if (local->family == 4) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, local->ip, 4);
        add_control(h, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
    } else if (local->family == 6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, local->ip, 16);
        add_control(h, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
    }
}

/* The k-th slot of the batch for the kernel: `len` bytes from `at`, cut in segments of `segment`.
 */
static void fill(struct tk_udp *udp, size_t k, const struct message *m)
{
    struct msghdr *h = &udp->out[k].msg_hdr;
    udp->out_iov[k] = (struct iovec){udp->out_buf + m->at, m->len};
    *h = (struct msghdr){
        .msg_name = &udp->out_to[k],
        .msg_namelen = tk_addr_to_sockaddr(&m->path.remote, &udp->out_to[k]),
        .msg_iov = &udp->out_iov[k],
        .msg_iovlen = 1,
        .msg_control = udp->out_control[k].bytes,
    };
    add_local(h, &m->path.local);
    if (m->count > 1) {
        add_control(h, IPPROTO_UDP, UDP_SEGMENT, &m->segment, sizeof(m->segment));
    }
}

/* Sends a message as single datagrams, where the kernel or the device doesn't cut them. */
static void send_singly(struct tk_udp *udp, int fd, const struct message *m)
{
    size_t end = m->at + m->len;
    for (size_t at = m->at; at < end; at += m->segment) {
        struct message one = *m;
        one.at = at;
        one.len = end - at < m->segment ? end - at : m->segment;
        one.count = 1;
        fill(udp, 0, &one);
        udp->counters.writes++;
        if (sendmsg(fd, &udp->out[0].msg_hdr, MSG_DONTWAIT) < 0) {
            udp->counters.refused++;
        }
    }
}

/* What to do with a message that was refused; true: it has been dealt with otherwise. */
static bool retry_singly(struct tk_udp *udp, struct udp_socket *s, const struct message *m, int e)
{
    /* EIO: no checksum offload; EINVAL, EMSGSIZE: a segment is longer than this path takes */
    bool about_segments = e == EIO || e == EINVAL || e == EMSGSIZE;
    if (m->count == 1 || !about_segments) {
        return false;
    }
    s->no_segment = s->no_segment || e == EIO;
    send_singly(udp, s->fd, m);
    return true;
}

/* Sends messages `from` to `to`, all of one family. */
static void send_run(struct tk_udp *udp, struct udp_socket *s, size_t from, size_t to)
{
    while (from < to) {
        size_t n = 0;
        while (from + n < to && !(s->no_segment && udp->messages[from + n].count > 1)) {
            fill(udp, n, &udp->messages[from + n]);
            n++;
        }
        if (n == 0) {
            send_singly(udp, s->fd, &udp->messages[from++]);
            continue;
        }
        udp->counters.writes++;
        int r = sendmmsg(s->fd, udp->out, (unsigned)n, MSG_DONTWAIT);
        if (r > 0) {
            from += (size_t)r;
            continue;
        }
        /* A lost packet is repaired; waiting for the buffer would cost everybody. */
        const struct message *m = &udp->messages[from++];
        if (errno != EINTR && !retry_singly(udp, s, m, errno)) {
            udp->counters.refused += m->count;
        }
    }
}

void tk_udp_flush(struct tk_udp *udp)
{
    size_t n = udp->message_count;
    for (size_t from = 0, to; from < n; from = to) {
        uint8_t family = udp->messages[from].path.remote.family;
        for (to = from; to < n && udp->messages[to].path.remote.family == family; to++) {
            udp->counters.datagrams_out += udp->messages[to].count;
            udp->counters.bytes_out += udp->messages[to].len;
        }
        struct udp_socket *s = &udp->sockets[family == 4 ? 0 : 1];
        if (s->fd >= 0) {
            send_run(udp, s, from, to);
        }
    }
    udp->counters.messages_out += n;
    udp->message_count = 0;
    udp->used = 0;
}
