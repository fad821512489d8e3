#ifndef TK_STREAMER_PIPES_PIPE_H
#define TK_STREAMER_PIPES_PIPE_H

/*
 * One lesson's source and the process that plays it: when to start, what it said, when it is given
 * up. Clock passed in; the caller watches `fd`. The worker's thread.
 *
 *   idle ──▶ waiting ──▶ running ──▶ ending ──▶ waiting
 *              │  retry time  │ socket ends,       │ reaped
 *              ▼              │ silent, replaced   ▼
 *            running ◀────────┘                  idle (kind none, file over)
 */

#include "streamer/pipes/pipes.h"

#include <sys/types.h>

enum tk_pipe_phase {
    TK_PIPE_IDLE,    /* nothing to play */
    TK_PIPE_WAITING, /* no process; the next one starts at `due_us` */
    TK_PIPE_RUNNING,
    TK_PIPE_ENDING, /* the socket is closed; killed at `kill_us` if still there */
};

struct tk_pipe {
    char lesson[TK_PIPES_LESSON_MAX + 1];
    const struct tk_pipes_config *config;
    int epoll_fd;

    json_t *source;
    bool encode;           /* its H.264 proved unfit to be passed through */
    bool over;             /* the file has been played to its end */
    bool replaced;         /* another source waits for the process to end */
    bool fit_only_encoded; /* the process said so and ends: the next one encodes */
    int restarts;
    unsigned failures; /* in a row */

    enum tk_pipe_phase phase;
    int64_t due_us;
    pid_t pid;
    int fd;
    int64_t started_us;
    int64_t kill_us;
    int64_t heard_us; /* last packet */
    bool live;        /* has sent a packet */
    bool declared;    /* `cause` is in its own words */
    bool passthrough;
    int notes;         /* lines that it wrote into the log */
    char logged[512];  /* the cause last written into the log */
    char cause[512];   /* of this process's end; empty while it runs well */
    const char *state; /* last told, NULL: not yet */
};

/* NULL when out of memory. `config` and `epoll_fd` must outlive it. */
struct tk_pipe *tk_pipe_create(const char *lesson, const struct tk_pipes_config *config,
                               int epoll_fd);

/* Ends its process without calling a handler. NULL does nothing. */
void tk_pipe_destroy(struct tk_pipe *pipe);

/* A checked source, from now on. */
void tk_pipe_set(struct tk_pipe *pipe, const json_t *source);

/* Reads a bounded number of messages. */
void tk_pipe_read(struct tk_pipe *pipe, int64_t now_us);

/* Does what is due; returns its next deadline. */
int64_t tk_pipe_on_time(struct tk_pipe *pipe, int64_t now_us);

/* Asks the process for a keyframe. */
void tk_pipe_keyframe(struct tk_pipe *pipe);

#endif
