/*
 * The states of a lesson and who changes them; set_state is the only place that does.
 *
 *   scheduled ──▶ open              join_before_min before the start, or the teacher starts it;
 *                                   one that reopens: at once                    open_sitting
 *   scheduled ──▶ ended             the time passed while no server ran          take_up, tick
 *   open, interrupted ──▶ live      what feeds it plays and it has begun         update_live
 *   live ──▶ interrupted            it did not for interrupted_after_ms          update_live
 *   open, live, interrupted ──▶ ended   a person, overrun_min after the planned end, midnight
 *                                       for one that reopens                     end_sitting
 *   ended ──▶ open                  one that reopens, demo_reopen_s later        open_sitting
 *   scheduled, open ──▶ cancelled   an administrator                             set_cancelled
 *
 * It has begun when its time has come, or the teacher started it: a camera that already runs while
 * the rooms gather is not yet the lesson. Without the teacher's tracks nothing counts after the
 * planned end either. Live spans are closed the moment that media stops, before the state changes.
 */

#include <string.h>

#include "signaling/core/lesson_state.h"

void tk_lessons_tell(struct tk_lesson *l)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_lesson) {
            one->on_lesson(one->ctx, l);
        }
    }
}

static void tell_media_open(struct tk_lesson *l)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_media_open) {
            one->on_media_open(one->ctx, l);
        }
    }
}

static void tell_media_close(struct tk_lesson *l, const char *reason)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_media_close) {
            one->on_media_close(one->ctx, l->row.id, reason);
        }
    }
}

static void tell_media_start(struct tk_lesson *l, bool started)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_media_start) {
            one->on_media_start(one->ctx, l, started);
        }
    }
}

void tk_lessons_tell_source(struct tk_lesson *l)
{
    GArray *listeners = l->private->lessons->listeners;
    for (guint i = 0; i < listeners->len && tk_lesson_is_open(l); i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(listeners, struct tk_lessons_listener, i);
        if (one->on_media_source) {
            one->on_media_source(one->ctx, l);
        }
    }
}

static void set_state(struct tk_lesson *l, enum tk_lesson_state state)
{
    l->row.state = state;
    l->private->dirt.state = true;
}

static void put_sitting(struct tk_lesson *l)
{
    g_array_append_val(l->private->dirt.sittings, l->sitting);
}

static void put_span(struct tk_lesson *l)
{
    g_array_append_val(l->private->dirt.spans, l->private->live);
}

void tk_lesson_close_span(struct tk_lesson *l, struct tk_now now, const char *cause)
{
    struct tk_lesson_private *p = l->private;
    if (p->live.id != 0) {
        p->live.last_ms = MAX(p->live.started_ms, tk_lesson_clock(l, now));
        p->live.closed = true;
        p->live.cause = cause;
        put_span(l);
        p->live = (struct tk_live_row){0};
    }
}

static void open_span(struct tk_lesson *l, int64_t at_ms)
{
    struct tk_lesson_private *p = l->private;
    p->live = (struct tk_live_row){
        .id = ++p->lessons->ids.live,
        .sitting_id = l->sitting.id,
        .started_ms = at_ms,
        .last_ms = at_ms,
    };
    put_span(l);
    if (l->sitting.live_ms == 0) {
        l->sitting.live_ms = at_ms;
        put_sitting(l);
    }
}

/* A page's tracks feed it once it is started; a WHIP publisher's, whose key is a token's, always.
 */
static bool teacher_feeds(const struct tk_lesson *l)
{
    return l->publisher.live &&
           (l->sitting.started_ms != 0 || g_str_has_prefix(l->publisher.key, "token:"));
}

static const char *why_quiet(const struct tk_lesson *l)
{
    const struct tk_lesson_private *p = l->private;
    return !p->lessons->streamer_up ? "streamer_down" : !p->main_media ? "no_media" : "planned_end";
}

