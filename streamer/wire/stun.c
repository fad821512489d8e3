#include "streamer/wire/stun.h"

#include <errno.h>

#define MAGIC_COOKIE 0x2112a442u
#define ATTRIBUTE_HEADER_LEN 4
#define FINGERPRINT_LEN 4
/* RFC 8489 §14.7: the CRC-32 is XORed with "STUN". */
#define FINGERPRINT_XOR 0x5354554eu

/* CRC-32 of ITU V.42, four bits at a time. */
static uint32_t crc32(const uint8_t *p, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static void read_type(struct tk_stun *stun, uint16_t type)
{
    /* RFC 8489 §5: M11…M7 C1 M6 M5 M4 C0 M3…M0 */
    stun->class = (enum tk_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    stun->method = (uint16_t)((type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80));
}

static void read_known(struct tk_stun *stun, uint16_t type, struct tk_reader *value)
{
    switch (type) {
    case TK_STUN_USERNAME:
        if (!stun->username) { /* RFC 8489 §14: of a duplicate only the first counts */
            stun->username_len = tk_reader_left(value);
            stun->username = tk_read_bytes(value, stun->username_len);
        }
        break;
    case TK_STUN_PRIORITY:
        stun->priority = tk_read_u32(value);
        stun->has_priority = true;
        break;
    case TK_STUN_USE_CANDIDATE:
        stun->use_candidate = true;
        break;
    case TK_STUN_ICE_CONTROLLED:
        tk_read_u64(value);
        stun->controlled = true;
        break;
    case TK_STUN_ICE_CONTROLLING:
        tk_read_u64(value);
        stun->controlling = true;
        break;
    default:
        /* RFC 8489 §14: below 0x8000 an attribute must be understood. */
        if (type < 0x8000 && type != TK_STUN_MESSAGE_INTEGRITY_SHA256 &&
            stun->unknown_count < TK_STUN_UNKNOWN_MAX) {
            stun->unknown[stun->unknown_count++] = type;
        }
        tk_read_bytes(value, tk_reader_left(value));
        break;
    }
}

static bool fingerprint_is_right(const uint8_t *buf, size_t at, struct tk_reader *value)
{
    uint32_t told = tk_read_u32(value);
    return !value->failed && told == (crc32(buf, at) ^ FINGERPRINT_XOR);
}

/* Takes the next attribute; false at the end, which must be a right FINGERPRINT. */
static bool read_attribute(struct tk_stun *stun, struct tk_reader *r, const uint8_t *buf)
{
    size_t at = (size_t)(r->at - buf);
    uint16_t type = tk_read_u16(r);
    uint16_t len = tk_read_u16(r);
    struct tk_reader value = tk_read_block(r, len);
    tk_read_bytes(r, (size_t)(-len & 3));
    if (r->failed) {
        return false;
    }
    if (type == TK_STUN_FINGERPRINT) { /* RFC 8489 §14.7: the last */
        bool right = tk_reader_left(r) == 0 && fingerprint_is_right(buf, at, &value);
        r->failed = !right || tk_reader_left(&value);
        return false;
    }
    if (stun->integrity) {
        return true; /* RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is ignored */
    }
    if (type == TK_STUN_MESSAGE_INTEGRITY) {
        stun->integrity = tk_read_bytes(&value, TK_STUN_INTEGRITY_LEN);
        stun->integrity_at = at;
    } else {
        read_known(stun, type, &value);
    }
    r->failed = value.failed || tk_reader_left(&value);
    return !r->failed;
}

int tk_stun_parse(struct tk_stun *stun, const uint8_t *buf, size_t len)
{
    struct tk_reader r;
    memset(stun, 0, sizeof(*stun));
    if (len > TK_STUN_MESSAGE_MAX) {
        return -EBADMSG;
    }
    tk_reader_init(&r, buf, len);
    uint16_t type = tk_read_u16(&r);
    uint16_t body = tk_read_u16(&r);
    uint32_t cookie = tk_read_u32(&r);
    stun->transaction = tk_read_bytes(&r, TK_STUN_TRANSACTION_LEN);
    if (r.failed || type >> 14 || cookie != MAGIC_COOKIE || body != tk_reader_left(&r) ||
        body % 4) {
        return -EBADMSG;
    }
    read_type(stun, type);
    while (read_attribute(stun, &r, buf)) {
    }
    return r.failed ? -EBADMSG : 0; /* the end without FINGERPRINT is a failed read */
}

uint16_t tk_stun_integrity_length(const struct tk_stun *stun)
{
    return (uint16_t)(stun->integrity_at + ATTRIBUTE_HEADER_LEN + TK_STUN_INTEGRITY_LEN -
                      TK_STUN_HEADER_LEN);
}

void tk_stun_write_header(struct tk_writer *w, enum tk_stun_class class,
                          const struct tk_stun *request)
{
    uint16_t m = request->method;
    unsigned type = (m & 0x000fu) | (m & 0x0070u) << 1 | (m & 0x0f80u) << 2;
    type |= ((unsigned)class & 1) << 4 | ((unsigned)class & 2) << 7;
    tk_write_u16(w, (uint16_t)type);
    tk_write_u16(w, 0);
    tk_write_u32(w, MAGIC_COOKIE);
    tk_write_bytes(w, request->transaction, TK_STUN_TRANSACTION_LEN);
}

static void write_attribute(struct tk_writer *w, enum tk_stun_attribute type, size_t len)
{
    tk_write_u16(w, (uint16_t)type);
    tk_write_u16(w, (uint16_t)len);
}

void tk_stun_write_mapped(struct tk_writer *w, const uint8_t *ip, size_t ip_len, uint16_t port)
{
    write_attribute(w, TK_STUN_XOR_MAPPED_ADDRESS, 4 + ip_len);
    tk_write_u8(w, 0);
    tk_write_u8(w, ip_len == 4 ? 1 : 2);
    tk_write_u16(w, (uint16_t)(port ^ (MAGIC_COOKIE >> 16)));
    /* RFC 8489 §14.2: XORed with the cookie and, for IPv6, the transaction id after it. */
    for (size_t i = 0; i < ip_len && !w->failed; i++) {
        tk_write_u8(w, ip[i] ^ w->start[4 + i]);
    }
}

void tk_stun_write_error(struct tk_writer *w, int code)
{
    write_attribute(w, TK_STUN_ERROR_CODE, 4);
    tk_write_u16(w, 0);
    tk_write_u8(w, (uint8_t)(code / 100));
    tk_write_u8(w, (uint8_t)(code % 100));
}

void tk_stun_write_unknown(struct tk_writer *w, const struct tk_stun *request)
{
    write_attribute(w, TK_STUN_UNKNOWN_ATTRIBUTES, 2 * request->unknown_count);
    for (size_t i = 0; i < request->unknown_count; i++) {
        tk_write_u16(w, request->unknown[i]);
    }
    if (request->unknown_count % 2) {
        tk_write_u16(w, 0);
    }
}

/* Sets the length field to what is written with `more` bytes after it. */
static void set_length(struct tk_writer *w, size_t more)
{
    if (!w->failed) {
        tk_put_u16(w->start + 2, (uint16_t)(tk_writer_len(w) + more - TK_STUN_HEADER_LEN));
    }
}

uint8_t *tk_stun_write_integrity(struct tk_writer *w, size_t *ret_covered)
{
    set_length(w, ATTRIBUTE_HEADER_LEN + TK_STUN_INTEGRITY_LEN);
    size_t covered = tk_writer_len(w);
    write_attribute(w, TK_STUN_MESSAGE_INTEGRITY, TK_STUN_INTEGRITY_LEN);
    uint8_t *room = tk_write_room(w, TK_STUN_INTEGRITY_LEN);
    if (room) {
        *ret_covered = covered;
    }
    return room;
}

void tk_stun_write_fingerprint(struct tk_writer *w)
{
    set_length(w, ATTRIBUTE_HEADER_LEN + FINGERPRINT_LEN);
    uint32_t crc = w->failed ? 0 : crc32(w->start, tk_writer_len(w));
    write_attribute(w, TK_STUN_FINGERPRINT, FINGERPRINT_LEN);
    tk_write_u32(w, crc ^ FINGERPRINT_XOR);
}
