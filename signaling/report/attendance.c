#include "signaling/report/attendance.h"

#include <jansson.h>
#include <string.h>

#include "signaling/report/csv.h"

static const char *const columns[] = {
    "日期 Date",
    "课程编号 Lesson",
    "课程 Title",
    "Title (English)",
    "类型 Kind",
    "场次 Sitting",
    "开始 Opened",
    "结束 Ended",
    "学校 School",
    "School (English)",
    "教室或教师 Room or person",
    "Room or person (English)",
    "状态 Status",
    "Status (English)",
    "覆盖时长(秒) Covered (s)",
    "有效时长(秒) Live (s)",
    "覆盖率(%) Coverage (%)",
    "区间 Intervals",
    "桥接(秒) Bridged (s)",
    "规则版本 Rule version",
    "更正为 Corrected to",
    "更正原因 Correction reason",
    "更正人 Corrected by",
    "更正时间 Corrected at",
    "计算时间 Computed at",
    "截至 As of",
};

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} statuses[] = {
    {"attended", "出勤", "attended"},       {"partial", "部分出勤", "partial"},
    {"technical", "技术中断", "technical"}, {"insufficient", "观看不足", "insufficient"},
    {"to_verify", "待核实", "to verify"},   {"absent", "未到", "absent"},
};

struct report {
    const struct tk_attendance_report *what;
    struct tk_db *db;
    struct tk_csv csv;
    const struct tk_sitting_view *sitting;
};

/* All times are shown in Asia/Shanghai, which has been UTC+8 the whole year since 1991. */
static void put_time(struct tk_csv *csv, int64_t at_ms, const char *format)
{
    if (at_ms == 0) {
        tk_csv_empty(csv);
        return;
    }
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(at_ms / 1000 + 8 * 3600);
    g_autofree char *text = at ? g_date_time_format(at, format) : NULL;
    tk_csv_text(csv, text);
}

#define MOMENT "%Y-%m-%d %H:%M:%S"

static void put_status(struct tk_csv *csv, const char *status, bool both)
{
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        if (strcmp(statuses[i].name, status) == 0) {
            tk_csv_text(csv, statuses[i].zh);
            if (both) {
                tk_csv_text(csv, statuses[i].en);
            }
            return;
        }
    }
    tk_csv_text(csv, status);
    if (both) {
        tk_csv_text(csv, status);
    }
}

/* 09:30:05–09:41:10; 09:41:10–09:41:40 bridged */
static void put_intervals(struct tk_csv *csv, const char *intervals)
{
    json_t *list = json_loads(intervals, 0, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        json_int_t from = json_integer_value(json_array_get(one, 0));
        json_int_t to = json_integer_value(json_array_get(one, 1));
        const char *how = json_string_value(json_array_get(one, 2));
        g_autoptr(GDateTime) a = g_date_time_new_from_unix_utc(from / 1000 + 8 * 3600);
        g_autoptr(GDateTime) b = g_date_time_new_from_unix_utc(to / 1000 + 8 * 3600);
        g_autofree char *start = g_date_time_format(a, "%H:%M:%S");
        g_autofree char *end = g_date_time_format(b, "%H:%M:%S");
        g_string_append_printf(text, "%s%s–%s%s", i ? "; " : "", start, end,
                               g_strcmp0(how, "bridged") == 0 ? " 桥接 bridged" : "");
    }
    json_decref(list);
    tk_csv_text(csv, text->str);
}

/* The last correction counts; each earlier one is in the database. */
struct last_correction {
    struct tk_correction_row row;
    char *reason;
    char *by;
};

static int take_correction(void *ctx, const struct tk_correction_row *row)
{
    struct last_correction *last = ctx;
    g_free(last->reason);
    g_free(last->by);
    last->row = *row;
    last->reason = g_strdup(row->reason);
    last->by = g_strdup(row->by);
    return 0;
}

