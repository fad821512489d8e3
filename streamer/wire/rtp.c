#include "streamer/wire/rtp.h"

#include "streamer/wire/bytes.h"

#include <errno.h>

#define PROFILE_ONE_BYTE 0xbede
#define PROFILE_TWO_BYTE 0x1000 /* the low four bits are the application's */

int tk_rtp_parse(struct tk_rtp *rtp, const uint8_t *buf, size_t len)
{
    struct tk_reader r;
    tk_reader_init(&r, buf, len);
    *rtp = (struct tk_rtp){0};
    uint8_t first = tk_read_u8(&r);
    uint8_t second = tk_read_u8(&r);
    rtp->marker = (second & 0x80) != 0;
    rtp->pt = second & 0x7f;
    rtp->seq = tk_read_u16(&r);
    rtp->ts = tk_read_u32(&r);
    rtp->ssrc = tk_read_u32(&r);
    tk_read_bytes(&r, (size_t)(first & 0x0f) * 4); /* CSRC */
    if (first & 0x10) {
        rtp->ext_profile = tk_read_u16(&r);
        rtp->ext_len = (size_t)tk_read_u16(&r) * 4;
        rtp->ext = tk_read_bytes(&r, rtp->ext_len);
    }
    if (r.failed || first >> 6 != 2) {
        return -EINVAL;
    }
    rtp->payload = r.at;
    rtp->payload_len = tk_reader_left(&r);
    if (first & 0x20) {
        uint8_t padding = rtp->payload_len ? buf[len - 1] : 0;
        if (padding == 0 || padding > rtp->payload_len) {
            return -EINVAL;
        }
        rtp->payload_len -= padding;
    }
    return 0;
}

const uint8_t *tk_rtp_ext(const struct tk_rtp *rtp, int id, size_t *ret_len)
{
    bool two = (rtp->ext_profile & 0xfff0) == PROFILE_TWO_BYTE;
    if (!rtp->ext || (!two && rtp->ext_profile != PROFILE_ONE_BYTE)) {
        return NULL;
    }
    struct tk_reader r;
    tk_reader_init(&r, rtp->ext, rtp->ext_len);
    while (tk_reader_left(&r) > 0 && !r.failed) {
        uint8_t head = tk_read_u8(&r);
        if (head == 0) {
            continue; /* padding */
        }
        int this_id = two ? head : head >> 4;
        size_t n = two ? tk_read_u8(&r) : (size_t)(head & 0x0f) + 1;
        if (!two && this_id == 15) {
            break;
        }
        const uint8_t *value = tk_read_bytes(&r, n);
        if (value && this_id == id) {
            *ret_len = n;
            return value;
        }
    }
    return NULL;
}
