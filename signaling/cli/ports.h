#ifndef TK_SIGNALING_CLI_PORTS_H
#define TK_SIGNALING_CLI_PORTS_H

/* Whether the ports of the settings are free, before anything is started. */

#include <stddef.h>

#include "config/settings.h"

/*
 * Waits at most `wait_ms`: what a killed server left needs a moment to end. 0; -EADDRINUSE,
 * -EACCES … with one line for a person. Before the loop runs only.
 */
int tk_ports_wait(const struct tk_settings *settings, int wait_ms, char *err, size_t cap);

#endif
