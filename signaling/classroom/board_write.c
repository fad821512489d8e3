/*
 * Who may add to a board and in what order entries are written.
 *
 * One write of a lesson is under way at a time. What comes meanwhile waits, is checked against what
 * then is on disk, numbered and written in one go: a write that fails leaves no gap, since its
 * numbers were nobody's. Only what is on disk is told.
 *
 *     add ──checked──▶ waiting ──applied──▶ written ──COMMIT──▶ appended, told, answered
 *                         └── refused           └── failed: undone, answered
 */

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/classroom/board_state.h"
#include "signaling/store/board_rows.h"

/* Adds that wait for one lesson. */
#define WAITING_MAX 512

/* What one message asks for. */
struct add {
    int64_t at_ms;
    int64_t account_id;
    int64_t epoch;
    GArray *entries;  /* struct tk_entry */
    json_t *fresh;    /* of these what the log had not, as it is told */
    GPtrArray *texts; /* theirs, borrowed */
    tk_board_done *done;
    void *arg;
};

struct batch {
    struct tk_boards *boards;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t epoch;
    int64_t first;
    GPtrArray *adds; /* struct add */
    GArray *changes;
};

static void entry_clear(gpointer data)
{
    tk_entry_clear(data);
}

static void add_free(gpointer data)
{
    struct add *a = data;
    g_array_unref(a->entries);
    json_decref(a->fresh);
    g_ptr_array_unref(a->texts);
    g_free(a);
}

static void add_refuse(struct add *a, const struct tk_problem *problem)
{
    a->done(a->arg, problem, 0);
    add_free(a);
}

static void batch_free(struct batch *b)
{
    g_ptr_array_unref(b->adds);
    g_array_unref(b->changes);
    g_free(b);
}

/* ---- writing ---- */

