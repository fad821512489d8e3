#include "streamer/pipes/pipes.h"

#include "streamer/pipes/pipe.h"
#include "streamer/pipes/process.h"
#include "streamer/pipes/source.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_PIPES 256
#define EVENTS 32
#define MEMORY_BYTES (INT64_C(2) << 30)
#define STALL_US 5000000
#define REAP_EVERY_US 20000

struct tk_pipes {
    struct tk_pipes_config config;
    char program[4096];
    char *data;
    int epoll_fd;
    GHashTable *by_lesson; /* owns struct tk_pipe */
    GArray *dying;         /* pid_t: killed with their lesson, not reaped yet */
};

static void destroy_pipe(void *pipe)
{
    tk_pipe_destroy(pipe);
}

static int set_program(struct tk_pipes *pipes, const char *program)
{
    if (!program) {
        return tk_process_beside("tongke-pipeline", pipes->program, sizeof(pipes->program));
    }
    if (strlen(program) >= sizeof(pipes->program)) {
        return -ENAMETOOLONG;
    }
    memcpy(pipes->program, program, strlen(program) + 1);
    return 0;
}

int tk_pipes_create(const struct tk_pipes_config *config, struct tk_pipes **ret)
{
    struct tk_pipes *pipes = calloc(1, sizeof(*pipes));
    if (!pipes) {
        return -ENOMEM;
    }
    pipes->config = *config;
    int r = set_program(pipes, config->program);
    if (r < 0) {
        goto out_free;
    }
    pipes->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (pipes->epoll_fd < 0) {
        r = -errno;
        goto out_free;
    }
    pipes->data = g_strdup(config->data);
    pipes->config.program = pipes->program;
    pipes->config.data = pipes->data;
    if (!config->memory_bytes) {
        pipes->config.memory_bytes = MEMORY_BYTES;
    }
    if (!config->stall_us) {
        pipes->config.stall_us = STALL_US;
    }
    pipes->by_lesson = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, destroy_pipe);
    pipes->dying = g_array_new(FALSE, FALSE, sizeof(pid_t));
    *ret = pipes;
    return 0;
out_free:
    free(pipes);
    return r;
}

void tk_pipes_destroy(struct tk_pipes *pipes)
{
    if (!pipes) {
        return;
    }
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, pipes->by_lesson);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct tk_pipe *pipe = value;
        if (pipe->pid > 0) {
            kill(pipe->pid, SIGKILL); /* all die at the same time; then each is waited for */
        }
    }
    g_hash_table_destroy(pipes->by_lesson);
    for (guint i = 0; i < pipes->dying->len; i++) {
        tk_process_end(g_array_index(pipes->dying, pid_t, i));
    }
    g_array_free(pipes->dying, TRUE);
    close(pipes->epoll_fd);
    g_free(pipes->data);
    free(pipes);
}

int tk_pipes_fd(const struct tk_pipes *pipes)
{
    return pipes->epoll_fd;
}

void tk_pipes_read(struct tk_pipes *pipes, int64_t now_us)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(pipes->epoll_fd, events, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        tk_pipe_read(events[i].data.ptr, now_us);
    }
}

static void reap_dying(struct tk_pipes *pipes)
{
    char cause[128];
    for (guint i = pipes->dying->len; i-- > 0;) {
        if (tk_process_reap(g_array_index(pipes->dying, pid_t, i), cause, sizeof(cause))) {
            g_array_remove_index_fast(pipes->dying, i);
        }
    }
}

int64_t tk_pipes_on_time(struct tk_pipes *pipes, int64_t now_us)
{
    reap_dying(pipes);
    int64_t next = pipes->dying->len > 0 ? now_us + REAP_EVERY_US : INT64_MAX;
    GHashTableIter iter;
    void *pipe;
    g_hash_table_iter_init(&iter, pipes->by_lesson);
    while (g_hash_table_iter_next(&iter, NULL, &pipe)) {
        next = MIN(next, tk_pipe_on_time(pipe, now_us));
    }
    return next;
}

int tk_pipes_set(struct tk_pipes *pipes, const char *lesson, const json_t *source, char *err,
                 size_t err_cap)
{
    int r = tk_source_check(source, err, err_cap);
    if (r < 0) {
        return r;
    }
    if (!lesson[0] || strlen(lesson) > TK_PIPES_LESSON_MAX) {
        return tk_source_refuse(err, err_cap, "a lesson's id has 1 to %d bytes",
                                TK_PIPES_LESSON_MAX);
    }
    struct tk_pipe *pipe = g_hash_table_lookup(pipes->by_lesson, lesson);
    if (!pipe) {
        if (g_hash_table_size(pipes->by_lesson) >= MAX_PIPES) {
            return tk_source_refuse(err, err_cap, "there are %d sources already", MAX_PIPES);
        }
        pipe = tk_pipe_create(lesson, &pipes->config, pipes->epoll_fd);
        if (!pipe) {
            return tk_source_refuse(err, err_cap, "out of memory");
        }
        g_hash_table_insert(pipes->by_lesson, pipe->lesson, pipe);
    }
    tk_pipe_set(pipe, source);
    return 0;
}

void tk_pipes_remove(struct tk_pipes *pipes, const char *lesson)
{
    struct tk_pipe *pipe = g_hash_table_lookup(pipes->by_lesson, lesson);
    if (!pipe) {
        return;
    }
    if (pipe->pid > 0) {
        /* a process that is slow to die must not keep other lessons waiting */
        kill(pipe->pid, SIGKILL);
        g_array_append_val(pipes->dying, pipe->pid);
        pipe->pid = 0;
    }
    g_hash_table_remove(pipes->by_lesson, lesson);
}

void tk_pipes_keyframe(struct tk_pipes *pipes, const char *lesson)
{
    struct tk_pipe *pipe = g_hash_table_lookup(pipes->by_lesson, lesson);
    if (pipe) {
        tk_pipe_keyframe(pipe);
    }
}

int tk_pipes_pid(const struct tk_pipes *pipes, const char *lesson)
{
    const struct tk_pipe *pipe = g_hash_table_lookup(pipes->by_lesson, lesson);
    return pipe ? pipe->pid : 0;
}
