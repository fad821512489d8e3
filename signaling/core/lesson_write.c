/* What happened to a lesson, on its way to the disk: one job holds all that is not there yet. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/lesson_state.h"
#include "signaling/store/audit_rows.h"

struct lesson_write {
    struct tk_lesson *lesson;
    struct tk_lesson_row row; /* id, state and times; what it points to is its own */
    int64_t at_ms;
    struct tk_tally tally;
    struct tk_lesson_dirt dirt;
};

static void audit_clear(gpointer data)
{
    struct tk_lesson_audit *a = data;
    json_decref(a->before);
    json_decref(a->after);
}

void tk_lesson_dirt_init(struct tk_lesson_dirt *d)
{
    d->state = false;
    d->sittings = g_array_new(FALSE, FALSE, sizeof(struct tk_sitting_row));
    d->spans = g_array_new(FALSE, FALSE, sizeof(struct tk_live_row));
    d->evidence = g_array_new(FALSE, FALSE, sizeof(struct tk_evidence_row));
    d->results = g_array_new(FALSE, FALSE, sizeof(int64_t));
    d->audits = g_array_new(FALSE, FALSE, sizeof(struct tk_lesson_audit));
    g_array_set_clear_func(d->audits, audit_clear);
    d->waiters = g_array_new(FALSE, FALSE, sizeof(struct tk_lesson_waiter));
}

void tk_lesson_dirt_finish(struct tk_lesson_dirt *d)
{
    g_array_unref(d->sittings);
    g_array_unref(d->spans);
    g_array_unref(d->evidence);
    g_array_unref(d->results);
    g_array_unref(d->audits);
    g_array_unref(d->waiters);
}

static bool is_dirty(const struct tk_lesson_dirt *d)
{
    return d->state || d->sittings->len || d->spans->len || d->evidence->len || d->results->len ||
           d->audits->len || d->waiters->len;
}

void tk_lesson_note(struct tk_lesson *l, const struct tk_actor *actor, struct tk_now now,
                    const char *action, json_t *before, json_t *after)
{
    struct tk_lesson_audit a = {*actor, now, action, before, after};
    g_array_append_val(l->private->dirt.audits, a);
}

void tk_lesson_wait(struct tk_lesson *l, tk_lesson_done *done, void *arg)
{
    struct tk_lesson_waiter w = {done, arg};
    g_array_append_val(l->private->dirt.waiters, w);
}

