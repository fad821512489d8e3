#include "signaling/core/field.h"

#include <string.h>

#define OP_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define OP_MAX 36

int tk_field_count(const json_t *object, const char *name, int64_t max, int64_t fallback,
                   int64_t *ret, struct tk_problem *problem)
{
    const json_t *v = json_object_get(object, name);
    if ((!v || json_is_null(v)) && fallback >= 0) {
        *ret = fallback;
        return 0;
    }
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > max) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, name,
                              "%s is a whole number from 0 to %lld", name, (long long)max);
    }
    *ret = json_integer_value(v);
    return 0;
}

int tk_field_bool(const json_t *object, const char *name, bool *ret, struct tk_problem *problem)
{
    const json_t *v = json_object_get(object, name);
    if (v && !json_is_boolean(v) && !json_is_null(v)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, name, "%s is true or false", name);
    }
    *ret = json_is_true(v);
    return 0;
}

int tk_field_op(const json_t *object, char ret[37], struct tk_problem *problem)
{
    const char *op = json_string_value(json_object_get(object, "op"));
    size_t len = op ? strlen(op) : 0;
    if (len < TK_FIELD_OP_MIN || len > OP_MAX || strspn(op, OP_CHARS) != len) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "op",
                              "op is %d to %d characters of A-Z, a-z, 0-9, _ and -, made once for "
                              "what is sent",
                              TK_FIELD_OP_MIN, OP_MAX);
    }
    memcpy(ret, op, len + 1);
    return 0;
}
