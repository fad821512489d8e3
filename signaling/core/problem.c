#include "signaling/core/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *code;
    int status;
    int error;
    const char *title;
} kinds[] = {
    [TK_PROBLEM_NONE] = {NULL, 200, 0, ""},
    [TK_PROBLEM_UNAUTHENTICATED] = {"unauthenticated", 401, EACCES, "Who is asking is not known"},
    [TK_PROBLEM_FORBIDDEN] = {"forbidden", 403, EPERM, "Not allowed"},
    [TK_PROBLEM_NOT_FOUND] = {"not_found", 404, ENOENT, "Not there"},
    [TK_PROBLEM_CONFLICT] = {"conflict", 409, EEXIST, "In conflict with what is there"},
    [TK_PROBLEM_BAD_REQUEST] = {"bad_request", 400, EBADMSG, "Not understood"},
    [TK_PROBLEM_BAD_FIELD] = {"bad_field", 400, EINVAL, "A field is wrong"},
    [TK_PROBLEM_TOO_LARGE] = {"too_large", 413, EMSGSIZE, "Too large"},
    [TK_PROBLEM_LENGTH_REQUIRED] = {"length_required", 411, EBADMSG, "Content-Length is needed"},
    [TK_PROBLEM_UNSUPPORTED_TYPE] = {"unsupported_type", 415, EBADMSG, "Another type is needed"},
    [TK_PROBLEM_CODEC] = {"codec", 406, EOPNOTSUPP, "No common codec"},
    [TK_PROBLEM_RATE_LIMITED] = {"rate_limited", 429, EAGAIN, "Too many attempts"},
    [TK_PROBLEM_UNAVAILABLE] = {"unavailable", 503, EBUSY, "Not possible at the moment"},
    [TK_PROBLEM_EXPIRED] = {"expired", 404, ESTALE, "Unknown, used or too old"},
    [TK_PROBLEM_WRONG_PASSWORD] = {"wrong_password", 401, EACCES, "Wrong login or password"},
    [TK_PROBLEM_REVOKED] = {"revoked", 403, EPERM, "No longer allowed"},
    [TK_PROBLEM_PRECONDITION_FAILED] = {"precondition_failed", 412, ESTALE, "Changed meanwhile"},
    [TK_PROBLEM_INTERNAL] = {"internal", 500, EIO, "An error of the server"},
};

int tk_problem_set(struct tk_problem *p, enum tk_problem_code code, const char *field,
                   const char *fmt, ...)
{
    if (p) {
        memset(p, 0, sizeof(*p));
        p->code = kinds[code].code;
        p->status = kinds[code].status;
        p->field = field;
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(p->detail, sizeof(p->detail), fmt, ap);
        va_end(ap);
    }
    return -kinds[code].error;
}

int tk_problem_from_errno(struct tk_problem *p, int error)
{
    switch (-error) {
    case ENOSPC:
        return tk_problem_set(
            p, TK_PROBLEM_UNAVAILABLE, NULL,
            "Nothing was saved: the disk is full or too much waits to be written");
    case EBUSY:
    case EAGAIN:
        return tk_problem_set(p, TK_PROBLEM_UNAVAILABLE, NULL,
                              "Nothing was saved: the database is busy; try again");
    case EROFS:
        return tk_problem_set(p, TK_PROBLEM_UNAVAILABLE, NULL,
                              "Nothing was saved: the database cannot be written");
    case ENOENT:
        return tk_problem_set(p, TK_PROBLEM_NOT_FOUND, NULL, "There is no such thing");
    case EEXIST:
        return tk_problem_set(p, TK_PROBLEM_CONFLICT, NULL, "There is one already");
    default:
        return tk_problem_set(p, TK_PROBLEM_INTERNAL, NULL, "Nothing was saved: %s",
                              strerror(-error));
    }
}

const char *tk_problem_title(const char *code)
{
    for (size_t i = TK_PROBLEM_UNAUTHENTICATED; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].code, code) == 0) {
            return kinds[i].title;
        }
    }
    return "Error";
}
