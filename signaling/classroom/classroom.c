#include "signaling/classroom/classroom.h"

#include <string.h>

#include "config/log.h"
#include "signaling/classroom/board.h"
#include "signaling/classroom/classroom_state.h"

/* After a start of the server pages are back within a few seconds. */
#define GRACE_MS 20000
#define TICK_MS 1000

int64_t tk_class_clock(const struct tk_class_lesson *l, struct tk_now now)
{
    return tk_lesson_clock(tk_lessons_find(l->cr->lessons, l->id), now);
}

struct tk_class_room *tk_class_room(struct tk_class_lesson *l, int64_t room_id)
{
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        if (r->id == room_id) {
            return r;
        }
    }
    return NULL;
}

struct tk_class_lesson *tk_class_find_open(struct tk_classroom *cr, const char *id)
{
    struct tk_class_lesson *l = g_hash_table_lookup(cr->by_id, id);
    return l && l->open ? l : NULL;
}

/* ---- telling ---- */

void tk_class_tell(struct tk_class_lesson *l)
{
    GArray *listeners = l->cr->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_class_listener *one =
            &g_array_index(listeners, struct tk_class_listener, i);
        if (one->on_class) {
            one->on_class(one->ctx, l->id);
        }
    }
}

static struct tk_class_told wanted(const struct tk_class_lesson *l)
{
    return (struct tk_class_told){
        .room_id = l->floor.room_id,
        .sound = l->floor.mode != TK_FLOOR_CHORAL,
        .large_room_id = l->floor.large_room_id,
    };
}

static void tell_floor(struct tk_class_lesson *l)
{
    GArray *listeners = l->cr->listeners;
    l->told = wanted(l);
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_class_listener *one =
            &g_array_index(listeners, struct tk_class_listener, i);
        if (one->on_floor) {
            one->on_floor(one->ctx, l->id, l->told.room_id, l->told.sound, l->told.large_room_id);
        }
    }
}

void tk_class_follow(struct tk_class_lesson *l, struct tk_now now, const char *reason)
{
    const struct tk_class_told w = wanted(l);
    int64_t at_ms = tk_class_clock(l, now);
    if (l->turn.room_id != w.room_id) {
        tk_timeline_end_turn(l, at_ms, reason);
        if (w.room_id != 0) {
            tk_timeline_begin_turn(l, at_ms, w.room_id);
        }
    }
    if (w.room_id != l->told.room_id || w.sound != l->told.sound ||
        w.large_room_id != l->told.large_room_id) {
        tell_floor(l);
    }
    tk_class_tell(l);
}

/* ---- opening and end ---- */

/* Those of the lesson; what is known of one that stays is kept. */
static void set_rooms(struct tk_class_lesson *l, const struct tk_lesson *lesson)
{
    GArray *old = l->rooms;
    l->rooms = g_array_new(FALSE, TRUE, sizeof(struct tk_class_room));
    for (size_t i = 0; i < lesson->row.rooms_count; i++) {
        struct tk_class_room room = {.id = lesson->row.rooms[i].id};
        for (guint j = 0; old && j < old->len; j++) {
            const struct tk_class_room *o = &g_array_index(old, struct tk_class_room, j);
            if (o->id == room.id) {
                room = *o;
            }
        }
        g_array_append_val(l->rooms, room);
    }
    if (old) {
        g_array_unref(old);
    }
}

static bool has_room(const struct tk_lesson *lesson, int64_t id)
{
    for (size_t i = 0; i < lesson->row.rooms_count; i++) {
        if (lesson->row.rooms[i].id == id) {
            return true;
        }
    }
    return false;
}

/* Rooms that are put in or taken out while the lesson is open: the latter have dropped out. */
static void follow_rooms(struct tk_class_lesson *l, const struct tk_lesson *lesson)
{
    struct tk_now now = l->cr->now();
    bool same = l->rooms->len == lesson->row.rooms_count;
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        if (!has_room(lesson, r->id)) {
            same = false;
            if (l->floor.large_room_id == r->id) {
                l->floor.large_room_id = 0;
            }
            tk_class_drop_out(l, now, r, "page_closed");
        }
    }
    if (!same) {
        set_rooms(l, lesson);
        tk_class_tell(l);
    }
}

