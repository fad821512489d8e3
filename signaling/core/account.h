#ifndef TK_SIGNALING_CORE_ACCOUNT_H
#define TK_SIGNALING_CORE_ACCOUNT_H

/*
 * Accounts of persons: one login, one role (so administrator and auditor are never one account), a
 * password hashed with scrypt on a thread of its own. Loop thread.
 */

#include "signaling/core/access.h"

/* -ENOENT when there is none. */
int tk_account_find(struct tk_access *a, int64_t id, struct tk_account *ret);
int tk_account_find_login(struct tk_access *a, const char *login, struct tk_account *ret);
int tk_account_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_account *account),
                    void *ctx);

struct tk_account_new {
    const char *login; /* a-z 0-9 . _ -, 2 to 40 */
    enum tk_role role;
    int64_t person_id; /* 0: a new person is made from the names and school */
    const char *name;
    const char *name_en;  /* NULL: none */
    int64_t school_id;    /* 0: none */
    const char *password; /* NULL: one is generated */
};

/* `password` is the generated or given one, shown once; NULL with a problem. */
typedef void tk_account_done(void *arg, const struct tk_problem *problem, int64_t account_id,
                             const char *password);

void tk_account_add(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                    const struct tk_account_new *account, tk_account_done *done, void *arg);

/* Sets a new generated password (or `password`); all sessions of the account end. */
void tk_account_set_password(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                             int64_t account_id, const char *password, tk_account_done *done,
                             void *arg);

/* Disables or enables; disabling ends all sessions. */
void tk_account_disable(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                        int64_t account_id, bool disable, tk_access_done *done, void *arg);

#endif
