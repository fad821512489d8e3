#ifndef TK_STREAMER_WIRE_BYTES_H
#define TK_STREAMER_WIRE_BYTES_H

/*
 * Bounds-checked reader and writer, big endian. An access past the end sets a sticky error and goes
 * on harmlessly (reads give 0, writes do nothing): check once at the end. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct tk_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline void tk_reader_init(struct tk_reader *r, const void *buf, size_t len)
{
    r->at = buf;
    r->end = r->at + len;
    r->failed = false;
}

static inline size_t tk_reader_left(const struct tk_reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next `n` bytes in place, or NULL. */
static inline const uint8_t *tk_read_bytes(struct tk_reader *r, size_t n)
{
    if (r->failed || tk_reader_left(r) < n) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->at;
    r->at += n;
    return p;
}

static inline uint8_t tk_read_u8(struct tk_reader *r)
{
    const uint8_t *p = tk_read_bytes(r, 1);
    return p ? p[0] : 0;
}

static inline uint16_t tk_read_u16(struct tk_reader *r)
{
    const uint8_t *p = tk_read_bytes(r, 2);
    if (!p) {
        return 0;
    }
    return (uint16_t)((uint32_t)p[0] << 8 | p[1]);
}

static inline uint32_t tk_read_u24(struct tk_reader *r)
{
    const uint8_t *p = tk_read_bytes(r, 3);
    return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t tk_read_u32(struct tk_reader *r)
{
    const uint8_t *p = tk_read_bytes(r, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t tk_read_u64(struct tk_reader *r)
{
    uint64_t high = tk_read_u32(r);
    return high << 32 | tk_read_u32(r);
}

/* A reader of the next `n` bytes; fails with its parent. */
static inline struct tk_reader tk_read_block(struct tk_reader *r, size_t n)
{
    struct tk_reader block = {NULL, NULL, true};
    const uint8_t *p = tk_read_bytes(r, n);
    if (p) {
        tk_reader_init(&block, p, n);
    }
    return block;
}

struct tk_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

static inline void tk_writer_init(struct tk_writer *w, void *buf, size_t cap)
{
    w->start = buf;
    w->at = w->start;
    w->end = w->start + cap;
    w->failed = false;
}

static inline size_t tk_writer_len(const struct tk_writer *w)
{
    return (size_t)(w->at - w->start);
}

/* Room for `n` bytes to fill in place, or NULL. */
static inline uint8_t *tk_write_room(struct tk_writer *w, size_t n)
{
    if (w->failed || (size_t)(w->end - w->at) < n) {
        w->failed = true;
        return NULL;
    }
    uint8_t *p = w->at;
    w->at += n;
    return p;
}

static inline void tk_put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void tk_put_u32(uint8_t *p, uint32_t v)
{
    tk_put_u16(p, (uint16_t)(v >> 16));
    tk_put_u16(p + 2, (uint16_t)v);
}

static inline void tk_write_u8(struct tk_writer *w, uint8_t v)
{
    uint8_t *p = tk_write_room(w, 1);
    if (p) {
        *p = v;
    }
}

static inline void tk_write_u16(struct tk_writer *w, uint16_t v)
{
    uint8_t *p = tk_write_room(w, 2);
    if (p) {
        tk_put_u16(p, v);
    }
}

static inline void tk_write_u24(struct tk_writer *w, uint32_t v)
{
    tk_write_u8(w, (uint8_t)(v >> 16));
    tk_write_u16(w, (uint16_t)v);
}

static inline void tk_write_u32(struct tk_writer *w, uint32_t v)
{
    uint8_t *p = tk_write_room(w, 4);
    if (p) {
        tk_put_u32(p, v);
    }
}

static inline void tk_write_u64(struct tk_writer *w, uint64_t v)
{
    tk_write_u32(w, (uint32_t)(v >> 32));
    tk_write_u32(w, (uint32_t)v);
}

static inline void tk_write_bytes(struct tk_writer *w, const void *src, size_t n)
{
    uint8_t *p = tk_write_room(w, n);
    if (p && n) {
        memcpy(p, src, n);
    }
}

#endif
