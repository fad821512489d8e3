#include "streamer/pipes/process.h"

#include "streamer/pipes/pipe_proto.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ENVIRONMENT 64
#define MAX_FILES 256
#define END_WAIT_MS 500
#define SOCKET_BYTES (4 * 1024 * 1024) /* holds the largest keyframe many times */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* reserves terabytes of addresses */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

extern char **environ;

/* A pipeline gets these and no more: our environment may hold what is not its business. */
static const char *const environment_kept[] = {
    "PATH=", "HOME=", "LANG=",  "LC_ALL=", "TMPDIR=", "XDG_", "GST_", "LD_LIBRARY_PATH=",
    "ASAN_", "LSAN_", "UBSAN_",
};

struct environment {
    char *entries[MAX_ENVIRONMENT];
    size_t count;
    char registry[4096];
};

static void environment_fill(struct environment *env, const char *data)
{
    env->count = 0;
    for (char **e = environ; e && *e && env->count < MAX_ENVIRONMENT - 4; e++) {
        for (size_t i = 0; i < sizeof(environment_kept) / sizeof(environment_kept[0]); i++) {
            if (strncmp(*e, environment_kept[i], strlen(environment_kept[i])) == 0) {
                env->entries[env->count++] = *e;
                break;
            }
        }
    }
    /* with an arena for each thread the limit of memory would be met by addresses never used */
    env->entries[env->count++] = "MALLOC_ARENA_MAX=2";
    if (data && !getenv("GST_REGISTRY")) {
        snprintf(env->registry, sizeof(env->registry), "GST_REGISTRY=%s/gstreamer.registry", data);
        env->entries[env->count++] = env->registry;
    }
    env->entries[env->count] = NULL;
}

/* Limits are set before the child has been told what to open: it waits for its source. */
static void limit(pid_t pid, int64_t memory_bytes)
{
    const struct rlimit no_core = {0, 0};
    const struct rlimit files = {MAX_FILES, MAX_FILES};
    prlimit(pid, RLIMIT_CORE, &no_core, NULL);
    prlimit(pid, RLIMIT_NOFILE, &files, NULL);
    if (memory_bytes > 0 && !SANITIZED) {
        const struct rlimit memory = {(rlim_t)memory_bytes, (rlim_t)memory_bytes};
        prlimit(pid, RLIMIT_AS, &memory, NULL);
    }
}

static int spawn(const struct tk_process_config *config, int child_fd, pid_t *ret_pid)
{
    struct environment env;
    char *argv[] = {"tongke-pipeline", (char *)config->lesson, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t all, none;
    environment_fill(&env, config->data);
    sigfillset(&all);
    sigemptyset(&none);

    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0) {
        return -r;
    }
    r = posix_spawnattr_init(&attr);
    if (r != 0) {
        goto out_actions;
    }
    /* a process group of its own: Ctrl-C at a terminal is for tongke alone to handle */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    if ((r = posix_spawn_file_actions_adddup2(&actions, child_fd, TK_PIPE_FD)) != 0 ||
        (r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) !=
            0 ||
        (r = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)) !=
            0 ||
        (r = posix_spawn_file_actions_addclosefrom_np(&actions, TK_PIPE_FD + 1)) != 0) {
        goto out_attr;
    }
    r = posix_spawn(ret_pid, config->program, &actions, &attr, argv, env.entries);
out_attr:
    posix_spawnattr_destroy(&attr);
out_actions:
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

int tk_process_start(const struct tk_process_config *config, pid_t *ret_pid, int *ret_fd)
{
    int ends[2];
    const int bytes = SOCKET_BYTES;
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    if (setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0) {
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    }
    /* only our end: the child's may block, which holds a source back that we cannot follow */
    int r = fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : spawn(config, ends[1], &pid);
    close(ends[1]);
    if (r < 0) {
        close(ends[0]);
        return r;
    }
    limit(pid, config->memory_bytes);
    *ret_pid = pid;
    *ret_fd = ends[0];
    return 0;
}

bool tk_process_reap(pid_t pid, char *cause, size_t cap)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) {
        return false;
    }
    if (got < 0) {
        return true; /* somebody else has reaped it */
    }
    if (WIFSIGNALED(status)) {
        snprintf(cause, cap, "the pipeline was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        snprintf(cause, cap, "the pipeline ended with status %d", WEXITSTATUS(status));
    }
    return true;
}

void tk_process_end(pid_t pid)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    kill(pid, SIGKILL);
    for (int i = 0; i < END_WAIT_MS; i++) {
        pid_t got = waitpid(pid, NULL, WNOHANG);
        if (got > 0 || (got < 0 && errno != EINTR)) {
            return;
        }
        nanosleep(&moment, NULL);
    }
}

int tk_process_beside(const char *name, char *path, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", path, cap);
    if (n < 0) {
        return -errno;
    }
    while (n > 0 && path[n - 1] != '/') {
        n--;
    }
    if ((size_t)n + strlen(name) + 1 > cap) {
        return -ENAMETOOLONG;
    }
    memcpy(path + n, name, strlen(name) + 1);
    return 0;
}
