#ifndef TK_SIGNALING_CORE_CHECK_H
#define TK_SIGNALING_CORE_CHECK_H

/*
 * The check of a room before the lesson: its page measures (camera, microphone, a chirp on the
 * television looked for in the own microphone, what the echo canceller leaves of it, the link),
 * and here it is judged, so that one rule decides. Pure: no I/O, no clock.
 */

#include <jansson.h>
#include <stdbool.h>

#include "signaling/core/problem.h"

enum tk_verdict {
    TK_VERDICT_NONE, /* does not exist, or could not be looked at; says nothing of the whole */
    TK_VERDICT_GREEN,
    TK_VERDICT_YELLOW,
    TK_VERDICT_RED,
};

const char *tk_verdict_name(enum tk_verdict v);

/* DOMAIN: "The link". Good is green, usable is yellow, below it is red. */
#define TK_CHECK_DOWN_GOOD_KBPS 2000
#define TK_CHECK_UP_GOOD_KBPS 1000
#define TK_CHECK_DOWN_USABLE_KBPS 300
#define TK_CHECK_UP_USABLE_KBPS 150
/* 80 to 150 ms is normal weather; the interplay of two classes suffers beyond. */
#define TK_CHECK_RTT_GOOD_MS 200
#define TK_CHECK_RTT_USABLE_MS 500
/* dBFS, the loudest tenth of a second: below, nothing is connected, or hardly anything comes. */
#define TK_CHECK_MIC_SILENT_DB (-75)
#define TK_CHECK_MIC_QUIET_DB (-50)
#define TK_CHECK_MIC_LOUD_DB (-1)
/* of the chirp in the microphone */
#define TK_CHECK_SPEAKER_QUIET_DB (-45)
/* from the computer to the ear: a television that makes the picture nicer takes its time */
#define TK_CHECK_SPEAKER_LATE_MS 200
#define TK_CHECK_SPEAKER_TOO_LATE_MS 500
/* what the canceller takes away, or what it leaves where it was quiet already */
#define TK_CHECK_ECHO_GOOD_DB 20
#define TK_CHECK_ECHO_USABLE_DB 10
#define TK_CHECK_ECHO_GONE_DB (-60)
/* a picture below is of little use */
#define TK_CHECK_CAMERA_W 640
#define TK_CHECK_CAMERA_FPS 10

/* What was measured, then judged. `cause` names what to do, static text, "" where all is well. */
struct tk_check {
    struct {
        const char *problem; /* "", missing, denied, busy: it could not be opened */
        double w;
        double h;
        double fps;
        enum tk_verdict verdict;
        const char *cause;
    } camera;
    struct {
        const char *problem;
        double level_db;
        enum tk_verdict verdict;
        const char *cause;
    } mic;
    struct {
        bool found;
        double level_db;
        double delay_ms;
        enum tk_verdict verdict;
        const char *cause;
    } speaker;
    struct {
        bool measured;
        double residual_db;
        double reduction_db;
        enum tk_verdict verdict;
        const char *cause;
    } echo;
    struct {
        bool measured;
        double down_kbps;
        double up_kbps;
        double rtt_ms;
        enum tk_verdict verdict;
        const char *cause;
    } link;
    enum tk_verdict verdict; /* the worst */
};

/* Reads PROTOCOL.md's Check as a page sends it, without verdicts; 0, or bad_field. */
int tk_check_parse(const json_t *result, struct tk_check *ret, struct tk_problem *problem);

/* Sets the verdicts and causes. */
void tk_check_judge(struct tk_check *c);

/* PROTOCOL.md's Check; a new reference. */
json_t *tk_check_json(const struct tk_check *c);

#endif
