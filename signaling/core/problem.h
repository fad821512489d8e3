#ifndef TK_SIGNALING_CORE_PROBLEM_H
#define TK_SIGNALING_CORE_PROBLEM_H

/*
 * An error: PROTOCOL.md's stable code, the HTTP status, what is wrong and where. `detail` is in
 * English, for whoever runs or writes a client; the pages say it in the person's language by its
 * code, and show the detail beneath.
 */

#include <stdint.h>

enum tk_problem_code {
    TK_PROBLEM_NONE,
    TK_PROBLEM_UNAUTHENTICATED,
    TK_PROBLEM_FORBIDDEN,
    TK_PROBLEM_NOT_FOUND,
    TK_PROBLEM_CONFLICT,
    TK_PROBLEM_BAD_REQUEST,
    TK_PROBLEM_BAD_FIELD,
    TK_PROBLEM_TOO_LARGE,
    TK_PROBLEM_LENGTH_REQUIRED,
    TK_PROBLEM_UNSUPPORTED_TYPE,
    TK_PROBLEM_CODEC,
    TK_PROBLEM_RATE_LIMITED,
    TK_PROBLEM_UNAVAILABLE,
    TK_PROBLEM_EXPIRED,
    TK_PROBLEM_WRONG_PASSWORD,
    TK_PROBLEM_REVOKED,
    TK_PROBLEM_PRECONDITION_FAILED,
    TK_PROBLEM_INTERNAL,
};

struct tk_problem {
    const char *code; /* static text; NULL: no problem */
    int status;
    char detail[256];
    const char *field;     /* static text or NULL */
    int64_t retry_after_s; /* with rate_limited; else 0 */
};

/*
 * Fills `p` (may be NULL) and returns the matching -errno, so that `return tk_problem_set(…)` ends
 * a function: -EACCES unauthenticated and wrong_password, -EPERM, -ENOENT, -EEXIST, -EINVAL,
 * -EAGAIN … `field` must be static text.
 */
int tk_problem_set(struct tk_problem *p, enum tk_problem_code code, const char *field,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The problem that a failed write amounts to: disk full and a full queue are `unavailable`. */
int tk_problem_from_errno(struct tk_problem *p, int error);

const char *tk_problem_title(const char *code);

#endif
