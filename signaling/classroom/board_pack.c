#include "signaling/classroom/board_pack.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define PIECE_BYTES ((size_t)64 * 1024)
/* A village's link is slower than any level; this one is 50 MB/s. */
#define LEVEL 1
#define RAW (-MAX_WBITS)

struct piece {
    GByteArray *deflated;
    uLong crc;
};

static void piece_clear(gpointer data)
{
    g_byte_array_unref(((struct piece *)data)->deflated);
}

void tk_board_pack_init(struct tk_board_pack *p)
{
    p->bytes = 0;
    p->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
    g_array_set_clear_func(p->pieces, piece_clear);
}

void tk_board_pack_finish(struct tk_board_pack *p)
{
    g_array_unref(p->pieces);
}

/* Deflates on its own, ended by `flush`: Z_FULL_FLUSH where more follows, Z_FINISH at the end. */
static void deflate_to(GByteArray *out, const void *bytes, size_t len, int flush)
{
    z_stream z = {0};
    int r = deflateInit2(&z, LEVEL, Z_DEFLATED, RAW, 8, Z_DEFAULT_STRATEGY);
    g_assert(r == Z_OK);
    /* the bound is for Z_FINISH; a full flush adds an empty block */
    guint before = out->len;
    uLong room = deflateBound(&z, len) + 16;
    g_byte_array_set_size(out, before + (guint)room);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)len;
    z.next_out = out->data + before;
    z.avail_out = (uInt)room;
    r = deflate(&z, flush);
    g_assert(r == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && z.avail_in == 0 && z.avail_out > 0);
    g_byte_array_set_size(out, before + (guint)z.total_out);
    deflateEnd(&z);
}

/* The last piece of the text stays open: its last comma is not sent. */
void tk_board_pack_follow(struct tk_board_pack *p, const GString *text)
{
    while (text->len > (p->pieces->len + 1) * PIECE_BYTES) {
        const char *from = text->str + p->pieces->len * PIECE_BYTES;
        struct piece piece = {g_byte_array_new(), crc32(0, (const Bytef *)from, PIECE_BYTES)};
        deflate_to(piece.deflated, from, PIECE_BYTES, Z_FULL_FLUSH);
        p->bytes += piece.deflated->len;
        g_array_append_val(p->pieces, piece);
    }
}

struct joining {
    GByteArray *out;
    uLong crc;
    size_t len; /* of what was packed */
};

static void add(struct joining *j, const char *bytes, size_t len, int flush)
{
    deflate_to(j->out, bytes, len, flush);
    j->crc = crc32(j->crc, (const Bytef *)bytes, (uInt)len);
    j->len += len;
}

static void add_little(GByteArray *out, uint32_t value)
{
    guint8 bytes[4] = {(guint8)value, (guint8)(value >> 8), (guint8)(value >> 16),
                       (guint8)(value >> 24)};
    g_byte_array_append(out, bytes, sizeof(bytes));
}

GBytes *tk_board_pack_join(struct tk_board_pack *p, const char *head, const GString *text,
                           size_t from, const char *tail)
{
    /* RFC 1952, section 2.3: magic, deflate, no flags, no time, fastest, unknown system */
    static const guint8 start[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255};
    struct joining j = {.out = g_byte_array_new(), .crc = crc32(0, NULL, 0)};
    size_t end = text->len > from ? text->len - 1 : from;
    tk_board_pack_follow(p, text);
    g_byte_array_append(j.out, start, sizeof(start));
    add(&j, head, strlen(head), Z_FULL_FLUSH);
    while (from < end) {
        size_t i = from / PIECE_BYTES;
        size_t to = MIN((i + 1) * PIECE_BYTES, end);
        if (i < p->pieces->len && from % PIECE_BYTES == 0) {
            const struct piece *piece = &g_array_index(p->pieces, struct piece, i);
            g_byte_array_append(j.out, piece->deflated->data, piece->deflated->len);
            j.crc = crc32_combine(j.crc, piece->crc, (z_off_t)(to - from));
            j.len += to - from;
        } else {
            add(&j, text->str + from, to - from, Z_FULL_FLUSH);
        }
        from = to;
    }
    add(&j, tail, strlen(tail), Z_FINISH);
    add_little(j.out, (uint32_t)j.crc);
    add_little(j.out, (uint32_t)j.len);
    return g_byte_array_free_to_bytes(j.out);
}
