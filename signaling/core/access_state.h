#ifndef TK_SIGNALING_CORE_ACCESS_STATE_H
#define TK_SIGNALING_CORE_ACCESS_STATE_H

/* What is inside struct tk_access, for account, session, device and token only. */

#include <jansson.h>

#include "signaling/core/access.h"
#include "signaling/core/limit.h"
#include "signaling/core/secret.h"

struct tk_access {
    struct tk_store *store;
    const struct tk_settings *settings;
    struct tk_hasher *hasher;
    struct tk_limit *by_login;
    struct tk_limit *by_address;
    struct tk_limit *codes_by_address;
    struct tk_limit *codes_in_all;
    struct tk_password nobody; /* compared with for an unknown login */
    struct tk_access_listener listener;
    struct tk_access_stats stats;
};

/* Problem rate_limited when `wait_ms` > 0: -EAGAIN, else 0. */
int tk_access_limited(struct tk_access *a, int64_t wait_ms, struct tk_problem *problem);

/* Whether `address` may try a code or link now; counts the attempt. */
int tk_access_code_attempt(struct tk_access *a, const char *address, struct tk_now now,
                           struct tk_problem *problem);
/* It was right after all. */
void tk_access_code_right(struct tk_access *a, const char *address);

/* Appends to the audit; takes the references of `before` and `after` (NULL: none). */
int tk_access_audit(struct tk_db *db, const struct tk_actor *actor, struct tk_now now,
                    const char *action, const char *object_kind, int64_t object_id, json_t *before,
                    json_t *after);

#endif
