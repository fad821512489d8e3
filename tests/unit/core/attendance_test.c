#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "signaling/core/attendance.h"

#define MAX_SPANS 24

/* Seconds throughout; a span {0, 0} ends a list. */
struct span_s {
    int from;
    int to;
};

struct word {
    int at;
    enum tk_evidence_class class;
};

struct a_case {
    const char *name;
    struct span_s live[8];
    struct span_s intervals[MAX_SPANS];
    struct word evidence[6];
    int evidence_count;
    enum tk_attendance_status status;
    int live_s;
    int covered_s;
    int bridged_s;
};

#define TROUBLE TK_EVIDENCE_TROUBLE
#define LEFT TK_EVIDENCE_LEFT
#define NOTE TK_EVIDENCE_NOTE

static const struct tk_attendance_rules rules = {15000, 120000, 20, 80, 50};

static const struct a_case cases[] = {
    {"all of it", {{0, 2400}}, {{0, 2400}}, {{0}}, 0, TK_ATTENDED, 2400, 2400, 0},
    {"exactly 80 %", {{0, 2400}}, {{480, 2400}}, {{0}}, 0, TK_ATTENDED, 2400, 1920, 0},
    {"a second less", {{0, 2400}}, {{481, 2400}}, {{0}}, 0, TK_PARTIAL, 2400, 1919, 0},
    {"exactly 50 %", {{0, 2400}}, {{0, 1200}}, {{0}}, 0, TK_PARTIAL, 2400, 1200, 0},
    {"less than 50 %", {{0, 2400}}, {{0, 1199}}, {{0}}, 0, TK_TO_VERIFY, 2400, 1199, 0},
    {"never there", {{0, 2400}}, {{0}}, {{0}}, 0, TK_TO_VERIFY, 2400, 0, 0},
    {"nothing was live", {{0}}, {{10, 2400}}, {{0}}, 0, TK_TO_VERIFY, 0, 0, 0},
    {"nothing was live and the link broke",
     {{0}},
     {{10, 20}},
     {{20, TROUBLE}},
     1,
     TK_TO_VERIFY,
     0,
     0,
     0},
    {"a gap of 120 s",
     {{0, 2400}},
     {{0, 1000}, {1120, 2400}},
     {{0}},
     0,
     TK_ATTENDED,
     2400,
     2400,
     120},
    {"a gap of 121 s",
     {{0, 2400}},
     {{0, 1000}, {1121, 2400}},
     {{0}},
     0,
     TK_ATTENDED,
     2400,
     2279,
     0},
    {"no gap before the first nor after the last",
     {{0, 1000}},
     {{60, 940}},
     {{0}},
     0,
     TK_ATTENDED,
     1000,
     880,
     0},
    {"bridged exactly 20 %",
     {{0, 1000}},
     {{0, 100}, {200, 300}, {400, 1000}},
     {{0}},
     0,
     TK_ATTENDED,
     1000,
     1000,
     200},
    {"the gap that goes beyond 20 % is left",
     {{0, 1000}},
     {{0, 100}, {200, 300}, {401, 1000}},
     {{0}},
     0,
     TK_ATTENDED,
     1000,
     899,
     100},
    {"a later one that still fits is bridged",
     {{0, 1000}},
     {{0, 100}, {200, 300}, {401, 500}, {600, 1000}},
     {{0}},
     0,
     TK_ATTENDED,
     1000,
     899,
     200},
    {"flicker is not attendance: beyond the fifth nothing is bridged",
     {{0, 1000}},
     {{0, 10}, {110, 120}, {220, 230}, {330, 340}, {440, 450}, {550, 560}},
     {{0}},
     0,
     TK_TO_VERIFY,
     1000,
     260,
     200},
    {"two devices overlap",
     {{0, 100}},
     {{0, 60}, {40, 100}, {50, 55}},
     {{0}},
     0,
     TK_ATTENDED,
     100,
     100,
     0},
    {"two devices in any order",
     {{0, 100}},
     {{60, 100}, {0, 60}},
     {{0}},
     0,
     TK_ATTENDED,
     100,
     100,
     0},
    {"the server was down in the middle",
     {{0, 1000}, {2000, 3000}},
     {{0, 998}, {2003, 3000}},
     {{0}},
     0,
     TK_ATTENDED,
     2000,
     2000,
     5},
    {"down for long makes no long gap",
     {{0, 1000}, {90000, 91000}},
     {{0, 940}, {90060, 91000}},
     {{0}},
     0,
     TK_ATTENDED,
     2000,
     2000,
     120},
    {"the main side was interrupted four times",
     {{0, 100}, {130, 200}, {210, 300}, {500, 640}},
     {{0, 640}},
     {{0}},
     0,
     TK_ATTENDED,
     400,
     400,
     0},
    {"what played while nothing was live is not counted",
     {{1000, 2000}},
     {{0, 1400}},
     {{0}},
     0,
     TK_TO_VERIFY,
     1000,
     400,
     0},
    {"a report after the end", {{0, 1000}}, {{0, 1200}}, {{0}}, 0, TK_ATTENDED, 1000, 1000, 0},
    {"live spans that overlap count once",
     {{0, 600}, {500, 1000}},
     {{0, 1000}},
     {{0}},
     0,
     TK_ATTENDED,
     1000,
     1000,
     0},
    {"an interval of no length", {{0, 1000}}, {{500, 500}}, {{0}}, 0, TK_TO_VERIFY, 1000, 0, 0},
    {"the power went", {{0, 1000}}, {{0, 300}}, {{300, TROUBLE}}, 1, TK_TECHNICAL, 1000, 300, 0},
    {"the loss was noticed 30 s late",
     {{0, 1000}},
     {{0, 300}},
     {{330, TROUBLE}},
     1,
     TK_TECHNICAL,
     1000,
     300,
     0},
    {"they left with the link fine",
     {{0, 1000}},
     {{0, 300}},
     {{300, LEFT}},
     1,
     TK_INSUFFICIENT,
     1000,
     300,
     0},
    {"a note explains nothing",
     {{0, 1000}},
     {{0, 300}},
     {{300, NOTE}},
     1,
     TK_TO_VERIFY,
     1000,
     300,
     0},
    {"trouble long before explains nothing",
     {{0, 1000}},
     {{0, 300}},
     {{100, TROUBLE}},
     1,
     TK_TO_VERIFY,
     1000,
     300,
     0},
    {"a short break, then they left",
     {{0, 1000}},
     {{0, 100}, {110, 300}},
     {{100, TROUBLE}, {300, LEFT}},
     2,
     TK_INSUFFICIENT,
     1000,
     300,
     10},
    {"the link for most of it, then they left",
     {{0, 1000}},
     {{0, 100}, {600, 800}},
     {{100, TROUBLE}, {800, LEFT}},
     2,
     TK_TECHNICAL,
     1000,
     300,
     0},
    {"came late without a word, then the link for a little",
     {{0, 1000}},
     {{600, 900}},
     {{900, TROUBLE}},
     1,
     TK_TO_VERIFY,
     1000,
     300,
     0},
    {"nothing ever played on a page that was there",
     {{0, 1000}},
     {{0}},
     {{15, TROUBLE}},
     1,
     TK_TECHNICAL,
     1000,
     0,
     0},
    {"evidence of better attendance than half is not asked for",
     {{0, 1000}},
     {{0, 600}},
     {{600, TROUBLE}},
     1,
     TK_PARTIAL,
     1000,
     600,
     0},
    {"left during an interruption of the main side",
     {{0, 400}, {700, 1300}},
     {{0, 400}},
     {{500, LEFT}},
     1,
     TK_INSUFFICIENT,
     1000,
     400,
     0},
};

