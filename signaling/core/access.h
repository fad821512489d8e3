#ifndef TK_SIGNALING_CORE_ACCESS_H
#define TK_SIGNALING_CORE_ACCESS_H

/*
 * What account, session, device and token share: the store, the thread that hashes passwords, the
 * limits on guessing. Everything here runs on the loop thread. Reads answer at once; writes answer
 * through their `done` after COMMIT, which may be before the call returns when it fails early.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/settings.h"
#include "signaling/core/now.h"
#include "signaling/core/problem.h"
#include "signaling/core/secret.h"
#include "signaling/store/device_rows.h"
#include "signaling/store/store.h"

#define TK_ADDRESS_MAX 46

struct tk_access;

/* Who does something, for the audit. */
struct tk_actor {
    int64_t account_id; /* 0: none */
    char name[TK_LOGIN_MAX + 8];
    char ip[TK_ADDRESS_MAX];
};

/* Tells the pages: these may no longer be here. */
struct tk_access_listener {
    void *ctx;
    void (*on_account_ended)(void *ctx, int64_t account_id);
    void (*on_device_revoked)(void *ctx, int64_t device_id);
    /* somebody logged out: one session of an account, by the hash of its token; may be NULL */
    void (*on_session_ended)(void *ctx, const uint8_t *hash);
};

struct tk_access *tk_access_create(struct tk_store *store, const struct tk_settings *settings);
void tk_access_destroy(struct tk_access *a);
void tk_access_listen(struct tk_access *a, const struct tk_access_listener *listener);

/* The key of an address in a limit: IPv6 by its /64, which one subscriber has whole. */
void tk_access_address_key(const char *address, char out[TK_ADDRESS_MAX]);

struct tk_access_stats {
    uint64_t logins;
    uint64_t wrong_passwords;
    uint64_t limited;
    uint64_t wrong_codes;
};

const struct tk_access_stats *tk_access_stats(const struct tk_access *a);

/* Done without a result: `problem` NULL when it is committed. */
typedef void tk_access_done(void *arg, const struct tk_problem *problem);

#endif
