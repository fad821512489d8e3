#ifndef TK_SIGNALING_CORE_ATTENDANCE_H
#define TK_SIGNALING_CORE_ATTENDANCE_H

/*
 * Attendance of one room or person in one sitting: intervals, live spans, evidence and thresholds
 * in, result out. Pure: no store, no clock. Times are milliseconds of one steady clock.
 *
 * All is measured in live time: what was not live (main side or server down) is cut out of the
 * axis first, so it lengthens no gap and counts for nobody. With U the union of the intervals in
 * live time and G the gaps between its parts (not before the first, not after the last):
 *
 *     bridged = gaps g ∈ G in order of time with |g| ≤ bridge_gap, as long as the sum of those
 *               bridged ≤ bridge_share · live; one that does not fit is left, later ones may fit
 *     coverage = (|U| + |bridged|) / live
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_attendance_rules {
    int64_t report_gap_ms; /* a longer silence of a room ends an interval */
    int64_t bridge_gap_ms;
    int64_t bridge_share_percent;
    int64_t attended_percent;
    int64_t partial_percent;
};

struct tk_span {
    int64_t from_ms;
    int64_t to_ms;
};

/* What a piece of evidence speaks for. */
enum tk_evidence_class {
    TK_EVIDENCE_TROUBLE, /* link or power */
    TK_EVIDENCE_LEFT,    /* went away while the link was fine */
    TK_EVIDENCE_NOTE,    /* for readers only */
};

struct tk_evidence {
    int64_t at_ms;
    enum tk_evidence_class class;
};

enum tk_attendance_status {
    TK_ATTENDED,
    TK_PARTIAL,
    TK_TECHNICAL,
    TK_INSUFFICIENT,
    TK_TO_VERIFY,
};

const char *tk_attendance_status_name(enum tk_attendance_status status);

struct tk_attendance_piece {
    int64_t from_ms;
    int64_t to_ms;
    bool bridged;
};

/* The caller's arrays, in any order, overlapping or not. */
struct tk_attendance_input {
    const struct tk_span *live;
    size_t live_count;
    const struct tk_span *intervals;
    size_t intervals_count;
    const struct tk_evidence *evidence;
    size_t evidence_count;
};

struct tk_attendance {
    enum tk_attendance_status status;
    int64_t live_ms;
    int64_t covered_ms; /* with what was bridged */
    int64_t bridged_ms;
    struct tk_attendance_piece *pieces; /* in order of time; free with tk_attendance_finish */
    size_t pieces_count;
};

void tk_attendance_compute(const struct tk_attendance_rules *rules,
                           const struct tk_attendance_input *input, struct tk_attendance *ret);
void tk_attendance_finish(struct tk_attendance *a);

#endif
