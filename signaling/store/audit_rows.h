#ifndef TK_SIGNALING_STORE_AUDIT_ROWS_H
#define TK_SIGNALING_STORE_AUDIT_ROWS_H

/*
 * The audit: append-only rows, each hashing the one before (SHA-256). Append within the job that
 * makes the change, so that both are there or neither.
 */

#include "signaling/store/query.h"

#define TK_AUDIT_HASH_BYTES 32

struct tk_audit_entry {
    int64_t seq; /* set when read */
    int64_t at_ms;
    const char *actor;  /* login, device key, or "console" and "system" */
    const char *ip;     /* NULL: none */
    const char *action; /* "account.add", "lesson.end": area and verb */
    const char *object; /* "account 7", "lesson demo" */
    const char *before; /* JSON or NULL; never a password, token or hash */
    const char *after;
};

int tk_audit_append(struct tk_db *db, const struct tk_audit_entry *entry);

/* Newest first; `each` may return non-zero to stop. */
int tk_audit_list(struct tk_db *db, int64_t offset, int64_t count,
                  int (*each)(void *ctx, const struct tk_audit_entry *entry), void *ctx);
int tk_audit_count(struct tk_db *db, int64_t *ret);

struct tk_audit_check {
    int64_t entries;
    int64_t bad_seq;    /* 0: whole */
    char what[96];      /* what is wrong there */
    char last_hash[65]; /* hexadecimal: note it elsewhere to notice a cut-off end */
};

/* Recomputes the chain. 0 when it could be read (also when it is broken), -errno otherwise. */
int tk_audit_verify(struct tk_db *db, struct tk_audit_check *ret);

#endif
