/* tongke lesson …: what is planned, what goes on, and changing it. */

#include "signaling/core/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/lesson_json.h"

#define DAY_MS 86400000LL
#define MINUTE_MS 60000LL
#define MINUTES_DEFAULT 40

static void describe(GString *out, const struct tk_lesson *l)
{
    char from[TK_TIME_TEXT];
    char to[TK_TIME_TEXT];
    tk_time_text(l->row.start_ms, from);
    tk_time_text(l->row.end_ms, to);
    g_string_append_printf(out, "%s: %s (%s)\n", l->row.id, l->row.title, l->row.title_en);
    g_string_append_printf(out, "  %s, %s, %s to %s\n", tk_lesson_kind_name(l->row.kind),
                           tk_lesson_state_name(l->row.state), from, to + strlen("2026-11-25 "));
    if (l->row.teacher.id != 0) {
        g_string_append_printf(out, "  teacher %s, %s\n", l->row.teacher.name,
                               l->row.teacher.school);
    }
    for (size_t i = 0; i < l->row.rooms_count; i++) {
        g_string_append_printf(out, "  room %lld %s, %s\n", (long long)l->row.rooms[i].id,
                               l->row.rooms[i].school, l->row.rooms[i].name);
    }
    if (l->row.persons_count > 0) {
        g_string_append_printf(out, "  %zu enrolled\n", l->row.persons_count);
    }
    if (l->sitting.id != 0) {
        g_string_append_printf(out, "  sitting %lld, opened %s%s\n", (long long)l->sitting.number,
                               tk_time_text(l->sitting.opened_ms, from),
                               l->sitting.ended_ms ? ", over" : "");
    }
}

static void reply_lesson(void *arg, const struct tk_problem *problem,
                         const struct tk_lesson *lesson)
{
    struct tk_reply *r = arg;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    GString *text = g_string_new(NULL);
    describe(text, lesson);
    tk_reply_text(r, tk_lesson_json(lesson), text);
}

/* False after ending the reply. */
static bool read_period(struct tk_reply *r, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    const char *from = tk_arg_text(r->args, "from");
    const char *to = tk_arg_text(r->args, "to");
    int64_t now_ms = r->ctx->now().wall_ms;
    if (tk_lookup_date(from ? from : "today", now_ms, ret_from_ms) < 0 ||
        tk_lookup_date(to     ? to
                       : from ? from
                              : "today",
                       now_ms, ret_to_ms) < 0) {
        tk_reply_fail(r, 2, "bad_field", "a date has the form 2026-11-25");
        return false;
    }
    *ret_to_ms += DAY_MS;
    return true;
}

static void list_line(GString *out, const json_t *lesson)
{
    char when[TK_TIME_TEXT];
    int64_t start_ms = json_integer_value(json_object_get(lesson, "start_ms"));
    tk_column(out, tk_arg_text(lesson, "id"), 10);
    tk_column(out, tk_time_text(start_ms, when), 16);
    tk_column(out, tk_arg_text(lesson, "state"), 11);
    tk_column(out, tk_arg_text(lesson, "kind"), 8);
    g_string_append_printf(out, "%s\n", tk_arg_text(lesson, "title"));
}

void tk_lesson_list_command(struct tk_reply *r)
{
    struct tk_problem problem;
    struct tk_lessons_filter filter = {.state = tk_arg_text(r->args, "state"), .per_page = 200};
    if (!read_period(r, &filter.from_ms, &filter.to_ms)) {
        return;
    }
    json_t *list = tk_lessons_list_json(r->ctx->lessons, r->ctx->now(), &filter, &problem);
    if (!list) {
        tk_reply_problem(r, &problem);
        return;
    }
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *lesson;
    json_array_foreach(json_object_get(list, "lessons"), i, lesson)
    {
        list_line(text, lesson);
    }
    tk_reply_text(r, list, text);
}

void tk_lesson_show_command(struct tk_reply *r)
{
    const char *id = tk_arg_text(r->args, "lesson");
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, id);
    if (!lesson) {
        tk_reply_fail(r, 1, "not_found", "there is no lesson '%.60s'", id);
        return;
    }
    GString *text = g_string_new(NULL);
    describe(text, lesson);
    json_t *data = tk_lesson_json(lesson);
    json_object_set_new(data, "status", tk_lesson_rooms_json(lesson));
    json_object_set_new(data, "source_status", tk_lesson_source_json(lesson));
    json_object_set_new(data, "publisher", tk_lesson_publisher_json(lesson));
    tk_reply_text(r, data, text);
}

