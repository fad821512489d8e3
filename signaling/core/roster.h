#ifndef TK_SIGNALING_CORE_ROSTER_H
#define TK_SIGNALING_CORE_ROSTER_H

/*
 * Who is in a lesson: the pages of rooms (by device) and of enrolled persons (by account, in a
 * training), what they report and how well they play. From reports come the presence intervals on
 * disk, from losses and leaving the evidence. Loop thread.
 */

#include "signaling/core/lesson.h"

/* One page in one lesson. Lives from open to close, also past the lesson's end. */
struct tk_page;

/* A room by its device, or a person by account; the other two are 0. */
struct tk_attendee {
    int64_t room_id;
    int64_t device_id;
    int64_t person_id;
    int64_t account_id;
};

/*
 * A page has joined. `load` names this load of it, the same after a reconnect (device or account
 * and the hello's joined_ms): reports are counted once per load. Attendees that the lesson does not
 * expect (a teacher, a visitor) get a page too; it leaves no trace. NULL: no such lesson, or it is
 * not open.
 */
struct tk_page *tk_roster_open(struct tk_lessons *ls, struct tk_now now, const char *lesson_id,
                               const struct tk_attendee *attendee, const char *load);

enum tk_page_end {
    TK_PAGE_LEFT,    /* bye, reason left: a person left */
    TK_PAGE_CLOSED,  /* bye, reason closed: the page went away */
    TK_PAGE_LOST,    /* the connection ended or fell silent without a bye */
    TK_PAGE_REVOKED, /* device or account may no longer be here */
    TK_PAGE_MOVED,   /* to another lesson, or the server ends: says nothing about the room */
};

/* Frees `page`. NULL is fine. */
void tk_roster_close(struct tk_page *page, struct tk_now now, enum tk_page_end end);

/* PROTOCOL.md's progress. */
struct tk_progress {
    int64_t n;
    int64_t span_ms;
    int64_t frames;
    int64_t audio_ms;
    bool muted;
    bool hidden;
    /* figures for the status; negative: not told */
    double fps;
    double rtt_ms;
    int w;
    int h;
};

/* Reads and checks a `progress` message; bad_field otherwise. */
int tk_progress_parse(const json_t *message, struct tk_progress *ret, struct tk_problem *problem);

/*
 * `done` after COMMIT (at once where nothing is to be written; `problem` NULL: on disk). A number
 * that was already taken is answered and not counted again. Also called after the page is closed.
 */
void tk_roster_progress(struct tk_page *page, struct tk_now now, const struct tk_progress *progress,
                        tk_access_done *done, void *arg);

/* What the server measured of the page's media session; negative: not known. */
struct tk_page_stats {
    double fps;
    double loss_pct;
    double rtt_ms;
    double delay_ms;
    double kbps;
    int w;
    int h;
};

void tk_roster_stats(struct tk_page *page, struct tk_now now, const struct tk_page_stats *stats);

#endif