static void follow_state(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    int64_t patience_ms = p->lessons->settings->interrupted_after_ms;
    if (p->plays && l->row.state != TK_LESSON_LIVE) {
        set_state(l, TK_LESSON_LIVE);
        tk_lessons_tell(l);
    } else if (!p->plays && l->row.state == TK_LESSON_LIVE &&
               now.mono_ms - p->quiet_mono_ms >= patience_ms) {
        set_state(l, TK_LESSON_INTERRUPTED);
        tk_lessons_tell(l);
    }
}

void tk_lesson_update_live(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    if (!tk_lesson_is_open(l)) {
        return;
    }
    int64_t at_ms = tk_lesson_clock(l, now);
    bool begun = l->sitting.started_ms != 0 || teacher_feeds(l) || at_ms >= l->row.start_ms;
    bool plays = p->main_media && p->lessons->streamer_up && begun;
    bool counts = plays && (l->row.reopens || teacher_feeds(l) || at_ms < l->row.end_ms);
    if (plays != p->plays) {
        p->plays = plays;
        *(plays ? &p->plays_mono_ms : &p->quiet_mono_ms) = now.mono_ms;
    }
    if (counts && p->live.id == 0) {
        open_span(l, at_ms);
    } else if (counts) {
        p->live.last_ms = MAX(p->live.last_ms, at_ms);
    } else {
        tk_lesson_close_span(l, now, why_quiet(l));
    }
    follow_state(l, now);
}

void tk_lesson_open_sitting(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    p->anchor = now;
    p->live = (struct tk_live_row){0};
    p->plays = false;
    l->sitting = (struct tk_sitting_row){
        .id = ++p->lessons->ids.sitting,
        .number = l->sitting.number + 1,
        .opened_ms = now.wall_ms,
    };
    l->row.reopens_ms = 0;
    if (l->row.reopens) {
        l->row.start_ms = tk_shanghai_midnight(now.wall_ms);
        l->row.end_ms = l->row.start_ms + TK_DAY_MS;
        l->join_from_ms = l->row.start_ms;
    }
    put_sitting(l);
    set_state(l, TK_LESSON_OPEN);
    tk_roster_reset(l, now);
    tell_media_open(l);
    tk_lesson_update_live(l, now);
    if (l->row.state == TK_LESSON_OPEN) {
        tk_lessons_tell(l);
    }
}

/* Ends the sitting in memory; the state is the caller's. */
static void close_sitting(struct tk_lesson *l, int64_t at_ms, const char *reason)
{
    l->sitting.ended_ms = MAX(at_ms, l->sitting.opened_ms);
    l->sitting.end_reason = reason;
    put_sitting(l);
    l->private->plays = false;
}

static void forget_media(struct tk_lesson *l)
{
    l->private->main_media = false;
    l->publisher = (struct tk_lesson_publisher){.live = false};
    json_decref(l->source_status);
    l->source_status = NULL;
}

void tk_lesson_end_sitting(struct tk_lesson *l, struct tk_now now, const char *reason)
{
    struct tk_lesson_private *p = l->private;
    tk_lesson_close_span(l, now, "ended");
    close_sitting(l, tk_lesson_clock(l, now), reason);
    g_array_append_val(p->dirt.results, l->sitting.id);
    if (l->row.reopens) {
        int64_t wait_ms = p->lessons->settings->demo_reopen_s * 1000;
        p->reopen_mono_ms = now.mono_ms + wait_ms;
        l->row.reopens_ms = now.wall_ms + wait_ms;
    }
    set_state(l, TK_LESSON_ENDED);
    forget_media(l);
    tk_roster_update(l, now);
    tell_media_close(l, reason);
    tk_lessons_tell(l);
}

