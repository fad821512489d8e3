/* Commands to a lesson that is there: start, release, end, cancel, source; and corrections. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/lesson_state.h"

/* How long before the rooms may join a teacher may open the lesson. */
#define EARLY_MS (60 * 60000LL)

static struct tk_lesson *find(struct tk_lessons *ls, const char *id, tk_lesson_done *done,
                              void *arg)
{
    struct tk_problem problem;
    struct tk_lesson *l = tk_lessons_get(ls, id);
    if (!l) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
        done(arg, &problem, NULL);
    }
    return l;
}

static void refuse(enum tk_problem_code code, const char *field, const char *text,
                   tk_lesson_done *done, void *arg)
{
    struct tk_problem problem;
    tk_problem_set(&problem, code, field, "%s", text);
    done(arg, &problem, NULL);
}

/* Sittings are the server's: without one nothing begins or ends. */
static struct tk_lesson *find_served(struct tk_lessons *ls, const char *id, tk_lesson_done *done,
                                     void *arg)
{
    if (!ls->serving) {
        refuse(TK_PROBLEM_UNAVAILABLE, NULL, "The server does not run", done, arg);
        return NULL;
    }
    return find(ls, id, done, arg);
}

static void finish(struct tk_lesson *l, const struct tk_actor *actor, struct tk_now now,
                   const char *action, json_t *before, json_t *after, tk_lesson_done *done,
                   void *arg)
{
    tk_lesson_note(l, actor, now, action, before, after);
    tk_lesson_wait(l, done, arg);
    tk_lesson_flush(l, now);
}

static json_t *state_json(const struct tk_lesson *l)
{
    return json_pack("{s:s, s:I}", "state", tk_lesson_state_name(l->row.state), "sitting",
                     (json_int_t)l->sitting.id);
}

/* Whether it is open, or could be opened now. */
static bool make_open(struct tk_lesson *l, struct tk_now now, tk_lesson_done *done, void *arg)
{
    if (tk_lesson_is_open(l)) {
        return true;
    }
    if (l->row.state == TK_LESSON_SCHEDULED && now.wall_ms >= l->join_from_ms - EARLY_MS) {
        tk_lesson_open_sitting(l, now);
        return true;
    }
    const char *text = "This lesson is over";
    if (l->row.state == TK_LESSON_SCHEDULED) {
        text = "It is too early for this lesson";
    } else if (l->row.state == TK_LESSON_CANCELLED) {
        text = "This lesson was cancelled";
    } else if (l->row.reopens) {
        text = "This lesson has just ended; it opens again in a moment";
    }
    refuse(TK_PROBLEM_CONFLICT, NULL, text, done, arg);
    return false;
}

void tk_lesson_start(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                     const char *id, tk_lesson_done *done, void *arg)
{
    struct tk_lesson *l = find_served(ls, id, done, arg);
    if (!l || !make_open(l, now, done, arg)) {
        return;
    }
    if (l->sitting.started_ms == 0) {
        tk_lesson_set_started(l, now, true);
        finish(l, actor, now, "lesson.start", NULL, state_json(l), done, arg);
    } else {
        tk_lesson_wait(l, done, arg);
        tk_lesson_flush(l, now);
    }
}

void tk_lesson_release(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                       const char *id, tk_lesson_done *done, void *arg)
{
    struct tk_lesson *l = find_served(ls, id, done, arg);
    if (!l) {
        return;
    }
    if (!tk_lesson_is_open(l)) {
        refuse(TK_PROBLEM_CONFLICT, NULL, "This lesson is not open", done, arg);
        return;
    }
    if (l->sitting.started_ms != 0) {
        tk_lesson_set_started(l, now, false);
        finish(l, actor, now, "lesson.release", NULL, state_json(l), done, arg);
    } else {
        tk_lesson_wait(l, done, arg);
        tk_lesson_flush(l, now);
    }
}

void tk_lesson_end(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                   const char *id, tk_lesson_done *done, void *arg)
{
    struct tk_lesson *l = find_served(ls, id, done, arg);
    if (!l) {
        return;
    }
    if (!tk_lesson_is_open(l)) {
        refuse(TK_PROBLEM_CONFLICT, NULL,
               l->row.state == TK_LESSON_SCHEDULED
                   ? "This lesson has not begun; it can be cancelled"
                   : "This lesson is over already",
               done, arg);
        return;
    }
    json_t *before = state_json(l);
    tk_lesson_end_sitting(l, now, "ended");
    finish(l, actor, now, "lesson.end", before, state_json(l), done, arg);
}

void tk_lesson_cancel(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                      const char *id, const char *reason, tk_lesson_done *done, void *arg)
{
    struct tk_lesson *l = find(ls, id, done, arg);
    if (!l) {
        return;
    }
    size_t len = reason ? strlen(reason) : 0;
    if (len == 0 || len > TK_REASON_MAX || !g_utf8_validate(reason, -1, NULL)) {
        refuse(TK_PROBLEM_BAD_FIELD, "reason",
               "Why it is cancelled has to be said, in at most 400 bytes", done, arg);
        return;
    }
    if (l->row.reopens) {
        refuse(TK_PROBLEM_CONFLICT, NULL, "This lesson always opens again and cannot be cancelled",
               done, arg);
        return;
    }
    if (l->row.state != TK_LESSON_SCHEDULED && l->row.state != TK_LESSON_OPEN) {
        refuse(TK_PROBLEM_CONFLICT, NULL,
               l->row.state == TK_LESSON_CANCELLED ? "This lesson is cancelled already"
               : l->row.state == TK_LESSON_ENDED   ? "This lesson is over already"
                                                   : "This lesson is being held; it can be ended",
               done, arg);
        return;
    }
    json_t *before = state_json(l);
    tk_lesson_set_cancelled(l, now, reason);
    finish(l, actor, now, "lesson.cancel", before, json_pack("{s:s}", "reason", reason), done, arg);
}

