#include "streamer/wire/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct tk_rtcp *packet)
{
    struct tk_rtcp p = *packet;
    struct tk_rtcp_report report;
    uint16_t seq, mask;
    uint32_t ssrc;
    uint8_t number;
    while (tk_rtcp_next_report(&p, &report)) {
    }
    p = *packet;
    while (tk_rtcp_next_nack(&p, &seq, &mask)) {
    }
    p = *packet;
    while (tk_rtcp_next_fir(&p, &ssrc, &number)) {
    }
    p = *packet;
    while (tk_rtcp_next_bye(&p, &ssrc)) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_reader r;
    struct tk_rtcp packet;
    tk_reader_init(&r, data, size);
    while (tk_rtcp_next(&r, &packet)) {
        read_all(&packet);
    }
    return 0;
}
