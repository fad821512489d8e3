#include "signaling/cli/commands.h"

#include <stdint.h>
#include <string.h>

#include "signaling/cli/command.h"

const struct tk_command *tk_command_find(const char *name)
{
    for (const struct tk_command *c = tk_commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

/* Not const in name only: jansson counts references in what it is given. */
static struct tk_reply *reply_new(const struct tk_command_ctx *ctx, const json_t *args,
                                  tk_command_done *done, void *arg)
{
    struct tk_reply *r = g_new0(struct tk_reply, 1);
    r->ctx = ctx;
    r->args = args ? json_incref((json_t *)(uintptr_t)args) : json_object();
    r->done = done;
    r->arg = arg;
    g_strlcpy(r->actor.name, "console", sizeof(r->actor.name));
    return r;
}

void tk_command_run(const struct tk_command_ctx *ctx, const json_t *request, tk_command_done *done,
                    void *arg)
{
    const char *name = json_string_value(json_object_get(request, "command"));
    const struct tk_command *command = name ? tk_command_find(name) : NULL;
    struct tk_reply *r = reply_new(ctx, json_object_get(request, "args"), done, arg);
    char err[256];
    if (!command || command->place == TK_PLACE_HERE) {
        tk_reply_fail(r, 2, "bad_request", "there is no command '%.60s' to carry out here",
                      name ? name : "");
    } else if (!json_is_object(r->args) ||
               tk_args_check(command->options, r->args, err, sizeof(err)) < 0) {
        tk_reply_fail(r, 2, "bad_request", "%s: %s", name,
                      json_is_object(r->args) ? err : "args is not an object");
    } else if (command->place == TK_PLACE_SERVER && !ctx->serving) {
        tk_reply_fail(r, 1, "unavailable", "%s needs a running server; start it with ./run", name);
    } else {
        command->run(r);
    }
}
