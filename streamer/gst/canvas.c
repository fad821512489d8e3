#include "streamer/gst/canvas.h"

#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))

size_t canvas_bytes(int width, int height, bool alpha)
{
    size_t luma = (size_t)width * (size_t)height;
    return luma + luma / 2 + (alpha ? luma : 0);
}

static uint8_t *plane(const struct canvas *c, int index)
{
    size_t luma = (size_t)c->width * (size_t)c->height;
    const size_t offsets[] = {0, luma, luma + luma / 4, luma + luma / 2};
    return c->pixels + offsets[index];
}

/* One plane's rectangle in samples of that plane; `shift` 1: chroma. */
struct area {
    int to_x, to_y, from_x, from_y, width, height;
};

static bool clip(const struct canvas *to, const struct canvas *image, int x, int y,
                 struct area *ret)
{
    struct area a = {x, y, 0, 0, image->width, image->height};
    if (x < 0) {
        a.from_x = -x;
        a.width += x;
        a.to_x = 0;
    }
    if (y < 0) {
        a.from_y = -y;
        a.height += y;
        a.to_y = 0;
    }
    a.width = MIN(a.width, to->width - a.to_x);
    a.height = MIN(a.height, to->height - a.to_y);
    *ret = a;
    return a.width > 0 && a.height > 0;
}

static void copy_plane(struct canvas *to, const struct canvas *image, int index,
                       const struct area *a)
{
    int s = index > 0;
    for (int row = 0; row < a->height >> s; row++) {
        memcpy(plane(to, index) + ((a->to_y >> s) + row) * (to->width >> s) + (a->to_x >> s),
               plane(image, index) + ((a->from_y >> s) + row) * (image->width >> s) +
                   (a->from_x >> s),
               (size_t)(a->width >> s));
    }
}

static void blend_plane(struct canvas *to, const struct canvas *image, int index,
                        const struct area *a)
{
    int s = index > 0;
    const uint8_t *alpha_plane = plane(image, 3);
    for (int row = 0; row < a->height >> s; row++) {
        int from_row = (a->from_y >> s) + row;
        uint8_t *d = plane(to, index) + ((a->to_y >> s) + row) * (to->width >> s) + (a->to_x >> s);
        const uint8_t *c = plane(image, index) + from_row * (image->width >> s) + (a->from_x >> s);
        const uint8_t *alpha = alpha_plane + (from_row << s) * image->width + a->from_x;
        for (int col = 0; col < a->width >> s; col++) {
            int w = alpha[col << s];
            d[col] = (uint8_t)((d[col] * (255 - w) + c[col] * w + 127) / 255);
        }
    }
}

void canvas_put(struct canvas *to, const struct canvas *image, int x, int y)
{
    struct area a;
    if (!clip(to, image, x & ~1, y & ~1, &a)) {
        return;
    }
    for (int index = 0; index < 3; index++) {
        if (image->alpha) {
            blend_plane(to, image, index, &a);
        } else {
            copy_plane(to, image, index, &a);
        }
    }
}

void canvas_scroll(struct canvas *to, const struct canvas *image, int column, int y)
{
    int x = -((column % image->width) & ~1);
    for (; x < to->width; x += image->width) {
        canvas_put(to, image, x, y);
    }
}