static size_t read_spans(const struct span_s *in, size_t max, struct tk_span *out)
{
    size_t n = 0;
    for (; n < max && (in[n].from != 0 || in[n].to != 0); n++) {
        out[n] = (struct tk_span){in[n].from * 1000LL, in[n].to * 1000LL};
    }
    return n;
}

static void compute(const struct a_case *c, struct tk_attendance *a)
{
    struct tk_span live[8];
    struct tk_span intervals[MAX_SPANS];
    struct tk_evidence evidence[6];
    for (int i = 0; i < c->evidence_count; i++) {
        evidence[i] = (struct tk_evidence){c->evidence[i].at * 1000LL, c->evidence[i].class};
    }
    struct tk_attendance_input input = {
        .live = live,
        .live_count = read_spans(c->live, 8, live),
        .intervals = intervals,
        .intervals_count = read_spans(c->intervals, MAX_SPANS, intervals),
        .evidence = evidence,
        .evidence_count = (size_t)c->evidence_count,
    };
    tk_attendance_compute(&rules, &input, a);
}

static void every_case_has_its_result(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct a_case *c = &cases[i];
        struct tk_attendance a;
        compute(c, &a);
        if (a.status != c->status || a.live_ms != c->live_s * 1000LL ||
            a.covered_ms != c->covered_s * 1000LL || a.bridged_ms != c->bridged_s * 1000LL) {
            print_error("%s: %s, live %lld covered %lld bridged %lld\n", c->name,
                        tk_attendance_status_name(a.status), (long long)a.live_ms,
                        (long long)a.covered_ms, (long long)a.bridged_ms);
            fail();
        }
        tk_attendance_finish(&a);
    }
}

