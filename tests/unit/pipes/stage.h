#ifndef TK_TESTS_UNIT_PIPES_STAGE_H
#define TK_TESTS_UNIT_PIPES_STAGE_H

/*
 * What the tests of pipes have in common: pipes in a folder of their own, counting what they hear,
 * and a loop that runs until something has come true. A wait that is in vain fails the test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "streamer/pipes/pipes.h"

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LESSON "lesson"
#define PATIENCE_US 60000000 /* a slow machine with sanitizers; nothing should need it */

struct stage {
    struct tk_pipes *pipes;
    char *folder;
    int video, audio, keyframes, clocks[2];
    bool clock_first[2]; /* its clock came before its first packet */
    uint32_t rtp_ts[2], clock_ts[2];
    int64_t clock_us[2];
    uint32_t ssrc[2];
    size_t longest;
    char state[32];
    char cause[512];
    char last_cause[512]; /* that was not empty: a new process clears it at once */
    bool passthrough;
    int restarts;
    int states;
    int began; /* "starting" heard since the last stage_set: live may follow in the same step */
};

static inline uint32_t stage_read32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* An IDR begins here: in a STAP-A, a first fragment, or alone (RFC 6184). */
static inline bool stage_begins_idr(const uint8_t *payload, size_t len)
{
    int type = payload[0] & 31;
    if (type == 28) {
        return (payload[1] & 0x80) && (payload[1] & 31) == 5;
    }
    for (size_t i = 1; type == 24 && i + 2 < len;) {
        if ((payload[i + 2] & 31) == 5) {
            return true;
        }
        i += 2 + ((size_t)payload[i] << 8 | payload[i + 1]);
    }
    return type == 5;
}

static inline void stage_on_rtp(void *ctx, const char *lesson, bool video, uint8_t *packet,
                                size_t len, int64_t now_us)
{
    struct stage *s = ctx;
    int *count = video ? &s->video : &s->audio;
    assert_string_equal(lesson, LESSON);
    assert_true(len > 12);
    if (++*count == 1) {
        s->clock_first[video] = s->clocks[video] > 0;
    }
    s->longest = MAX(s->longest, len - 12);
    s->rtp_ts[video] = stage_read32(packet + 4);
    s->ssrc[video] = stage_read32(packet + 8);
    s->keyframes += video && stage_begins_idr(packet + 12, len - 12);
}

static inline void stage_on_clock(void *ctx, const char *lesson, bool video, uint32_t rtp_ts,
                                  int64_t capture_us)
{
    struct stage *s = ctx;
    s->clocks[video]++;
    s->clock_ts[video] = rtp_ts;
    s->clock_us[video] = capture_us;
}

static inline void stage_on_state(void *ctx, const char *lesson, const char *kind,
                                  const char *state, const char *cause, bool passthrough,
                                  int restarts)
{
    struct stage *s = ctx;
    snprintf(s->state, sizeof(s->state), "%s", state);
    snprintf(s->cause, sizeof(s->cause), "%s", cause);
    if (cause[0]) {
        snprintf(s->last_cause, sizeof(s->last_cause), "%s", cause);
    }
    s->passthrough = passthrough;
    s->restarts = restarts;
    s->states++;
    s->began += strcmp(state, "starting") == 0;
}

static inline void stage_open(struct stage *s, const char *program, int64_t stall_us)
{
    memset(s, 0, sizeof(*s));
    s->folder = g_dir_make_tmp("tongke-pipes-XXXXXX", NULL);
    const struct tk_pipes_config config = {
        .program = program,
        .data = s->folder,
        .stall_us = stall_us,
        .handlers = {s, stage_on_rtp, stage_on_clock, stage_on_state},
    };
    assert_int_equal(tk_pipes_create(&config, &s->pipes), 0);
}

static inline void stage_close(struct stage *s)
{
    tk_pipes_destroy(s->pipes);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", s->folder);
    assert_int_equal(system(command), 0);
    g_free(s->folder);
}

static inline void stage_set(struct stage *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
static inline void stage_set(struct stage *s, const char *format, ...)
{
    char err[256] = "";
    va_list ap;
    va_start(ap, format);
    g_autofree char *text = g_strdup_vprintf(format, ap);
    va_end(ap);
    json_t *source = json_loads(text, 0, NULL);
    assert_non_null(source);
    s->began = 0;
    if (tk_pipes_set(s->pipes, LESSON, source, err, sizeof(err)) < 0) {
        fail_msg("%s", err);
    }
    json_decref(source);
}

static inline void stage_step(struct stage *s, int64_t longest_us)
{
    int64_t now_us = g_get_monotonic_time();
    int64_t due_us = tk_pipes_on_time(s->pipes, now_us);
    int64_t wait_us = MIN(due_us, now_us + longest_us) - now_us;
    struct pollfd p = {.fd = tk_pipes_fd(s->pipes), .events = POLLIN};
    poll(&p, 1, (int)(MAX(wait_us, 0) / 1000 + 1));
    tk_pipes_read(s->pipes, g_get_monotonic_time());
}

/* Runs until `condition`, which may look at the stage `s`. */
#define stage_until(s, condition)                                                                  \
    do {                                                                                           \
        int64_t end_us_ = g_get_monotonic_time() + PATIENCE_US;                                    \
        while (!(condition)) {                                                                     \
            stage_step((s), 1000000);                                                              \
            if (g_get_monotonic_time() > end_us_) {                                                \
                fail_msg("in vain: %s (state %s, cause '%s', video %d, audio %d)", #condition,     \
                         (s)->state, (s)->cause, (s)->video, (s)->audio);                          \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* Runs gst-launch-1.0 on a description with the stage's folder as its working directory. */
static inline void stage_record(struct stage *s, const char *description)
{
    g_autofree char *command =
        g_strdup_printf("cd '%s' && gst-launch-1.0 -q %s >&2", s->folder, description);
    if (system(command) != 0) {
        fail_msg("gst-launch-1.0 -q %s", description);
    }
}

#endif
