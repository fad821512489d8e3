#ifndef TK_SIGNALING_CLI_COMMANDS_H
#define TK_SIGNALING_CLI_COMMANDS_H

/*
 * The commands of the program `tongke`: run in the server for requests from control.sock, or in the
 * program itself when no server runs. Loop thread.
 *
 * Request: {"command":"user add","args":{…}}. Reply: {"status":0|1|2,"text":"for a person",
 * "data":…,"error":…}: 1 is a failure, 2 a wrong use.
 */

#include <jansson.h>
#include <stdbool.h>

#include "config/settings.h"
#include "signaling/core/access.h"

struct tk_lessons; /* signaling/core/lesson.h */

struct tk_command_ctx {
    struct tk_access *access;
    struct tk_store *store;
    const struct tk_settings *settings;
    struct tk_lessons *lessons;
    bool serving; /* this is the running server; false: a command line, nothing happens by itself */
    struct tk_now (*now)(void);
};

/* `reply` belongs to the caller of `done`. Called exactly once, perhaps before tk_command_run ends.
 */
typedef void tk_command_done(void *arg, const json_t *reply);

void tk_command_run(const struct tk_command_ctx *ctx, const json_t *request, tk_command_done *done,
                    void *arg);

#endif
