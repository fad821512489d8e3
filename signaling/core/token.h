#ifndef TK_SIGNALING_CORE_TOKEN_H
#define TK_SIGNALING_CORE_TOKEN_H

/*
 * Bearer tokens of WHIP and WHEP: random, only the SHA-256 kept, each for one act in one lesson.
 * Loop thread.
 */

#include "signaling/core/access.h"

typedef void tk_token_made(void *arg, const struct tk_problem *problem, const char *token);

/* `lifetime_ms` from now; 1 minute to 400 days. */
void tk_token_make(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                   const struct tk_token *token, int64_t lifetime_ms, tk_token_made *done,
                   void *arg);

/* 0, or a problem `unauthenticated`: the 401 of the contract's order. */
int tk_token_find(struct tk_access *a, struct tk_now now, const char *text, struct tk_token *ret,
                  struct tk_problem *problem);

/* 0, or a problem `forbidden`: another lesson's, or not the right to `act`. */
int tk_token_allows(const struct tk_token *token, const char *lesson_id, enum tk_token_act act,
                    struct tk_problem *problem);

#endif
