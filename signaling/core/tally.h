#ifndef TK_SIGNALING_CORE_TALLY_H
#define TK_SIGNALING_CORE_TALLY_H

/*
 * From what is stored of a sitting to its results: reads spans, presence and evidence, lets
 * attendance.h judge. Any thread, with that thread's connection.
 */

#include <glib.h>

#include "signaling/core/attendance.h"
#include "signaling/store/attendance_rows.h"

struct tk_lessons;

struct tk_tally {
    struct tk_attendance_rules rules;
    int64_t rule_version;
};

/* The rules of the settings and their version, noted in rule_set; const for other threads. */
const struct tk_tally *tk_lessons_tally(const struct tk_lessons *ls);

/*
 * Adds a new struct tk_result_row (id 0, provisional, freed with tk_result_row_free) to `rows` for
 * each expected room or enrolled person. `ctx` is a const struct tk_tally.
 */
int tk_tally_sitting(void *ctx, struct tk_db *db, int64_t sitting_id, int64_t now_ms,
                     GPtrArray *rows);

#endif