struct sourcing {
    struct tk_lessons *lessons;
    char id[TK_LESSON_ID_MAX + 1];
    struct tk_lesson_audit audit;
    char *source;
    tk_lesson_done *done;
    void *arg;
};

static int source_job(void *arg, struct tk_db *db)
{
    const struct sourcing *s = arg;
    int r = tk_lesson_row_source(db, s->id, s->source, s->audit.now.wall_ms);
    return r < 0 ? r : tk_lesson_audit(db, s->id, &s->audit);
}

static void on_sourced(void *arg, int result)
{
    struct sourcing *s = arg;
    struct tk_problem problem;
    struct tk_lesson *l = NULL;
    if (result < 0) {
        tk_problem_from_errno(&problem, result);
    } else {
        l = tk_lessons_reload(s->lessons, s->id);
        tk_lessons_tell_source(l);
        tk_lessons_tell(l);
    }
    s->done(s->arg, result < 0 ? &problem : NULL, l);
    json_decref(s->audit.before);
    json_decref(s->audit.after);
    free(s->source);
    g_free(s);
}

/* A camera's password is kept where it is needed and never in the audit. */
static json_t *without_password(const json_t *source)
{
    json_t *copy = json_deep_copy(source);
    if (json_object_get(copy, "password")) {
        json_object_set_new(copy, "password", json_string("***"));
    }
    return copy;
}

void tk_lesson_set_source(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                          const char *id, const json_t *source, tk_lesson_done *done, void *arg)
{
    struct tk_problem problem;
    struct tk_lesson *l = find(ls, id, done, arg);
    if (!l) {
        return;
    }
    if (tk_source_check(source, &problem) < 0) {
        done(arg, &problem, NULL);
        return;
    }
    struct sourcing *s = g_new0(struct sourcing, 1);
    s->lessons = ls;
    g_strlcpy(s->id, id, sizeof(s->id));
    s->audit = (struct tk_lesson_audit){*actor, now, "lesson.source", without_password(l->source),
                                        without_password(source)};
    s->source = json_dumps(source, JSON_COMPACT | JSON_SORT_KEYS);
    s->done = done;
    s->arg = arg;
    int r = tk_store_submit(ls->store, source_job, s, on_sourced);
    if (r < 0) {
        on_sourced(s, r);
    }
}

struct correcting {
    struct tk_actor actor;
    struct tk_now now;
    struct tk_correction_row row;
    char *reason;
    tk_correction_done *done;
    void *arg;
};

static int correct_job(void *arg, struct tk_db *db)
{
    struct correcting *c = arg;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    char status[TK_STATUS_MAX];
    int r = tk_result_row_find(db, c->row.result_id, lesson_id, status);
    if (r == 0) {
        r = tk_correction_row_add(db, &c->row, &c->row.id);
    }
    if (r < 0) {
        return r;
    }
    struct tk_lesson_audit a = {
        c->actor, c->now, "attendance.correct",
        json_pack("{s:I, s:s}", "result", (json_int_t)c->row.result_id, "status", status),
        json_pack("{s:I, s:s, s:s}", "correction", (json_int_t)c->row.id, "status", c->row.status,
                  "reason", c->reason)};
    r = tk_lesson_audit(db, lesson_id, &a);
    json_decref(a.before);
    json_decref(a.after);
    return r;
}

static void on_corrected(void *arg, int result)
{
    struct correcting *c = arg;
    struct tk_problem problem;
    if (result == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such result");
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
    }
    c->done(c->arg, result < 0 ? &problem : NULL, result < 0 ? 0 : c->row.id);
    g_free(c->reason);
    g_free(c);
}

static int check_correction(const char *status, const char *reason, struct tk_problem *problem)
{
    static const char *const statuses[] = {"attended",  "partial", "technical", "insufficient",
                                           "to_verify", "absent",  NULL};
    if (!status || !g_strv_contains(statuses, status)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "status",
                              "A status is attended, partial, technical, insufficient, to_verify "
                              "or absent");
    }
    size_t len = reason ? strlen(reason) : 0;
    if (len == 0 || len > TK_REASON_MAX || !g_utf8_validate(reason, -1, NULL)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "reason",
                              "A correction needs a reason of at most %d bytes", TK_REASON_MAX);
    }
    return 0;
}

void tk_attendance_correct(struct tk_lessons *ls, const struct tk_actor *actor, struct tk_now now,
                           int64_t result_id, const char *status, const char *reason,
                           tk_correction_done *done, void *arg)
{
    struct tk_problem problem;
    if (check_correction(status, reason, &problem) < 0) {
        done(arg, &problem, 0);
        return;
    }
    struct correcting *c = g_new0(struct correcting, 1);
    c->actor = *actor;
    c->now = now;
    c->reason = g_strdup(reason);
    c->row = (struct tk_correction_row){.result_id = result_id,
                                        .reason = c->reason,
                                        .account_id = actor->account_id,
                                        .at_ms = now.wall_ms};
    g_strlcpy(c->row.status, status, sizeof(c->row.status));
    c->done = done;
    c->arg = arg;
    int r = tk_store_submit(ls->store, correct_job, c, on_corrected);
    if (r < 0) {
        on_corrected(c, r);
    }
}
