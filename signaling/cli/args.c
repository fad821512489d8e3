#include "signaling/cli/args.h"

#include <errno.h>
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tk_option everywhere[] = {
    {"json", TK_OPTION_FLAG, false, NULL, "answer in JSON"},
    {"help", TK_OPTION_FLAG, false, NULL, "this text"},
    {NULL, TK_OPTION_FLAG, false, NULL, NULL},
};

static const struct tk_option *find_in(const struct tk_option *options, const char *name)
{
    for (const struct tk_option *o = options; o && o->name; o++) {
        if (o->type != TK_OPTION_WORD && strcmp(o->name, name) == 0) {
            return o;
        }
    }
    return NULL;
}

static const struct tk_option *find(const struct tk_option *options, const char *name)
{
    const struct tk_option *o = find_in(options, name);
    return o ? o : find_in(everywhere, name);
}

/* The word that stands at `place` among those that have no name. */
static const struct tk_option *find_word(const struct tk_option *options, size_t place)
{
    for (const struct tk_option *o = options; o && o->name; o++) {
        if (o->type == TK_OPTION_WORD && place-- == 0) {
            return o;
        }
    }
    return NULL;
}

static int take_number(json_t *args, const struct tk_option *o, const char *value, char *err,
                       size_t cap)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno || end == value || *end) {
        snprintf(err, cap, "--%s: '%.80s' is not a whole number", o->name, value);
        return -EINVAL;
    }
    json_object_set_new(args, o->name, json_integer(number));
    return 0;
}

static int take(json_t *args, const struct tk_option *o, const char *value, char *err, size_t cap)
{
    json_t *list = json_object_get(args, o->name);
    if (list && o->type != TK_OPTION_LIST) {
        snprintf(err, cap, "%s is given twice", o->name);
        return -EINVAL;
    }
    if (o->type == TK_OPTION_FLAG) {
        json_object_set_new(args, o->name, json_true());
        return 0;
    }
    json_t *text = json_string(value);
    if (!text || strlen(value) > TK_ARG_TEXT_MAX) {
        json_decref(text);
        snprintf(err, cap, "%s: longer than %d bytes or not UTF-8", o->name, TK_ARG_TEXT_MAX);
        return -EINVAL;
    }
    if (o->type == TK_OPTION_INT) {
        json_decref(text);
        return take_number(args, o, value, err, cap);
    }
    if (o->type != TK_OPTION_LIST) {
        json_object_set_new(args, o->name, text);
        return 0;
    }
    if (!list) {
        json_object_set_new(args, o->name, list = json_array());
    }
    json_array_append_new(list, text);
    return 0;
}

/* One `--name`, `--name VALUE` or `--name=VALUE`; `*i` moves on to its last word. */
static int take_named(const struct tk_option *options, int argc, const char *const *argv, int *i,
                      json_t *args, char *err, size_t cap)
{
    const char *text = argv[*i] + 2;
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals ? g_strndup(text, (size_t)(equals - text)) : g_strdup(text);
    const struct tk_option *o = find(options, name);
    if (!o) {
        snprintf(err, cap, "there is no option --%.60s; --help names them", name);
        return -EINVAL;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (o->type == TK_OPTION_FLAG) {
        if (value) {
            snprintf(err, cap, "--%s takes no value", o->name);
            return -EINVAL;
        }
        return take(args, o, "", err, cap);
    }
    if (!value && *i + 1 >= argc) {
        snprintf(err, cap, "--%s needs a value: %s", o->name, o->value);
        return -EINVAL;
    }
    if (!value) {
        value = argv[++*i];
    }
    return take(args, o, value, err, cap);
}

static int parse(const struct tk_option *options, int argc, const char *const *argv, json_t *args,
                 char *err, size_t cap)
{
    size_t words = 0;
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        int r;
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
            continue;
        }
        if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            r = take_named(options, argc, argv, &i, args, err, cap);
        } else {
            const struct tk_option *o = find_word(options, words++);
            if (!o) {
                snprintf(err, cap, "'%.80s' is one word too many; --help tells the form", argv[i]);
                return -EINVAL;
            }
            r = take(args, o, argv[i], err, cap);
        }
        if (r < 0) {
            return r;
        }
    }
    return tk_arg_flag(args, "help") ? 0 : tk_args_check(options, args, err, cap);
}

