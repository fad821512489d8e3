/* The program `tongke`: finds the subcommand, reads its words, carries it out where it belongs. */

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "signaling/cli/ask.h"
#include "signaling/cli/command.h"

static void print_commands(FILE *f)
{
    fprintf(f, "usage: tongke COMMAND …\n\n");
    for (const struct tk_command *c = tk_commands; c->name; c++) {
        fprintf(f, "  %-16s %s\n", c->name, c->summary);
    }
    fprintf(f,
            "\ntongke COMMAND --help tells more. Every command knows --json.\n"
            "TONGKE_DATA, TONGKE_PORT, TONGKE_HOST and TONGKE_CONFIG as in config/tongke.conf.\n");
}

/* The command that the first one or two words name; `*words` is how many. */
static const struct tk_command *find(int argc, const char *const *argv, int *words)
{
    if (argc > 1) {
        g_autofree char *two = g_strdup_printf("%s %s", argv[0], argv[1]);
        const struct tk_command *c = tk_command_find(two);
        if (c) {
            *words = 2;
            return c;
        }
    }
    *words = 1;
    return argc > 0 ? tk_command_find(argv[0]) : NULL;
}

/* For `tongke user` and `tongke user --help`. */
static bool print_group(FILE *f, const char *group)
{
    bool any = false;
    size_t n = strlen(group);
    for (const struct tk_command *c = tk_commands; c->name; c++) {
        if (strncmp(c->name, group, n) == 0 && c->name[n] == ' ') {
            fprintf(f, "%stongke %-22s %s\n", any ? "       " : "usage: ", c->name, c->summary);
            any = true;
        }
    }
    return any;
}

static int not_found(int argc, const char *const *argv)
{
    bool help = false;
    for (int i = 0; i < argc; i++) {
        help = help || strcmp(argv[i], "--help") == 0;
    }
    if (argc == 0 || (help && strncmp(argv[0], "--", 2) == 0) || strcmp(argv[0], "help") == 0) {
        print_commands(argc == 0 ? stderr : stdout);
        return argc == 0 ? 2 : 0;
    }
    if (argc < 2 || strncmp(argv[1], "--", 2) == 0) {
        if (print_group(help ? stdout : stderr, argv[0])) {
            return help ? 0 : 2;
        }
    }
    fprintf(stderr, "tongke: there is no command '%s%s%s'; tongke --help lists them\n", argv[0],
            argc > 1 && strncmp(argv[1], "--", 2) != 0 ? " " : "",
            argc > 1 && strncmp(argv[1], "--", 2) != 0 ? argv[1] : "");
    return 2;
}

static int carry_out(const struct tk_command *command, json_t *args)
{
    struct tk_settings settings;
    char err[TK_SETTINGS_TEXT + 256];
    struct tk_here here = {
        .settings = &settings,
        .settings_error = err,
        .args = args,
        .json = tk_arg_flag(args, "json"),
    };
    if (tk_settings_load(&settings, err, sizeof(err)) < 0) {
        here.settings = NULL;
    }
    int status = command->here ? command->here(&here) : TK_NOT_HERE;
    if (status != TK_NOT_HERE) {
        return status;
    }
    return tk_here_settings(&here) ? tk_ask(&here, command) : 1;
}

int main(int argc, char **argv)
{
    int words;
    const char *const *rest = (const char *const *)argv + 1;
    setlocale(LC_ALL, "C.UTF-8");
    const struct tk_command *command = find(argc - 1, rest, &words);
    if (!command) {
        return not_found(argc - 1, rest);
    }
    json_t *args = NULL;
    char err[256];
    if (tk_args_parse(command->options, argc - 1 - words, rest + words, &args, err, sizeof(err)) <
        0) {
        fprintf(stderr, "tongke: %s: %s\n", command->name, err);
        return 2;
    }
    int status = 0;
    if (tk_arg_flag(args, "help")) {
        g_autofree char *help = tk_args_help(command->name, command->summary, command->options);
        fputs(help, stdout);
    } else if (tk_args_read_dashes(args, stdin, err, sizeof(err)) < 0) {
        fprintf(stderr, "tongke: %s: %s\n", command->name, err);
        status = 2;
    } else {
        status = carry_out(command, args);
    }
    json_decref(args);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "tongke: standard output: %s\n", strerror(errno));
        return 1;
    }
    return status;
}
