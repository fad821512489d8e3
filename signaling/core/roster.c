#include "signaling/core/roster.h"

#include <string.h>

#include "signaling/core/evidence.h"
#include "signaling/core/roster_state.h"

/* A report tells of the span before it, of 5 s if all is well; no more is believed. */
#define SPAN_MAX_MS 10000
#define LOSS_PCT 20
#define LOSS_EVERY_MS 60000

struct tk_roster *tk_roster_create(void)
{
    struct tk_roster *r = g_new0(struct tk_roster, 1);
    r->pages = g_ptr_array_new();
    r->seats = g_array_new(FALSE, TRUE, sizeof(struct tk_seat));
    return r;
}

void tk_roster_destroy(struct tk_roster *r)
{
    if (!r) {
        return;
    }
    for (guint i = 0; i < r->pages->len; i++) {
        struct tk_page *page = r->pages->pdata[i];
        page->lesson = NULL; /* its user still closes it */
    }
    g_ptr_array_unref(r->pages);
    g_array_unref(r->seats);
    g_free(r);
}

bool tk_roster_empty(const struct tk_roster *r)
{
    return r->pages->len == 0;
}

static bool is_expected(const struct tk_lesson *l, const struct tk_attendee *a)
{
    return a->room_id != 0 ? tk_lesson_expects_room(l, a->room_id)
                           : a->person_id != 0 && tk_lesson_enrols(l, a->person_id);
}

struct tk_seat *tk_seat_of(const struct tk_lesson *l, const struct tk_page *page)
{
    GArray *seats = l->roster->seats;
    for (guint i = 0; page->expected && i < seats->len; i++) {
        struct tk_seat *s = &g_array_index(seats, struct tk_seat, i);
        if (page->attendee.room_id != 0 ? s->room_id == page->attendee.room_id
                                        : s->person_id == page->attendee.person_id) {
            return s;
        }
    }
    return NULL;
}

static void add_seat(GArray *seats, const GArray *old, int64_t room_id, int64_t person_id)
{
    struct tk_seat seat = {.room_id = room_id,
                           .person_id = person_id,
                           .cause = "no_device",
                           .figures = {-1, -1, -1, -1, -1, -1, -1}};
    for (guint i = 0; i < old->len; i++) {
        const struct tk_seat *s = &g_array_index(old, struct tk_seat, i);
        if (s->room_id == room_id && s->person_id == person_id) {
            seat = *s;
        }
    }
    g_array_append_val(seats, seat);
}

void tk_roster_seats(struct tk_lesson *l)
{
    struct tk_roster *r = l->roster;
    GArray *old = r->seats;
    r->seats = g_array_new(FALSE, TRUE, sizeof(struct tk_seat));
    for (size_t i = 0; i < l->row.rooms_count; i++) {
        add_seat(r->seats, old, l->row.rooms[i].id, 0);
    }
    for (size_t i = 0; i < l->row.persons_count; i++) {
        add_seat(r->seats, old, 0, l->row.persons[i].id);
    }
    g_array_unref(old);
    for (guint i = 0; i < r->pages->len; i++) {
        struct tk_page *page = r->pages->pdata[i];
        page->expected = is_expected(l, &page->attendee);
    }
}

void tk_roster_reset(struct tk_lesson *l, struct tk_now now)
{
    struct tk_roster *r = l->roster;
    for (guint i = 0; i < r->seats->len; i++) {
        struct tk_seat *s = &g_array_index(r->seats, struct tk_seat, i);
        s->joined = s->played = s->lost = false;
        s->evidence = 0;
        s->state = TK_SEAT_ABSENT;
        s->cause = "no_device";
        s->since_ms = now.wall_ms;
    }
    for (guint i = 0; i < r->pages->len; i++) {
        struct tk_page *page = r->pages->pdata[i];
        struct tk_seat *s = tk_seat_of(l, page);
        page->presence.id = 0;
        page->stall_noted = false;
        if (s) {
            s->joined = true;
        }
    }
}

void tk_page_evidence(struct tk_page *page, int64_t at_ms, const char *kind, const char *text)
{
    struct tk_lesson *l = page->lesson;
    struct tk_seat *seat = tk_seat_of(l, page);
    if (seat && ++seat->evidence > TK_SEAT_EVIDENCE_MAX) {
        return;
    }
    struct tk_evidence_row e = {
        .id = ++page->lessons->ids.evidence,
        .sitting_id = l->sitting.id,
        .room_id = page->attendee.room_id,
        .person_id = page->attendee.room_id != 0 ? 0 : page->attendee.person_id,
        .at_ms = at_ms,
    };
    g_strlcpy(e.kind, kind, sizeof(e.kind));
    g_strlcpy(e.text, text, sizeof(e.text));
    g_array_append_val(l->private->dirt.evidence, e);
}

