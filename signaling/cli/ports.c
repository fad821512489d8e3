#include "signaling/cli/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEP_MS 50

struct port {
    int type;
    int offset; /* from settings.port */
    in_addr_t address;
    const char *name;
};

static const struct port ports[] = {
    {SOCK_STREAM, 0, INADDR_ANY, "TCP, pages"},
    {SOCK_DGRAM, 0, INADDR_ANY, "UDP, media"},
    {SOCK_STREAM, 1, INADDR_ANY, "TCP, media"},
    {SOCK_STREAM, 2, INADDR_LOOPBACK, "TCP, pages on this machine"},
};

static int try(const struct port *p, int64_t number)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)number),
                             .sin_addr.s_addr = htonl(p->address)};
    int fd = socket(AF_INET, p->type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    int one = 1;
    if (p->type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    int r = bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
    if (r == 0 && p->type == SOCK_STREAM && listen(fd, 1) < 0) {
        r = -errno;
    }
    close(fd);
    return r;
}

int tk_ports_wait(const struct tk_settings *settings, int wait_ms, char *err, size_t cap)
{
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        int64_t number = settings->port + ports[i].offset;
        int r = try(&ports[i], number);
        for (; r == -EADDRINUSE && wait_ms > 0; wait_ms -= STEP_MS) {
            usleep(STEP_MS * 1000);
            r = try(&ports[i], number);
        }
        if (r < 0) {
            snprintf(err, cap, "port %lld (%s): %s; set TONGKE_PORT or port in tongke.conf",
                     (long long)number, ports[i].name,
                     r == -EADDRINUSE ? "in use by another program" : strerror(-r));
            return r;
        }
    }
    return 0;
}
