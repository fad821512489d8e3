#ifndef TK_SIGNALING_REPORT_TIMELINE_H
#define TK_SIGNALING_REPORT_TIMELINE_H

/*
 * The timeline of a lesson and each room's share of what was spoken. Reads with the connection that
 * it is given; on the thread that calls it.
 */

#include <jansson.h>

#include "signaling/store/timeline_rows.h"

#define TK_TIMELINE_SITTINGS_MAX 20
#define TK_TIMELINE_EVENTS_MAX 3000 /* of a sitting; the newest */

/*
 * A room's share of all speech: spoke_ms / the sum of all rooms' and the main classroom's spoke_ms,
 * so that the shares add up to 1; negative where nobody spoke. Pure.
 */
double tk_speaking_share(int64_t spoke_ms, int64_t all_ms);

/*
 * PROTOCOL.md's `sittings` of GET /lessons/{id}/timeline, the newest first: all of them, or only
 * sitting `sitting_id`. 0 and a new reference, or -errno.
 */
int tk_timeline_sittings(struct tk_db *db, const char *lesson_id, int64_t sitting_id, json_t **ret);

#endif