/* The pieces, on the clock, are what was counted: in order, apart, within the live spans. */
static void pieces_add_up(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tk_attendance a;
        int64_t sum = 0;
        int64_t bridged = 0;
        int64_t end = INT64_MIN;
        compute(&cases[i], &a);
        for (size_t k = 0; k < a.pieces_count; k++) {
            const struct tk_attendance_piece *p = &a.pieces[k];
            assert_true(p->from_ms >= end);
            assert_true(p->to_ms > p->from_ms);
            end = p->to_ms;
            sum += p->to_ms - p->from_ms;
            bridged += p->bridged ? p->to_ms - p->from_ms : 0;
        }
        assert_int_equal(a.covered_ms, sum);
        assert_int_equal(a.bridged_ms, bridged);
        tk_attendance_finish(&a);
    }
}

static void pieces_are_cut_where_it_was_not_live(void **state)
{
    static const struct a_case c = {.live = {{0, 100}, {200, 300}},
                                    .intervals = {{0, 90}, {210, 300}}};
    static const struct tk_attendance_piece expected[] = {
        {0, 90000, false}, {90000, 100000, true}, {200000, 210000, true}, {210000, 300000, false}};
    struct tk_attendance a;
    compute(&c, &a);
    assert_int_equal(4, (int)a.pieces_count);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(expected[i].from_ms, a.pieces[i].from_ms);
        assert_int_equal(expected[i].to_ms, a.pieces[i].to_ms);
        assert_int_equal(expected[i].bridged, a.pieces[i].bridged);
    }
    tk_attendance_finish(&a);
}

/* The thresholds are the caller's, not ours. */
static void other_rules_give_other_results(void **state)
{
    static const struct tk_attendance_rules strict = {15000, 0, 0, 95, 90};
    const struct tk_span live = {0, 1000000};
    const struct tk_span intervals[] = {{0, 500000}, {510000, 920000}};
    struct tk_attendance_input input = {&live, 1, intervals, 2, NULL, 0};
    struct tk_attendance a;
    tk_attendance_compute(&strict, &input, &a);
    assert_int_equal(TK_PARTIAL, a.status);
    assert_int_equal(910000, a.covered_ms);
    assert_int_equal(0, a.bridged_ms);
    tk_attendance_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_has_its_result),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(pieces_are_cut_where_it_was_not_live),
        cmocka_unit_test(other_rules_give_other_results),
    };
    return cmocka_run_group_tests_name("attendance", tests, NULL, NULL);
}