void tk_lesson_set_cancelled(struct tk_lesson *l, struct tk_now now, const char *reason)
{
    bool was_open = tk_lesson_is_open(l);
    if (was_open) {
        tk_lesson_close_span(l, now, "cancelled");
        close_sitting(l, tk_lesson_clock(l, now), "cancelled");
    }
    g_free(l->row.cancel_reason);
    l->row.cancel_reason = g_strdup(reason);
    set_state(l, TK_LESSON_CANCELLED);
    if (was_open) {
        forget_media(l);
        tell_media_close(l, "cancelled");
    }
    tk_lessons_tell(l);
}

void tk_lesson_set_started(struct tk_lesson *l, struct tk_now now, bool started)
{
    l->sitting.started_ms = started ? tk_lesson_clock(l, now) : 0;
    put_sitting(l);
    tell_media_start(l, started);
    tk_lesson_update_live(l, now);
    tk_lessons_tell(l);
}

/* The day is over for a lesson that is always there: its next sitting begins with the next day. */
static void cut_at_midnight(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    bool started = l->sitting.started_ms != 0;
    tk_lesson_close_span(l, now, "midnight");
    close_sitting(l, tk_lesson_clock(l, now), "midnight");
    g_array_append_val(p->dirt.results, l->sitting.id);
    tk_lesson_open_sitting(l, now);
    if (started) {
        l->sitting.started_ms = l->sitting.opened_ms;
        put_sitting(l);
        tk_lesson_update_live(l, now);
    }
}

static bool day_is_over(const struct tk_lesson *l, struct tk_now now)
{
    return l->row.reopens && tk_shanghai_midnight(tk_lesson_clock(l, now)) !=
                                 tk_shanghai_midnight(l->sitting.opened_ms);
}

/* When it ends if nobody ends it; INT64_MAX for one that reopens. */
static int64_t last_moment(const struct tk_lesson *l)
{
    return l->row.reopens ? INT64_MAX
                          : l->row.end_ms + l->private->lessons->settings->overrun_min * 60000;
}

static void tick_open(struct tk_lesson *l, struct tk_now now)
{
    if (day_is_over(l, now)) {
        cut_at_midnight(l, now);
    } else if (tk_lesson_clock(l, now) >= last_moment(l)) {
        tk_lesson_end_sitting(l, now, "overrun");
    } else {
        tk_lesson_update_live(l, now);
    }
}

static void tick_scheduled(struct tk_lesson *l, struct tk_now now)
{
    if (now.wall_ms >= last_moment(l)) {
        set_state(l, TK_LESSON_ENDED); /* nobody was there: no sitting */
        tk_lessons_tell(l);
    } else if (now.wall_ms >= l->join_from_ms || l->row.reopens) {
        tk_lesson_open_sitting(l, now);
    }
}

int64_t tk_lesson_tick(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    int64_t next = INT64_MAX;
    if (l->row.state == TK_LESSON_SCHEDULED) {
        tick_scheduled(l, now);
    } else if (l->row.state == TK_LESSON_ENDED && l->row.reopens) {
        if (now.mono_ms >= p->reopen_mono_ms) {
            tk_lesson_open_sitting(l, now);
        }
        next = p->reopen_mono_ms;
    } else if (tk_lesson_is_open(l)) {
        tick_open(l, now);
    }
    if (tk_lesson_is_open(l) || !tk_roster_empty(l->roster)) {
        tk_roster_update(l, now);
    }
    if (l->row.state == TK_LESSON_LIVE && !p->plays) {
        next = MIN(next, p->quiet_mono_ms + p->lessons->settings->interrupted_after_ms);
    }
    tk_lesson_flush(l, now);
    return next;
}

/* Its time passed, or its day, while no server ran: it ended with the last sign of it. */
static void end_in_absence(struct tk_lesson *l, struct tk_now now, int64_t sign_ms)
{
    close_sitting(l, sign_ms, "server_down");
    g_array_append_val(l->private->dirt.results, l->sitting.id);
    l->private->reopen_mono_ms = now.mono_ms;
    l->row.reopens_ms = l->row.reopens ? now.wall_ms : 0;
    set_state(l, TK_LESSON_ENDED);
}

