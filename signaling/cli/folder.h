#ifndef TK_SIGNALING_CLI_FOLDER_H
#define TK_SIGNALING_CLI_FOLDER_H

/*
 * The data folder: made on demand, locked by the one process that may write to its database, and
 * where the files in it are. Any thread.
 */

#include <stddef.h>

#include "config/settings.h"

/* Room for a path in the data folder. */
#define TK_FOLDER_PATH (TK_SETTINGS_TEXT + 64)

void tk_folder_path(const struct tk_settings *settings, const char *name, char ret[TK_FOLDER_PATH]);

/*
 * Makes the folder if need be (mode 0700) and locks it; the lock is held until the process ends or
 * closes `ret_fd`. 0; -EBUSY: another process has it; -errno. `err` gets one line for a person.
 */
int tk_folder_lock(const struct tk_settings *settings, int *ret_fd, char *err, size_t cap);

#endif
