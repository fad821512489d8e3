#include "streamer/wire/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t seen; /* so that what was read had to be read */

static void read_and_answer(const uint8_t *data, size_t size)
{
    struct tk_stun stun;
    uint8_t buf[128];
    struct tk_writer w;
    size_t covered;
    if (tk_stun_parse(&stun, data, size) < 0) {
        return;
    }
    uint8_t sum = 0; /* what it points to is there */
    for (size_t i = 0; i < stun.username_len; i++) {
        sum ^= stun.username[i];
    }
    for (size_t i = 0; stun.integrity && i < TK_STUN_INTEGRITY_LEN; i++) {
        sum ^= stun.integrity[i];
    }
    seen = sum;
    tk_writer_init(&w, buf, sizeof(buf));
    tk_stun_write_header(&w, TK_STUN_ERROR, &stun);
    tk_stun_write_error(&w, 420);
    tk_stun_write_unknown(&w, &stun);
    tk_stun_write_integrity(&w, &covered);
    tk_stun_write_fingerprint(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t buf[TK_STUN_MESSAGE_MAX];
    struct tk_writer w;
    read_and_answer(data, size);
    /* And with a right length, cookie and FINGERPRINT, which chance would hardly find. */
    tk_writer_init(&w, buf, sizeof(buf));
    tk_write_bytes(&w, data, size);
    if (!w.failed && size >= TK_STUN_HEADER_LEN) {
        tk_put_u32(buf + 4, 0x2112a442);
        tk_stun_write_fingerprint(&w);
    }
    if (!w.failed) {
        read_and_answer(buf, tk_writer_len(&w));
    }
    return 0;
}