struct tk_page *tk_roster_open(struct tk_lessons *ls, struct tk_now now, const char *lesson_id,
                               const struct tk_attendee *attendee, const char *load)
{
    struct tk_lesson *l = tk_lessons_get(ls, lesson_id);
    if (!l || !tk_lesson_is_open(l)) {
        return NULL;
    }
    struct tk_page *page = g_new0(struct tk_page, 1);
    page->lessons = ls;
    page->lesson = l;
    page->attendee = *attendee;
    page->expected = is_expected(l, attendee);
    page->opened_mono_ms = now.mono_ms;
    page->stats = (struct tk_page_stats){-1, -1, -1, -1, -1, -1, -1};
    g_strlcpy(page->load, load ? load : "", sizeof(page->load));
    if (page->expected && *page->load) {
        tk_presence_last_n(tk_store_reader(ls->store), l->sitting.id, page->load, &page->last_n);
        page->committed_n = page->last_n;
    }
    g_ptr_array_add(l->roster->pages, page);
    struct tk_seat *seat = tk_seat_of(l, page);
    if (seat) {
        seat->joined = true;
        seat->lost = false;
        tk_roster_update(l, now);
    }
    return page;
}

static void note_end(struct tk_page *page, struct tk_now now, enum tk_page_end end)
{
    static const char *const kinds[] = {
        [TK_PAGE_LEFT] = TK_EVIDENCE_PAGE_LEFT,
        [TK_PAGE_CLOSED] = TK_EVIDENCE_PAGE_CLOSED,
        [TK_PAGE_LOST] = TK_EVIDENCE_CONNECTION_LOST,
        [TK_PAGE_REVOKED] = TK_EVIDENCE_REVOKED,
    };
    struct tk_lesson *l = page->lesson;
    struct tk_seat *seat = tk_seat_of(l, page);
    if (end == TK_PAGE_MOVED || !seat || !tk_lesson_is_open(l)) {
        return;
    }
    /* a loss is noticed late: what it explains begins after the last report */
    int64_t since_mono_ms =
        end == TK_PAGE_LOST && page->played_mono_ms != 0 ? page->played_mono_ms : now.mono_ms;
    int64_t at_ms = tk_lesson_clock(l, (struct tk_now){.mono_ms = since_mono_ms});
    tk_page_evidence(page, MAX(at_ms, l->sitting.opened_ms), kinds[end], page->load);
    seat->lost = end == TK_PAGE_LOST;
}

static void page_free(struct tk_page *page)
{
    if (page->writes == 0) {
        g_free(page);
    }
}

void tk_roster_close(struct tk_page *page, struct tk_now now, enum tk_page_end end)
{
    if (!page) {
        return;
    }
    struct tk_lesson *l = page->lesson;
    if (l) {
        note_end(page, now, end);
        g_ptr_array_remove(l->roster->pages, page);
        tk_roster_update(l, now);
        tk_lesson_flush(l, now);
    }
    page->lesson = NULL;
    page_free(page);
}

/* A report on its way to the disk. */
struct report {
    struct tk_page *page;
    struct tk_presence_row presence;
    struct tk_sitting_row sitting;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    tk_access_done *done;
    void *arg;
};

static int report_job(void *arg, struct tk_db *db)
{
    const struct report *p = arg;
    int r = tk_sitting_row_ensure(db, p->lesson_id, &p->sitting);
    return r < 0 ? r : tk_presence_row_put(db, &p->presence);
}

static void on_report(void *arg, int result)
{
    struct report *p = arg;
    struct tk_page *page = p->page;
    struct tk_problem problem;
    if (result < 0) {
        tk_problem_from_errno(&problem, result);
    } else {
        page->committed_n = MAX(page->committed_n, p->presence.last_n);
    }
    page->writes--;
    page->lessons->writes--;
    if (!page->lesson) {
        page_free(page);
    }
    p->done(p->arg, result < 0 ? &problem : NULL);
    g_free(p);
}

