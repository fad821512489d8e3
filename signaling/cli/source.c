/* tongke source …: where a lesson's picture and sound come from while nobody publishes. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/lesson.h"
#include "signaling/core/lesson_json.h"

/* As it may be shown: a new reference. */
static json_t *shown(const json_t *source)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)source);
    if (json_object_get(copy, "password")) {
        json_object_set_new(copy, "password", json_string("(set)"));
    }
    return copy;
}

static void reply_source(void *arg, const struct tk_problem *problem,
                         const struct tk_lesson *lesson)
{
    struct tk_reply *r = arg;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    tk_reply_ok(r, shown(lesson->source), "%s: source %s", lesson->row.id,
                tk_arg_text(lesson->source, "kind"));
}

/* A path is meant from where the command was typed, not from where the server was started. */
void tk_source_set_before(json_t *args)
{
    const char *where = tk_arg_text(args, "where");
    if (where && strcmp(tk_arg_text(args, "kind"), "file") == 0) {
        g_autofree char *path = g_canonicalize_filename(where, NULL);
        json_object_set_new(args, "where", json_string(path));
    }
}

/* user:password@ moves out of the address, so that no list or log shows it. */
static json_t *rtsp(const char *address, const char *user, const char *password)
{
    const char *after = strstr(address, "://");
    const char *at = after ? strchr(after + 3, '@') : NULL;
    const char *slash = after ? strchr(after + 3, '/') : NULL;
    if (!at || (slash && slash < at)) {
        return json_pack("{s:s, s:s, s:s?, s:s?}", "kind", "rtsp", "url", address, "user", user,
                         "password", password);
    }
    g_autofree char *who = g_strndup(after + 3, (size_t)(at - after - 3));
    g_autofree char *scheme = g_strndup(address, (size_t)(after + 3 - address));
    g_autofree char *url = g_strconcat(scheme, at + 1, NULL);
    char *colon = strchr(who, ':');
    if (colon) {
        *colon = '\0';
    }
    return json_pack("{s:s, s:s, s:s, s:s}", "kind", "rtsp", "url", url, "user", who, "password",
                     colon ? colon + 1 : "");
}

/* NULL: this kind needs something that was not said. */
static json_t *read_source(const json_t *args)
{
    const char *kind = tk_arg_text(args, "kind");
    const char *where = tk_arg_text(args, "where");
    if (strcmp(kind, "file") == 0 && where) {
        return json_pack("{s:s, s:s, s:b}", "kind", kind, "path", where, "loop",
                         !tk_arg_flag(args, "once"));
    }
    if (strcmp(kind, "rtsp") == 0 && where) {
        return rtsp(where, tk_arg_text(args, "user"), tk_arg_text(args, "password"));
    }
    if (strcmp(kind, "v4l2") == 0) {
        return json_pack("{s:s, s:s, s:s?}", "kind", kind, "device", where ? where : "/dev/video0",
                         "alsa", tk_arg_text(args, "alsa"));
    }
    if ((strcmp(kind, "demo") == 0 || strcmp(kind, "none") == 0) && !where) {
        return json_pack("{s:s}", "kind", kind);
    }
    return NULL;
}

void tk_source_set_command(struct tk_reply *r)
{
    json_t *source = read_source(r->args);
    if (!source) {
        tk_reply_fail(r, 2, "bad_field",
                      "a source is one of: demo, file PATH, rtsp URL, v4l2 [DEVICE], none");
        return;
    }
    /* json_pack leaves NULLs out as null: core wants the field absent */
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(source, next, name, value)
    {
        if (json_is_null(value)) {
            json_object_del(source, name);
        }
    }
    tk_lesson_set_source(r->ctx->lessons, &r->actor, r->ctx->now(), tk_arg_text(r->args, "lesson"),
                         source, reply_source, r);
    json_decref(source);
}

void tk_source_show_command(struct tk_reply *r)
{
    const char *id = tk_arg_text(r->args, "lesson");
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, id);
    if (!lesson) {
        tk_reply_fail(r, 1, "not_found", "there is no lesson '%.60s'", id);
        return;
    }
    json_t *status = tk_lesson_source_json(lesson);
    json_t *source = shown(lesson->source);
    char *written = json_dumps(source, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *state = tk_arg_text(status, "state");
    const char *cause = tk_arg_text(status, "cause");
    g_autofree char *text = g_strdup_printf("%s %s%s%s", written, state ? state : "",
                                            cause && *cause ? ": " : "", cause ? cause : "");
    free(written);
    tk_reply_ok(r, json_pack("{s:o, s:o}", "source", source, "status", status), "%s", text);
}
