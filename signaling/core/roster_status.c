/* What a teacher sees of each room: derived from its pages and the lesson, told when it changes. */

#include <math.h>

#include "signaling/core/evidence.h"
#include "signaling/core/lesson_json.h"
#include "signaling/core/roster_state.h"

#define FIGURES_EVERY_MS 2000

static const char *const names[] = {
    [TK_SEAT_ABSENT] = "absent",
    [TK_SEAT_JOINED] = "joined",
    [TK_SEAT_PLAYING] = "playing",
    [TK_SEAT_TROUBLE] = "trouble",
};

struct finding {
    enum tk_seat_state state;
    const char *cause;
    const struct tk_page *page; /* whose figures are shown; NULL: none */
};

static bool plays_now(const struct tk_page *page, struct tk_now now)
{
    return page->played_mono_ms != 0 && now.mono_ms - page->played_mono_ms < TK_FRESH_MS &&
           page->presence.id != 0;
}

static const char *how_it_plays(const struct tk_page *page)
{
    if (page->last.frames == 0) {
        return "sound_only";
    }
    return page->last.audio_ms == 0 && page->last.muted ? "sound_blocked" : "none";
}

/* Plays long enough that a page which is there ought to play too. */
static bool should_play(const struct tk_lesson *l, const struct tk_page *page, struct tk_now now)
{
    const struct tk_lesson_private *p = l->private;
    int64_t since = MAX(p->plays_mono_ms, MAX(page->opened_mono_ms, page->played_mono_ms));
    return p->plays && now.mono_ms - since >= TK_FRESH_MS;
}

static struct finding find_pages(const struct tk_lesson *l, const struct tk_seat *seat,
                                 struct tk_now now)
{
    struct finding f = {TK_SEAT_ABSENT, "no_device", NULL};
    for (guint i = 0; i < l->roster->pages->len; i++) {
        const struct tk_page *page = l->roster->pages->pdata[i];
        if (tk_seat_of(l, page) != seat) {
            continue;
        }
        if (plays_now(page, now) && f.state != TK_SEAT_PLAYING) {
            f = (struct finding){TK_SEAT_PLAYING, how_it_plays(page), page};
        } else if (f.state == TK_SEAT_ABSENT) {
            bool stuck = should_play(l, page, now);
            f = (struct finding){stuck && seat->played ? TK_SEAT_TROUBLE : TK_SEAT_JOINED,
                                 stuck ? "no_media" : "none", page};
        }
    }
    return f;
}

static struct finding find(const struct tk_lesson *l, const struct tk_seat *seat, struct tk_now now)
{
    struct finding f = find_pages(l, seat, now);
    if (f.state == TK_SEAT_ABSENT && seat->lost) {
        f.state = seat->played && tk_lesson_is_open(l) ? TK_SEAT_TROUBLE : TK_SEAT_ABSENT;
        f.cause = "connection_lost";
    } else if (f.state == TK_SEAT_ABSENT && seat->joined) {
        f.cause = "page_closed";
    }
    return f;
}

/* The server's own measurements first, the page's word where it has none. */
static struct tk_page_stats figures_of(const struct tk_page *page)
{
    if (!page) {
        return (struct tk_page_stats){-1, -1, -1, -1, -1, -1, -1};
    }
    struct tk_page_stats s = page->stats;
    if (page->last_n > 0) {
        s.fps = s.fps >= 0 ? s.fps : page->last.fps;
        s.rtt_ms = s.rtt_ms >= 0 ? s.rtt_ms : page->last.rtt_ms;
        s.w = s.w > 0 ? s.w : page->last.w;
        s.h = s.h > 0 ? s.h : page->last.h;
    }
    return s;
}

static void set_real(json_t *o, const char *key, double value)
{
    json_object_set_new(o, key, value < 0 ? json_null() : json_real(round(value * 10) / 10));
}

