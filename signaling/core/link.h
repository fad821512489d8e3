#ifndef TK_SIGNALING_CORE_LINK_H
#define TK_SIGNALING_CORE_LINK_H

/* Links `/link/<token>` that sign in once within 15 minutes. Loop thread. */

#include "signaling/core/device.h"
#include "signaling/core/session.h"

#define TK_LINK_MINUTES 15

/* What a link was made for. */
struct tk_link {
    bool is_device;
    struct tk_login login; /* a person */
    int64_t device_id;     /* a room's new device */
    char device_key[TK_DEVICE_KEY_TEXT];
    char device_token[TK_TOKEN_TEXT];
    char page[TK_PAGE_MAX]; /* path to go on to, "/teach/demo", "/room?device=…" */
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
