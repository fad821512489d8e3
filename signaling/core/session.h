#ifndef TK_SIGNALING_CORE_SESSION_H
#define TK_SIGNALING_CORE_SESSION_H

/*
 * Sessions: a random cookie of which only the SHA-256 is kept. One ends after `session_hours`
 * without use. Loop thread.
 */

#include "signaling/core/account.h"

struct tk_login {
    struct tk_account account;
    char token[TK_TOKEN_TEXT]; /* the cookie's value */
    int64_t max_age_s;
};

/* `login` NULL with a problem: wrong_password, rate_limited, unavailable. */
typedef void tk_login_done(void *arg, const struct tk_problem *problem,
                           const struct tk_login *login);

/* A wrong password takes as long as an unknown login, and both count against login and address. */
void tk_session_login(struct tk_access *a, const char *address, struct tk_now now,
                      const char *login, const char *password, tk_login_done *done, void *arg);

/* Whose session it is; 0, or a problem `unauthenticated`. Sliding: use prolongs it. */
int tk_session_check(struct tk_access *a, struct tk_now now, const char *token,
                     struct tk_account *ret, struct tk_problem *problem);

/* Whether the session with the token of this hash goes on; asking does not prolong it. */
bool tk_session_lives(struct tk_access *a, struct tk_now now, const uint8_t *hash);

/* Ends one session; an unknown token is no problem. */
void tk_session_end(struct tk_access *a, const char *address, struct tk_now now, const char *token,
                    tk_access_done *done, void *arg);

#endif
