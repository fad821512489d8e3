#ifndef TK_STREAMER_GST_LESSON_H
#define TK_STREAMER_GST_LESSON_H

/*
 * The demo lesson as tools/make-demo-lesson left it: lesson.json, pictures in planes, one Ogg file.
 * Reads them whole and draws any frame of it. Any thread; a lesson is read-only once read.
 */

#include "streamer/gst/canvas.h"

#include <gst/gst.h>

#define LESSON_MAX_CARDS 64
#define LESSON_MAX_SPRITES 32
#define LESSON_MAX_ACTORS 256

struct sprite {
    struct canvas images[8];
    int count;
};

/* A sprite that moves steadily in a box and comes in again on the other side. */
struct actor {
    int sprite;
    int every;       /* frames that each image of the sprite stays; 0: image by the mouth track */
    double x, y;     /* at frame 0 */
    double dx, dy;   /* a frame */
    int top, bottom; /* of the box; its sides are those of the picture */
};

struct lesson {
    int width, height, fps, frames;
    struct canvas cards[LESSON_MAX_CARDS];
    int card_until[LESSON_MAX_CARDS]; /* first frame that is not the card's */
    int card_count;
    struct canvas strip; /* scrolls by `strip_step` pixels a frame in the band from `strip_y` */
    int strip_y, strip_step;
    struct sprite sprites[LESSON_MAX_SPRITES];
    int sprite_count;
    struct actor actors[LESSON_MAX_ACTORS];
    int actor_count;
    struct canvas digits[12]; /* 0 … 9, colon, point */
    int clock_x, clock_y;
    char *mouth; /* a digit for each frame */
    char *sound; /* path of the Ogg file */
};

/* NULL with a sentence in `cause` that the caller frees. */
struct lesson *lesson_read(const char *folder, char **cause);
void lesson_free(struct lesson *lesson);

/* Draws frame `number` (any, it goes round) with `wall_us` (UTC) on the clock. */
void lesson_draw(const struct lesson *lesson, guint64 number, gint64 wall_us,
                 struct canvas *picture);

#endif
