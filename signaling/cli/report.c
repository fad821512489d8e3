/* tongke report: read on a thread of its own, so that the loop never waits for one. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/lesson.h"
#include "signaling/core/tally.h"
#include "signaling/report/attendance.h"

#define DAY_MS 86400000LL

struct report {
    const char *name;
    const char *help;
    int (*csv)(struct tk_db *db, const struct tk_attendance_report *what, GString *out);
};

static const struct report reports[] = {
    {"attendance", "each room or person in each sitting: coverage, status, rule version",
     tk_attendance_report_csv},
};

/* One report on its way through its thread. */
struct writing {
    struct tk_reply *reply;
    const struct report *report;
    struct tk_attendance_report what;
    struct tk_tally tally;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    GString *out;
    GThread *thread;
};

/* The cells of one CSV line (RFC 4180); `*at` moves behind it. */
static GPtrArray *read_line(const char **at)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
    GString *cell = g_string_new(NULL);
    bool quoted = false;
    const char *p = *at;
    for (; *p && (quoted || *p != '\r'); p++) {
        if (*p == '"' && quoted && p[1] == '"') {
            g_string_append_c(cell, *p++);
        } else if (*p == '"') {
            quoted = !quoted;
        } else if (*p == ',' && !quoted) {
            g_ptr_array_add(cells, g_strdup(cell->str));
            g_string_truncate(cell, 0);
        } else {
            g_string_append_c(cell, *p);
        }
    }
    g_ptr_array_add(cells, g_string_free(cell, FALSE));
    *at = *p ? p + strspn(p, "\r\n") : p;
    return cells;
}

/* The same figures, each line an object by the names of the columns. */
static json_t *to_json(const GString *csv)
{
    const char *at = csv->str + (g_str_has_prefix(csv->str, "\xef\xbb\xbf") ? 3 : 0);
    g_autoptr(GPtrArray) names = read_line(&at);
    json_t *lines = json_array();
    while (*at) {
        g_autoptr(GPtrArray) cells = read_line(&at);
        json_t *line = json_object();
        for (guint i = 0; i < MIN(names->len, cells->len); i++) {
            json_object_set_new(line, g_ptr_array_index(names, i),
                                json_string(g_ptr_array_index(cells, i)));
        }
        json_array_append_new(lines, line);
    }
    return lines;
}

static void on_written(void *arg, int result)
{
    struct writing *w = arg;
    struct tk_reply *r = w->reply;
    const char *format = tk_arg_text(r->args, "format");
    struct tk_problem problem;
    g_thread_join(w->thread);
    if (result < 0) {
        tk_problem_from_errno(&problem, result);
        tk_reply_problem(r, &problem);
    } else if (tk_arg_flag(r->args, "json") || (format && strcmp(format, "json") == 0)) {
        json_t *lines = to_json(w->out);
        char *text = json_dumps(lines, JSON_INDENT(2));
        tk_reply_text(r, lines, g_string_new(text));
        free(text);
    } else {
        tk_reply_text(r, NULL, g_steal_pointer(&w->out));
    }
    if (w->out) {
        g_string_free(w->out, TRUE);
    }
    g_free(w);
}

static gpointer write_report(gpointer arg)
{
    struct writing *w = arg;
    struct tk_store *store = w->reply->ctx->store;
    struct tk_db *db = NULL;
    int r = tk_store_open_reader(store, &db);
    if (r == 0) {
        r = w->report->csv(db, &w->what, w->out);
    }
    tk_db_close(db);
    tk_mailbox_post(tk_store_mailbox(store), on_written, w, r);
    return NULL;
}

static const struct report *find_report(const char *name)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(reports); i++) {
        if (strcmp(reports[i].name, name) == 0) {
            return &reports[i];
        }
    }
    return NULL;
}

/* The list needs neither server nor database. */
int tk_here_report_list(const struct tk_here *here)
{
    if (!tk_arg_flag(here->args, "list")) {
        return TK_NOT_HERE;
    }
    json_t *data = json_array();
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(reports); i++) {
        json_array_append_new(
            data, json_pack("{s:s, s:s}", "name", reports[i].name, "help", reports[i].help));
        g_string_append_printf(text, "%-14s %s\n", reports[i].name, reports[i].help);
    }
    return tk_here_ok(here, data, "%s", text->str);
}

/* False after ending the reply. */
static bool read_what(struct tk_reply *r, struct tk_attendance_report *what)
{
    const char *from = tk_arg_text(r->args, "from");
    const char *to = tk_arg_text(r->args, "to");
    const char *format = tk_arg_text(r->args, "format");
    what->as_of_ms = r->ctx->now().wall_ms;
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0) {
        tk_reply_fail(r, 2, "bad_field", "--format is csv or json");
        return false;
    }
    if (tk_lookup_date(from ? from : "today", what->as_of_ms, &what->from_ms) < 0 ||
        tk_lookup_date(to ? to : "today", what->as_of_ms, &what->to_ms) < 0) {
        tk_reply_fail(r, 2, "bad_field", "a date has the form 2026-11-25");
        return false;
    }
    what->to_ms += DAY_MS; /* that day included */
    if (what->to_ms <= what->from_ms) {
        tk_reply_fail(r, 2, "bad_field", "--to is before --from");
        return false;
    }
    return true;
}

void tk_report_command(struct tk_reply *r)
{
    struct tk_attendance_report what = {0};
    const struct report *report = find_report(tk_arg_text(r->args, "name"));
    if (!report) {
        tk_reply_fail(r, 2, "bad_field", "name a report; tongke report --list names them");
        return;
    }
    if (!read_what(r, &what)) {
        return;
    }
    const char *lesson = tk_arg_text(r->args, "lesson");
    struct writing *w = g_new0(struct writing, 1);
    w->reply = r;
    w->report = report;
    w->what = what;
    w->tally = *tk_lessons_tally(r->ctx->lessons);
    if (lesson) {
        g_strlcpy(w->lesson_id, lesson, sizeof(w->lesson_id));
        w->what.lesson_id = w->lesson_id;
    }
    w->what.running = tk_tally_sitting;
    w->what.ctx = &w->tally;
    w->out = g_string_new(NULL);
    w->thread = g_thread_new("report", write_report, w);
}
