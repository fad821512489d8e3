#ifndef TK_SIGNALING_CLI_COMMAND_H
#define TK_SIGNALING_CLI_COMMAND_H

/*
 * The const table of subcommands, and the reply that each makes. Inside signaling/cli only;
 * commands.h is what the server sees. Loop thread.
 */

#include <glib.h>

#include "signaling/cli/args.h"
#include "signaling/cli/commands.h"

/* Where a command is carried out. */
enum tk_place {
    TK_PLACE_HERE,   /* in this very process: `here` */
    TK_PLACE_STORE,  /* in the running server, else on the database: `run` */
    TK_PLACE_SERVER, /* in the running server only: `run` */
};

#define TK_NOT_HERE (-1)

/* One request that is being carried out. Ends with the reply. */
struct tk_reply {
    const struct tk_command_ctx *ctx;
    const json_t *args; /* checked against the command's table */
    struct tk_actor actor;
    tk_command_done *done;
    void *arg;
    void *more; /* the command's own, freed by `free_more` */
    void (*free_more)(void *more);
};

/* What a command in this process has. */
struct tk_here {
    const struct tk_settings *settings; /* NULL: they could not be read, see `settings_error` */
    const char *settings_error;
    const json_t *args;
    bool json;
};

struct tk_command {
    const char *name; /* "user add"; NULL ends the table */
    const char *summary;
    const struct tk_option *options;
    enum tk_place place;
    int (*here)(const struct tk_here *here); /* exit status, or TK_NOT_HERE: go on to `run` */
    void (*run)(struct tk_reply *r);
    void (*before)(json_t *args); /* in the program that asks; NULL: nothing to do there */
};

extern const struct tk_command tk_commands[];

/* NULL when there is none. */
const struct tk_command *tk_command_find(const char *name);

/* Exactly one of these ends a reply. They take the reference of `data` (may be NULL). */
void tk_reply_ok(struct tk_reply *r, json_t *data, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void tk_reply_text(struct tk_reply *r, json_t *data, GString *text);
void tk_reply_fail(struct tk_reply *r, int status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void tk_reply_problem(struct tk_reply *r, const struct tk_problem *problem);

/* For `done` callbacks that bring nothing but a problem: "done" when there is none. */
void tk_reply_plain(void *arg, const struct tk_problem *problem);

/* Prints a finished reply; the exit status. */
int tk_reply_print(const json_t *reply, bool json);

/* For commands in this process: one line on standard error; 1. */
int tk_here_fail(const struct tk_here *here, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints `data` (its reference is taken) or the text; 0. */
int tk_here_ok(const struct tk_here *here, json_t *data, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The settings, or NULL after telling what is wrong with them. */
const struct tk_settings *tk_here_settings(const struct tk_here *here);

#endif
