#include "signaling/core/visit.h"

#include <errno.h>
#include <string.h>

#include "signaling/core/lesson_state.h"
#include "signaling/store/visit_rows.h"

#define PER_PAGE 50

enum stage {
    BEGINNING, /* on its way to the disk */
    GOING,
    WAITING, /* the connection is lost */
    ENDING,  /* the end is on its way, or has to be written again */
};

/* A page's load and the lesson: one page that is in two lessons makes two visits. */
#define KEY_BYTES (TK_VISIT_KEY + TK_LESSON_ID_MAX + 2)

struct visit {
    struct tk_visits *visits;
    char key[KEY_BYTES];
    char lesson_id[TK_LESSON_ID_MAX + 1];
    struct tk_actor actor;
    struct tk_now started;
    enum stage stage;
    int64_t id;           /* 0: not on disk yet */
    int64_t left_mono_ms; /* waiting, ending: when it was last there */
    bool writing;         /* the end */
    bool left_early;      /* it left before it was on disk */
    GArray *waiters;      /* struct waiter */
};

struct waiter {
    tk_access_done *done;
    void *arg;
};

struct tk_visits {
    struct tk_store *store;
    GHashTable *by_key; /* key → struct visit */
    GHashTable *ending; /* set of struct visit: no longer by their key */
    int64_t beat_mono_ms;
    int writes; /* under way */
};

enum tk_watch tk_visit_may(const struct tk_lesson *lesson, const struct tk_account *account,
                           struct tk_problem *problem)
{
    bool known = tk_lesson_enrols(lesson, account->person_id);
    switch (account->role) {
    case TK_ROLE_AUDITOR:
    case TK_ROLE_ADMIN:
        if (!tk_lesson_is_open(lesson)) {
            tk_problem_set(problem, TK_PROBLEM_CONFLICT, "lesson",
                           "This lesson is not open now: there is nothing to look in on");
            return TK_WATCH_REFUSED;
        }
        return TK_WATCH_VISIT;
    case TK_ROLE_TEACHER:
        known = known || tk_lesson_taught_by(lesson, account);
        break;
    case TK_ROLE_COTEACHER:
        for (size_t i = 0; i < lesson->row.rooms_count; i++) {
            known = known || (account->school_id != 0 &&
                              lesson->row.rooms[i].school_id == account->school_id);
        }
        break;
    }
    if (!known) {
        tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "lesson",
                       "You may watch the lessons that you teach or are enrolled in, or in which "
                       "a room of your school takes part");
    }
    return known ? TK_WATCH_KNOWN : TK_WATCH_REFUSED;
}

static void key_of(const char *load, const char *lesson_id, char out[KEY_BYTES])
{
    g_snprintf(out, KEY_BYTES, "%s %s", load, lesson_id);
}

static struct visit *find(const struct tk_visits *vs, const char *load, const char *lesson_id)
{
    char key[KEY_BYTES];
    key_of(load, lesson_id, key);
    return g_hash_table_lookup(vs->by_key, key);
}

static void visit_free(struct visit *v)
{
    g_array_unref(v->waiters);
    g_free(v);
}

/* The visit's steady clock, UTC. */
static int64_t clock_of(const struct visit *v, int64_t mono_ms)
{
    return v->started.wall_ms + MAX(0, mono_ms - v->started.mono_ms);
}

static int audit(struct tk_db *db, const struct tk_actor *actor, struct tk_now now,
                 const char *action, const char *lesson_id, const struct tk_visit_row *row)
{
    struct tk_lesson_audit a = {*actor, now, action, NULL,
                                json_pack("{s:I, s:I}", "visit", (json_int_t)row->id, "started_ms",
                                          (json_int_t)row->started_ms)};
    if (row->ended_ms != 0) {
        json_object_set_new(a.after, "ended_ms", json_integer(row->ended_ms));
    }
    int r = tk_lesson_audit(db, lesson_id, &a);
    json_decref(a.after);
    return r;
}

/* ---- the end ---- */

struct end {
    struct visit *visit;
    struct tk_now now;
    struct tk_actor actor;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    struct tk_visit_row row;
};

static int end_job(void *arg, struct tk_db *db)
{
    struct end *e = arg;
    int r = tk_visit_row_end(db, e->row.id, e->row.ended_ms);
    if (r == -ENOENT) {
        return 0; /* it had ended */
    }
    return r < 0 ? r : audit(db, &e->actor, e->now, "visit.end", e->lesson_id, &e->row);
}

