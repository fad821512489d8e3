/*
 * Loads a server with viewers and says what one costs it:
 *
 *   viewers -n 50 -t 10 -p PID [-l IP] -b TOKEN whep http://127.0.0.1:8445/whep/demo
 *   viewers -n 50 -t 10 -p PID [-l IP] janus http://127.0.0.1:8088/janus 7
 *
 * Prints one JSON object; exit status 1 when a viewer is without media at the end. The span that
 * counts begins a second after the last viewer is connected. Sockets are read every 2 ms, so that
 * the load leaves the machine to the server.
 */

#include "tests/bench/signal.h"
#include "tests/bench/viewer.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define READ_EVERY_NS 2000000
#define CONNECT_US 20000000
#define SETTLE_US 1000000
#define JOIN_EVERY_US 50000 /* the server limits how often one address may ask */

static struct options {
    int count, seconds, mountpoint;
    pid_t pid;
    const char *ip, *token, *kind, *url;
} opt = {.count = 1, .seconds = 10, .ip = "127.0.0.1", .token = ""};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* CPU time of the server, all its threads, the ended ones too. */
static int64_t server_cpu_us(void)
{
    clockid_t clock;
    struct timespec t = {0};
    if (opt.pid && clock_getcpuclockid(opt.pid, &clock) == 0) {
        clock_gettime(clock, &t);
    }
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t server_rss_kib(void)
{
    char path[64], line[128];
    int64_t kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)opt.pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f)) {
        sscanf(line, "VmRSS: %" SCNd64, &kib);
    }
    if (f) {
        fclose(f);
    }
    return kib;
}

static int join(struct viewer *v, struct tk_dtls_identity *identity)
{
    char ours[VIEWER_SDP_MAX], theirs[VIEWER_SDP_MAX];
    const char *fingerprint = tk_dtls_identity_fingerprint(identity);
    int r = viewer_open(v, opt.ip);
    if (r < 0) {
        return r;
    }
    if (strcmp(opt.kind, "whep") == 0) {
        viewer_describe(v, fingerprint, NULL, ours, sizeof(ours));
        r = signal_whep(opt.url, opt.token, ours, theirs, sizeof(theirs));
    } else {
        struct signal_janus janus = {.url = opt.url};
        r = signal_janus_watch(&janus, opt.mountpoint, theirs, sizeof(theirs));
        if (r == 0) {
            viewer_describe(v, fingerprint, theirs, ours, sizeof(ours));
            r = signal_janus_start(&janus, ours);
        }
    }
    return r < 0 ? r : viewer_start(v, identity, theirs, now_us());
}

static void serve_for(struct viewer *viewers, int joined, int ep, int64_t until_us)
{
    const struct timespec pause = {0, READ_EVERY_NS};
    struct epoll_event events[256];
    for (int64_t now = now_us(); now < until_us; now = now_us()) {
        int n = epoll_wait(ep, events, 256, 0);
        for (int i = 0; i < n; i++) {
            viewer_read(events[i].data.ptr, now);
        }
        for (int i = 0; i < joined; i++) {
            viewer_tick(&viewers[i], now);
        }
        nanosleep(&pause, NULL);
    }
}

static int connected(const struct viewer *viewers)
{
    int n = 0;
    for (int i = 0; i < opt.count; i++) {
        n += viewers[i].connected_us && viewers[i].packets;
    }
    return n;
}

struct totals {
    uint64_t packets, bytes;
    int64_t gaps;
};

