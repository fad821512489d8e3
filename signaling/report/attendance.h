#ifndef TK_SIGNALING_REPORT_ATTENDANCE_H
#define TK_SIGNALING_REPORT_ATTENDANCE_H

/*
 * Attendance of a period as CSV: one line for each room (lesson) or person (training) and sitting.
 * Reads with a connection of its own; on the thread that calls it.
 */

#include <glib.h>

#include "signaling/store/attendance_rows.h"

struct tk_attendance_report {
    int64_t from_ms; /* sittings opened in [from, to) */
    int64_t to_ms;
    const char *lesson_id; /* NULL: all */
    int64_t as_of_ms;      /* now */
    /*
     * Results of a sitting that goes on or has none yet: tk_tally_sitting of signaling/core/tally.h
     * with its tk_tally as ctx. Adds struct tk_result_row * to `rows`.
     */
    int (*running)(void *ctx, struct tk_db *db, int64_t sitting_id, int64_t now_ms,
                   GPtrArray *rows);
    void *ctx;
};

/* Appends the whole file to `out`. 0 or -errno. */
int tk_attendance_report_csv(struct tk_db *db, const struct tk_attendance_report *what,
                             GString *out);

#endif
