#ifndef TK_SIGNALING_CORE_ROSTER_STATE_H
#define TK_SIGNALING_CORE_ROSTER_STATE_H

/* What is inside struct tk_roster and struct tk_page, for roster*.c only. */

#include "signaling/core/lesson_state.h"
#include "signaling/core/roster.h"

/* Pieces of evidence about one seat in one sitting: a link lost every 20 s for a whole day. A
 * device that comes and goes in a loop may not fill the disk. */
#define TK_SEAT_EVIDENCE_MAX 5000

/* A page reports every 5 s: two reports and a bit. */
#define TK_FRESH_MS 11000

enum tk_seat_state {
    TK_SEAT_ABSENT,
    TK_SEAT_JOINED,
    TK_SEAT_PLAYING,
    TK_SEAT_TROUBLE,
};

/* An expected room or an enrolled person: what the teacher sees. */
struct tk_seat {
    int64_t room_id; /* one of the two */
    int64_t person_id;
    bool joined; /* was there in this sitting */
    bool played;
    bool lost; /* its last page went without a word */
    enum tk_seat_state state;
    const char *cause;
    int64_t since_ms;
    struct tk_page_stats figures;
    bool new_figures;
    int evidence; /* pieces in this sitting */
};

struct tk_roster {
    GPtrArray *pages; /* struct tk_page, borrowed: their users own them */
    GArray *seats;    /* struct tk_seat */
};

struct tk_page {
    struct tk_lessons *lessons;
    struct tk_lesson *lesson; /* NULL: closed, a write is still under way */
    struct tk_attendee attendee;
    bool expected; /* counts for attendance */
    char load[TK_LOAD_MAX];
    int64_t opened_mono_ms;
    int64_t last_n;
    int64_t committed_n;
    struct tk_presence_row presence; /* the interval that goes on; id 0: none */
    struct tk_presence_row sent;     /* as the last report made it, and its sitting */
    struct tk_sitting_row sent_sitting;
    int64_t played_mono_ms; /* the last report with progress; 0: none */
    bool stall_noted;
    int64_t loss_noted_mono_ms;
    struct tk_progress last;
    struct tk_page_stats stats;
    int writes; /* under way */
};

struct tk_seat *tk_seat_of(const struct tk_lesson *l, const struct tk_page *page);

/* Adds evidence about the page's room or person to what the next flush writes. */
void tk_page_evidence(struct tk_page *page, int64_t at_ms, const char *kind, const char *text);

#endif
