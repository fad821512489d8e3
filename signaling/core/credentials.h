#ifndef TK_SIGNALING_CORE_CREDENTIALS_H
#define TK_SIGNALING_CORE_CREDENTIALS_H

/*
 * Who presents itself with a request: the accounts and devices of its cookies, and whether the page
 * that sent it is ours. One browser may hold a session of each role and devices of several rooms.
 * Loop thread (reads the store).
 */

#include "signaling/core/device.h"
#include "signaling/core/session.h"

#define TK_ROLES 4
#define TK_CREDENTIAL_DEVICES_MAX 8
#define TK_COOKIE_NAME_MAX 48

struct tk_credentials {
    int accounts_count; /* at most one a role */
    struct tk_account accounts[TK_ROLES];
    uint8_t sessions[TK_ROLES][TK_SECRET_HASH_BYTES]; /* of these accounts: hashes of tokens */
    int devices_count;
    struct tk_device devices[TK_CREDENTIAL_DEVICES_MAX];
    bool revoked_device; /* a cookie of a revoked device was there */
};

/* `cookies` is the Cookie header, NULL for none. Unknown and outdated cookies are passed over. */
void tk_credentials_read(struct tk_access *a, struct tk_now now, const char *cookies,
                         struct tk_credentials *ret);

/* The account whose role is in `roles` (bits of 1 << enum tk_role), administrator first; or NULL.
 */
const struct tk_account *tk_credentials_account(const struct tk_credentials *c, unsigned roles);

/* The device with that key; with `key` NULL or "" the only one. NULL: none, or not clear which. */
const struct tk_device *tk_credentials_device(const struct tk_credentials *c, const char *key);

/* Names of cookies: `tongke_<role>` and `tongke_device_<key>`. */
void tk_cookie_name_role(enum tk_role role, char out[TK_COOKIE_NAME_MAX]);
void tk_cookie_name_device(const char *key, char out[TK_COOKIE_NAME_MAX]);

/* Copies the value of cookie `name` out of a Cookie header; false: not there or too long. */
bool tk_cookie_find(const char *cookies, const char *name, char *out, size_t cap);

enum tk_origin {
    TK_ORIGIN_NONE,    /* neither header: no browser, or none that says */
    TK_ORIGIN_OURS,    /* a page of this server */
    TK_ORIGIN_FOREIGN, /* another site's page, or a page that hides where it is from */
};

/*
 * Judges the headers Origin, or lacking it Sec-Fetch-Site, of a request to `host` (its Host
 * header); NULL where missing. Pure.
 */
enum tk_origin tk_origin_check(const char *origin, const char *sec_fetch_site, const char *host);

#endif
