#ifndef TK_SIGNALING_CLI_ARGS_H
#define TK_SIGNALING_CLI_ARGS_H

/*
 * The words of a command line against a command's table of options: one JSON object of arguments
 * out, which the same table checks again where it comes over a socket. No I/O. Any thread.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TK_ARG_TEXT_MAX 4096
#define TK_ARG_LIST_MAX 200

enum tk_option_type {
    TK_OPTION_FLAG, /* --name */
    TK_OPTION_TEXT, /* --name VALUE */
    TK_OPTION_INT,  /* --name NUMBER */
    TK_OPTION_LIST, /* --name VALUE, as often as wanted */
    TK_OPTION_WORD, /* by its place, not by a name */
};

struct tk_option {
    const char *name; /* NULL ends the table */
    enum tk_option_type type;
    bool required;
    const char *value; /* what stands for its value in the help; NULL for flags */
    const char *help;
};

/*
 * Reads `argv` into a new object {name: true|text|number|[text]}. `--json` and `--help` are known
 * everywhere and become flags. 0, or -EINVAL with one line for a person.
 */
int tk_args_parse(const struct tk_option *options, int argc, const char *const *argv, json_t **ret,
                  char *err, size_t cap);

/*
 * Puts the next line of `f` for each text that is "-", so that a secret needs not stand where
 * everybody can read the command line. 0 or -EINVAL.
 */
int tk_args_read_dashes(json_t *args, FILE *f, char *err, size_t cap);

/* Whether `args` fits the table: for arguments that come over a socket. 0 or -EINVAL. */
int tk_args_check(const struct tk_option *options, const json_t *args, char *err, size_t cap);

/* NULL, false, `fallback` and 0 when it was not given. */
const char *tk_arg_text(const json_t *args, const char *name);
bool tk_arg_flag(const json_t *args, const char *name);
json_int_t tk_arg_int(const json_t *args, const char *name, json_int_t fallback);

/* "usage: tongke NAME …" and a line for each option; the caller frees it (g_free). */
char *tk_args_help(const char *command, const char *summary, const struct tk_option *options);

#endif