static void on_ended(void *arg, int result)
{
    struct end *e = arg;
    e->visit->visits->writes--;
    e->visit->writing = false;
    if (result >= 0) {
        g_hash_table_remove(e->visit->visits->ending, e->visit);
        visit_free(e->visit);
    } /* else the next tick writes it again */
    g_free(e);
}

static void write_end(struct visit *v, struct tk_now now)
{
    struct end *e = g_new0(struct end, 1);
    e->visit = v;
    e->now = now;
    e->actor = v->actor;
    memcpy(e->lesson_id, v->lesson_id, sizeof(e->lesson_id));
    e->row = (struct tk_visit_row){
        .id = v->id, .started_ms = v->started.wall_ms, .ended_ms = clock_of(v, v->left_mono_ms)};
    v->writing = true;
    v->visits->writes++;
    int r = tk_store_submit(v->visits->store, end_job, e, on_ended);
    if (r < 0) {
        on_ended(e, r);
    }
}

/* It is known by its key no more: the same load may begin another one. */
static void end(struct visit *v, struct tk_now now)
{
    g_hash_table_steal(v->visits->by_key, v->key);
    g_hash_table_add(v->visits->ending, v);
    v->stage = ENDING;
    write_end(v, now);
}

/* ---- the beginning ---- */

struct beginning {
    struct visit *visit;
    struct tk_actor actor;
    struct tk_now now;
    struct tk_visit_row row;
    struct tk_problem problem;
};

static int begin_job(void *arg, struct tk_db *db)
{
    struct beginning *b = arg;
    int64_t today = 0;
    int r = tk_visit_rows_since(db, b->row.account_id, b->row.started_ms - TK_DAY_MS, &today);
    if (r == 0 && today >= TK_VISITS_DAY_MAX) {
        return tk_problem_set(&b->problem, TK_PROBLEM_RATE_LIMITED, NULL, "At most %d visits a day",
                              TK_VISITS_DAY_MAX);
    }
    if (r == 0) {
        r = tk_sitting_opened_by(db, b->row.lesson_id, INT64_MAX, &b->row.sitting_id);
        r = r == -ENOENT ? 0 : r;
    }
    if (r == 0) {
        r = tk_visit_row_add(db, &b->row, &b->row.id);
    }
    return r < 0 ? r : audit(db, &b->actor, b->now, "visit.begin", b->row.lesson_id, &b->row);
}

static void answer(GArray *waiters, const struct tk_problem *problem)
{
    for (guint i = 0; i < waiters->len; i++) {
        struct waiter *w = &g_array_index(waiters, struct waiter, i);
        w->done(w->arg, problem);
    }
    g_array_unref(waiters);
}

static void on_begun(void *arg, int result)
{
    struct beginning *b = arg;
    struct visit *v = b->visit;
    v->visits->writes--;
    GArray *waiters = g_steal_pointer(&v->waiters);
    v->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    if (result < 0) {
        if (!b->problem.code) {
            tk_problem_from_errno(&b->problem, result);
        }
        g_hash_table_remove(v->visits->by_key, v->key);
    } else {
        v->id = b->row.id;
        v->stage = GOING;
        if (v->left_early) {
            end(v, b->now);
        }
    }
    answer(waiters, result < 0 ? &b->problem : NULL);
    g_free(b);
}

static int count_of(const struct tk_visits *vs, int64_t account_id)
{
    GHashTableIter it;
    gpointer value;
    int count = 0;
    g_hash_table_iter_init(&it, vs->by_key);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        count += ((struct visit *)value)->actor.account_id == account_id;
    }
    return count;
}

static void wait_for(struct visit *v, tk_access_done *done, void *arg)
{
    struct waiter w = {done, arg};
    g_array_append_val(v->waiters, w);
}

