#include "streamer/transport/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

bool tk_addr_equal(const struct tk_addr *a, const struct tk_addr *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool tk_path_equal(const struct tk_path *a, const struct tk_path *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool tk_addr_is_announceable(const struct tk_addr *a)
{
    if (a->family == 4) {
        bool link_local = a->ip[0] == 169 && a->ip[1] == 254;
        return a->ip[0] != 0 && a->ip[0] != 127 && a->ip[0] < 224 && !link_local;
    }
    bool is_global = (a->ip[0] & 0xe0) == 0x20; /* RFC 4291 §2.4: 2000::/3 in use */
    bool is_ula = (a->ip[0] & 0xfe) == 0xfc;    /* RFC 4193 §3.1 */
    return a->family == 6 && (is_global || is_ula);
}

bool tk_addr_from_sockaddr(struct tk_addr *out, const struct sockaddr *sa)
{
    memset(out, 0, sizeof(*out));
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in sin;
        memcpy(&sin, sa, sizeof(sin));
        memcpy(out->ip, &sin.sin_addr, 4);
        out->port = ntohs(sin.sin_port);
        out->family = 4;
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;
        memcpy(&sin6, sa, sizeof(sin6));
        memcpy(out->ip, &sin6.sin6_addr, 16);
        out->port = ntohs(sin6.sin6_port);
        out->family = 6;
        return true;
    }
    return false;
}

socklen_t tk_addr_to_sockaddr(const struct tk_addr *a, struct sockaddr_storage *out)
{
    if (a->family == 4) {
        struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&sin.sin_addr, a->ip, 4);
        memcpy(out, &sin, sizeof(sin));
        return sizeof(sin);
    }
    struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
    memcpy(&sin6.sin6_addr, a->ip, 16);
    memcpy(out, &sin6, sizeof(sin6));
    return sizeof(sin6);
}

bool tk_addr_parse(struct tk_addr *out, const char *ip)
{
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, ip, out->ip) == 1) {
        out->family = 4;
        return true;
    }
    if (inet_pton(AF_INET6, ip, out->ip) == 1) {
        out->family = 6;
        return true;
    }
    return false;
}

const char *tk_addr_ip_text(const struct tk_addr *a, char out[TK_ADDR_TEXT])
{
    out[0] = 0;
    inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, out, TK_ADDR_TEXT);
    return out;
}
