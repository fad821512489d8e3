#include "signaling/classroom/ink.h"

#include <errno.h>

/* The widest difference, from one end of a range to the other, takes three bytes. */
#define VARINT_BYTES_MAX 3

struct reader {
    const char *at;
    const char *end;
    uint32_t bits; /* of base64, not given out yet */
    int count;
    const char *wrong; /* NULL: nothing so far; from then on all reads give 0 */
};

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void fail(struct reader *r, const char *why)
{
    if (!r->wrong) {
        r->wrong = why;
    }
}

static void fill(struct reader *r)
{
    int six = sextet(*r->at++);
    if (six < 0) {
        fail(r, "is not base64");
        return;
    }
    r->bits = (r->bits << 6 | (uint32_t)six) & 0xfff;
    r->count += 6;
}

static uint32_t read_byte(struct reader *r)
{
    while (!r->wrong && r->count < 8) {
        if (r->at == r->end) {
            fail(r, "ends within a point");
            return 0;
        }
        fill(r);
    }
    if (r->wrong) {
        return 0;
    }
    r->count -= 8;
    return r->bits >> r->count & 0xff;
}

/* What is left of base64 belongs to no byte: less than six bits, and none of them set. */
static bool at_end(struct reader *r)
{
    if (r->wrong || r->at < r->end) {
        return r->wrong != NULL;
    }
    if (r->count >= 6 || (r->bits & ((1u << r->count) - 1)) != 0) {
        fail(r, "does not end where its last point does");
    }
    return true;
}

static int32_t read_difference(struct reader *r)
{
    uint32_t value = 0;
    for (int i = 0; i < VARINT_BYTES_MAX; i++) {
        uint32_t byte = read_byte(r);
        value |= (byte & 0x7f) << (7 * i);
        if (byte & 0x80) {
            continue;
        }
        if (byte == 0 && i > 0) {
            fail(r, "has a number that is longer than it need be");
        }
        return (int32_t)(value >> 1) ^ -(int32_t)(value & 1);
    }
    fail(r, "has a number that is out of range");
    return 0;
}

static void read_number(struct reader *r, int32_t *value, int32_t max, bool piece)
{
    int32_t difference = read_difference(r);
    *value = piece ? difference : *value + difference;
    if (*value > max || *value < (piece ? -max : 0)) {
        fail(r, "has a point that is out of range");
    }
}

int tk_ink_check(const char *text, size_t len, int points_max, bool piece, const char **ret_why)
{
    struct reader r = {.at = text, .end = text + len};
    int32_t x = 0;
    int32_t y = 0;
    int32_t pressure = 0;
    int points = 0;
    while (!at_end(&r)) {
        if (points++ == points_max) {
            fail(&r, "has too many points");
        }
        read_number(&r, &x, TK_INK_COORDINATE_MAX, piece);
        read_number(&r, &y, TK_INK_COORDINATE_MAX, piece);
        read_number(&r, &pressure, TK_INK_PRESSURE_MAX, piece);
    }
    if (points == 0) {
        fail(&r, "has no points");
    }
    *ret_why = r.wrong;
    return r.wrong ? -EBADMSG : points;
}