int tk_lesson_audit(struct tk_db *db, const char *lesson_id, const struct tk_lesson_audit *a)
{
    char object[TK_LESSON_ID_MAX + 16];
    char *before = a->before ? json_dumps(a->before, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    char *after = a->after ? json_dumps(a->after, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    snprintf(object, sizeof(object), "lesson %s", lesson_id);
    struct tk_audit_entry e = {
        .at_ms = a->now.wall_ms,
        .actor = a->actor.name,
        .ip = *a->actor.ip ? a->actor.ip : NULL,
        .action = a->action,
        .object = object,
        .before = before,
        .after = after,
    };
    int r = tk_audit_append(db, &e);
    free(before);
    free(after);
    return r;
}

static int write_results(struct lesson_write *w, struct tk_db *db, int64_t sitting_id)
{
    bool there = false;
    int r = tk_result_rows_exist(db, sitting_id, &there);
    if (r < 0 || there) {
        return r;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)tk_result_row_free);
    r = tk_tally_sitting(&w->tally, db, sitting_id, w->at_ms, rows);
    for (guint i = 0; r == 0 && i < rows->len; i++) {
        struct tk_result_row *row = rows->pdata[i];
        row->provisional = false;
        r = tk_result_row_add(db, row, &row->id);
    }
    return r;
}

static int write_job(void *arg, struct tk_db *db)
{
    struct lesson_write *w = arg;
    const struct tk_lesson_dirt *d = &w->dirt;
    int r = d->state ? tk_lesson_row_state(db, &w->row, w->at_ms) : 0;
    for (guint i = 0; r == 0 && i < d->sittings->len; i++) {
        r = tk_sitting_row_put(db, w->row.id,
                               &g_array_index(d->sittings, struct tk_sitting_row, i));
    }
    for (guint i = 0; r == 0 && i < d->spans->len; i++) {
        r = tk_live_row_put(db, &g_array_index(d->spans, struct tk_live_row, i));
    }
    for (guint i = 0; r == 0 && i < d->evidence->len; i++) {
        r = tk_evidence_row_put(db, &g_array_index(d->evidence, struct tk_evidence_row, i));
    }
    for (guint i = 0; r == 0 && i < d->results->len; i++) {
        r = write_results(w, db, g_array_index(d->results, int64_t, i));
    }
    for (guint i = 0; r == 0 && i < d->audits->len; i++) {
        r = tk_lesson_audit(db, w->row.id, &g_array_index(d->audits, struct tk_lesson_audit, i));
    }
    return r;
}

/* Before what came since. */
static void put_back(GArray *to, const GArray *from)
{
    if (from->len > 0) {
        g_array_prepend_vals(to, from->data, from->len);
    }
}

static void keep_for_later(struct tk_lesson_dirt *to, struct tk_lesson_dirt *from)
{
    to->state = to->state || from->state;
    put_back(to->sittings, from->sittings);
    put_back(to->spans, from->spans);
    put_back(to->evidence, from->evidence);
    put_back(to->results, from->results);
    put_back(to->audits, from->audits);
    g_array_set_clear_func(from->audits, NULL); /* they have moved */
}

static void on_written(void *arg, int result)
{
    struct lesson_write *w = arg;
    struct tk_lesson *l = w->lesson;
    struct tk_problem problem;
    l->private->writing = false;
    l->private->lessons->writes--;
    if (result < 0) {
        /* it has happened all the same: the next tick writes it again */
        keep_for_later(&l->private->dirt, &w->dirt);
        tk_problem_from_errno(&problem, result);
    }
    for (guint i = 0; i < w->dirt.waiters->len; i++) {
        struct tk_lesson_waiter *one = &g_array_index(w->dirt.waiters, struct tk_lesson_waiter, i);
        one->done(one->arg, result < 0 ? &problem : NULL, result < 0 ? NULL : l);
    }
    tk_lesson_dirt_finish(&w->dirt);
    g_free(w->row.cancel_reason);
    if (result >= 0) {
        tk_lesson_flush(l, (struct tk_now){.wall_ms = w->at_ms});
    }
    g_free(w);
}

void tk_lesson_flush(struct tk_lesson *l, struct tk_now now)
{
    struct tk_lesson_private *p = l->private;
    if (p->writing || p->lessons->closing || !is_dirty(&p->dirt)) {
        return;
    }
    struct lesson_write *w = g_new0(struct lesson_write, 1);
    w->lesson = l;
    w->row = (struct tk_lesson_row){
        .state = l->row.state,
        .start_ms = l->row.start_ms,
        .end_ms = l->row.end_ms,
        .reopens_ms = l->row.reopens_ms,
        .cancel_reason = g_strdup(l->row.cancel_reason),
    };
    memcpy(w->row.id, l->row.id, sizeof(w->row.id));
    w->at_ms = now.wall_ms;
    w->tally = p->lessons->tally;
    w->dirt = p->dirt;
    tk_lesson_dirt_init(&p->dirt);
    p->writing = true;
    p->lessons->writes++;
    int r = tk_store_submit(p->lessons->store, write_job, w, on_written);
    if (r < 0) {
        on_written(w, r);
    }
}

struct beat {
    struct tk_lessons *lessons;
    int64_t run_id;
    int64_t at_ms;
    GArray *spans;
};

static int beat_job(void *arg, struct tk_db *db)
{
    const struct beat *b = arg;
    int r = tk_run_row_beat(db, b->run_id, b->at_ms);
    for (guint i = 0; r == 0 && i < b->spans->len; i++) {
        r = tk_live_row_beat(db, &g_array_index(b->spans, struct tk_live_row, i));
    }
    return r;
}

static void on_beat(void *arg, int result)
{
    struct beat *b = arg;
    b->lessons->writes--;
    b->lessons->beat_result = MIN(result, 0);
    g_array_unref(b->spans);
    g_free(b);
}

/* The server lives, and what is live now was so until now. */
void tk_lessons_beat(struct tk_lessons *ls, struct tk_now now)
{
    struct beat *b = g_new0(struct beat, 1);
    GHashTableIter i;
    gpointer value;
    b->lessons = ls;
    b->run_id = ls->run_id;
    b->at_ms = ls->started.wall_ms + now.mono_ms - ls->started.mono_ms;
    b->spans = g_array_new(FALSE, FALSE, sizeof(struct tk_live_row));
    g_hash_table_iter_init(&i, ls->by_id);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        const struct tk_lesson *l = value;
        if (l->private->live.id != 0) {
            g_array_append_val(b->spans, l->private->live);
        }
    }
    ls->beat_mono_ms = now.mono_ms + TK_BEAT_MS;
    ls->writes++;
    int r = tk_store_submit(ls->store, beat_job, b, on_beat);
    if (r < 0) {
        on_beat(b, r);
    }
}

int tk_lessons_beat_result(const struct tk_lessons *ls)
{
    return ls->beat_result;
}
