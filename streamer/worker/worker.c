#include "streamer/worker/worker.h"

#include "config/log.h"
#include "streamer/control/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 8

enum what {
    SEAM,
    SIGNALS,
    UDP_0, /* as tk_transport_fd counts */
    UDP_1,
    PIPES,
};

struct worker {
    struct tk_control *control;
    int epoll_fd, signal_fd, seam_fd;
    bool watches_media, watches_write, stopped;
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int watch(struct worker *w, int op, int fd, enum what what, uint32_t events)
{
    struct epoll_event e = {.events = events, .data = {.u32 = what}};
    return fd < 0 ? 0 : epoll_ctl(w->epoll_fd, op, fd, &e) < 0 ? -errno : 0;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int init(struct worker *w, int seam_fd)
{
    *w = (struct worker){.seam_fd = seam_fd, .epoll_fd = -1, .signal_fd = -1};
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->signal_fd = open_signals();
    w->control = tk_control_create(seam_fd);
    if (w->epoll_fd < 0 || w->signal_fd < 0 || !w->control) {
        return -ENOMEM;
    }
    int r = watch(w, EPOLL_CTL_ADD, seam_fd, SEAM, EPOLLIN);
    return r < 0 ? r : watch(w, EPOLL_CTL_ADD, w->signal_fd, SIGNALS, EPOLLIN);
}

static void finish(struct worker *w)
{
    tk_control_destroy(w->control);
    if (w->epoll_fd >= 0) {
        close(w->epoll_fd);
    }
    if (w->signal_fd >= 0) {
        close(w->signal_fd);
    }
}

/* After hello there are sockets and pipelines, and sometimes the seam is full. */
static void update_watches(struct worker *w)
{
    struct tk_transport *t = tk_control_transport(w->control);
    if (t && !w->watches_media) {
        w->watches_media = true;
        watch(w, EPOLL_CTL_ADD, tk_transport_fd(t, 0), UDP_0, EPOLLIN);
        watch(w, EPOLL_CTL_ADD, tk_transport_fd(t, 1), UDP_1, EPOLLIN);
        watch(w, EPOLL_CTL_ADD, tk_pipes_fd(tk_control_pipes(w->control)), PIPES, EPOLLIN);
    }
    bool full = tk_control_is_full(w->control);
    if (full != w->watches_write) {
        w->watches_write = full;
        watch(w, EPOLL_CTL_MOD, w->seam_fd, SEAM, EPOLLIN | (full ? EPOLLOUT : 0));
    }
}

static void handle(struct worker *w, const struct epoll_event *e, int64_t now)
{
    switch ((enum what)e->data.u32) {
    case SEAM:
        if (e->events & EPOLLOUT) {
            tk_control_write(w->control);
        }
        if (e->events & ~(uint32_t)EPOLLOUT) {
            tk_control_read(w->control, now);
        }
        break;
    case SIGNALS:
        tk_log_info("signal, stopping", NULL);
        w->stopped = true;
        break;
    case UDP_0:
        tk_transport_read(tk_control_transport(w->control), 0, now);
        break;
    case UDP_1:
        tk_transport_read(tk_control_transport(w->control), 1, now);
        break;
    case PIPES:
        tk_pipes_read(tk_control_pipes(w->control), now);
        break;
    }
}

/* Milliseconds for epoll_wait, rounded up: waking too early would only wake again. */
static int wait_ms(int64_t deadline_us, int64_t now)
{
    if (deadline_us == INT64_MAX) {
        return -1;
    }
    int64_t ms = (deadline_us - now + 999) / 1000;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static int loop(struct worker *w)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t deadline_us = INT64_MAX;
    while (!w->stopped && !tk_control_has_ended(w->control)) {
        int n = epoll_wait(w->epoll_fd, events, EVENTS_MAX, wait_ms(deadline_us, now_us()));
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        int64_t now = now_us();
        for (int i = 0; i < n; i++) {
            handle(w, &events[i], now);
        }
        deadline_us = tk_control_on_time(w->control, now_us());
        update_watches(w);
    }
    return 0;
}

int tk_worker_run(int seam_fd)
{
    struct worker w;
    int r = init(&w, seam_fd);
    r = r < 0 ? r : loop(&w);
    if (r < 0) {
        tk_log_error("the loop failed, closing", "error=\"%s\"", strerror(-r));
    }
    finish(&w);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
