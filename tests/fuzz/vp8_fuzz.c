#include "streamer/wire/opus.h"
#include "streamer/wire/vp8.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_vp8 v, again;
    uint8_t copy[1500];
    if (tk_opus_samples(data, size) > 5760) {
        __builtin_trap();
    }
    if (size > sizeof(copy) || tk_vp8_parse(&v, data, size) < 0) {
        return 0;
    }
    memcpy(copy, data, size);
    tk_vp8_rewrite(&v, copy, (uint16_t)(v.picture_id + 1), (uint8_t)(v.tl0picidx + 1));
    if (tk_vp8_parse(&again, copy, size) < 0 || again.start != v.start || again.key != v.key ||
        again.picture_bits != v.picture_bits) {
        __builtin_trap();
    }
    return 0;
}
