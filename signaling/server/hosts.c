/* Which names and addresses this machine has, for certificate and announcements. */

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "signaling/server/server_state.h"

#define HOSTS_MAX 64

static void add(GPtrArray *hosts, const char *name)
{
    for (guint i = 0; i < hosts->len; i++) {
        if (g_ascii_strcasecmp(hosts->pdata[i], name) == 0) {
            return;
        }
    }
    if (hosts->len < HOSTS_MAX) {
        g_ptr_array_add(hosts, g_strdup(name));
    }
}

static void add_settings(GPtrArray *hosts, const char *list)
{
    char **names = g_strsplit(list, ",", -1);
    for (char **name = names; *name; name++) {
        if (*g_strstrip(*name)) {
            add(hosts, *name);
        }
    }
    g_strfreev(names);
}

static bool address_text(const struct sockaddr *sa, char out[INET6_ADDRSTRLEN])
{
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
        return inet_ntop(AF_INET, &in->sin_addr, out, INET6_ADDRSTRLEN) != NULL;
    }
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
    return !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) &&
           inet_ntop(AF_INET6, &in6->sin6_addr, out, INET6_ADDRSTRLEN) != NULL;
}

static void add_machine(GPtrArray *hosts)
{
    struct ifaddrs *list = NULL;
    char text[INET6_ADDRSTRLEN];
    if (getifaddrs(&list) < 0) {
        return;
    }
    for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
        bool inet = i->ifa_addr &&
                    (i->ifa_addr->sa_family == AF_INET || i->ifa_addr->sa_family == AF_INET6);
        if (inet && (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK) &&
            address_text(i->ifa_addr, text)) {
            add(hosts, text);
        }
    }
    freeifaddrs(list);
}

/* RFC 1123: letters, digits, hyphens and dots; a machine may be called anything. */
static bool is_host_name(const char *name)
{
    return *name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
               strlen(name);
}

char **tk_server_hosts(const struct tk_settings *settings)
{
    char name[256] = "";
    GPtrArray *hosts = g_ptr_array_new();
    if (*settings->hosts) {
        add_settings(hosts, settings->hosts);
    } else {
        add_machine(hosts);
        if (gethostname(name, sizeof(name) - 1) == 0 && is_host_name(name)) {
            add(hosts, name);
        }
    }
    add(hosts, "localhost");
    add(hosts, "127.0.0.1");
    add(hosts, "::1");
    g_ptr_array_add(hosts, NULL);
    return (char **)g_ptr_array_free(hosts, FALSE);
}

bool tk_host_is_ours(const char *host, char *const *hosts)
{
    char name[256];
    if (host[0] == '[') { /* RFC 3986: an IPv6 address stands in brackets */
        g_strlcpy(name, host + 1, sizeof(name));
        name[strcspn(name, "]")] = '\0';
    } else {
        g_strlcpy(name, host, sizeof(name));
        name[strcspn(name, ":")] = '\0';
    }
    for (int i = 0; hosts[i]; i++) {
        if (g_ascii_strcasecmp(hosts[i], name) == 0) {
            return true;
        }
    }
    return false;
}