static void begin_new(struct tk_visits *vs, struct tk_now now, const struct tk_actor *actor,
                      const char *lesson_id, const char *load, struct waiter waiter)
{
    struct visit *v = g_new0(struct visit, 1);
    struct beginning *b = g_new0(struct beginning, 1);
    v->visits = vs;
    v->actor = *actor;
    v->started = now;
    v->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    key_of(load, lesson_id, v->key);
    g_strlcpy(v->lesson_id, lesson_id, sizeof(v->lesson_id));
    g_hash_table_insert(vs->by_key, v->key, v);
    wait_for(v, waiter.done, waiter.arg);
    *b = (struct beginning){.visit = v, .actor = *actor, .now = now};
    b->row.account_id = actor->account_id;
    b->row.started_ms = b->row.last_ms = now.wall_ms;
    g_strlcpy(b->row.lesson_id, lesson_id, sizeof(b->row.lesson_id));
    g_strlcpy(b->row.ip, actor->ip, sizeof(b->row.ip));
    vs->writes++;
    int r = tk_store_submit(vs->store, begin_job, b, on_begun);
    if (r < 0) {
        on_begun(b, r);
    }
}

void tk_visit_begin(struct tk_visits *vs, struct tk_now now, const struct tk_actor *actor,
                    const char *lesson_id, const char *load, tk_access_done *done, void *arg)
{
    struct tk_problem problem;
    struct visit *v = find(vs, load, lesson_id);
    if (v && v->stage == BEGINNING) {
        v->left_early = false;
        wait_for(v, done, arg);
    } else if (v) {
        v->stage = GOING;
        done(arg, NULL);
    } else if (count_of(vs, actor->account_id) >= TK_VISITS_AT_ONCE) {
        tk_problem_set(&problem, TK_PROBLEM_RATE_LIMITED, NULL, "At most %d visits at once",
                       TK_VISITS_AT_ONCE);
        done(arg, &problem);
    } else {
        begin_new(vs, now, actor, lesson_id, load, (struct waiter){done, arg});
    }
}

bool tk_visit_goes_on(const struct tk_visits *vs, const char *lesson_id, const char *load)
{
    const struct visit *v = find(vs, load, lesson_id);
    return v && v->stage == GOING;
}

void tk_visit_leave(struct tk_visits *vs, struct tk_now now, const char *lesson_id,
                    const char *load, bool lost, int64_t ago_ms)
{
    struct visit *v = find(vs, load, lesson_id);
    if (!v) {
        return;
    }
    v->left_mono_ms = now.mono_ms - ago_ms;
    if (v->stage == BEGINNING) {
        v->left_early = true;
    } else if (lost) {
        v->stage = WAITING;
    } else {
        end(v, now);
    }
}

/* ---- beats ---- */

struct beat {
    struct tk_visits *visits;
    GArray *ids;
    GArray *last_ms;
};

static int beat_job(void *arg, struct tk_db *db)
{
    const struct beat *b = arg;
    int r = 0;
    for (guint i = 0; r == 0 && i < b->ids->len; i++) {
        r = tk_visit_row_beat(db, g_array_index(b->ids, int64_t, i),
                              g_array_index(b->last_ms, int64_t, i));
    }
    return r;
}

static void on_beat(void *arg, int result)
{
    struct beat *b = arg;
    b->visits->writes--;
    g_array_unref(b->ids);
    g_array_unref(b->last_ms);
    g_free(b);
}

static void beat(struct tk_visits *vs, struct tk_now now)
{
    GHashTableIter it;
    gpointer value;
    struct beat *b = g_new0(struct beat, 1);
    b->visits = vs;
    vs->writes++;
    b->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    b->last_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_hash_table_iter_init(&it, vs->by_key);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        const struct visit *v = value;
        int64_t last_ms = clock_of(v, now.mono_ms);
        if (v->stage == GOING) {
            g_array_append_val(b->ids, v->id);
            g_array_append_val(b->last_ms, last_ms);
        }
    }
    if (b->ids->len == 0 || tk_store_submit(vs->store, beat_job, b, on_beat) < 0) {
        on_beat(b, 0); /* the next one tells more */
    }
}

void tk_visits_tick(struct tk_visits *vs, struct tk_now now)
{
    g_autoptr(GList) visits = g_hash_table_get_values(vs->by_key);
    g_autoptr(GList) ending = g_hash_table_get_keys(vs->ending);
    for (GList *l = visits; l; l = l->next) {
        struct visit *v = l->data;
        if (v->stage == WAITING && now.mono_ms - v->left_mono_ms >= TK_VISIT_WAIT_MS) {
            end(v, now);
        }
    }
    for (GList *l = ending; l; l = l->next) {
        struct visit *v = l->data;
        if (!v->writing) {
            write_end(v, now);
        }
    }
    if (now.mono_ms >= vs->beat_mono_ms) {
        vs->beat_mono_ms = now.mono_ms + TK_VISIT_BEAT_MS;
        beat(vs, now);
    }
}

