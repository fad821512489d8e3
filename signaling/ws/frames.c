#include "signaling/ws/frames.h"

#define MASK_BYTES 4

static void on_header_byte(struct tk_frames *f, uint8_t byte)
{
    if (f->at == 1) {
        /* RFC 6455 5.1: "The server MUST close the connection upon receiving a frame that is not
         * masked." */
        f->unmasked = !(byte & 0x80);
        uint8_t length = byte & 0x7f;
        int more = length == 127 ? 8 : length == 126 ? 2 : 0;
        f->payload = more ? 0 : length;
        f->size = 2 + more + MASK_BYTES;
    } else if (f->at >= 2 && f->at < f->size - MASK_BYTES) {
        f->payload = f->payload << 8 | byte;
    }
    f->at++;
}

void tk_frames_read(struct tk_frames *f, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len > 0 && !f->unmasked) {
        bool header = f->at < 2 || f->at < f->size;
        if (header) {
            on_header_byte(f, *p);
        }
        uint64_t skip = header ? 1 : f->payload < len ? f->payload : len;
        f->payload -= header ? 0 : skip;
        p += skip;
        len -= (size_t)skip;
        if (f->at >= 2 && f->at == f->size && f->payload == 0) {
            *f = (struct tk_frames){.unmasked = f->unmasked};
        }
    }
}
