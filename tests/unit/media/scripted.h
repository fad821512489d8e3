#ifndef TK_TESTS_UNIT_MEDIA_SCRIPTED_H
#define TK_TESTS_UNIT_MEDIA_SCRIPTED_H

/*
 * For tests of media: a scripted streamer, this program itself started with --seam-fd, and a world
 * that remembers what media told. What the streamer does depends on the offer it gets: "die",
 * "hang", "garbage", "nonsense", "flood", "bad", "codec", "speak", else it answers and all tracks
 * are live. What it was told to feed it says as counters: "slot<peer:track" → layer.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signaling/media/media.h"

struct scripted_world {
    struct tk_settings settings;
    struct tk_media *media;
    int ups;
    int downs;
    bool main_live;
    int failed;
    char publisher[64];
    char source_state[16];
    int answers;
    char code[32];
    int gone;
    char reason[32];
    struct {
        bool video;
        bool audio;
        int tile;
        int64_t voice_ms;
    } rooms[4]; /* 0: the main classroom */
    int layers;
    bool audio;
    int64_t loses_floor; /* this room, when nothing arrives of it any more: as core does */
};

extern struct scripted_world w;

/* Runs the loop until it is true; meson's own limit ends a test in which it never is. */
#define UNTIL(what)                                                                                \
    while (!(what)) {                                                                              \
        g_main_context_iteration(NULL, TRUE);                                                      \
    }

/* The streamer's main. */
int scripted_streamer(void);

/* Of each test: a world without a lesson. */
int scripted_setup(void **state);
int scripted_teardown(void **state);

/* The lesson `demo` with a source that plays. */
void scripted_open_demo(void);

/* A session that sends people.video by this key; NULL: that sends nothing. */
int scripted_create(const char *offer, const char *key, char peer[TK_PEER_TEXT]);

/* A session of `room`'s page (0: of no room's) that receives floor.video and sends `tracks`. */
int scripted_create_of(int64_t room, const char *tracks, char peer[TK_PEER_TEXT],
                       struct tk_problem *problem);

#endif
