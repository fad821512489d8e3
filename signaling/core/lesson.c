#include "signaling/core/lesson.h"

#include <errno.h>
#include <string.h>

#include "signaling/core/lesson_state.h"

/* Lessons to come are in memory so long before they begin. */
#define HORIZON_MS (26 * 3600000LL)
#define LOAD_EVERY_MS (10 * 60000LL)
#define SWEEP_EVERY_MS 60000LL
#define TICK_MS 1000
#define SHANGHAI_MS (8 * 3600000LL) /* no summer time since 1991 */

int64_t tk_shanghai_midnight(int64_t at_ms)
{
    return (at_ms + SHANGHAI_MS) / TK_DAY_MS * TK_DAY_MS - SHANGHAI_MS;
}

int64_t tk_lesson_clock(const struct tk_lesson *l, struct tk_now now)
{
    return l->private->anchor.wall_ms + now.mono_ms - l->private->anchor.mono_ms;
}

bool tk_lesson_is_open(const struct tk_lesson *l)
{
    return l->row.state >= TK_LESSON_OPEN && l->row.state <= TK_LESSON_INTERRUPTED;
}

bool tk_lesson_taught_by(const struct tk_lesson *l, const struct tk_account *account)
{
    return account->role == TK_ROLE_TEACHER && l->row.teacher.id != 0 &&
           account->person_id == l->row.teacher.id;
}

bool tk_lesson_expects_room(const struct tk_lesson *l, int64_t room_id)
{
    for (size_t i = 0; i < l->row.rooms_count; i++) {
        if (l->row.rooms[i].id == room_id) {
            return true;
        }
    }
    return false;
}

bool tk_lesson_enrols(const struct tk_lesson *l, int64_t person_id)
{
    for (size_t i = 0; i < l->row.persons_count; i++) {
        if (l->row.persons[i].id == person_id) {
            return true;
        }
    }
    return false;
}

static void lesson_free(gpointer data)
{
    struct tk_lesson *l = data;
    tk_roster_destroy(l->roster);
    tk_lesson_dirt_finish(&l->private->dirt);
    json_decref(l->source);
    json_decref(l->source_status);
    tk_lesson_row_clear(&l->row);
    g_free(l->private);
    g_free(l);
}

/* What follows from the row. */
static void derive(struct tk_lesson *l)
{
    const struct tk_settings *settings = l->private->lessons->settings;
    l->join_from_ms = l->row.start_ms - settings->join_before_min * 60000;
    json_decref(l->source);
    l->source = json_loads(l->row.source, 0, NULL);
    tk_roster_seats(l);
}

static struct tk_lesson *lesson_load(struct tk_lessons *ls, const char *id)
{
    struct tk_lesson_row row;
    struct tk_db *db = tk_store_reader(ls->store);
    if (tk_lesson_row(db, id, &row) < 0) {
        return NULL;
    }
    struct tk_lesson *l = g_new0(struct tk_lesson, 1);
    l->row = row;
    l->private = g_new0(struct tk_lesson_private, 1);
    l->private->lessons = ls;
    l->roster = tk_roster_create();
    tk_lesson_dirt_init(&l->private->dirt);
    tk_sitting_row_last(db, id, &l->sitting);
    derive(l);
    g_hash_table_insert(ls->by_id, l->row.id, l);
    return l;
}

struct tk_lesson *tk_lessons_get(struct tk_lessons *ls, const char *id)
{
    struct tk_lesson *l = g_hash_table_lookup(ls->by_id, id);
    return l ? l : lesson_load(ls, id);
}

const struct tk_lesson *tk_lessons_find(struct tk_lessons *ls, const char *id)
{
    return tk_lessons_get(ls, id);
}

struct tk_lesson *tk_lessons_reload(struct tk_lessons *ls, const char *id)
{
    struct tk_lesson *l = g_hash_table_lookup(ls->by_id, id);
    struct tk_lesson_row row;
    if (!l) {
        return lesson_load(ls, id);
    }
    if (tk_lesson_row(tk_store_reader(ls->store), id, &row) < 0) {
        return l;
    }
    row.state = l->row.state;
    row.reopens_ms = l->row.reopens_ms;
    g_free(row.cancel_reason);
    row.cancel_reason = g_steal_pointer(&l->row.cancel_reason);
    if (row.reopens) {
        row.start_ms = l->row.start_ms;
        row.end_ms = l->row.end_ms;
    }
    /* the table's key is within the old row: the bytes stay where they are */
    struct tk_lesson_row old = l->row;
    l->row = row;
    tk_lesson_row_clear(&old);
    derive(l);
    return l;
}

static int take_id(void *ctx, const char *id)
{
    g_ptr_array_add(ctx, g_strdup(id));
    return 0;
}

