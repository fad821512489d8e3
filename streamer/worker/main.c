#include "config/log.h"
#include "streamer/worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char usage[] =
    "usage: tongke-streamer --seam-fd N\n"
    "Forwards the media of lessons. Started by tongke, which speaks to it over the inherited\n"
    "SOCK_SEQPACKET socket N; not meant to be started by hand.\n";

static int parse_fd(const char *text)
{
    char *end;
    errno = 0;
    long fd = strtol(text, &end, 10);
    if (errno || *end || end == text || fd < 0 || fd > 1023 || fcntl((int)fd, F_GETFD) < 0) {
        return -1;
    }
    return (int)fd;
}

/* A pipeline's processes and the sockets are few; the limit may be as low as 1024. */
static void raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    int fd = argc == 3 && strcmp(argv[1], "--seam-fd") == 0 ? parse_fd(argv[2]) : -1;
    if (fd < 0) {
        fputs(usage, stderr);
        return 2;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC); /* a pipeline that held it would keep tongke waiting */
    const char *level = getenv("TONGKE_LOG_LEVEL");
    tk_log_init("tongke-streamer", level ? level : "info");
    raise_files();
    return tk_worker_run(fd);
}
