#include "signaling/core/attendance.h"

#include <glib.h>

/* Evidence this long before a stretch begins may be its cause: reports come every 5 s. */
#define CAUSE_BEFORE_MS 15000

static const char *const names[] = {
    [TK_ATTENDED] = "attended",         [TK_PARTIAL] = "partial",     [TK_TECHNICAL] = "technical",
    [TK_INSUFFICIENT] = "insufficient", [TK_TO_VERIFY] = "to_verify",
};

const char *tk_attendance_status_name(enum tk_attendance_status status)
{
    return names[status];
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const struct tk_span *x = a;
    const struct tk_span *y = b;
    return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

#define SPAN(array, i) g_array_index(array, struct tk_span, i)

/* Sorts, and joins what touches or overlaps; empty spans go. */
static void unite(GArray *spans)
{
    guint n = 0;
    g_array_sort(spans, by_start);
    for (guint i = 0; i < spans->len; i++) {
        struct tk_span s = SPAN(spans, i);
        if (s.to_ms <= s.from_ms) {
            continue;
        }
        if (n > 0 && s.from_ms <= SPAN(spans, n - 1).to_ms) {
            SPAN(spans, n - 1).to_ms = MAX(SPAN(spans, n - 1).to_ms, s.to_ms);
        } else {
            SPAN(spans, n++) = s;
        }
    }
    g_array_set_size(spans, n);
}

static GArray *united(const struct tk_span *spans, size_t count)
{
    GArray *a = g_array_new(FALSE, FALSE, sizeof(struct tk_span));
    if (count > 0) {
        g_array_append_vals(a, spans, (guint)count);
    }
    unite(a);
    return a;
}

static int64_t length(const GArray *spans)
{
    int64_t sum = 0;
    for (guint i = 0; i < spans->len; i++) {
        sum += SPAN(spans, i).to_ms - SPAN(spans, i).from_ms;
    }
    return sum;
}

/* The parts of `intervals` within `live`, in live time: 0 is when the first live span began. */
static GArray *to_live_time(const GArray *live, const GArray *intervals)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct tk_span));
    int64_t offset = 0;
    for (guint i = 0; i < live->len; i++) {
        const struct tk_span l = SPAN(live, i);
        for (guint k = 0; k < intervals->len; k++) {
            int64_t from = MAX(l.from_ms, SPAN(intervals, k).from_ms);
            int64_t to = MIN(l.to_ms, SPAN(intervals, k).to_ms);
            struct tk_span s = {offset + from - l.from_ms, offset + to - l.from_ms};
            if (from < to) {
                g_array_append_val(out, s);
            }
        }
        offset += l.to_ms - l.from_ms;
    }
    unite(out);
    return out;
}

/* Live time back to the clock: pieces of `span`, cut where it was not live. */
static void add_pieces(GArray *pieces, const GArray *live, struct tk_span span, bool bridged)
{
    int64_t offset = 0;
    for (guint i = 0; i < live->len; i++) {
        const struct tk_span l = SPAN(live, i);
        int64_t from = MAX(span.from_ms, offset);
        int64_t to = MIN(span.to_ms, offset + l.to_ms - l.from_ms);
        struct tk_attendance_piece p = {l.from_ms + from - offset, l.from_ms + to - offset,
                                        bridged};
        if (from < to) {
            g_array_append_val(pieces, p);
        }
        offset += l.to_ms - l.from_ms;
    }
}

struct work {
    const struct tk_attendance_rules *rules;
    const struct tk_attendance_input *input;
    GArray *live;
    GArray *played; /* in live time */
    GArray *missed; /* in live time: neither played nor bridged */
    GArray *pieces;
    int64_t live_ms;
    int64_t bridged_ms;
};

static void miss(struct work *w, int64_t from, int64_t to)
{
    struct tk_span s = {from, to};
    if (from < to) {
        g_array_append_val(w->missed, s);
    }
}

static void bridge_gaps(struct work *w)
{
    int64_t budget_ms = w->live_ms * w->rules->bridge_share_percent / 100;
    int64_t end = 0;
    for (guint i = 0; i < w->played->len; i++) {
        const struct tk_span p = SPAN(w->played, i);
        int64_t gap = p.from_ms - end;
        if (i > 0 && gap <= w->rules->bridge_gap_ms && w->bridged_ms + gap <= budget_ms) {
            w->bridged_ms += gap;
            add_pieces(w->pieces, w->live, (struct tk_span){end, p.from_ms}, true);
        } else {
            miss(w, end, p.from_ms);
        }
        add_pieces(w->pieces, w->live, p, false);
        end = p.to_ms;
    }
    miss(w, end, w->live_ms);
}

