#include "signaling/server/incoming.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

static const struct {
    enum lws_token_indexes token;
    enum tk_http_header header;
} headers[] = {
    {WSI_TOKEN_HOST, TK_HTTP_HOST},
    {WSI_TOKEN_ORIGIN, TK_HTTP_ORIGIN},
    {WSI_TOKEN_HTTP_COOKIE, TK_HTTP_COOKIE},
    {WSI_TOKEN_HTTP_AUTHORIZATION, TK_HTTP_AUTHORIZATION},
    {WSI_TOKEN_HTTP_CONTENT_TYPE, TK_HTTP_CONTENT_TYPE},
    {WSI_TOKEN_HTTP_CONTENT_LENGTH, TK_HTTP_CONTENT_LENGTH},
    {WSI_TOKEN_HTTP_TRANSFER_ENCODING, TK_HTTP_TRANSFER_ENCODING},
    {WSI_TOKEN_HTTP_IF_MATCH, TK_HTTP_IF_MATCH},
    {WSI_TOKEN_HTTP_IF_NONE_MATCH, TK_HTTP_IF_NONE_MATCH},
    {WSI_TOKEN_HTTP_ACCEPT, TK_HTTP_ACCEPT},
    {WSI_TOKEN_HTTP_ACCEPT_ENCODING, TK_HTTP_ACCEPT_ENCODING},
    {WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, TK_HTTP_ACCEPT_LANGUAGE},
};

static const struct {
    enum lws_token_indexes token;
    const char *method;
} methods[] = {
    {WSI_TOKEN_GET_URI, "GET"},         {WSI_TOKEN_HEAD_URI, "HEAD"},
    {WSI_TOKEN_POST_URI, "POST"},       {WSI_TOKEN_PUT_URI, "PUT"},
    {WSI_TOKEN_PATCH_URI, "PATCH"},     {WSI_TOKEN_DELETE_URI, "DELETE"},
    {WSI_TOKEN_OPTIONS_URI, "OPTIONS"},
};

/* `::ffff:192.0.2.1` is 192.0.2.1 that came to an IPv6 socket. */
void tk_incoming_address(int fd, char out[TK_ADDRESS_MAX], bool *ret_loopback)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    struct in6_addr in6;
    char text[TK_ADDRESS_MAX] = "";
    if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0) {
        getnameinfo((struct sockaddr *)&ss, len, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
    }
    text[strcspn(text, "%")] = '\0';
    const char *plain = g_str_has_prefix(text, "::ffff:") && strchr(text, '.') ? text + 7 : text;
    g_strlcpy(out, plain, TK_ADDRESS_MAX);
    *ret_loopback = g_str_has_prefix(out, "127.") ||
                    (inet_pton(AF_INET6, out, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6));
}

static char *copy_header(struct lws *wsi, enum lws_token_indexes token)
{
    int len = lws_hdr_total_length(wsi, token);
    if (len <= 0 || len > TK_HTTP_VALUE_MAX) {
        return NULL;
    }
    char *text = g_malloc0((gsize)len + 1);
    if (lws_hdr_copy(wsi, text, len + 1, token) < 0) {
        g_clear_pointer(&text, g_free);
    }
    return text;
}

static char *copy_custom(struct lws *wsi, const char *name)
{
    int len = lws_hdr_custom_length(wsi, name, (int)strlen(name));
    if (len <= 0 || len > TK_HTTP_VALUE_MAX) {
        return NULL;
    }
    char *text = g_malloc0((gsize)len + 1);
    if (lws_hdr_custom_copy(wsi, text, len + 1, name, (int)strlen(name)) < 0) {
        g_clear_pointer(&text, g_free);
    }
    return text;
}

static char **copy_queries(struct lws *wsi)
{
    char text[TK_HTTP_VALUE_MAX];
    GPtrArray *queries = g_ptr_array_new();
    for (int i = 0; lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i) > 0;
         i++) {
        g_ptr_array_add(queries, g_strdup(text));
    }
    g_ptr_array_add(queries, NULL);
    return (char **)g_ptr_array_free(queries, FALSE);
}

static bool wants_close(struct lws *wsi)
{
    char *connection = copy_header(wsi, WSI_TOKEN_CONNECTION);
    char *version = copy_header(wsi, WSI_TOKEN_HTTP);
    bool wants = version && g_ascii_strcasecmp(version, "HTTP/1.0") == 0;
    if (connection) {
        char *lower = g_ascii_strdown(connection, -1);
        wants = strstr(lower, "close") || (wants && !strstr(lower, "keep-alive"));
        g_free(lower);
    }
    g_free(connection);
    g_free(version);
    return wants;
}

bool tk_incoming_read(struct lws *wsi, struct tk_incoming *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < G_N_ELEMENTS(methods) && !ret->path; i++) {
        ret->path = copy_header(wsi, methods[i].token);
        ret->head.method = methods[i].method;
    }
    if (!ret->path) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        ret->texts[headers[i].header] = copy_header(wsi, headers[i].token);
    }
    ret->texts[TK_HTTP_SEC_FETCH_SITE] = copy_custom(wsi, "sec-fetch-site:");
    memcpy(ret->head.headers, ret->texts, sizeof(ret->head.headers));
    ret->queries = copy_queries(wsi);
    ret->head.queries = (const char *const *)ret->queries;
    ret->head.path = ret->path;
    ret->wants_close = wants_close(wsi);
    return true;
}

void tk_incoming_finish(struct tk_incoming *in)
{
    for (int i = 0; i < TK_HTTP_HEADERS; i++) {
        g_free(in->texts[i]);
    }
    g_strfreev(in->queries);
    g_free(in->path);
}