static json_t *place_json(const struct tk_lesson *l, const struct tk_seat *seat)
{
    for (size_t i = 0; i < l->row.rooms_count; i++) {
        const struct tk_room *r = &l->row.rooms[i];
        if (r->id == seat->room_id) {
            return tk_room_json(r);
        }
    }
    for (size_t i = 0; i < l->row.persons_count; i++) {
        const struct tk_person *p = &l->row.persons[i];
        if (p->id == seat->person_id) {
            return tk_person_json(p);
        }
    }
    return json_null();
}

static json_t *seat_json(const struct tk_lesson *l, const struct tk_seat *seat)
{
    const struct tk_page_stats *f = &seat->figures;
    json_t *o = json_object();
    json_object_set_new(o, seat->room_id != 0 ? "room" : "person", place_json(l, seat));
    json_object_set_new(o, "state", json_string(names[seat->state]));
    json_object_set_new(o, "since_ms", json_integer(seat->since_ms));
    json_object_set_new(o, "cause", json_string(seat->cause));
    set_real(o, "fps", f->fps);
    set_real(o, "loss_pct", f->loss_pct);
    set_real(o, "rtt_ms", f->rtt_ms);
    set_real(o, "delay_ms", f->delay_ms);
    set_real(o, "kbps", f->kbps);
    json_object_set_new(o, "w", f->w > 0 ? json_integer(f->w) : json_null());
    json_object_set_new(o, "h", f->h > 0 ? json_integer(f->h) : json_null());
    return o;
}

json_t *tk_roster_json(const struct tk_lesson *l)
{
    json_t *rooms = json_array();
    for (guint i = 0; i < l->roster->seats->len; i++) {
        json_array_append_new(rooms,
                              seat_json(l, &g_array_index(l->roster->seats, struct tk_seat, i)));
    }
    return rooms;
}

/* A page that is there, while the lesson plays, and says nothing plays: its link's trouble. */
static void note_stalls(struct tk_lesson *l, struct tk_now now)
{
    int64_t patience_ms = l->private->lessons->tally.rules.report_gap_ms;
    for (guint i = 0; i < l->roster->pages->len; i++) {
        struct tk_page *page = l->roster->pages->pdata[i];
        int64_t since =
            MAX(l->private->plays_mono_ms, MAX(page->opened_mono_ms, page->played_mono_ms));
        if (page->expected && !page->stall_noted && l->private->plays &&
            now.mono_ms - since >= patience_ms) {
            int64_t at_ms = tk_lesson_clock(l, (struct tk_now){.mono_ms = since});
            page->stall_noted = true;
            tk_page_evidence(page, MAX(at_ms, l->sitting.opened_ms), TK_EVIDENCE_NO_MEDIA,
                             page->load);
        }
    }
}

static void tell(struct tk_lesson *l, const json_t *rooms)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_room_status) {
            one->on_room_status(one->ctx, l, rooms);
        }
    }
}

static bool update_seat(struct tk_lesson *l, struct tk_seat *seat, struct tk_now now,
                        bool figures_due)
{
    struct finding f = find(l, seat, now);
    bool changed = f.state != seat->state || g_strcmp0(f.cause, seat->cause) != 0;
    if (f.state != seat->state) {
        seat->since_ms = now.wall_ms;
    }
    bool figures = (figures_due && seat->new_figures) || changed;
    if (figures) {
        seat->figures = figures_of(f.state == TK_SEAT_ABSENT ? NULL : f.page);
        seat->new_figures = false;
    }
    seat->state = f.state;
    seat->cause = f.cause;
    return figures;
}

void tk_roster_update(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    json_t *changed = json_array();
    bool figures_due = now.mono_ms - p->told_mono_ms >= FIGURES_EVERY_MS;
    note_stalls(l, now);
    for (guint i = 0; i < l->roster->seats->len; i++) {
        struct tk_seat *seat = &g_array_index(l->roster->seats, struct tk_seat, i);
        if (update_seat(l, seat, now, figures_due)) {
            json_array_append_new(changed, seat_json(l, seat));
        }
    }
    if (figures_due) {
        p->told_mono_ms = now.mono_ms;
    }
    if (json_array_size(changed) > 0) {
        tell(l, changed);
    }
    json_decref(changed);
}
