#include "signaling/core/credentials.h"

#include <glib.h>
#include <string.h>

#define ROLE_PREFIX "tongke_"
#define DEVICE_PREFIX "tongke_device_"
/* More cookies than a browser keeps for us are not looked at. */
#define COOKIES_MAX 64

/* The roles in the order in which they are chosen. */
static const enum tk_role by_rank[TK_ROLES] = {TK_ROLE_ADMIN, TK_ROLE_AUDITOR, TK_ROLE_TEACHER,
                                               TK_ROLE_COTEACHER};

void tk_cookie_name_role(enum tk_role role, char out[TK_COOKIE_NAME_MAX])
{
    g_snprintf(out, TK_COOKIE_NAME_MAX, ROLE_PREFIX "%s", tk_role_name(role));
}

void tk_cookie_name_device(const char *key, char out[TK_COOKIE_NAME_MAX])
{
    g_snprintf(out, TK_COOKIE_NAME_MAX, DEVICE_PREFIX "%s", key);
}

struct cookie {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

/* RFC 6265, section 4.2.1: cookie-pair *( ";" SP cookie-pair ). */
static const char *next_cookie(const char *text, struct cookie *ret)
{
    text += strspn(text, "; \t");
    if (!*text) {
        return NULL;
    }
    size_t len = strcspn(text, ";");
    const char *equals = memchr(text, '=', len);
    ret->name = text;
    ret->name_len = equals ? (size_t)(equals - text) : len;
    ret->value = equals ? equals + 1 : text + len;
    ret->value_len = (size_t)(text + len - ret->value);
    while (ret->value_len > 0 && strchr(" \t", ret->value[ret->value_len - 1])) {
        ret->value_len--;
    }
    return text + len;
}

static bool copy_value(const struct cookie *c, char *out, size_t cap)
{
    if (c->value_len == 0 || c->value_len >= cap) {
        return false;
    }
    memcpy(out, c->value, c->value_len);
    out[c->value_len] = '\0';
    return true;
}

bool tk_cookie_find(const char *cookies, const char *name, char *out, size_t cap)
{
    struct cookie c;
    size_t len = strlen(name);
    for (const char *text = cookies; text && (text = next_cookie(text, &c));) {
        if (c.name_len == len && memcmp(c.name, name, len) == 0) {
            return copy_value(&c, out, cap);
        }
    }
    return false;
}

static bool has_account(const struct tk_credentials *c, int64_t id)
{
    for (int i = 0; i < c->accounts_count; i++) {
        if (c->accounts[i].id == id) {
            return true;
        }
    }
    return false;
}

static void read_account(struct tk_access *a, struct tk_now now, const struct cookie *cookie,
                         struct tk_credentials *ret)
{
    char token[TK_TOKEN_TEXT];
    char name[TK_COOKIE_NAME_MAX];
    struct tk_account account;
    struct tk_problem problem;
    if (ret->accounts_count == TK_ROLES || !copy_value(cookie, token, sizeof(token)) ||
        tk_session_check(a, now, token, &account, &problem) < 0) {
        return;
    }
    /* a session counts only under the cookie of its own role */
    tk_cookie_name_role(account.role, name);
    if (strlen(name) == cookie->name_len && memcmp(name, cookie->name, cookie->name_len) == 0 &&
        !has_account(ret, account.id)) {
        tk_secret_hash(token, ret->sessions[ret->accounts_count]);
        ret->accounts[ret->accounts_count++] = account;
    }
}

static void read_device(struct tk_access *a, struct tk_now now, const struct cookie *cookie,
                        struct tk_credentials *ret)
{
    char token[TK_TOKEN_TEXT];
    char key[TK_DEVICE_KEY_TEXT];
    struct tk_device device;
    struct tk_problem problem;
    size_t prefix = strlen(DEVICE_PREFIX);
    size_t len = cookie->name_len - prefix;
    if (ret->devices_count == TK_CREDENTIAL_DEVICES_MAX || len == 0 || len >= sizeof(key) ||
        !copy_value(cookie, token, sizeof(token))) {
        return;
    }
    memcpy(key, cookie->name + prefix, len);
    key[len] = '\0';
    if (tk_credentials_device(ret, key)) {
        return; /* the same name twice */
    }
    if (tk_device_check(a, now, key, token, &device, &problem) == 0) {
        ret->devices[ret->devices_count++] = device;
    } else if (problem.code && strcmp(problem.code, "revoked") == 0) {
        ret->revoked_device = true;
    }
}

static bool begins(const struct cookie *c, const char *prefix)
{
    size_t len = strlen(prefix);
    return c->name_len > len && memcmp(c->name, prefix, len) == 0;
}

void tk_credentials_read(struct tk_access *a, struct tk_now now, const char *cookies,
                         struct tk_credentials *ret)
{
    struct cookie c;
    int n = 0;
    memset(ret, 0, sizeof(*ret));
    for (const char *text = cookies; text && n < COOKIES_MAX && (text = next_cookie(text, &c));
         n++) {
        if (begins(&c, DEVICE_PREFIX)) {
            read_device(a, now, &c, ret);
        } else if (begins(&c, ROLE_PREFIX)) {
            read_account(a, now, &c, ret);
        }
    }
}

const struct tk_account *tk_credentials_account(const struct tk_credentials *c, unsigned roles)
{
    for (int rank = 0; rank < TK_ROLES; rank++) {
        for (int i = 0; i < c->accounts_count; i++) {
            if (c->accounts[i].role == by_rank[rank] && (roles & 1u << by_rank[rank])) {
                return &c->accounts[i];
            }
        }
    }
    return NULL;
}

const struct tk_device *tk_credentials_device(const struct tk_credentials *c, const char *key)
{
    if (!key || !*key) {
        return c->devices_count == 1 ? &c->devices[0] : NULL;
    }
    for (int i = 0; i < c->devices_count; i++) {
        if (strcmp(c->devices[i].key, key) == 0) {
            return &c->devices[i];
        }
    }
    return NULL;
}

/* Cuts ":80" or ":443" off, as `scheme` has it for its default. */
static size_t without_port(const char *host, const char *default_port)
{
    size_t len = strlen(host);
    size_t port = strlen(default_port);
    return len > port && strcmp(host + len - port, default_port) == 0 ? len - port : len;
}

static bool same_host(const char *a, const char *b, const char *default_port)
{
    size_t a_len = without_port(a, default_port);
    size_t b_len = without_port(b, default_port);
    return a_len > 0 && a_len == b_len && g_ascii_strncasecmp(a, b, a_len) == 0;
}

enum tk_origin tk_origin_check(const char *origin, const char *sec_fetch_site, const char *host)
{
    if (!host) {
        return TK_ORIGIN_FOREIGN;
    }
    if (origin && *origin) {
        /* RFC 6454, section 7: scheme "://" host [ ":" port ], or "null" */
        if (g_ascii_strncasecmp(origin, "https://", 8) == 0) {
            return same_host(origin + 8, host, ":443") ? TK_ORIGIN_OURS : TK_ORIGIN_FOREIGN;
        }
        if (g_ascii_strncasecmp(origin, "http://", 7) == 0) {
            return same_host(origin + 7, host, ":80") ? TK_ORIGIN_OURS : TK_ORIGIN_FOREIGN;
        }
        return TK_ORIGIN_FOREIGN;
    }
    if (sec_fetch_site && *sec_fetch_site) {
        return strcmp(sec_fetch_site, "same-origin") == 0 ? TK_ORIGIN_OURS : TK_ORIGIN_FOREIGN;
    }
    return TK_ORIGIN_NONE;
}