static void write_report(struct tk_page *page, tk_access_done *done, void *arg)
{
    struct report *p = g_new0(struct report, 1);
    p->page = page;
    p->presence = page->sent;
    p->sitting = page->sent_sitting;
    g_strlcpy(p->lesson_id, page->lesson->row.id, sizeof(p->lesson_id));
    p->done = done;
    p->arg = arg;
    page->writes++;
    page->lessons->writes++;
    int r = tk_store_submit(page->lessons->store, report_job, p, on_report);
    if (r < 0) {
        on_report(p, r);
    }
}

static void begin_interval(struct tk_page *page, int64_t at_ms, int64_t span_ms)
{
    const struct tk_lesson *l = page->lesson;
    page->presence = (struct tk_presence_row){
        .id = ++page->lessons->ids.presence,
        .sitting_id = l->sitting.id,
        .room_id = page->attendee.room_id,
        .person_id = page->attendee.room_id != 0 ? 0 : page->attendee.person_id,
        .device_id = page->attendee.device_id,
        .account_id = page->attendee.account_id,
        .server_run_id = page->lessons->run_id,
        .started_ms = MAX(at_ms - CLAMP(span_ms, 0, SPAN_MAX_MS), l->sitting.opened_ms),
    };
    g_strlcpy(page->presence.page, page->load, sizeof(page->presence.page));
}

/* The interval goes to this report and no further; a longer silence before it is no interval. */
static void extend(struct tk_page *page, struct tk_now now, const struct tk_progress *progress)
{
    int64_t at_ms = MAX(tk_lesson_clock(page->lesson, now), page->lesson->sitting.opened_ms);
    int64_t silence_ms = now.mono_ms - page->played_mono_ms;
    if (page->presence.id == 0 || silence_ms > page->lessons->tally.rules.report_gap_ms ||
        page->presence.sitting_id != page->lesson->sitting.id) {
        begin_interval(page, at_ms, progress->span_ms);
    }
    page->presence.last_report_ms = at_ms;
    page->presence.last_n = progress->n;
    page->presence.frames += progress->frames;
    page->presence.audio_ms += progress->audio_ms;
    page->sent = page->presence;
    page->sent_sitting = page->lesson->sitting;
}

/* Takes a report that is new; true: there is something to write. */
static bool take_report(struct tk_page *page, struct tk_now now, const struct tk_progress *progress)
{
    struct tk_lesson *l = page->lesson;
    struct tk_seat *seat = tk_seat_of(l, page);
    bool plays = progress->frames > 0 || progress->audio_ms > 0;
    page->last_n = progress->n;
    page->last = *progress;
    if (!plays) {
        page->presence.id = 0; /* a stalled page extends nothing */
    } else if (seat && tk_lesson_is_open(l)) {
        extend(page, now, progress);
        seat->played = true;
    }
    if (plays) {
        page->played_mono_ms = now.mono_ms;
        page->stall_noted = false;
    }
    if (seat) {
        seat->new_figures = true;
    }
    tk_roster_update(l, now);
    return plays && seat && tk_lesson_is_open(l);
}

void tk_roster_progress(struct tk_page *page, struct tk_now now, const struct tk_progress *progress,
                        tk_access_done *done, void *arg)
{
    if (!page->lesson) {
        done(arg, NULL);
    } else if (progress->n <= page->last_n) {
        /* taken already; when it is not on disk yet, the same row is written again, also when its
         * interval is over by now: a page stalled, or a sitting ended */
        if (progress->n <= page->committed_n || progress->n > page->sent.last_n) {
            done(arg, NULL);
        } else {
            write_report(page, done, arg);
        }
    } else if (take_report(page, now, progress)) {
        write_report(page, done, arg);
    } else {
        done(arg, NULL);
    }
}

void tk_roster_stats(struct tk_page *page, struct tk_now now, const struct tk_page_stats *stats)
{
    struct tk_lesson *l = page->lesson;
    page->stats = *stats;
    struct tk_seat *seat = l ? tk_seat_of(l, page) : NULL;
    if (!seat) {
        return;
    }
    seat->new_figures = true;
    bool due =
        page->loss_noted_mono_ms == 0 || now.mono_ms - page->loss_noted_mono_ms >= LOSS_EVERY_MS;
    if (stats->loss_pct >= LOSS_PCT && due && l->row.state == TK_LESSON_LIVE) {
        char text[32];
        page->loss_noted_mono_ms = now.mono_ms;
        g_snprintf(text, sizeof(text), "%.0f %%", stats->loss_pct);
        tk_page_evidence(page, tk_lesson_clock(l, now), TK_EVIDENCE_HIGH_LOSS, text);
    }
}
