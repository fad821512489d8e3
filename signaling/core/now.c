#include "signaling/core/now.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct tk_now tk_now_read(void)
{
    return (struct tk_now){.wall_ms = read_ms(CLOCK_REALTIME), .mono_ms = read_ms(CLOCK_MONOTONIC)};
}
