#ifndef TK_SIGNALING_CORE_DEVICE_H
#define TK_SIGNALING_CORE_DEVICE_H

/*
 * Devices of rooms: enrolled once with a six-digit code, known afterwards by a public key id and a
 * secret token of which only the SHA-256 is kept. Loop thread.
 */

#include "signaling/core/access.h"

#define TK_ENROL_MINUTES 15
#define TK_ENROL_DIGITS 6

int tk_room_find(struct tk_access *a, int64_t id, struct tk_room *ret);
int tk_room_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_room *room),
                 void *ctx);

typedef void tk_enrol_code_done(void *arg, const struct tk_problem *problem, const char *code,
                                int64_t expires_ms);

/* Six digits for `room_id`, once, 15 minutes. An older unused code of the room ends. */
void tk_enrol_code_make(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                        int64_t room_id, tk_enrol_code_done *done, void *arg);

/* `token` is the cookie's value; both NULL with a problem. */
typedef void tk_enrol_done(void *arg, const struct tk_problem *problem,
                           const struct tk_device *device, const char *token);

/* Problem `expired` for an unknown, used or old code; guesses are limited by address and in all. */
void tk_device_enrol(struct tk_access *a, const char *address, struct tk_now now, const char *code,
                     const char *name, tk_enrol_done *done, void *arg);

/* Whose token it is: 0, or a problem `unauthenticated` or `revoked`. */
int tk_device_check(struct tk_access *a, struct tk_now now, const char *key, const char *token,
                    struct tk_device *ret, struct tk_problem *problem);

int tk_device_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_device *device),
                   void *ctx);

void tk_device_revoke(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                      int64_t device_id, tk_access_done *done, void *arg);

#endif
