#include "streamer/wire/vp8.h"

#include "streamer/wire/bytes.h"

#include <errno.h>

/* Bits of the descriptor's first and second byte. */
#define X 0x80
#define S 0x10
#define PID 0x07
#define I 0x80
#define L 0x40
#define T 0x20
#define K 0x10

/* RFC 6386 section 9.1: frame tag, start code, then 14 bits of width and of height. */
static void read_key(struct tk_vp8 *v, struct tk_reader *r)
{
    const uint8_t *head = tk_read_bytes(r, 10);
    if (!head || (head[0] & 1) || head[3] != 0x9d || head[4] != 0x01 || head[5] != 0x2a) {
        return;
    }
    v->key = true;
    v->width = (uint16_t)((head[6] | (uint32_t)head[7] << 8) & 0x3fff);
    v->height = (uint16_t)((head[8] | (uint32_t)head[9] << 8) & 0x3fff);
}

static void read_picture_id(struct tk_vp8 *v, struct tk_reader *r, const uint8_t *payload)
{
    v->picture_at = (uint8_t)(r->at - payload);
    uint8_t first = tk_read_u8(r);
    if (first & 0x80) {
        v->picture_bits = 15;
        v->picture_id = (uint16_t)((first & 0x7fu) << 8 | tk_read_u8(r));
    } else {
        v->picture_bits = 7;
        v->picture_id = first;
    }
}

int tk_vp8_parse(struct tk_vp8 *ret, const uint8_t *payload, size_t len)
{
    struct tk_reader r;
    tk_reader_init(&r, payload, len);
    *ret = (struct tk_vp8){0};
    uint8_t first = tk_read_u8(&r);
    uint8_t more = first & X ? tk_read_u8(&r) : 0;
    if (more & I) {
        read_picture_id(ret, &r, payload);
    }
    if (more & L) {
        ret->tl0picidx_at = (uint8_t)(r.at - payload);
        ret->tl0picidx = tk_read_u8(&r);
    }
    if (more & (T | K)) {
        uint8_t layers = tk_read_u8(&r);
        ret->layer = more & T ? layers >> 6 : 0;
    }
    if (r.failed || tk_reader_left(&r) == 0) {
        return -EBADMSG;
    }
    ret->start = (first & S) && (first & PID) == 0;
    if (ret->start && !(*r.at & 1)) {
        read_key(ret, &r);
    }
    return 0;
}

void tk_vp8_rewrite(const struct tk_vp8 *vp8, uint8_t *payload, uint16_t picture_id,
                    uint8_t tl0picidx)
{
    if (vp8->picture_bits == 15) {
        payload[vp8->picture_at] = (uint8_t)(0x80 | (picture_id >> 8 & 0x7f));
        payload[vp8->picture_at + 1] = (uint8_t)picture_id;
    } else if (vp8->picture_bits == 7) {
        payload[vp8->picture_at] = (uint8_t)(picture_id & 0x7f);
    }
    if (vp8->tl0picidx_at) {
        payload[vp8->tl0picidx_at] = tl0picidx;
    }
}
