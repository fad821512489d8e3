#ifndef TK_STREAMER_GST_CANVAS_H
#define TK_STREAMER_GST_CANVAS_H

/*
 * Pictures in planes of I420, as they are encoded, so that the demo lesson is drawn without a
 * conversion: copy, scroll, blend. Positions are rounded to whole chroma samples. No I/O.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct canvas {
    uint8_t *pixels; /* Y, U, V and, in a picture with alpha, A, each without padding */
    int width;       /* a multiple of 8: GStreamer pads other chroma rows */
    int height;      /* even */
    bool alpha;
};

/* Bytes of one picture of that size. */
size_t canvas_bytes(int width, int height, bool alpha);

/* Puts `image` at x, y of `to`, through its alpha if it has one; what lies outside is cut off. */
void canvas_put(struct canvas *to, const struct canvas *image, int x, int y);

/*
 * Fills a band of `to` from row y with `image`, of the same height or less, beginning at its column
 * `column` and going round.
 */
void canvas_scroll(struct canvas *to, const struct canvas *image, int column, int y);

#endif