static int write_job(void *arg, struct tk_db *db)
{
    const struct batch *batch = arg;
    int64_t n = batch->first;
    for (guint i = 0; i < batch->adds->len; i++) {
        const struct add *a = batch->adds->pdata[i];
        for (guint k = 0; k < a->texts->len; k++) {
            int r = tk_board_row_add(db, batch->lesson_id, batch->epoch, n++, a->at_ms,
                                     a->account_id, a->texts->pdata[k]);
            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

static void tell(struct tk_board *b, const struct add *a, int64_t first)
{
    GArray *listeners = b->boards->listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_board_listener *l = &g_array_index(listeners, struct tk_board_listener, i);
        if (l->on_entries) {
            l->on_entries(l->ctx, b->lesson_id, b->epoch, first, a->fresh, a->account_id);
        }
    }
}

static void append(struct tk_board *b, const struct add *a)
{
    for (guint i = 0; i < a->texts->len; i++) {
        const char *text = a->texts->pdata[i];
        tk_board_log_append(&b->log, text, strlen(text));
    }
    tk_board_pack_follow(&b->log.pack, b->log.text);
}

/* `current`: it is still the board's epoch; else it is on disk, and nobody looks at it any more. */
static void answer_batch(struct tk_board *b, struct batch *batch, bool current,
                         const struct tk_problem *problem)
{
    int64_t n = batch->first - 1;
    for (guint i = 0; i < batch->adds->len; i++) {
        struct add *a = batch->adds->pdata[i];
        if (!problem && a->texts->len > 0) {
            if (current) {
                append(b, a);
                tell(b, a, n + 1);
            }
            n += a->texts->len;
        }
        a->done(a->arg, problem, problem ? 0 : n);
    }
}

static void pump(struct tk_board *b);

static void on_written(void *arg, int result)
{
    struct batch *batch = arg;
    struct tk_boards *bs = batch->boards;
    struct tk_board *b = g_hash_table_lookup(bs->by_lesson, batch->lesson_id);
    bool current = batch->epoch == b->epoch;
    struct tk_problem problem;
    bs->writes--;
    if (result < 0) {
        tk_log_warning("a board's entries were not written", "lesson=%s why=\"%s\"", b->lesson_id,
                       strerror(-result));
        tk_problem_from_errno(&problem, result);
        if (current) {
            tk_board_log_undo(&b->log, batch->changes, 0);
        }
    }
    answer_batch(b, batch, current, result < 0 ? &problem : NULL);
    if (result == -EEXIST && current) { /* another program wrote to it: read it again */
        tk_board_unload(b);
    }
    b->writing = false;
    batch_free(batch);
    pump(b);
}

static bool fits_limits(const struct tk_board *b, int64_t count, size_t bytes,
                        struct tk_problem *problem)
{
    if (tk_board_log_n(&b->log) + count > TK_BOARD_LOG_MAX ||
        b->log.text->len + bytes > TK_BOARD_LOG_BYTES) {
        tk_problem_set(problem, TK_PROBLEM_TOO_LARGE, "entries",
                       "This lesson's board is full: %d entries or %d MiB", TK_BOARD_LOG_MAX,
                       TK_BOARD_LOG_BYTES >> 20);
        return false;
    }
    return true;
}

static int check_file(struct tk_board *b, const struct tk_entry *e, size_t index,
                      struct tk_problem *problem)
{
    struct tk_file_row row;
    if (!e->file ||
        tk_file_row(tk_store_reader(b->boards->store), b->lesson_id, e->file, &row) == 0) {
        return 0;
    }
    return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "entries",
                          "entries[%zu].file: the lesson has no such picture", index);
}

/* What a batch has so far. */
struct sum {
    int64_t count;
    size_t bytes;
};

/* All of an add or nothing. */
static int apply(struct tk_board *b, struct add *a, GArray *changes, struct sum *sum,
                 struct tk_problem *problem)
{
    guint before = changes->len;
    struct sum s = *sum;
    int r = 0;
    for (guint i = 0; i < a->entries->len && r >= 0; i++) {
        struct tk_entry *e = &g_array_index(a->entries, struct tk_entry, i);
        r = check_file(b, e, i, problem);
        r = r < 0 ? r : tk_board_log_apply(&b->log, e, i, changes, problem);
        if (r > 0) {
            json_array_append(a->fresh, e->json);
            g_ptr_array_add(a->texts, e->text);
            s.count++;
            s.bytes += e->len + 1;
        }
    }
    if (r >= 0 && a->texts->len > 0 && !fits_limits(b, s.count, s.bytes, problem)) {
        r = -EMSGSIZE;
    }
    if (r < 0) {
        tk_board_log_undo(&b->log, changes, before);
        return r;
    }
    *sum = s;
    return 0;
}

static struct batch *batch_new(struct tk_board *b)
{
    struct batch *batch = g_new0(struct batch, 1);
    batch->boards = b->boards;
    g_strlcpy(batch->lesson_id, b->lesson_id, sizeof(batch->lesson_id));
    batch->epoch = b->epoch;
    batch->first = tk_board_log_n(&b->log) + 1;
    batch->adds = g_ptr_array_new_with_free_func(add_free);
    batch->changes = tk_board_changes_new();
    return batch;
}

static bool is_of_epoch(const struct tk_board *b, int64_t epoch, struct tk_problem *problem)
{
    if (epoch == b->epoch) {
        return true;
    }
    tk_problem_set(problem, TK_PROBLEM_CONFLICT, "epoch", "The board is at epoch %lld now",
                   (long long)b->epoch);
    return false;
}

static void refuse_waiting(struct tk_board *b, int error)
{
    struct tk_problem problem;
    struct add *a;
    tk_problem_from_errno(&problem, error);
    while ((a = g_queue_pop_head(&b->waiting))) {
        add_refuse(a, &problem);
    }
}

/* Takes what waits into one write. The answers to what is refused come last: they may add more. */
static void pump(struct tk_board *b)
{
    struct sum sum = {0};
    struct tk_problem problem;
    struct add *a;
    if (b->writing || g_queue_is_empty(&b->waiting)) {
        return;
    }
    int r = tk_board_load(b);
    if (r < 0) {
        refuse_waiting(b, r);
        return;
    }
    struct batch *batch = batch_new(b);
    b->writing = true;
    while ((a = g_queue_pop_head(&b->waiting))) {
        if (!is_of_epoch(b, a->epoch, &problem) ||
            apply(b, a, batch->changes, &sum, &problem) < 0) {
            add_refuse(a, &problem);
        } else {
            g_ptr_array_add(batch->adds, a);
        }
    }
    b->boards->writes++;
    r = sum.count > 0 ? tk_store_submit(b->boards->store, write_job, batch, on_written) : 0;
    if (r < 0 || sum.count == 0) {
        on_written(batch, r);
    }
}

/* ---- adding ---- */

static const struct tk_lesson *find_writable(struct tk_boards *bs, const char *lesson_id,
                                             struct tk_problem *problem)
{
    const struct tk_lesson *lesson = tk_lessons_find(bs->lessons, lesson_id);
    if (!lesson) {
        tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        return NULL;
    }
    if (lesson->row.state != TK_LESSON_SCHEDULED && !tk_lesson_is_open(lesson)) {
        tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL,
                       "The lesson is over: its board can be read, not written");
        return NULL;
    }
    return lesson;
}