/* The clock at a place in live time; where two spans meet, the end of the first or `late`. */
static int64_t clock_at(const GArray *live, int64_t at, bool late)
{
    int64_t offset = 0;
    for (guint i = 0; i < live->len; i++) {
        const struct tk_span l = SPAN(live, i);
        int64_t len = l.to_ms - l.from_ms;
        if (at < offset + len || (!late && at == offset + len) || i + 1 == live->len) {
            return l.from_ms + at - offset;
        }
        offset += len;
    }
    return 0;
}

/* What explains a missed stretch: the evidence nearest to its beginning. */
static enum tk_evidence_class cause_of(const struct work *w, struct tk_span missed)
{
    /* nothing can have caused a stretch before it that begins with the lesson */
    int64_t from = clock_at(w->live, missed.from_ms, missed.from_ms == 0);
    int64_t to = clock_at(w->live, missed.to_ms, true);
    int64_t best_ms = INT64_MAX;
    enum tk_evidence_class best = TK_EVIDENCE_NOTE;
    for (size_t i = 0; i < w->input->evidence_count; i++) {
        const struct tk_evidence *e = &w->input->evidence[i];
        int64_t distance = ABS(e->at_ms - from);
        if (e->class != TK_EVIDENCE_NOTE && e->at_ms >= from - CAUSE_BEFORE_MS && e->at_ms <= to &&
            distance < best_ms) {
            best_ms = distance;
            best = e->class;
        }
    }
    return best;
}

/* By what explains the most of the missed time; where that is even, in favour of the room. */
static enum tk_attendance_status judge_evidence(const struct work *w)
{
    int64_t sums[TK_EVIDENCE_NOTE + 1] = {0};
    for (guint i = 0; i < w->missed->len; i++) {
        struct tk_span m = SPAN(w->missed, i);
        sums[cause_of(w, m)] += m.to_ms - m.from_ms;
    }
    int64_t most =
        MAX(sums[TK_EVIDENCE_TROUBLE], MAX(sums[TK_EVIDENCE_LEFT], sums[TK_EVIDENCE_NOTE]));
    if (most > 0 && sums[TK_EVIDENCE_TROUBLE] == most) {
        return TK_TECHNICAL;
    }
    if (most > 0 && sums[TK_EVIDENCE_NOTE] < most) {
        return TK_INSUFFICIENT;
    }
    return TK_TO_VERIFY;
}

static enum tk_attendance_status judge(const struct work *w, int64_t covered_ms)
{
    if (w->live_ms == 0) {
        return TK_TO_VERIFY;
    }
    if (covered_ms * 100 >= w->live_ms * w->rules->attended_percent) {
        return TK_ATTENDED;
    }
    if (covered_ms * 100 >= w->live_ms * w->rules->partial_percent) {
        return TK_PARTIAL;
    }
    return judge_evidence(w);
}

void tk_attendance_compute(const struct tk_attendance_rules *rules,
                           const struct tk_attendance_input *input, struct tk_attendance *ret)
{
    struct work w = {.rules = rules, .input = input};
    w.live = united(input->live, input->live_count);
    w.live_ms = length(w.live);
    GArray *intervals = united(input->intervals, input->intervals_count);
    w.played = to_live_time(w.live, intervals);
    w.missed = g_array_new(FALSE, FALSE, sizeof(struct tk_span));
    w.pieces = g_array_new(FALSE, FALSE, sizeof(struct tk_attendance_piece));
    bridge_gaps(&w);
    ret->live_ms = w.live_ms;
    ret->bridged_ms = w.bridged_ms;
    ret->covered_ms = length(w.played) + w.bridged_ms;
    ret->status = judge(&w, ret->covered_ms);
    ret->pieces_count = w.pieces->len;
    ret->pieces = (struct tk_attendance_piece *)(void *)g_array_free(w.pieces, FALSE);
    g_array_free(w.live, TRUE);
    g_array_free(w.played, TRUE);
    g_array_free(w.missed, TRUE);
    g_array_free(intervals, TRUE);
}

void tk_attendance_finish(struct tk_attendance *a)
{
    g_free(a->pieces);
    a->pieces = NULL;
    a->pieces_count = 0;
}
