#ifndef TK_SIGNALING_CORE_SESSION_H
#define TK_SIGNALING_CORE_SESSION_H

/*
 * Sessions (a 256-bit random cookie, only its SHA-256 is kept) and links that sign in once. A
 * session ends after `session_hours` without use. Loop thread.
 */

#include "signaling/core/account.h"

#define TK_LINK_MINUTES 15

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

/* Ends one session; an unknown token is no problem. */
void tk_session_end(struct tk_access *a, const char *address, struct tk_now now, const char *token,
                    tk_access_done *done, void *arg);

/* What a link was made for. */
struct tk_link {
    bool is_device;
    struct tk_login login; /* a person */
    int64_t device_id;     /* a room's new device */
    char device_key[24];
    char device_token[TK_TOKEN_TEXT];
    char page[128]; /* path to go on to, "/teach/demo", "/room?device=…" */
};

typedef void tk_link_made(void *arg, const struct tk_problem *problem, const char *token);
typedef void tk_link_used(void *arg, const struct tk_problem *problem, const struct tk_link *link);

/* A link `/link/<token>` that signs `account_id` in once within 15 minutes and goes to `page`. */
void tk_link_make_account(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                          int64_t account_id, const char *page, tk_link_made *done, void *arg);

/* The same for a room: it enrols a new device. */
void tk_link_make_room(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                       int64_t room_id, tk_link_made *done, void *arg);

/* Uses it up. Problem `expired` for an unknown, used or old one; guesses are limited. */
void tk_link_use(struct tk_access *a, const char *address, struct tk_now now, const char *token,
                 tk_link_used *done, void *arg);

#endif
