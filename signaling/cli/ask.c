#include "signaling/cli/ask.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/log.h"
#include "signaling/cli/control.h"
#include "signaling/cli/folder.h"
#include "signaling/core/lesson.h"

/* A reply is a person's page at most; more is a mistake. */
#define REPLY_MAX_BYTES (16 * 1024 * 1024)
#define REPLY_TIMEOUT_S 60
/* A server that starts or stops has the lock and does not answer yet or any more. */
#define BUSY_TRIES 50
#define TRY_AGAIN_US 100000
#define WAIT_TRIES 600 /* a minute, with --wait */

/* `of`: only that process counts as the server; 0: any. */
static int connect_to(const struct tk_settings *settings, pid_t of)
{
    struct sockaddr_un address;
    if (tk_control_address(settings, &address) < 0) {
        return -ENAMETOOLONG;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    struct timeval timeout = {.tv_sec = REPLY_TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int r = errno == ECONNREFUSED ? -ENOENT : -errno;
        close(fd);
        return r;
    }
    struct ucred who = {0};
    socklen_t len = sizeof(who);
    if (of != 0 && (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.pid != of)) {
        close(fd);
        return -ENOENT;
    }
    return fd;
}

static int send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int receive_line(int fd, GString *line)
{
    char buf[16384];
    while (line->len == 0 || line->str[line->len - 1] != '\n') {
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0 || line->len > REPLY_MAX_BYTES) {
            return n < 0 ? -errno : n == 0 ? -ECONNRESET : -EMSGSIZE;
        }
        g_string_append_len(line, buf, n);
    }
    return 0;
}

static int exchange(int fd, const char *command, const json_t *args, json_t **ret)
{
    json_t *request = json_pack("{s:s, s:O}", "command", command, "args", args);
    char *text = json_dumps(request, JSON_COMPACT);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(request);
    int r = send_all(fd, line, strlen(line));
    if (r < 0) {
        return r;
    }
    GString *answer = g_string_new(NULL);
    r = receive_line(fd, answer);
    if (r == 0) {
        *ret = json_loadb(answer->str, answer->len, JSON_REJECT_DUPLICATES, NULL);
        r = *ret ? 0 : -EBADMSG;
    }
    g_string_free(answer, TRUE);
    return r;
}

int tk_ask_server(const struct tk_settings *settings, const char *command, const json_t *args,
                  json_t **ret, char *err, size_t cap)
{
    int fd = connect_to(settings, (pid_t)tk_arg_int(args, "of", 0));
    int r = fd;
    if (fd >= 0) {
        r = exchange(fd, command, args, ret);
        close(fd);
    }
    if (r < 0) {
        snprintf(err, cap, "%s/%s: %s", settings->data_dir, TK_CONTROL_NAME,
                 r == -EAGAIN ? "the server does not answer" : strerror(-r));
    }
    return r;
}

static void keep(void *arg, const json_t *reply)
{
    *(json_t **)arg = json_deep_copy(reply);
}

static int run_on_store(const struct tk_settings *settings, struct tk_store *store,
                        const char *command, const json_t *args, json_t **ret)
{
    struct tk_access *a = tk_access_create(store, settings);
    struct tk_lessons *lessons = NULL;
    int r = tk_lessons_create(store, settings, false, tk_now_read(), &lessons);
    if (r == 0) {
        struct tk_command_ctx ctx = {.access = a,
                                     .store = store,
                                     .settings = settings,
                                     .lessons = lessons,
                                     .now = tk_now_read};
        json_t *request = json_pack("{s:s, s:O}", "command", command, "args", args);
        tk_command_run(&ctx, request, keep, ret);
        while (!*ret) {
            tk_store_wait(store, 1000);
        }
        json_decref(request);
    }
    tk_lessons_destroy(lessons);
    tk_access_destroy(a);
    return r;
}

int tk_ask_database(const struct tk_settings *settings, const char *command, const json_t *args,
                    json_t **ret, char *err, size_t cap)
{
    int lock;
    struct tk_store *store = NULL;
    char path[TK_FOLDER_PATH];
    int r = tk_folder_lock(settings, &lock, err, cap);
    if (r < 0) {
        return r;
    }
    tk_folder_path(settings, "tongke.db", path);
    if (access(path, F_OK) < 0) {
        snprintf(err, cap, "%s is not there yet; start the server, or run tongke init", path);
        r = -errno;
    } else {
        r = tk_store_open(&store, path, err, cap);
    }
    if (r == 0) {
        r = run_on_store(settings, store, command, args, ret);
        if (r < 0) {
            snprintf(err, cap, "%s: %s", path, strerror(-r));
        }
    }
    tk_store_close(store);
    close(lock);
    return r;
}

/* With --wait: whether to go on waiting for the server, for a minute at most. */
static bool keep_waiting(const json_t *args, int tries)
{
    pid_t of = (pid_t)tk_arg_int(args, "of", 0);
    return tk_arg_flag(args, "wait") && tries < WAIT_TRIES && (of == 0 || kill(of, 0) == 0);
}

static int ask_either(const struct tk_settings *settings, const struct tk_command *command,
                      const json_t *args, json_t **ret, char *err, size_t cap)
{
    for (int tries = 0;; tries++, usleep(TRY_AGAIN_US)) {
        int r = tk_ask_server(settings, command->name, args, ret, err, cap);
        if (r != -ENOENT) {
            return r;
        }
        if (keep_waiting(args, tries)) {
            continue;
        }
        if (command->place == TK_PLACE_SERVER) {
            snprintf(err, cap,
                     "%s needs a running server, and none runs on %s; start it with ./run",
                     command->name, settings->data_dir);
            return r;
        }
        r = tk_ask_database(settings, command->name, args, ret, err, cap);
        if (r != -EBUSY || tries >= BUSY_TRIES) {
            return r;
        }
    }
}

int tk_ask(const struct tk_here *here, const struct tk_command *command)
{
    char err[TK_SETTINGS_TEXT + 256] = "";
    json_t *reply = NULL;
    tk_log_init("tongke", here->settings->log_level);
    if (command->before) {
        command->before((json_t *)(uintptr_t)here->args);
    }
    int r = ask_either(here->settings, command, here->args, &reply, err, sizeof(err));
    if (r == -ENOENT && tk_arg_int(here->args, "of", 0) != 0) {
        return 1; /* that server ended, and said itself why */
    }
    if (r < 0) {
        return tk_here_fail(here, "%s", err);
    }
    int status = tk_reply_print(reply, here->json);
    json_decref(reply);
    return status;
}