static int put_correction(struct report *r, int64_t result_id)
{
    struct last_correction last = {.reason = NULL};
    int e = result_id != 0 ? tk_correction_rows(r->db, result_id, take_correction, &last) : 0;
    if (last.row.id != 0) {
        put_status(&r->csv, last.row.status, false);
    } else {
        tk_csv_empty(&r->csv);
    }
    tk_csv_text(&r->csv, last.reason);
    tk_csv_text(&r->csv, last.by);
    put_time(&r->csv, last.row.at_ms, MOMENT);
    g_free(last.reason);
    g_free(last.by);
    return e;
}

static int put_who(struct report *r, const struct tk_result_row *row)
{
    struct tk_attendee_view who = {.name = ""};
    int e = tk_attendee_view(r->db, r->sitting->lesson_id, row->room_id, row->person_id, &who);
    tk_csv_text(&r->csv, who.school);
    tk_csv_text(&r->csv, who.school_en);
    tk_csv_text(&r->csv, who.name);
    tk_csv_text(&r->csv, who.name_en);
    return e;
}

static void put_sitting(struct report *r)
{
    const struct tk_sitting_view *s = r->sitting;
    put_time(&r->csv, s->opened_ms, "%Y-%m-%d");
    tk_csv_text(&r->csv, s->lesson_id);
    tk_csv_text(&r->csv, s->title);
    tk_csv_text(&r->csv, s->title_en);
    tk_csv_text(&r->csv, strcmp(s->kind, "training") == 0 ? "培训 training" : "课 lesson");
    tk_csv_int(&r->csv, s->number);
    put_time(&r->csv, s->opened_ms, MOMENT);
    put_time(&r->csv, s->ended_ms, MOMENT);
}

static int put_result(void *ctx, const struct tk_result_row *row)
{
    struct report *r = ctx;
    struct tk_csv *csv = &r->csv;
    put_sitting(r);
    int e = put_who(r, row);
    put_status(csv, row->status, true);
    tk_csv_seconds(csv, row->covered_ms); /* whole, so that the share can be checked */
    tk_csv_seconds(csv, row->live_ms);
    if (row->live_ms > 0) {
        /* cut, not rounded: 79.96 must not look like 80 */
        tk_csv_tenths(csv, row->covered_ms * 1000 / row->live_ms);
    } else {
        tk_csv_empty(csv);
    }
    put_intervals(csv, row->intervals);
    tk_csv_seconds(csv, row->bridged_ms);
    tk_csv_int(csv, row->rule_version);
    if (e == 0) {
        e = put_correction(r, row->id);
    }
    put_time(csv, row->computed_ms, row->provisional ? MOMENT " 暂定 provisional" : MOMENT);
    put_time(csv, r->what->as_of_ms, MOMENT);
    tk_csv_end_line(csv);
    return e;
}

static int put_results(void *ctx, const struct tk_sitting_view *sitting)
{
    struct report *r = ctx;
    bool stored = false;
    r->sitting = sitting;
    int e = tk_result_rows_exist(r->db, sitting->id, &stored);
    if (e == 0 && stored) {
        return tk_result_rows(r->db, sitting->id, put_result, r);
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)tk_result_row_free);
    /* of one that was cancelled there is nothing to tell */
    if (e == 0 && sitting->ended_ms == 0) {
        e = r->what->running(r->what->ctx, r->db, sitting->id, r->what->as_of_ms, rows);
    }
    for (guint i = 0; e == 0 && i < rows->len; i++) {
        e = put_result(r, rows->pdata[i]);
    }
    return e;
}

int tk_attendance_report_csv(struct tk_db *db, const struct tk_attendance_report *what,
                             GString *out)
{
    struct report r = {.what = what, .db = db};
    tk_csv_start(&r.csv, out);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        tk_csv_text(&r.csv, columns[i]);
    }
    tk_csv_end_line(&r.csv);
    return tk_sitting_views(db, what->from_ms, what->to_ms, what->lesson_id, put_results, &r);
}