/* A new sitting: only who is there and what arrives stays. */
static void forget(struct tk_class_lesson *l)
{
    l->floor = (struct tk_floor){.mode = TK_FLOOR_SPEECH};
    l->signals.count = 0;
    tk_messages_clear(&l->messages);
    l->countdown = (struct tk_countdown){.started_ms = 0};
    l->question = (struct tk_question){.shown = false};
    l->live = false;
    l->teacher_events = 0;
    l->noted = 0;
    l->main_spoke_ms = 0;
    l->main_last_ms = 0;
    l->grace_mono_ms = 0;
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        r->joined = false;
        r->events = 0;
        r->roll_call_ms = r->check_ms = 0;
    }
}

static void lesson_free(gpointer data)
{
    struct tk_class_lesson *l = data;
    tk_messages_clear(&l->messages);
    g_array_unref(l->rooms);
    g_array_unref(l->turns);
    g_clear_pointer(&l->notes, g_ptr_array_unref);
    g_free(l);
}

static struct tk_class_lesson *get(struct tk_classroom *cr, const struct tk_lesson *lesson)
{
    struct tk_class_lesson *l = g_hash_table_lookup(cr->by_id, lesson->row.id);
    if (!l) {
        l = g_new0(struct tk_class_lesson, 1);
        l->cr = cr;
        g_strlcpy(l->id, lesson->row.id, sizeof(l->id));
        l->turns = g_array_new(FALSE, FALSE, sizeof(struct tk_turn_row));
        g_hash_table_insert(cr->by_id, l->id, l);
    }
    return l;
}

/* What the timeline should say of being live. */
static void follow_live(struct tk_class_lesson *l, const struct tk_lesson *lesson, int64_t at_ms)
{
    bool live = lesson->row.state == TK_LESSON_LIVE;
    if (live != l->live) {
        l->live = live;
        tk_timeline_note(l, at_ms, live ? "live" : "interrupted", 0, NULL, NULL);
    }
}

static void end_sitting(struct tk_class_lesson *l, int64_t at_ms, const char *reason)
{
    tk_timeline_end_turn(l, at_ms, reason);
    tk_timeline_write(l, NULL, NULL);
}

static void on_media_open(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_classroom *cr = ctx;
    struct tk_now now = cr->now();
    struct tk_class_lesson *l = get(cr, lesson);
    int64_t at_ms = tk_lesson_clock(lesson, now);
    if (l->open) { /* its day is over, the next has begun */
        end_sitting(l, at_ms, "ended");
    }
    set_rooms(l, lesson);
    forget(l);
    l->open = true;
    l->sitting = lesson->sitting;
    if (tk_class_replay(l)) {
        l->grace_mono_ms = now.mono_ms + GRACE_MS;
    }
    follow_live(l, lesson, at_ms);
    tk_class_join(l, at_ms);
    l->told.room_id = -1; /* all are to know */
    tk_class_follow(l, now, "ended");
    tk_timeline_write(l, NULL, NULL);
}

static void on_media_close(void *ctx, const char *lesson_id, const char *reason)
{
    struct tk_classroom *cr = ctx;
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    if (!l) {
        return;
    }
    end_sitting(l, tk_class_clock(l, cr->now()), "ended");
    forget(l);
    l->open = false;
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        r->video = r->audio = false;
        r->tile = 0;
        r->silent_mono_ms = 0;
    }
    tell_floor(l);
    tk_class_tell(l);
}

static void on_lesson(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_classroom *cr = ctx;
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson->row.id);
    if (l && tk_lesson_is_open(lesson) && l->sitting.id == lesson->sitting.id) {
        l->sitting = lesson->sitting;
        follow_rooms(l, lesson);
        follow_live(l, lesson, tk_lesson_clock(lesson, cr->now()));
        tk_timeline_write(l, NULL, NULL);
    }
}

static int start_job(void *arg, struct tk_db *db)
{
    struct tk_classroom *cr = arg;
    int r = tk_turn_rows_close(db, "server_down");
    return r < 0 ? r : tk_turn_last_id(db, &cr->last_turn_id);
}

