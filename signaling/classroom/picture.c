#include "signaling/classroom/picture.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Reads past the end give 0 and are remembered. */
struct reader {
    const uint8_t *at;
    size_t left;
    bool over;
};

static const uint8_t *take(struct reader *r, size_t n)
{
    if (r->over || r->left < n) {
        r->over = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += n;
    r->left -= n;
    return at;
}

static uint32_t big(struct reader *r, size_t n)
{
    const uint8_t *at = take(r, n);
    uint32_t value = 0;
    for (size_t i = 0; at && i < n; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

static uint32_t little(struct reader *r, size_t n)
{
    const uint8_t *at = take(r, n);
    uint32_t value = 0;
    for (size_t i = n; at && i > 0; i--) {
        value = value << 8 | at[i - 1];
    }
    return value;
}

static bool is(struct reader *r, const char *text)
{
    const uint8_t *at = take(r, strlen(text));
    return at && memcmp(at, text, strlen(text)) == 0;
}

/* ---- PNG ---- */

#define PNG_HEAD "\x89PNG\r\n\x1a\n"

/* Chunks one after another: IHDR, … IDAT, … IEND, and nothing more. */
static bool read_png(struct reader *r, struct tk_picture *ret)
{
    bool first = true;
    bool data = false;
    if (!is(r, PNG_HEAD)) {
        return false;
    }
    while (!r->over) {
        uint32_t len = big(r, 4);
        const uint8_t *type = take(r, 4);
        struct reader chunk = {.at = r->at, .left = len};
        if (!take(r, len) || !take(r, 4) || !type) {
            return false;
        }
        if (first != (memcmp(type, "IHDR", 4) == 0)) {
            return false;
        }
        if (first) {
            ret->w = big(&chunk, 4);
            ret->h = big(&chunk, 4);
            first = false;
        }
        data = data || memcmp(type, "IDAT", 4) == 0;
        if (memcmp(type, "acTL", 4) == 0 || chunk.over) { /* animated */
            return false;
        }
        if (memcmp(type, "IEND", 4) == 0) {
            return data && r->left == 0;
        }
    }
    return false;
}

/* ---- JPEG ---- */

/* T.81, table B.1: SOF0 to SOF15, without DHT, JPG and DAC, which stand among them. */
static bool is_frame(uint32_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static bool read_frame(struct reader *segment, struct tk_picture *ret)
{
    big(segment, 1); /* precision */
    ret->h = big(segment, 2);
    ret->w = big(segment, 2);
    return !segment->over;
}

/* Segments up to the first scan, which must be whole: the file ends with EOI. */
static bool read_jpeg(struct reader *r, struct tk_picture *ret)
{
    bool frame = false;
    if (!is(r, "\xff\xd8")) {
        return false;
    }
    while (!r->over) {
        uint32_t marker;
        if (big(r, 1) != 0xff) {
            return false;
        }
        while ((marker = big(r, 1)) == 0xff) { /* B.1.1.2: fill bytes */
        }
        uint32_t len = big(r, 2);
        if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9) || len < 2) {
            return false;
        }
        struct reader segment = {.at = r->at, .left = len - 2};
        if (!take(r, len - 2)) {
            return false;
        }
        if (is_frame(marker)) {
            if (frame || !read_frame(&segment, ret)) {
                return false;
            }
            frame = true;
        }
        if (marker == 0xda) { /* SOS */
            return frame && r->left > 2 && memcmp(r->at + r->left - 2, "\xff\xd9", 2) == 0;
        }
    }
    return false;
}

/* ---- WebP ---- */

/* RFC 9649, section 2.5; RFC 6386, section 9.1: tag of a key frame, start code, 14 bits each */
static bool read_vp8(struct reader *r, struct tk_picture *ret)
{
    uint32_t tag = little(r, 3);
    bool start = is(r, "\x9d\x01\x2a");
    ret->w = little(r, 2) & 0x3fff;
    ret->h = little(r, 2) & 0x3fff;
    return !r->over && start && (tag & 1) == 0;
}

/* Section 3.4: a signature, then width and height less one, 14 bits each. */
static bool read_vp8l(struct reader *r, struct tk_picture *ret)
{
    bool signature = big(r, 1) == 0x2f;
    uint32_t bits = little(r, 4);
    ret->w = (bits & 0x3fff) + 1;
    ret->h = (bits >> 14 & 0x3fff) + 1;
    return !r->over && signature;
}

/* Section 2.7: the picture itself comes in a later chunk and is of the canvas's size. */
static bool read_vp8x(struct reader *r, struct tk_picture *canvas)
{
    uint32_t flags = little(r, 4);
    canvas->w = little(r, 3) + 1;
    canvas->h = little(r, 3) + 1;
    return !r->over && (flags & 2) == 0; /* not animated */
}

static bool read_webp(struct reader *r, struct tk_picture *ret)
{
    struct tk_picture canvas = {0};
    bool ok = is(r, "RIFF");
    uint32_t size = little(r, 4);
    if (!ok || size != r->left || !is(r, "WEBP")) {
        return false;
    }
    while (r->left > 0) {
        const uint8_t *type = take(r, 4);
        uint32_t len = little(r, 4);
        struct reader chunk = {.at = r->at, .left = len};
        if (!type || !take(r, len) || (len % 2 == 1 && !take(r, 1))) {
            return false;
        }
        if (memcmp(type, "VP8X", 4) == 0) {
            if (!read_vp8x(&chunk, &canvas)) {
                return false;
            }
        } else if (memcmp(type, "VP8 ", 4) == 0 || memcmp(type, "VP8L", 4) == 0) {
            ok = type[3] == 'L' ? read_vp8l(&chunk, ret) : read_vp8(&chunk, ret);
            return ok && (canvas.w == 0 || (canvas.w == ret->w && canvas.h == ret->h));
        }
    }
    return false;
}

static const struct {
    const char *type;
    bool (*read)(struct reader *r, struct tk_picture *ret);
} formats[] = {
    {"image/png", read_png},
    {"image/jpeg", read_jpeg},
    {"image/webp", read_webp},
};

int tk_picture_parse(const uint8_t *bytes, size_t len, struct tk_picture *ret, const char **ret_why)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct reader r = {.at = bytes, .left = len};
        struct tk_picture p = {.type = formats[i].type};
        if (!formats[i].read(&r, &p)) {
            continue;
        }
        if (p.w == 0 || p.h == 0) {
            break;
        }
        if (p.w > TK_PICTURE_SIDE_MAX || p.h > TK_PICTURE_SIDE_MAX ||
            p.w * p.h > TK_PICTURE_PIXELS_MAX) {
            *ret_why = "The picture is larger than 8192 points a side or 16 million in all";
            return -EMSGSIZE;
        }
        *ret = p;
        return 0;
    }
    *ret_why = "This is no whole PNG, JPEG or WebP picture that stands still";
    return -EBADMSG;
}