/* ---- start and end of the server ---- */

struct taking_up {
    struct tk_now now;
    GArray *rows;
};

static int take_open(void *ctx, const struct tk_visit_row *row)
{
    g_array_append_val((GArray *)ctx, *row);
    return 0;
}

static int take_up_job(void *arg, struct tk_db *db)
{
    struct taking_up *t = arg;
    const struct tk_actor server = {.name = "system"};
    int r = tk_visit_rows_open(db, take_open, t->rows);
    for (guint i = 0; r == 0 && i < t->rows->len; i++) {
        struct tk_visit_row *row = &g_array_index(t->rows, struct tk_visit_row, i);
        row->ended_ms = row->last_ms;
        r = tk_visit_row_end(db, row->id, row->ended_ms);
        if (r == 0) {
            r = audit(db, &server, t->now, "visit.end", row->lesson_id, row);
        }
    }
    return r;
}

int tk_visits_create(struct tk_store *store, struct tk_now now, struct tk_visits **ret)
{
    struct taking_up t = {.now = now};
    t.rows = g_array_new(FALSE, FALSE, sizeof(struct tk_visit_row));
    int r = tk_store_run(store, take_up_job, &t);
    g_array_unref(t.rows);
    if (r < 0) {
        return r;
    }
    struct tk_visits *vs = g_new0(struct tk_visits, 1);
    vs->store = store;
    vs->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)visit_free);
    vs->ending = g_hash_table_new(g_direct_hash, g_direct_equal);
    *ret = vs;
    return 0;
}

void tk_visits_destroy(struct tk_visits *vs, struct tk_now now)
{
    if (!vs) {
        return;
    }
    while (vs->writes > 0) {
        tk_store_wait(vs->store, 1000);
    }
    g_autoptr(GList) visits = g_hash_table_get_values(vs->by_key);
    for (GList *l = visits; l; l = l->next) {
        struct visit *v = l->data;
        v->left_mono_ms = v->stage == WAITING ? v->left_mono_ms : now.mono_ms;
        end(v, now);
    }
    while (vs->writes > 0) {
        tk_store_wait(vs->store, 1000);
    }
    /* what could not be written now is ended by the next start */
    g_autoptr(GList) left = g_hash_table_get_keys(vs->ending);
    g_list_foreach(left, (GFunc)(void (*)(void))visit_free, NULL);
    g_hash_table_unref(vs->ending);
    g_hash_table_unref(vs->by_key);
    g_free(vs);
}

static int add_visit(void *ctx, const struct tk_visit_row *row)
{
    json_t *lesson = json_pack("{s:s, s:s, s:s}", "id", row->lesson_id, "title", row->title,
                               "title_en", row->title_en);
    json_t *account = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->account_id,
                                "login", row->login, "role", row->by.role, "name", row->by.name,
                                "name_en", row->by.name_en);
    return json_array_append_new(
        ctx, json_pack("{s:I, s:o, s:o, s:I, s:I, s:o, s:s}", "id", (json_int_t)row->id, "lesson",
                       lesson, "account", account, "started_ms", (json_int_t)row->started_ms,
                       "last_ms", (json_int_t)row->last_ms, "ended_ms",
                       row->ended_ms ? json_integer(row->ended_ms) : json_null(), "ip", row->ip));
}

json_t *tk_visits_json(struct tk_store *store, int64_t page, struct tk_problem *problem)
{
    struct tk_db *db = tk_store_reader(store);
    json_t *visits = json_array();
    int64_t total = 0;
    int r = tk_visit_rows_count(db, &total);
    if (r == 0) {
        r = tk_visit_rows(db, (page - 1) * PER_PAGE, PER_PAGE, add_visit, visits);
    }
    if (r < 0) {
        json_decref(visits);
        tk_problem_from_errno(problem, r);
        return NULL;
    }
    return json_pack("{s:o, s:I, s:I, s:i}", "visits", visits, "total", (json_int_t)total, "page",
                     (json_int_t)page, "per_page", PER_PAGE);
}