/* Copies an argument under the name that core knows. */
static void take_text(struct tk_reply *r, json_t *fields, const char *option, const char *field)
{
    const char *text = tk_arg_text(r->args, option);
    if (text) {
        json_object_set_new(fields, field, json_string(text));
    }
}

static bool take_people(struct tk_reply *r, json_t *fields)
{
    struct tk_account account;
    const char *teacher = tk_arg_text(r->args, "teacher");
    const json_t *persons = json_object_get(r->args, "person");
    size_t i;
    json_t *item;
    if (teacher) {
        if (!tk_lookup_account(r, teacher, &account)) {
            return false;
        }
        json_object_set_new(fields, "teacher_id", json_integer(account.person_id));
    }
    if (!persons) {
        return true;
    }
    json_t *ids = json_array();
    json_object_set_new(fields, "person_ids", ids);
    json_array_foreach(persons, i, item)
    {
        if (!tk_lookup_account(r, json_string_value(item), &account)) {
            return false;
        }
        json_array_append_new(ids, json_integer(account.person_id));
    }
    return true;
}

static bool take_rooms(struct tk_reply *r, json_t *fields)
{
    const json_t *rooms = json_object_get(r->args, "room");
    struct tk_room room;
    size_t i;
    json_t *item;
    if (!rooms) {
        return true;
    }
    json_t *ids = json_array();
    json_object_set_new(fields, "room_ids", ids);
    json_array_foreach(rooms, i, item)
    {
        if (!tk_lookup_room(r, json_string_value(item), &room)) {
            return false;
        }
        json_array_append_new(ids, json_integer(room.id));
    }
    return true;
}

static bool take_time(struct tk_reply *r, json_t *fields, const char *option, const char *field)
{
    const char *text = tk_arg_text(r->args, option);
    int64_t ms;
    if (!text) {
        return true;
    }
    if (tk_lookup_time(text, r->ctx->now().wall_ms, &ms) < 0) {
        tk_reply_fail(r, 2, "bad_field",
                      "--%s: '%.40s' is not of the form \"2026-11-25 14:05\", 14:05, now or +30",
                      option, text);
        return false;
    }
    json_object_set_new(fields, field, json_integer(ms));
    return true;
}

/* NULL after ending the reply. */
static json_t *read_fields(struct tk_reply *r)
{
    json_t *fields = json_object();
    take_text(r, fields, "title", "title");
    take_text(r, fields, "title-en", "title_en");
    take_text(r, fields, "kind", "kind");
    take_text(r, fields, "subject", "subject");
    if (!take_people(r, fields) || !take_rooms(r, fields) ||
        !take_time(r, fields, "start", "start_ms") || !take_time(r, fields, "end", "end_ms")) {
        json_decref(fields);
        return NULL;
    }
    return fields;
}

void tk_lesson_create_command(struct tk_reply *r)
{
    json_t *fields = read_fields(r);
    if (!fields) {
        return;
    }
    int64_t minutes = tk_arg_int(r->args, "minutes", MINUTES_DEFAULT);
    if (!json_object_get(fields, "end_ms") && minutes > 0 && minutes < 100000) {
        int64_t start_ms = json_integer_value(json_object_get(fields, "start_ms"));
        json_object_set_new(fields, "end_ms", json_integer(start_ms + minutes * MINUTE_MS));
    }
    tk_lesson_create(r->ctx->lessons, &r->actor, r->ctx->now(), fields, reply_lesson, r);
    json_decref(fields);
}

void tk_lesson_change_command(struct tk_reply *r)
{
    json_t *fields = read_fields(r);
    if (fields) {
        tk_lesson_patch(r->ctx->lessons, &r->actor, r->ctx->now(), tk_arg_text(r->args, "lesson"),
                        0, fields, reply_lesson, r);
        json_decref(fields);
    }
}

void tk_lesson_end_command(struct tk_reply *r)
{
    tk_lesson_end(r->ctx->lessons, &r->actor, r->ctx->now(), tk_arg_text(r->args, "lesson"),
                  reply_lesson, r);
}

void tk_lesson_cancel_command(struct tk_reply *r)
{
    tk_lesson_cancel(r->ctx->lessons, &r->actor, r->ctx->now(), tk_arg_text(r->args, "lesson"),
                     tk_arg_text(r->args, "reason"), reply_lesson, r);
}
