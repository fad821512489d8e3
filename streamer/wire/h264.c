#include "streamer/wire/h264.h"

#include "streamer/wire/bytes.h"

#define NAL_SLICE 1
#define NAL_IDR 5
#define NAL_SPS 7
#define NAL_STAP_A 24
#define NAL_FU_A 28
#define NAL_MAX_SPS 128 /* bytes of a parameter set that are looked at */
#define SIZE_MAX_PX 16384

/* Bits of a raw byte sequence payload: 00 00 03 stands for 00 00 (ITU-T H.264 section 7.4.1). */
struct bits {
    struct tk_reader bytes;
    int zeros, left;
    uint8_t byte;
};

static uint32_t read_bit(struct bits *b)
{
    if (b->left == 0) {
        b->byte = tk_read_u8(&b->bytes);
        if (b->zeros >= 2 && b->byte == 3) {
            b->zeros = 0;
            b->byte = tk_read_u8(&b->bytes);
        }
        b->zeros = b->byte == 0 ? b->zeros + 1 : 0;
        b->left = 8;
    }
    b->left--;
    return (uint32_t)(b->byte >> b->left) & 1;
}

static uint32_t read_bits(struct bits *b, int n)
{
    uint32_t v = 0;
    while (n-- > 0) {
        v = v << 1 | read_bit(b);
    }
    return v;
}

/* ue(v), section 9.1; over 2^20 is nothing that we read. */
static uint32_t read_ue(struct bits *b)
{
    int zeros = 0;
    while (zeros <= 20 && !read_bit(b) && !b->bytes.failed) {
        zeros++;
    }
    if (zeros > 20) {
        b->bytes.failed = true;
        return 0;
    }
    return (1u << zeros) - 1 + read_bits(b, zeros);
}

static void skip_scaling_list(struct bits *b, int size)
{
    int32_t last = 8, next = 8;
    for (int i = 0; i < size && !b->bytes.failed; i++) {
        if (next != 0) {
            uint32_t k = read_ue(b);
            int32_t delta = k & 1 ? (int32_t)(k / 2 + 1) : -(int32_t)(k / 2);
            next = (last + delta + 256) & 0xff;
        }
        last = next != 0 ? next : last;
    }
}

/* Section 7.3.2.1.1: the profiles with chroma_format_idc. Returns it. */
static uint32_t read_high(struct bits *b)
{
    uint32_t chroma = read_ue(b);
    if (chroma == 3) {
        read_bit(b);
    }
    read_ue(b);
    read_ue(b);
    read_bit(b);
    if (read_bit(b)) {
        for (int i = 0; i < (chroma == 3 ? 12 : 8); i++) {
            if (read_bit(b)) {
                skip_scaling_list(b, i < 6 ? 16 : 64);
            }
        }
    }
    return chroma;
}

static void skip_order_count(struct bits *b)
{
    uint32_t type = read_ue(b);
    if (type == 0) {
        read_ue(b);
    } else if (type == 1) {
        read_bit(b);
        read_ue(b);
        read_ue(b);
        uint32_t n = read_ue(b);
        for (uint32_t i = 0; i < n && !b->bytes.failed; i++) {
            read_ue(b);
        }
    }
}

static bool is_high(uint32_t profile)
{
    static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128};
    return memchr(high, (int)profile, sizeof(high)) != NULL;
}

static void read_sps(const uint8_t *nal, size_t len, struct tk_h264 *ret)
{
    struct bits b = {.left = 0};
    tk_reader_init(&b.bytes, nal, len < NAL_MAX_SPS ? len : NAL_MAX_SPS);
    read_bits(&b, 8);
    uint32_t profile = read_bits(&b, 8);
    read_bits(&b, 16); /* constraints, level */
    read_ue(&b);
    uint32_t chroma = is_high(profile) ? read_high(&b) : 1;
    read_ue(&b); /* log2_max_frame_num */
    skip_order_count(&b);
    read_ue(&b); /* max_num_ref_frames */
    read_bit(&b);
    uint32_t width = (read_ue(&b) + 1) * 16;
    uint32_t height = (read_ue(&b) + 1) * 16;
    uint32_t frame_mbs_only = read_bit(&b);
    if (!frame_mbs_only) {
        height *= 2;
        read_bit(&b);
    }
    read_bit(&b);
    uint32_t x = chroma == 1 || chroma == 2 ? 2 : 1;
    uint32_t y = (chroma == 1 ? 2 : 1) * (2 - frame_mbs_only);
    if (read_bit(&b)) {
        uint32_t crop_x = read_ue(&b) + read_ue(&b);
        uint32_t crop_y = read_ue(&b) + read_ue(&b);
        width -= crop_x * x < width ? crop_x * x : 0;
        height -= crop_y * y < height ? crop_y * y : 0;
    }
    if (!b.bytes.failed && width <= SIZE_MAX_PX && height <= SIZE_MAX_PX) {
        ret->sps = true;
        ret->width = (uint16_t)width;
        ret->height = (uint16_t)height;
    }
}

/* Section 7.3.3: first_mb_in_slice, slice_type; table 7-6: 1 and 6 are B. */
static bool is_b_slice(const uint8_t *header, size_t len)
{
    struct bits b = {.left = 0};
    tk_reader_init(&b.bytes, header, len);
    read_ue(&b);
    uint32_t type = read_ue(&b);
    return !b.bytes.failed && (type == 1 || type == 6);
}

static void look_at_nal(const uint8_t *nal, size_t len, struct tk_h264 *ret)
{
    uint8_t type = len ? nal[0] & 0x1f : 0;
    ret->key = ret->key || type == NAL_IDR || type == NAL_SPS;
    if (type == NAL_SPS) {
        read_sps(nal, len, ret);
    } else if (type == NAL_SLICE) {
        ret->b = ret->b || is_b_slice(nal + 1, len - 1);
    }
}

void tk_h264_look(const uint8_t *payload, size_t len, struct tk_h264 *ret)
{
    struct tk_reader r;
    tk_reader_init(&r, payload, len);
    *ret = (struct tk_h264){0};
    uint8_t type = tk_read_u8(&r) & 0x1f;
    if (r.failed) {
        return;
    }
    if (type == NAL_STAP_A) {
        while (tk_reader_left(&r) > 0 && !r.failed) {
            size_t n = tk_read_u16(&r);
            const uint8_t *nal = tk_read_bytes(&r, n);
            if (nal) {
                look_at_nal(nal, n, ret);
            }
        }
    } else if (type == NAL_FU_A) {
        uint8_t fu = tk_read_u8(&r);
        bool begins = !r.failed && (fu & 0x80);
        ret->key = begins && ((fu & 0x1f) == NAL_IDR || (fu & 0x1f) == NAL_SPS);
        ret->b = begins && (fu & 0x1f) == NAL_SLICE && is_b_slice(r.at, tk_reader_left(&r));
    } else if (type < NAL_STAP_A) {
        look_at_nal(payload, len, ret);
    }
}