static struct totals sum(const struct viewer *viewers)
{
    struct totals t = {0};
    for (int i = 0; i < opt.count; i++) {
        t.packets += viewers[i].packets;
        t.bytes += viewers[i].bytes;
        for (int k = 0; k < VIEWER_STREAMS; k++) {
            t.gaps += viewers[i].streams[k].gaps;
        }
    }
    return t;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double first_packet_ms(const struct viewer *viewers, double share)
{
    double *ms = calloc((size_t)opt.count, sizeof(*ms));
    for (int i = 0; i < opt.count; i++) {
        ms[i] = (double)(viewers[i].first_packet_us - viewers[i].joined_us) / 1000;
    }
    qsort(ms, (size_t)opt.count, sizeof(*ms), by_value);
    double r = ms[(int)((opt.count - 1) * share)];
    free(ms);
    return r;
}

/* Measures the span and prints it. */
static int measure(struct viewer *viewers, int ep)
{
    struct totals before = sum(viewers);
    int64_t cpu = server_cpu_us(), start = now_us();
    serve_for(viewers, opt.count, ep, start + (int64_t)opt.seconds * 1000000);
    struct totals after = sum(viewers);
    double span = (double)(now_us() - start);
    double percent = 100 * (double)(server_cpu_us() - cpu) / span;
    uint64_t packets = after.packets - before.packets;
    json_t *result =
        json_pack("{s:i,s:i,s:f,s:f,s:f,s:f,s:I,s:I,s:f,s:f}", "viewers", opt.count, "with_media",
                  connected(viewers), "cpu_percent", percent, "cpu_percent_per_viewer",
                  percent / opt.count, "packets_per_s", (double)packets * 1e6 / span, "mbit_per_s",
                  (double)(after.bytes - before.bytes) * 8 / span, "lost",
                  (json_int_t)(after.gaps - before.gaps), "rss_kib", (json_int_t)server_rss_kib(),
                  "first_packet_ms_p50", first_packet_ms(viewers, 0.5), "first_packet_ms_p95",
                  first_packet_ms(viewers, 0.95));
    json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(result);
    return connected(viewers) == opt.count && packets > 0 ? 0 : 1;
}

static int run(struct viewer *viewers, struct tk_dtls_identity *identity, int ep)
{
    for (int i = 0; i < opt.count; i++) {
        int r = join(&viewers[i], identity);
        if (r < 0) {
            fprintf(stderr, "viewers: viewer %d cannot join: %s\n", i, strerror(-r));
            return 1;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &viewers[i]};
        epoll_ctl(ep, EPOLL_CTL_ADD, viewers[i].fd, &event);
        serve_for(viewers, i + 1, ep, now_us() + JOIN_EVERY_US);
    }
    for (int64_t limit = now_us() + CONNECT_US; connected(viewers) < opt.count;) {
        if (now_us() > limit) {
            fprintf(stderr, "viewers: %d of %d without media\n", opt.count - connected(viewers),
                    opt.count);
            return 1;
        }
        serve_for(viewers, opt.count, ep, now_us() + 10000);
    }
    serve_for(viewers, opt.count, ep, now_us() + SETTLE_US);
    return measure(viewers, ep);
}

static bool parse(int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "n:t:p:l:b:")) != -1) {
        switch (c) {
        case 'n':
            opt.count = atoi(optarg);
            break;
        case 't':
            opt.seconds = atoi(optarg);
            break;
        case 'p':
            opt.pid = atoi(optarg);
            break;
        case 'l':
            opt.ip = optarg;
            break;
        case 'b':
            opt.token = optarg;
            break;
        default:
            return false;
        }
    }
    argv += optind;
    argc -= optind;
    if (argc < 2 || opt.count < 1 || opt.count > 2000 || opt.seconds < 1) {
        return false;
    }
    opt.kind = argv[0];
    opt.url = argv[1];
    opt.mountpoint = argc > 2 ? atoi(argv[2]) : 0;
    return strcmp(opt.kind, "whep") == 0 || (strcmp(opt.kind, "janus") == 0 && argc > 2);
}

int main(int argc, char **argv)
{
    if (!parse(argc, argv)) {
        fprintf(stderr, "usage: viewers -n COUNT -t SECONDS -p PID [-l IP] [-b TOKEN] "
                        "whep URL | janus URL MOUNTPOINT\n");
        return 2;
    }
    struct rlimit files = {8192, 8192};
    setrlimit(RLIMIT_NOFILE, &files);
    struct tk_dtls_identity *identity;
    struct viewer *viewers = calloc((size_t)opt.count, sizeof(*viewers));
    int ep = epoll_create1(EPOLL_CLOEXEC);
    if (!viewers || ep < 0 || tk_dtls_identity_create(&identity) < 0) {
        fprintf(stderr, "viewers: cannot start\n");
        return 1;
    }
    for (int i = 0; i < opt.count; i++) {
        viewers[i].fd = -1;
    }
    int r = run(viewers, identity, ep);
    for (int i = 0; i < opt.count; i++) {
        viewer_close(&viewers[i]);
    }
    tk_dtls_identity_destroy(identity);
    free(viewers);
    return r;
}
