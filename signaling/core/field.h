#ifndef TK_SIGNALING_CORE_FIELD_H
#define TK_SIGNALING_CORE_FIELD_H

/* Fields of what peers send, each checked in one way; bad_field otherwise. Names are static text.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "signaling/core/problem.h"

#define TK_FIELD_OP_MIN 8

/* An integer from 0 to `max`; absent or null: `fallback`, unless that is negative: required. */
int tk_field_count(const json_t *object, const char *name, int64_t max, int64_t fallback,
                   int64_t *ret, struct tk_problem *problem);

int tk_field_bool(const json_t *object, const char *name, bool *ret, struct tk_problem *problem);

/* What names an act that is done once however often it is sent: 8 to 36 of A-Za-z0-9_-. */
int tk_field_op(const json_t *object, char ret[37], struct tk_problem *problem);

#endif
