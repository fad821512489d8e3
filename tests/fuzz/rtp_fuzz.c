#include "streamer/wire/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t seen; /* so that what was read had to be read */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_rtp rtp;
    uint8_t sum = 0;
    if (tk_rtp_parse(&rtp, data, size) < 0) {
        return 0;
    }
    for (size_t i = 0; i < rtp.payload_len; i++) {
        sum ^= rtp.payload[i];
    }
    for (int id = 1; id < 15; id++) {
        size_t len = 0;
        const uint8_t *ext = tk_rtp_ext(&rtp, id, &len);
        for (size_t i = 0; ext && i < len; i++) {
            sum ^= ext[i];
        }
    }
    seen = sum;
    return 0;
}
