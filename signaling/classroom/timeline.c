/*
 * The way to the disk: events and turns are noted in memory and written together; what could not
 * be written is noted again, for the next time.
 */

#include <string.h>

#include "config/log.h"
#include "signaling/classroom/classroom_state.h"

#define FLUSH_MS 5000
#define NOTES_MAX 4000

/* What goes to the writer; nothing in it is shared with the loop's memory. */
struct write {
    struct tk_classroom *cr;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    struct tk_sitting_row sitting;
    GPtrArray *notes;
    GArray *turns;
    bool main_changed;
    int64_t main_spoke_ms;
    int64_t main_last_ms;
    tk_access_done *done;
    void *arg;
};

static void note_free(gpointer data)
{
    struct tk_event_row *row = data;
    g_free((char *)(uintptr_t)row->data);
    g_free(row);
}

static GPtrArray *notes_new(void)
{
    return g_ptr_array_new_with_free_func(note_free);
}

void tk_timeline_note(struct tk_class_lesson *l, int64_t at_ms, const char *kind, int64_t room_id,
                      const struct tk_class_actor *actor, json_t *data)
{
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    json_decref(data);
    struct tk_event_row *row = g_new0(struct tk_event_row, 1);
    *row = (struct tk_event_row){
        .sitting_id = l->sitting.id,
        .at_ms = at_ms,
        .kind = kind,
        .room_id = room_id,
        .account_id = actor ? actor->account_id : 0,
        .device_id = actor ? actor->device_id : 0,
        .data = g_strdup(text),
    };
    free(text);
    if (!l->notes) {
        l->notes = notes_new();
    }
    g_ptr_array_add(l->notes, row);
}

static int write_job(void *arg, struct tk_db *db)
{
    const struct write *w = arg;
    int r = tk_sitting_row_ensure(db, w->lesson_id, &w->sitting);
    for (guint i = 0; r >= 0 && w->notes && i < w->notes->len; i++) {
        r = tk_event_row_add(db, w->notes->pdata[i]);
    }
    for (guint i = 0; r >= 0 && w->turns && i < w->turns->len; i++) {
        r = tk_turn_row_put(db, &g_array_index(w->turns, struct tk_turn_row, i));
    }
    if (r >= 0 && w->main_changed) {
        r = tk_main_speech_put(db, w->sitting.id, w->main_spoke_ms, w->main_last_ms);
    }
    return r;
}

/* Back to what waits: before what was noted since. */
static void take_back(struct tk_class_lesson *l, struct write *w)
{
    GPtrArray *later = l->notes;
    l->notes = g_steal_pointer(&w->notes);
    if (!l->notes) {
        l->notes = later;
    } else if (later) {
        g_ptr_array_extend_and_steal(l->notes, later);
    }
    if (l->notes && l->notes->len > NOTES_MAX) {
        tk_log_error("the disk is refused for too long, leaving out events", "lesson=%s count=%u",
                     l->id, l->notes->len - NOTES_MAX);
        g_ptr_array_remove_range(l->notes, 0, l->notes->len - NOTES_MAX);
    }
    if (w->turns) {
        g_array_append_vals(l->turns, w->turns->data, w->turns->len);
    }
    l->main_changed = l->main_changed || w->main_changed;
}

static void on_written(void *arg, int result)
{
    struct write *w = arg;
    struct tk_problem problem;
    struct tk_class_lesson *l = g_hash_table_lookup(w->cr->by_id, w->lesson_id);
    w->cr->writes--;
    if (l) {
        l->writes--;
    }
    if (result < 0) {
        tk_log_warning("what happened in a lesson could not be written, it is tried again",
                       "lesson=%s why=\"%s\"", w->lesson_id, g_strerror(-result));
        tk_problem_from_errno(&problem, result);
        if (l) {
            take_back(l, w);
        }
    }
    if (w->done) {
        w->done(w->arg, result < 0 ? &problem : NULL);
    }
    g_clear_pointer(&w->notes, g_ptr_array_unref);
    g_clear_pointer(&w->turns, g_array_unref);
    g_free(w);
}

static bool has_news(const struct tk_class_lesson *l)
{
    return (l->notes && l->notes->len > 0) || l->turns->len > 0 || l->main_changed;
}

void tk_timeline_write(struct tk_class_lesson *l, tk_access_done *done, void *arg)
{
    /* with a write under way even nothing waits: what it repeats may be in there */
    if (!has_news(l) && (l->writes == 0 || !done)) {
        if (done) {
            done(arg, NULL);
        }
        return;
    }
    struct write *w = g_new0(struct write, 1);
    w->cr = l->cr;
    g_strlcpy(w->lesson_id, l->id, sizeof(w->lesson_id));
    w->sitting = l->sitting;
    w->notes = g_steal_pointer(&l->notes);
    w->turns = l->turns;
    l->turns = g_array_new(FALSE, FALSE, sizeof(struct tk_turn_row));
    w->main_changed = l->main_changed;
    w->main_spoke_ms = l->main_spoke_ms;
    w->main_last_ms = l->main_last_ms;
    l->main_changed = false;
    w->done = done;
    w->arg = arg;
    l->writes++;
    l->cr->writes++;
    int r = tk_store_submit(l->cr->store, write_job, w, on_written);
    if (r < 0) {
        on_written(w, r);
    }
}

void tk_timeline_flush(struct tk_class_lesson *l, struct tk_now now)
{
    if (now.mono_ms < l->flush_mono_ms) {
        return;
    }
    l->flush_mono_ms = now.mono_ms + FLUSH_MS;
    if (l->turn.id != 0) {
        l->turn.last_ms = MAX(l->turn.last_ms, tk_class_clock(l, now));
        g_array_append_val(l->turns, l->turn);
    }
    tk_timeline_write(l, NULL, NULL);
}

void tk_timeline_end_turn(struct tk_class_lesson *l, int64_t at_ms, const char *reason)
{
    if (l->turn.id != 0) {
        l->turn.last_ms = l->turn.ended_ms = MAX(l->turn.last_ms, at_ms);
        l->turn.end_reason = reason;
        g_array_append_val(l->turns, l->turn);
        l->turn = (struct tk_turn_row){0};
    }
}

void tk_timeline_begin_turn(struct tk_class_lesson *l, int64_t at_ms, int64_t room_id)
{
    l->turn = (struct tk_turn_row){
        .id = ++l->cr->last_turn_id,
        .sitting_id = l->sitting.id,
        .room_id = room_id,
        .started_ms = at_ms,
        .last_ms = at_ms,
    };
    g_array_append_val(l->turns, l->turn);
}
