#include "streamer/wire/opus.h"

#define SAMPLES_MAX 5760 /* section 3.4, R5: 120 ms */

/* Table 2: the length of one frame by the configuration of the TOC byte. */
static uint32_t frame_samples(uint8_t config)
{
    static const uint16_t silk[] = {480, 960, 1920, 2880};
    if (config < 12) {
        return silk[config & 3];
    }
    if (config < 16) {
        return config & 1 ? 960 : 480;
    }
    return 120u << (config & 3);
}

uint32_t tk_opus_samples(const uint8_t *payload, size_t len)
{
    if (len == 0) {
        return 0;
    }
    uint32_t frames;
    switch (payload[0] & 3) {
    case 0:
        frames = 1;
        break;
    case 3:
        frames = len > 1 ? payload[1] & 0x3f : 0;
        break;
    default:
        frames = 2;
    }
    uint32_t samples = frames * frame_samples(payload[0] >> 3);
    return samples <= SAMPLES_MAX ? samples : 0;
}
