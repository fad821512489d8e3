#include "streamer/transport/candidates.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define HOST_PREFERENCE 126u /* RFC 8445 §5.1.2.2 */

void tk_candidates_add(struct tk_candidates *c, const struct tk_addr *addr)
{
    for (size_t i = 0; i < c->count; i++) {
        if (tk_addr_equal(&c->addresses[i], addr)) {
            return;
        }
    }
    if (c->count < TK_CANDIDATES_MAX) {
        tk_addr_ip_text(addr, c->texts[c->count]);
        c->addresses[c->count++] = *addr;
    }
}

static int add_host(struct tk_candidates *c, const char *host, bool ipv6, char *err, size_t err_cap)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found = NULL;
    int r = getaddrinfo(host, NULL, &hints, &found);
    if (r != 0) {
        snprintf(err, err_cap, "cannot find the announced host \"%s\": %s", host, gai_strerror(r));
        return -EINVAL;
    }
    for (struct addrinfo *a = found; a; a = a->ai_next) {
        struct tk_addr addr;
        if (tk_addr_from_sockaddr(&addr, a->ai_addr) && (ipv6 || addr.family == 4)) {
            addr.port = 0;
            tk_candidates_add(c, &addr);
        }
    }
    freeaddrinfo(found);
    return 0;
}

static void add_interfaces(struct tk_candidates *c, bool ipv6)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0) {
        return;
    }
    for (struct ifaddrs *i = all; i; i = i->ifa_next) {
        struct tk_addr addr;
        bool up = i->ifa_addr && (i->ifa_flags & IFF_UP);
        if (up && tk_addr_from_sockaddr(&addr, i->ifa_addr) && tk_addr_is_announceable(&addr) &&
            (ipv6 || addr.family == 4)) {
            addr.port = 0;
            tk_candidates_add(c, &addr);
        }
    }
    freeifaddrs(all);
}

int tk_candidates_find(struct tk_candidates *c, const char *const *hosts, size_t host_count,
                       bool ipv6, char *err, size_t err_cap)
{
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < host_count; i++) {
        int r = add_host(c, hosts[i], ipv6, err, err_cap);
        if (r < 0) {
            return r;
        }
    }
    if (!host_count) {
        add_interfaces(c, ipv6);
    }
    return 0;
}

int tk_candidates_print(const struct tk_candidates *c, uint16_t port, char *out, size_t cap)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < c->count; i++) {
        unsigned priority = HOST_PREFERENCE << 24 | (65535u - (unsigned)i) << 8 | 255u;
        int n = snprintf(out + used, cap - used, "a=candidate:%zu 1 udp %u %s %u typ host\r\n",
                         i + 1, priority, c->texts[i], port);
        if (n < 0 || (size_t)n >= cap - used) {
            return -ENOSPC;
        }
        used += (size_t)n;
    }
    return 0;
}
