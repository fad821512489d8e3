#include "streamer/wire/h264.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_h264 h;
    tk_h264_look(data, size, &h);
    if (h.sps && (!h.key || h.width > 16384 || h.height > 16384)) {
        __builtin_trap();
    }
    return 0;
}
