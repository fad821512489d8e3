#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signaling/report/attendance.h"
#include "signaling/report/csv.h"
#include "tests/unit/core/lesson_fixture.h"

static void cells_are_quoted_and_harmless(void **state)
{
    static const char *const cells[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=1+1", "'=1+1"},
        {"+86", "'+86"},
        {"-1", "'-1"},
        {"@x", "'@x"},
        {"\tx", "'\tx"},
        {"\rx", "\"'\rx\""},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"高台小学", "高台小学"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *expected = g_strdup_printf("\xef\xbb\xbf%s,7\r\n", cells[i][1]);
        struct tk_csv csv;
        tk_csv_start(&csv, out);
        tk_csv_text(&csv, cells[i][0]);
        tk_csv_int(&csv, 7);
        tk_csv_end_line(&csv);
        assert_string_equal(expected, out->str);
    }
}

static void numbers_have_one_form(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct tk_csv csv;
    tk_csv_start(&csv, out);
    tk_csv_tenths(&csv, 905);
    tk_csv_tenths(&csv, -5);
    tk_csv_tenths(&csv, 1000);
    tk_csv_empty(&csv);
    tk_csv_int(&csv, -3);
    tk_csv_seconds(&csv, 62071);
    tk_csv_end_line(&csv);
    assert_string_equal("\xef\xbb\xbf"
                        "90.5,-0.5,100.0,,-3,62.071\r\n",
                        out->str);
}

static char *csv_of(struct fixture *f)
{
    GString *out = g_string_new(NULL);
    struct tk_attendance_report what = {
        .from_ms = MORNING_MS - HOUR_MS,
        .to_ms = MORNING_MS + 10 * HOUR_MS,
        .lesson_id = "demo",
        .as_of_ms = f->now.wall_ms,
        .running = tk_tally_sitting,
        .ctx = (void *)tk_lessons_tally(f->lessons),
    };
    struct tk_db *db = NULL;
    settle(f);
    assert_int_equal(0, tk_store_open_reader(f->store, &db));
    assert_int_equal(0, tk_attendance_report_csv(db, &what, out));
    tk_db_close(db);
    return g_string_free(out, FALSE);
}

static void sitting_that_goes_on_is_provisional(void **state)
{
    struct fixture *f = *state;
    streamer_up(f);
    media(f, "demo", true);
    struct tk_page *page = join(f, "demo", 0);
    play(f, page, 60000);
    g_autofree char *text = csv_of(f);
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    assert_int_equal(4, (int)g_strv_length(lines)); /* heading, two rooms, the last line's end */
    assert_true(g_str_has_prefix(lines[1], "2026-11-25,demo,"));
    assert_non_null(strstr(lines[1], ",麻柳铺小学,Maliupu Primary School,"));
    assert_non_null(
        strstr(lines[1], ",出勤,attended,60.000,60.000,100.0,09:00:00–09:01:00,0.000,1,,,,,"));
    assert_non_null(strstr(lines[1], "暂定 provisional,2026-11-25 09:01:00"));
    assert_non_null(strstr(lines[2], ",待核实,to verify,0.000,60.000,0.0,,0.000,1,"));
    tk_roster_close(page, f->now, TK_PAGE_LEFT);
}

static void on_corrected(void *arg, const struct tk_problem *p, int64_t id)
{
    on_reported(arg, p);
}

static void correction_is_shown_with_its_reason(void **state)
{
    struct fixture *f = *state;
    tk_lesson_end(f->lessons, &f->actor, f->now, "demo", on_done, f);
    wait_for_answer(f);
    tk_attendance_correct(f->lessons, &f->actor, f->now, 1, "absent", "=春游, \"全班\"",
                          on_corrected, f);
    wait_for_answer(f);
    assert_string_equal("", f->code);
    g_autofree char *text = csv_of(f);
    assert_non_null(strstr(text, ",未到,\"'=春游, \"\"全班\"\"\",console,2026-11-25 09:00:00,"));
    assert_null(strstr(text, "provisional"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_quoted_and_harmless),
        cmocka_unit_test(numbers_have_one_form),
        T(sitting_that_goes_on_is_provisional),
        T(correction_is_shown_with_its_reason),
    };
    return cmocka_run_group_tests_name("attendance-report", tests, NULL, NULL);
}