void tk_lesson_take_up(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    int64_t sign_ms = l->sitting.opened_ms;
    p->anchor = now;
    p->quiet_mono_ms = now.mono_ms;
    if (!tk_lesson_is_open(l)) {
        int64_t wait_ms = l->row.reopens_ms - now.wall_ms;
        p->reopen_mono_ms =
            now.mono_ms + CLAMP(wait_ms, 0, p->lessons->settings->demo_reopen_s * 1000);
        return;
    }
    tk_sitting_last_sign(tk_store_reader(p->lessons->store), l->sitting.id, &sign_ms);
    /* should the clock have been set back: time goes on after the last sign */
    p->anchor.wall_ms = MAX(now.wall_ms, sign_ms + 1);
    if (day_is_over(l, now) || tk_lesson_clock(l, now) >= last_moment(l)) {
        end_in_absence(l, now, sign_ms);
    } else if (l->row.state == TK_LESSON_LIVE) {
        set_state(l, TK_LESSON_INTERRUPTED);
    }
    tk_roster_reset(l, now);
}

static struct tk_lesson *find_open(struct tk_lessons *ls, const char *id)
{
    struct tk_lesson *l = g_hash_table_lookup(ls->by_id, id);
    return l && tk_lesson_is_open(l) ? l : NULL;
}

void tk_lessons_main_media(struct tk_lessons *ls, struct tk_now now, const char *id, bool live,
                           int64_t ago_ms)
{
    struct tk_lesson *l = find_open(ls, id);
    struct tk_now then = {.wall_ms = now.wall_ms - ago_ms, .mono_ms = now.mono_ms - ago_ms};
    if (l) {
        l->private->main_media = live;
        tk_lesson_update_live(l, then);
        tk_lesson_update_live(l, now);
        tk_roster_update(l, now);
        tk_lesson_flush(l, now);
    }
}

void tk_lessons_publisher(struct tk_lessons *ls, struct tk_now now, const char *id,
                          const struct tk_lesson_publisher *publisher)
{
    struct tk_lesson *l = find_open(ls, id);
    if (!l) {
        return;
    }
    l->publisher = publisher ? *publisher : (struct tk_lesson_publisher){.live = false};
    tk_lesson_update_live(l, now);
    for (guint i = 0; i < ls->listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(ls->listeners, struct tk_lessons_listener, i);
        if (one->on_publisher) {
            one->on_publisher(one->ctx, l);
        }
    }
    tk_lesson_flush(l, now);
}

void tk_lessons_source_status(struct tk_lessons *ls, struct tk_now now, const char *id,
                              const json_t *status)
{
    struct tk_lesson *l = find_open(ls, id);
    if (!l || json_equal(l->source_status, status)) {
        return;
    }
    json_decref(l->source_status);
    l->source_status = json_deep_copy(status);
    for (guint i = 0; i < ls->listeners->len; i++) {
        const struct tk_lessons_listener *one =
            &g_array_index(ls->listeners, struct tk_lessons_listener, i);
        if (one->on_source_status) {
            one->on_source_status(one->ctx, l);
        }
    }
}

void tk_lessons_streamer(struct tk_lessons *ls, struct tk_now now, bool up)
{
    g_autoptr(GList) all = g_hash_table_get_values(ls->by_id);
    ls->streamer_up = up;
    for (GList *i = all; i; i = i->next) {
        struct tk_lesson *l = i->data;
        if (tk_lesson_is_open(l)) {
            l->private->main_media = l->private->main_media && up;
            tk_lesson_update_live(l, now);
            tk_roster_update(l, now);
            tk_lesson_flush(l, now);
        }
    }
}

bool tk_lessons_streamer_is_up(const struct tk_lessons *ls)
{
    return ls->streamer_up;
}
