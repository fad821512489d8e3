#include "streamer/flow/speaker.h"

#define SAMPLES_A_MS 48
#define VOICE_FLAG 0x80

static bool is_spoken(const struct tk_speaker *s, uint8_t level)
{
    int below = level & 0x7f; /* dB below full scale */
    if (s->marks) {
        return (level & VOICE_FLAG) && below < TK_SPEAKER_VOICE_DB;
    }
    return below < TK_SPEAKER_LOUD_DB;
}

void tk_speaker_add(struct tk_speaker *s, uint8_t level, uint32_t samples)
{
    s->has_levels = true;
    s->marks = s->marks || (level & VOICE_FLAG);
    if (is_spoken(s, level)) {
        s->hang = TK_SPEAKER_HANG_MS * SAMPLES_A_MS;
        s->spoken += samples;
        return;
    }
    uint32_t counts = samples < s->hang ? samples : s->hang;
    s->hang -= counts;
    s->spoken += counts;
}

uint32_t tk_speaker_take(struct tk_speaker *s)
{
    uint64_t ms = s->spoken / SAMPLES_A_MS;
    s->spoken -= ms * SAMPLES_A_MS;
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}