int tk_args_parse(const struct tk_option *options, int argc, const char *const *argv, json_t **ret,
                  char *err, size_t cap)
{
    json_t *args = json_object();
    int r = parse(options, argc, argv, args, err, cap);
    if (r < 0) {
        json_decref(args);
        return r;
    }
    *ret = args;
    return 0;
}

int tk_args_read_dashes(json_t *args, FILE *f, char *err, size_t cap)
{
    const char *name;
    json_t *value;
    json_object_foreach(args, name, value)
    {
        char line[TK_ARG_TEXT_MAX + 2];
        const char *text = json_string_value(value);
        if (!text || strcmp(text, "-") != 0) {
            continue;
        }
        if (!fgets(line, sizeof(line), f)) {
            snprintf(err, cap, "%s: nothing to read on standard input", name);
            return -EINVAL;
        }
        line[strcspn(line, "\r\n")] = '\0';
        if (json_string_set(value, line) < 0) {
            snprintf(err, cap, "%s: not UTF-8", name);
            return -EINVAL;
        }
    }
    return 0;
}

static bool fits_list(const json_t *value)
{
    size_t i;
    const json_t *item;
    json_array_foreach(value, i, item)
    {
        if (!json_is_string(item) || json_string_length(item) > TK_ARG_TEXT_MAX) {
            return false;
        }
    }
    return json_is_array(value) && json_array_size(value) <= TK_ARG_LIST_MAX;
}

static bool fits(const struct tk_option *o, const json_t *value)
{
    switch (o->type) {
    case TK_OPTION_FLAG:
        return json_is_boolean(value);
    case TK_OPTION_INT:
        return json_is_integer(value);
    case TK_OPTION_LIST:
        return fits_list(value);
    case TK_OPTION_TEXT:
    case TK_OPTION_WORD:
        return json_is_string(value) && json_string_length(value) <= TK_ARG_TEXT_MAX;
    }
    return false;
}

static const struct tk_option *find_any(const struct tk_option *options, const char *name)
{
    for (const struct tk_option *o = options; o && o->name; o++) {
        if (strcmp(o->name, name) == 0) {
            return o;
        }
    }
    return find_in(everywhere, name);
}

int tk_args_check(const struct tk_option *options, const json_t *args, char *err, size_t cap)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)args, name, value)
    {
        const struct tk_option *o = find_any(options, name);
        if (!o || !fits(o, value)) {
            snprintf(err, cap, "%.60s: %s", name, o ? "not of its type" : "unknown");
            return -EINVAL;
        }
    }
    for (const struct tk_option *o = options; o && o->name; o++) {
        if (o->required && !json_object_get(args, o->name)) {
            snprintf(err, cap, "%s%s is missing; --help tells the form",
                     o->type == TK_OPTION_WORD ? "" : "--",
                     o->type == TK_OPTION_WORD ? o->value : o->name);
            return -EINVAL;
        }
    }
    return 0;
}

const char *tk_arg_text(const json_t *args, const char *name)
{
    return json_string_value(json_object_get(args, name));
}

bool tk_arg_flag(const json_t *args, const char *name)
{
    return json_is_true(json_object_get(args, name));
}

json_int_t tk_arg_int(const json_t *args, const char *name, json_int_t fallback)
{
    const json_t *value = json_object_get(args, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static void help_lines(GString *out, const struct tk_option *options)
{
    for (const struct tk_option *o = options; o && o->name; o++) {
        g_autofree char *left = o->type == TK_OPTION_WORD
                                    ? g_strdup(o->value)
                                    : g_strdup_printf("--%s%s%s", o->name, o->value ? " " : "",
                                                      o->value ? o->value : "");
        g_string_append_printf(out, "  %-26s %s\n", left, o->help);
    }
}

char *tk_args_help(const char *command, const char *summary, const struct tk_option *options)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "usage: tongke %s", command);
    for (const struct tk_option *o = options; o && o->name; o++) {
        const char *dashes = o->type == TK_OPTION_WORD ? "" : "--";
        const char *name = o->type == TK_OPTION_WORD ? "" : o->name;
        const char *space = o->value && *name ? " " : "";
        g_string_append_printf(out, " %s%s%s%s%s%s%s", o->required ? "" : "[", dashes, name, space,
                               o->value ? o->value : "", o->required ? "" : "]",
                               o->type == TK_OPTION_LIST ? "…" : "");
    }
    g_string_append_printf(out, "\n%s\n\n", summary);
    help_lines(out, options);
    help_lines(out, everywhere);
    return g_string_free(out, FALSE);
}
