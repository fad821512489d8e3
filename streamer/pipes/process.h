#ifndef TK_STREAMER_PIPES_PROCESS_H
#define TK_STREAMER_PIPES_PROCESS_H

/*
 * Starting tongke-pipeline and seeing it off: one child at the other end of a socket pair, with
 * limits, without our descriptors, signals, terminal or most of our environment. The worker's
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tk_process_config {
    const char *program;
    const char *lesson; /* shown by ps */
    const char *data;   /* the plugin registry is kept there; NULL: where GStreamer likes */
    int64_t memory_bytes;
};

/*
 * 0 with the child's pid and our end of its socket, non-blocking and close-on-exec, which the
 * caller closes; the child is reaped with tk_process_reap. -errno.
 */
int tk_process_start(const struct tk_process_config *config, pid_t *ret_pid, int *ret_fd);

/*
 * True when the child has ended and is reaped; `cause` says how when that was not by status 0.
 * Never waits.
 */
bool tk_process_reap(pid_t pid, char *cause, size_t cap);

/* Kills and reaps; waits for the kernel to do it, half a second at most: a driver may hold it. */
void tk_process_end(pid_t pid);

/* Path of the program `name` in the folder of the running program. -errno; -ENAMETOOLONG. */
int tk_process_beside(const char *name, char *path, size_t cap);

#endif
