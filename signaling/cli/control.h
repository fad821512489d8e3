#ifndef TK_SIGNALING_CLI_CONTROL_H
#define TK_SIGNALING_CLI_CONTROL_H

/*
 * `$TONGKE_DATA/control.sock`, mode 0600: one line of JSON in, one out, then it is closed; for
 * processes of our own user and root. Runs on the default GLib main context, whose thread owns it.
 */

#include <stddef.h>
#include <sys/un.h>

#include "signaling/cli/commands.h"

#define TK_CONTROL_NAME "control.sock"
#define TK_CONTROL_LINE_MAX (64 * 1024)
#define TK_CONTROL_CONNECTIONS_MAX 32

struct tk_control;

/* -ENAMETOOLONG: a socket's path has 107 bytes at most. */
int tk_control_address(const struct tk_settings *settings, struct sockaddr_un *ret);

/*
 * Listens. The caller holds the folder's lock, so a socket that is left over is nobody's. `ctx`
 * outlives it. 0 or -errno with a line in `err`.
 */
int tk_control_create(const struct tk_command_ctx *ctx, struct tk_control **ret, char *err,
                      size_t cap);

/* Replies that are due afterwards are harmless. NULL is fine. */
void tk_control_destroy(struct tk_control *c);

#endif
