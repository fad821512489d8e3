#ifndef TK_SIGNALING_CLI_ASK_H
#define TK_SIGNALING_CLI_ASK_H

/*
 * Carries a command out: asks the running server over control.sock; without one, does it on the
 * database or says that a server is needed. Waits for the reply: for the command line only.
 */

#include "signaling/cli/command.h"

/* Prints the reply; the exit status. */
int tk_ask(const struct tk_here *here, const struct tk_command *command);

/*
 * One request to the running server. 0 and the reply (a new reference); -ENOENT: no server listens;
 * -errno with a line in `err`.
 */
int tk_ask_server(const struct tk_settings *settings, const char *command, const json_t *args,
                  json_t **ret, char *err, size_t cap);

/*
 * The same on the database, in this process. 0; -EBUSY: another process has the folder; -errno.
 */
int tk_ask_database(const struct tk_settings *settings, const char *command, const json_t *args,
                    json_t **ret, char *err, size_t cap);

#endif