struct tk_classroom *tk_classroom_create(struct tk_store *store, struct tk_lessons *lessons,
                                         struct tk_now (*now)(void))
{
    static const struct {
        unsigned burst;
        unsigned per_min;
    } rates[] = {
        [TK_CLASS_RATE_HAND] = {40, 120},  [TK_CLASS_RATE_LEAD] = {100, 300},
        [TK_CLASS_RATE_SIGNAL] = {6, 30},  [TK_CLASS_RATE_MESSAGE] = {10, 10},
        [TK_CLASS_RATE_ANSWER] = {20, 60},
    };
    struct tk_classroom *cr = g_new0(struct tk_classroom, 1);
    cr->store = store;
    cr->lessons = lessons;
    cr->now = now;
    cr->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lesson_free);
    cr->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    cr->listeners = g_array_new(FALSE, FALSE, sizeof(struct tk_class_listener));
    for (size_t i = 0; i < TK_CLASS_RATES; i++) {
        cr->rates[i] = tk_rate_create(rates[i].burst * TK_CLASS_RATE_COST, rates[i].per_min);
    }
    int r = tk_store_run(store, start_job, cr);
    if (r < 0) {
        tk_log_warning("the turns of the last run stay open", "why=\"%s\"", g_strerror(-r));
    }
    tk_lessons_listen(lessons, &(struct tk_lessons_listener){.ctx = cr,
                                                             .on_lesson = on_lesson,
                                                             .on_media_open = on_media_open,
                                                             .on_media_close = on_media_close});
    return cr;
}

void tk_classroom_destroy(struct tk_classroom *cr)
{
    GHashTableIter it;
    gpointer value;
    if (!cr) {
        return;
    }
    if (cr->boards) {
        tk_boards_unlisten(cr->boards, cr);
    }
    tk_lessons_unlisten(cr->lessons, cr);
    g_array_set_size(cr->listeners, 0);
    g_hash_table_iter_init(&it, cr->by_id);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_class_lesson *l = value;
        l->flush_mono_ms = 0;
        tk_timeline_flush(l, cr->now());
    }
    while (cr->writes > 0) {
        tk_store_wait(cr->store, 1000);
    }
    g_hash_table_unref(cr->by_id);
    g_hash_table_unref(cr->asked);
    g_array_unref(cr->listeners);
    for (size_t i = 0; i < TK_CLASS_RATES; i++) {
        tk_rate_destroy(cr->rates[i]);
    }
    g_free(cr);
}

void tk_classroom_listen(struct tk_classroom *cr, const struct tk_class_listener *listener)
{
    GHashTableIter it;
    gpointer value;
    g_array_append_val(cr->listeners, *listener);
    g_hash_table_iter_init(&it, cr->by_id);
    while (listener->on_floor && g_hash_table_iter_next(&it, NULL, &value)) {
        const struct tk_class_lesson *l = value;
        if (l->open) {
            listener->on_floor(listener->ctx, l->id, l->told.room_id, l->told.sound,
                               l->told.large_room_id);
        }
    }
}

void tk_classroom_unlisten(struct tk_classroom *cr, const void *ctx)
{
    for (guint i = cr->listeners->len; i > 0; i--) {
        if (g_array_index(cr->listeners, struct tk_class_listener, i - 1).ctx == ctx) {
            g_array_remove_index(cr->listeners, i - 1);
        }
    }
}

/* ---- what is due ---- */

/* The next deadline by the steady clock. */
static int64_t tick_lesson(struct tk_class_lesson *l, struct tk_now now)
{
    int64_t at_ms = tk_class_clock(l, now);
    int64_t next_ms = INT64_MAX;
    bool changed = tk_floor_tick(&l->floor, at_ms, &next_ms);
    changed = tk_signals_tick(&l->signals, at_ms, &next_ms) || changed;
    changed = tk_countdown_tick(&l->countdown, at_ms, &next_ms) || changed;
    changed = tk_question_tick(&l->question, at_ms, &next_ms) || changed;
    if (changed) {
        tk_class_tell(l);
    }
    int64_t due = next_ms == INT64_MAX ? INT64_MAX : now.mono_ms + next_ms - at_ms;
    due = MIN(due, tk_class_tick_rooms(l, now));
    tk_timeline_flush(l, now);
    return due;
}

/* Over, and nobody in it any more. */
static bool is_idle(const struct tk_class_lesson *l)
{
    for (guint i = 0; i < l->rooms->len; i++) {
        if (g_array_index(l->rooms, struct tk_class_room, i).pages > 0) {
            return false;
        }
    }
    return !l->open && l->writes == 0 && !l->notes && l->turns->len == 0;
}

int64_t tk_classroom_tick(struct tk_classroom *cr, struct tk_now now)
{
    GHashTableIter it;
    gpointer value;
    int64_t next = now.mono_ms + TICK_MS;
    g_hash_table_iter_init(&it, cr->by_id);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_class_lesson *l = value;
        if (l->open) {
            next = MIN(next, tick_lesson(l, now));
        } else if (is_idle(l)) {
            g_hash_table_iter_remove(&it);
        } else {
            tk_timeline_flush(l, now);
        }
    }
    return MAX(next, now.mono_ms + 1);
}
