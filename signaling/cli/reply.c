#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "signaling/cli/command.h"

static void end(struct tk_reply *r, int status, json_t *reply)
{
    json_object_set_new(reply, "status", json_integer(status));
    r->done(r->arg, reply);
    json_decref(reply);
    if (r->free_more) {
        r->free_more(r->more);
    }
    json_decref((json_t *)(uintptr_t)r->args);
    g_free(r);
}

void tk_reply_text(struct tk_reply *r, json_t *data, GString *text)
{
    json_t *reply = json_object();
    json_object_set_new(reply, "text", json_stringn_nocheck(text->str, text->len));
    json_object_set_new(reply, "data", data ? data : json_null());
    g_string_free(text, TRUE);
    end(r, 0, reply);
}

void tk_reply_ok(struct tk_reply *r, json_t *data, const char *fmt, ...)
{
    GString *text = g_string_new(NULL);
    va_list ap;
    va_start(ap, fmt);
    g_string_append_vprintf(text, fmt, ap);
    va_end(ap);
    tk_reply_text(r, data, text);
}

void tk_reply_fail(struct tk_reply *r, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    json_t *reply = json_object();
    json_object_set_new(
        reply, "error",
        json_pack("{s:s, s:o}", "code", code, "detail", json_stringn_nocheck(text, strlen(text))));
    end(r, status, reply);
}

void tk_reply_problem(struct tk_reply *r, const struct tk_problem *problem)
{
    bool wrong_use = problem->status == 400 || problem->status == 422;
    if (problem->field) {
        tk_reply_fail(r, wrong_use ? 2 : 1, problem->code, "%s: %s", problem->field,
                      problem->detail);
        return;
    }
    tk_reply_fail(r, wrong_use ? 2 : 1, problem->code, "%s", problem->detail);
}

void tk_reply_plain(void *arg, const struct tk_problem *problem)
{
    struct tk_reply *r = arg;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    tk_reply_ok(r, NULL, "done");
}

static void print_line(FILE *f, const char *text)
{
    size_t n = strlen(text);
    fprintf(f, "%s%s", text, n > 0 && text[n - 1] == '\n' ? "" : "\n");
}

static void print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    putchar('\n');
}

int tk_reply_print(const json_t *reply, bool json)
{
    const json_t *error = json_object_get(reply, "error");
    if (error) {
        const char *detail = json_string_value(json_object_get(error, "detail"));
        fprintf(stderr, "tongke: %s\n", detail ? detail : "no reason given");
        if (json) {
            json_t *whole = json_pack("{s:O}", "error", error);
            print_json(whole);
            json_decref(whole);
        }
    } else if (json) {
        print_json(json_object_get(reply, "data"));
    } else {
        const char *text = json_string_value(json_object_get(reply, "text"));
        if (text && *text) {
            print_line(stdout, text);
        }
    }
    return (int)json_integer_value(json_object_get(reply, "status"));
}

int tk_here_fail(const struct tk_here *here, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    json_t *reply = json_pack("{s:i, s:{s:s, s:o}}", "status", 1, "error", "code", "failed",
                              "detail", json_stringn_nocheck(text, strlen(text)));
    int status = tk_reply_print(reply, here->json);
    json_decref(reply);
    return status;
}

int tk_here_ok(const struct tk_here *here, json_t *data, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (here->json) {
        print_json(data);
    } else if (*text) {
        print_line(stdout, text);
    }
    json_decref(data);
    return 0;
}

const struct tk_settings *tk_here_settings(const struct tk_here *here)
{
    if (!here->settings) {
        tk_here_fail(here, "%s", here->settings_error);
    }
    return here->settings;
}