static bool rate_is_fine(struct tk_boards *bs, struct tk_now now, int64_t account_id, size_t cost,
                         struct tk_problem *problem)
{
    char key[32];
    g_snprintf(key, sizeof(key), "%lld", (long long)account_id);
    if (tk_rate_take(bs->rate, key, (unsigned)cost, now.mono_ms)) {
        return true;
    }
    tk_problem_set(problem, TK_PROBLEM_RATE_LIMITED, NULL,
                   "At most %d entries a second, %d at once: try again in a moment",
                   TK_BOARD_STROKES_PER_S, TK_BOARD_BURST);
    problem->retry_after_s = 1 + (int64_t)cost / TK_BOARD_STROKES_PER_S;
    return false;
}

static bool parse_entries(const json_t *entries, GArray *ret, struct tk_problem *problem)
{
    size_t count = json_array_size(entries);
    if (count == 0 || count > TK_BOARD_ENTRIES_MAX) {
        tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "entries",
                       "entries must be an array of 1 to %d", TK_BOARD_ENTRIES_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct tk_entry e;
        if (tk_entry_parse(json_array_get(entries, i), i, &e, problem) < 0) {
            return false;
        }
        g_array_append_val(ret, e);
    }
    return true;
}

static bool admit(struct tk_boards *bs, struct tk_now now, const char *lesson_id, struct add *a,
                  const json_t *entries, struct tk_board **ret, struct tk_problem *problem)
{
    const struct tk_lesson *lesson = find_writable(bs, lesson_id, problem);
    if (!lesson) {
        return false;
    }
    struct tk_board *b = tk_board_of(bs, lesson);
    if (!is_of_epoch(b, a->epoch, problem) || !parse_entries(entries, a->entries, problem) ||
        !rate_is_fine(bs, now, a->account_id, a->entries->len, problem)) {
        return false;
    }
    if (b->waiting.length >= WAITING_MAX || bs->closing) {
        tk_problem_set(problem, TK_PROBLEM_UNAVAILABLE, NULL, "Too much waits to be written");
        return false;
    }
    a->at_ms = tk_lesson_is_open(lesson) ? tk_lesson_clock(lesson, now) : now.wall_ms;
    *ret = b;
    return true;
}

void tk_board_add(struct tk_boards *bs, struct tk_now now, const char *lesson_id, int64_t epoch,
                  int64_t account_id, const json_t *entries, tk_board_done *done, void *arg)
{
    struct tk_problem problem;
    struct tk_board *b = NULL;
    struct add *a = g_new0(struct add, 1);
    a->account_id = account_id;
    a->epoch = epoch;
    a->entries = g_array_new(FALSE, FALSE, sizeof(struct tk_entry));
    g_array_set_clear_func(a->entries, entry_clear);
    a->fresh = json_array();
    a->texts = g_ptr_array_new();
    a->done = done;
    a->arg = arg;
    if (!admit(bs, now, lesson_id, a, entries, &b, &problem)) {
        add_refuse(a, &problem);
        return;
    }
    g_queue_push_tail(&b->waiting, a);
    pump(b);
}
