#ifndef TK_SIGNALING_CLASSROOM_PICTURE_H
#define TK_SIGNALING_CLASSROOM_PICTURE_H

/*
 * What kind of picture some bytes are and how large: PNG (W3C PNG), JPEG (ITU-T T.81), WebP
 * (RFC 9649). Only the frame of the format is read, whole, never a pixel; bounds-checked, no heap.
 */

#include <stddef.h>
#include <stdint.h>

#define TK_PICTURE_SIDE_MAX 8192
/* A few kilobytes may say they are 8192 a side: 256 MiB to whoever shows them. */
#define TK_PICTURE_PIXELS_MAX (16u * 1024 * 1024)

struct tk_picture {
    const char *type; /* image/png, image/jpeg or image/webp, static */
    uint32_t w;
    uint32_t h;
};

/*
 * 0; -EBADMSG: no such picture, or one that is cut off, animated or of no size; -EMSGSIZE: a side
 * is longer than TK_PICTURE_SIDE_MAX, or all of it more than TK_PICTURE_PIXELS_MAX. `ret_why` says
 * what is wrong, static text.
 */
int tk_picture_parse(const uint8_t *bytes, size_t len, struct tk_picture *ret,
                     const char **ret_why);

#endif
