#ifndef TK_SIGNALING_CORE_SECRET_H
#define TK_SIGNALING_CORE_SECRET_H

/*
 * Secrets at rest: tokens as SHA-256 (they are random: no salt, no slow hash is needed), passwords
 * as scrypt on a thread of its own, so that the loop never waits for one.
 */

#include "signaling/store/account_rows.h"
#include "signaling/store/mailbox.h"

#define TK_TOKEN_CHARS 52 /* base32: 260 bits */
#define TK_TOKEN_TEXT (TK_TOKEN_CHARS + 4)
#define TK_PASSWORD_MIN 8
#define TK_PASSWORD_MAX 128
#define TK_PASSWORD_TEXT 20

/* So many wait for the hashing thread; more are refused. At 60 ms each that is 4 s of waiting. */
#define TK_HASHER_QUEUE_MAX 64

/* A new random token and what is kept of it. */
void tk_secret_make(char token[TK_TOKEN_TEXT], uint8_t ret_hash[TK_SECRET_HASH_BYTES]);

/* SHA-256 of a token or code. */
void tk_secret_hash(const char *text, uint8_t ret_hash[TK_SECRET_HASH_BYTES]);

/* In constant time. */
bool tk_secret_equal(const uint8_t a[TK_SECRET_HASH_BYTES], const uint8_t b[TK_SECRET_HASH_BYTES]);

/* Hashes with a new salt and today's parameters; some 60 ms. False: no memory. Any thread. */
bool tk_password_make(struct tk_password *p, const char *text);

/* As long as tk_password_make, whatever the answer. Any thread. */
bool tk_password_matches(const struct tk_password *p, const char *text);

/* N·r·p of all passwords hashed so far in this program: what guessing has cost. Any thread. */
uint64_t tk_password_work(void);

struct tk_hasher;

struct tk_hasher *tk_hasher_create(struct tk_mailbox *mailbox);
/* Carries out what is queued. */
void tk_hasher_destroy(struct tk_hasher *h);

/*
 * `work(arg)` on the hashing thread, then `done(arg, its result)` on the loop. -ENOSPC: too much is
 * queued, neither will be called.
 */
int tk_hasher_submit(struct tk_hasher *h, int (*work)(void *arg),
                     void (*done)(void *arg, int result), void *arg);

#endif
