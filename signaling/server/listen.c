#include "signaling/server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>

#include "config/log.h"
#include "signaling/server/server_state.h"
#include "signaling/ws/ws.h"

#define HEADER_BYTES_MAX 8192
/* Head of a request, TLS handshake and each pause in a body. */
#define SLOW_S 5
#define KEEP_ALIVE_S 60
#define PLAIN_PORT_OFFSET 2
#define TCP_KEEP_ALIVE_S 60

static void on_lws_log(int level, const char *line)
{
    char text[256];
    g_strlcpy(text, line, sizeof(text));
    g_strchomp(text);
    tk_log(level & LLL_ERR ? TK_LOG_WARNING : TK_LOG_DEBUG, "libwebsockets", "text=\"%s\"", text);
}

/* One clear line before libwebsockets says it in its own way. */
static int check_port(int family, const char *address, int64_t port, char *err, size_t cap)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    inet_pton(family, address, family == AF_INET ? (void *)&in.sin_addr : (void *)&in6.sin6_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int r = family == AF_INET ? bind(fd, (struct sockaddr *)&in, sizeof(in))
                              : bind(fd, (struct sockaddr *)&in6, sizeof(in6));
    if (r == 0) {
        r = listen(fd, 1);
    }
    r = r < 0 ? -errno : 0;
    close(fd);
    if (r == -EADDRINUSE) {
        g_snprintf(err, (gulong)cap,
                   "port %lld (TCP) is in use by another program; stop it or set TONGKE_PORT",
                   (long long)port);
    } else if (r < 0) {
        g_snprintf(err, (gulong)cap, "cannot listen on port %lld: %s", (long long)port,
                   g_strerror(-r));
    }
    return r;
}

static bool has_ipv6(const char *address)
{
    char ignored[256];
    return check_port(AF_INET6, address, 0, ignored, sizeof(ignored)) == 0;
}

static void common(const struct tk_server *s, struct lws_context_creation_info *info)
{
    memset(info, 0, sizeof(*info));
    info->protocols = s->protocols;
    info->keepalive_timeout = KEEP_ALIVE_S;
    info->timeout_secs_ah_idle = SLOW_S;
    info->options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_VALIDATE_UTF8;
}

static int listen_https(struct tk_server *s, bool ipv6, char *err, size_t cap)
{
    struct lws_context_creation_info info;
    int64_t port = s->config.http.settings->port;
    int r = check_port(ipv6 ? AF_INET6 : AF_INET, ipv6 ? "::" : "0.0.0.0", port, err, cap);
    if (r < 0) {
        return r;
    }
    common(s, &info);
    info.vhost_name = "https";
    info.port = (int)port;
    info.alpn = "http/1.1";
    info.ssl_cert_filepath = s->tls.certificate;
    info.ssl_private_key_filepath = s->tls.key;
    info.ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                           SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
    /* an IPv6 socket that takes IPv4 too */
    info.options |= ipv6 ? LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY : LWS_SERVER_OPTION_DISABLE_IPV6;
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (!lws_create_vhost(s->lws, &info)) {
        g_snprintf(err, (gulong)cap, "cannot listen on port %lld", (long long)port);
        return -EIO;
    }
    return 0;
}

static int listen_plain(struct tk_server *s, bool ipv6, char *err, size_t cap)
{
    struct lws_context_creation_info info;
    int64_t port = s->config.http.settings->port + PLAIN_PORT_OFFSET;
    const char *address = ipv6 ? "::1" : "127.0.0.1";
    int r = check_port(ipv6 ? AF_INET6 : AF_INET, address, port, err, cap);
    if (r < 0) {
        return r;
    }
    common(s, &info);
    info.vhost_name = ipv6 ? "plain6" : "plain4";
    info.port = (int)port;
    info.iface = address;
    info.options |= ipv6
                        ? LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY | LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE
                        : LWS_SERVER_OPTION_DISABLE_IPV6;
    if (!lws_create_vhost(s->lws, &info)) {
        g_snprintf(err, (gulong)cap, "cannot listen on %s port %lld", address, (long long)port);
        return -EIO;
    }
    return 0;
}

static void fill_protocols(struct tk_server *s)
{
    s->protocols[0] =
        (struct lws_protocols){.name = "http", .callback = tk_connection_callback, .user = s};
    if (s->config.ws) {
        tk_ws_protocol(s->config.ws, &s->protocols[1]);
    }
}

int tk_listen_start(struct tk_server *s, char *err, size_t cap)
{
    struct lws_context_creation_info info;
    void *loops[1];
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    fill_protocols(s);
    s->loop = g_main_loop_new(NULL, FALSE);
    loops[0] = s->loop;
    common(s, &info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.user = s;
    info.foreign_loops = loops;
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.timeout_secs = SLOW_S;
    info.max_http_header_data = HEADER_BYTES_MAX;
    info.max_http_header_pool = (unsigned short)MIN(s->config.http.settings->connections, 8192);
    info.ka_time = TCP_KEEP_ALIVE_S;
    info.ka_probes = 3;
    info.ka_interval = 10;
    info.options |= LWS_SERVER_OPTION_GLIB | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    s->lws = lws_create_context(&info);
    if (!s->lws) {
        g_snprintf(err, (gulong)cap,
                   "libwebsockets cannot start; is libwebsockets-evlib-glib installed?");
        return -EIO;
    }
    bool ipv6 = has_ipv6("::");
    int r = listen_https(s, ipv6, err, cap);
    if (r == 0) {
        r = listen_plain(s, false, err, cap);
    }
    if (r == 0 && has_ipv6("::1")) {
        r = listen_plain(s, true, err, cap);
    }
    return r;
}

void tk_listen_stop(struct tk_server *s)
{
    if (s->lws) {
        lws_context_destroy(s->lws);
        s->lws = NULL;
    }
    if (s->loop) {
        g_main_loop_unref(s->loop);
        s->loop = NULL;
    }
}

int tk_listen_reload(struct tk_server *s)
{
    for (int i = 0; i < s->tls_ctx_count; i++) {
        if (SSL_CTX_use_certificate_chain_file(s->tls_ctx[i], s->tls.certificate) != 1 ||
            SSL_CTX_use_PrivateKey_file(s->tls_ctx[i], s->tls.key, SSL_FILETYPE_PEM) != 1) {
            return -EBADMSG;
        }
    }
    return 0;
}