void tk_lessons_load_pending(struct tk_lessons *ls, struct tk_now now)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    tk_lesson_ids_pending(tk_store_reader(ls->store), now.wall_ms + HORIZON_MS, take_id, ids);
    for (guint i = 0; i < ids->len; i++) {
        if (!g_hash_table_contains(ls->by_id, ids->pdata[i])) {
            struct tk_lesson *l = lesson_load(ls, ids->pdata[i]);
            if (l) {
                tk_lesson_take_up(l, now);
            }
        }
    }
    ls->load_mono_ms = now.mono_ms + LOAD_EVERY_MS;
}

static char *thresholds_of(const struct tk_settings *s)
{
    return g_strdup_printf("{\"attended_percent\":%lld,\"bridge_gap_s\":%lld,"
                           "\"bridge_share_percent\":%lld,\"partial_percent\":%lld,"
                           "\"report_gap_s\":%lld}",
                           (long long)s->attended_percent, (long long)s->bridge_gap_s,
                           (long long)s->bridge_share_percent, (long long)s->partial_percent,
                           (long long)s->report_gap_s);
}

static int start_job(void *arg, struct tk_db *db)
{
    struct tk_lessons *ls = arg;
    char *thresholds = thresholds_of(ls->settings);
    int r = tk_rule_set_row(db, thresholds, ls->started.wall_ms, &ls->tally.rule_version);
    g_free(thresholds);
    if (r == 0) {
        r = tk_sitting_ids(db, &ls->ids);
    }
    if (r == 0 && ls->serving) {
        r = tk_live_rows_close(db, "server_down");
    }
    if (r == 0 && ls->serving) {
        r = tk_run_row_add(db, ls->started.wall_ms, &ls->run_id);
    }
    return r;
}

int tk_lessons_create(struct tk_store *store, const struct tk_settings *settings, bool serving,
                      struct tk_now now, struct tk_lessons **ret)
{
    struct tk_lessons *ls = g_new0(struct tk_lessons, 1);
    ls->store = store;
    ls->settings = settings;
    ls->serving = serving;
    ls->started = now;
    ls->beat_mono_ms = now.mono_ms + TK_BEAT_MS;
    ls->sweep_mono_ms = now.mono_ms + SWEEP_EVERY_MS;
    ls->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lesson_free);
    ls->listeners = g_array_new(FALSE, FALSE, sizeof(struct tk_lessons_listener));
    ls->tally.rules = (struct tk_attendance_rules){
        .report_gap_ms = settings->report_gap_s * 1000,
        .bridge_gap_ms = settings->bridge_gap_s * 1000,
        .bridge_share_percent = settings->bridge_share_percent,
        .attended_percent = settings->attended_percent,
        .partial_percent = settings->partial_percent,
    };
    int r = tk_store_run(store, start_job, ls);
    if (r < 0) {
        tk_lessons_destroy(ls);
        return r;
    }
    if (serving) {
        tk_lessons_load_pending(ls, now);
    }
    *ret = ls;
    return 0;
}

/* Everything under way is written and answered. */
static void settle(struct tk_lessons *ls)
{
    while (ls->writes > 0) {
        tk_store_wait(ls->store, 1000);
    }
}

static int stop_job(void *arg, struct tk_db *db)
{
    struct tk_lessons *ls = arg;
    return tk_run_row_stop(db, ls->run_id, ls->beat_mono_ms);
}

void tk_lessons_stop(struct tk_lessons *ls, struct tk_now now)
{
    GHashTableIter i;
    gpointer value;
    if (!ls->serving) {
        return;
    }
    settle(ls);
    g_hash_table_iter_init(&i, ls->by_id);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        struct tk_lesson *l = value;
        if (tk_lesson_is_open(l)) {
            tk_lesson_close_span(l, now, "server_stop");
        }
        tk_lesson_flush(l, now);
    }
    settle(ls);
    ls->serving = false;
    ls->beat_mono_ms = ls->started.wall_ms + now.mono_ms - ls->started.mono_ms;
    tk_store_run(ls->store, stop_job, ls);
}

void tk_lessons_destroy(struct tk_lessons *ls)
{
    if (!ls) {
        return;
    }
    g_array_set_size(ls->listeners, 0);
    ls->closing = true;
    settle(ls);
    g_hash_table_unref(ls->by_id);
    g_array_unref(ls->listeners);
    g_free(ls);
}

const struct tk_tally *tk_lessons_tally(const struct tk_lessons *ls)
{
    return &ls->tally;
}

void tk_lessons_each_open(struct tk_lessons *ls,
                          void (*each)(void *ctx, const struct tk_lesson *lesson), void *ctx)
{
    /* copied: what is called may load a lesson */
    g_autoptr(GList) all = g_hash_table_get_values(ls->by_id);
    for (GList *i = all; i; i = i->next) {
        if (tk_lesson_is_open(i->data)) {
            each(ctx, i->data);
        }
    }
}

