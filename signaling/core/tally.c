#include "signaling/core/tally.h"

#include <jansson.h>
#include <stdlib.h>

#include "signaling/core/evidence.h"
#include "signaling/store/presence_rows.h"
#include "signaling/store/sitting_rows.h"

struct sitting {
    const struct tk_tally *tally;
    struct tk_db *db;
    int64_t id;
    int64_t now_ms;
    int64_t end_ms; /* nothing counts after it */
    GArray *live;
    GArray *intervals;
    GArray *evidence;
    GPtrArray *rows;
};

static void add_span(GArray *spans, int64_t from_ms, int64_t to_ms, int64_t end_ms)
{
    struct tk_span s = {from_ms, MIN(to_ms, end_ms)};
    g_array_append_val(spans, s);
}

static int add_live(void *ctx, const struct tk_live_row *row)
{
    struct sitting *s = ctx;
    add_span(s->live, row->started_ms, row->last_ms, s->end_ms);
    return 0;
}

static int add_interval(void *ctx, int64_t from_ms, int64_t to_ms)
{
    struct sitting *s = ctx;
    add_span(s->intervals, from_ms, to_ms, s->end_ms);
    return 0;
}

static int add_evidence(void *ctx, const struct tk_evidence_row *row)
{
    struct sitting *s = ctx;
    struct tk_evidence e = {row->at_ms, tk_evidence_class(row->kind)};
    g_array_append_val(s->evidence, e);
    return 0;
}

static char *pieces_text(const struct tk_attendance *a)
{
    GString *text = g_string_new("[");
    for (size_t i = 0; i < a->pieces_count; i++) {
        g_string_append_printf(text, "%s[%lld,%lld,\"%s\"]", i ? "," : "",
                               (long long)a->pieces[i].from_ms, (long long)a->pieces[i].to_ms,
                               a->pieces[i].bridged ? "bridged" : "played");
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static int tally_one(struct sitting *s, int64_t room_id, int64_t person_id)
{
    g_array_set_size(s->intervals, 0);
    g_array_set_size(s->evidence, 0);
    int r = tk_presence_rows(s->db, s->id, room_id, person_id, add_interval, s);
    if (r == 0) {
        r = tk_evidence_rows(s->db, s->id, room_id, person_id, add_evidence, s);
    }
    if (r < 0) {
        return r;
    }
    struct tk_attendance_input input = {
        (const struct tk_span *)(void *)s->live->data,         s->live->len,
        (const struct tk_span *)(void *)s->intervals->data,    s->intervals->len,
        (const struct tk_evidence *)(void *)s->evidence->data, s->evidence->len,
    };
    struct tk_attendance a;
    tk_attendance_compute(&s->tally->rules, &input, &a);
    struct tk_result_row *row = g_new0(struct tk_result_row, 1);
    row->sitting_id = s->id;
    row->room_id = room_id;
    row->person_id = person_id;
    row->rule_version = s->tally->rule_version;
    g_strlcpy(row->status, tk_attendance_status_name(a.status), sizeof(row->status));
    row->coverage = a.live_ms > 0 ? (double)a.covered_ms / (double)a.live_ms : -1;
    row->covered_ms = a.covered_ms;
    row->bridged_ms = a.bridged_ms;
    row->live_ms = a.live_ms;
    row->intervals = pieces_text(&a);
    row->computed_ms = s->now_ms;
    row->provisional = true;
    tk_attendance_finish(&a);
    g_ptr_array_add(s->rows, row);
    return 0;
}

static int tally_all(struct sitting *s, const struct tk_lesson_row *lesson)
{
    int r = tk_live_rows(s->db, s->id, add_live, s);
    for (size_t i = 0; r == 0 && i < lesson->rooms_count; i++) {
        r = tally_one(s, lesson->rooms[i].id, 0);
    }
    for (size_t i = 0; r == 0 && i < lesson->persons_count; i++) {
        r = tally_one(s, 0, lesson->persons[i].id);
    }
    return r;
}

int tk_tally_sitting(void *ctx, struct tk_db *db, int64_t sitting_id, int64_t now_ms,
                     GPtrArray *rows)
{
    struct tk_sitting_row row;
    struct tk_lesson_row lesson;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int r = tk_sitting_row(db, sitting_id, &row, lesson_id);
    if (r == 0) {
        r = tk_lesson_row(db, lesson_id, &lesson);
    }
    if (r < 0) {
        return r;
    }
    struct sitting s = {
        .tally = ctx,
        .db = db,
        .id = sitting_id,
        .now_ms = now_ms,
        .end_ms = row.ended_ms != 0 ? row.ended_ms : INT64_MAX,
        .live = g_array_new(FALSE, FALSE, sizeof(struct tk_span)),
        .intervals = g_array_new(FALSE, FALSE, sizeof(struct tk_span)),
        .evidence = g_array_new(FALSE, FALSE, sizeof(struct tk_evidence)),
        .rows = rows,
    };
    r = tally_all(&s, &lesson);
    g_array_free(s.live, TRUE);
    g_array_free(s.intervals, TRUE);
    g_array_free(s.evidence, TRUE);
    tk_lesson_row_clear(&lesson);
    return r;
}