static void greet(void *ctx, const struct tk_lesson *l)
{
    const struct tk_lessons_listener *listener = ctx;
    if (listener->on_media_open) {
        listener->on_media_open(listener->ctx, l);
    }
    if (listener->on_media_start && l->sitting.started_ms != 0) {
        listener->on_media_start(listener->ctx, l, true);
    }
}

void tk_lessons_listen(struct tk_lessons *ls, const struct tk_lessons_listener *listener)
{
    struct tk_lessons_listener copy = *listener;
    g_array_append_val(ls->listeners, copy);
    tk_lessons_each_open(ls, greet, &copy);
}

void tk_lessons_unlisten(struct tk_lessons *ls, const void *ctx)
{
    for (guint i = ls->listeners->len; i > 0; i--) {
        if (g_array_index(ls->listeners, struct tk_lessons_listener, i - 1).ctx == ctx) {
            g_array_remove_index(ls->listeners, i - 1);
        }
    }
}

/* What is over and nobody looks at goes; it is read again when it is asked for. */
static gboolean is_idle(gpointer key, gpointer value, gpointer data)
{
    const struct tk_lesson *l = value;
    const struct tk_now *now = data;
    const struct tk_lesson_dirt *d = &l->private->dirt;
    bool over = l->row.state == TK_LESSON_CANCELLED ||
                (l->row.state == TK_LESSON_ENDED && !l->row.reopens) ||
                (l->row.state == TK_LESSON_SCHEDULED &&
                 l->row.start_ms > now->wall_ms + HORIZON_MS + LOAD_EVERY_MS);
    return over && !l->private->writing && !d->state && d->sittings->len == 0 &&
           d->waiters->len == 0 && d->audits->len == 0 && tk_roster_empty(l->roster);
}

int64_t tk_lessons_tick(struct tk_lessons *ls, struct tk_now now)
{
    if (!ls->serving) {
        return now.mono_ms + TICK_MS;
    }
    if (now.mono_ms >= ls->load_mono_ms) {
        tk_lessons_load_pending(ls, now);
    }
    g_autoptr(GList) all = g_hash_table_get_values(ls->by_id);
    int64_t next = now.mono_ms + TICK_MS;
    for (GList *i = all; i; i = i->next) {
        next = MIN(next, tk_lesson_tick(i->data, now));
    }
    if (now.mono_ms >= ls->beat_mono_ms) {
        tk_lessons_beat(ls, now);
    }
    if (now.mono_ms >= ls->sweep_mono_ms) {
        ls->sweep_mono_ms = now.mono_ms + SWEEP_EVERY_MS;
        g_hash_table_foreach_remove(ls->by_id, is_idle, &now);
    }
    return MAX(next, now.mono_ms + 1);
}

/* Which of two open lessons a room should see: live first, the timetable's first. */
static int rank(const struct tk_lesson *l)
{
    static const int by_state[] = {
        [TK_LESSON_OPEN] = 1, [TK_LESSON_INTERRUPTED] = 3, [TK_LESSON_LIVE] = 5};
    return by_state[l->row.state] * 2 + !l->row.reopens;
}

static bool before(const struct tk_lesson *a, const struct tk_lesson *b)
{
    return a->row.start_ms != b->row.start_ms ? a->row.start_ms < b->row.start_ms
                                              : strcmp(a->row.id, b->row.id) < 0;
}

const struct tk_lesson *tk_lessons_room_now(struct tk_lessons *ls, int64_t room_id)
{
    const struct tk_lesson *best = NULL;
    GHashTableIter i;
    gpointer value;
    g_hash_table_iter_init(&i, ls->by_id);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        const struct tk_lesson *l = value;
        if (!tk_lesson_is_open(l) || !tk_lesson_expects_room(l, room_id)) {
            continue;
        }
        if (!best || rank(l) > rank(best) || (rank(l) == rank(best) && before(l, best))) {
            best = l;
        }
    }
    return best;
}

const struct tk_lesson *tk_lessons_room_next(struct tk_lessons *ls, struct tk_now now,
                                             int64_t room_id)
{
    const struct tk_lesson *best = NULL;
    int64_t day_end = tk_shanghai_midnight(now.wall_ms) + TK_DAY_MS;
    GHashTableIter i;
    gpointer value;
    g_hash_table_iter_init(&i, ls->by_id);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        const struct tk_lesson *l = value;
        int64_t from = l->row.state == TK_LESSON_ENDED ? l->row.reopens_ms : l->row.start_ms;
        bool comes = l->row.state == TK_LESSON_SCHEDULED ||
                     (l->row.state == TK_LESSON_ENDED && l->row.reopens);
        if (comes && from < day_end && tk_lesson_expects_room(l, room_id) &&
            (!best || before(l, best))) {
            best = l;
        }
    }
    return best;
}
