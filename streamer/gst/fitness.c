#include "streamer/gst/fitness.h"

#include <string.h>

#define NAL_SLICE 1
#define NAL_IDR 5
#define SLICE_B 1
#define MAX_WIDTH 1920
#define MAX_HEIGHT 1088

const char *fitness_of_caps(const GstCaps *caps)
{
    /* what Chromium, Firefox and Safari decode: 8 bits, 4:2:0 */
    static const char *const profiles[] = {
        "constrained-baseline", "baseline", "main", "high", "progressive-high", "constrained-high"};
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *profile = gst_structure_get_string(s, "profile");
    const char *mode = gst_structure_get_string(s, "interlace-mode");
    int width = 0;
    int height = 0;
    gst_structure_get_int(s, "width", &width);
    gst_structure_get_int(s, "height", &height);
    if (width > MAX_WIDTH || height > MAX_HEIGHT) {
        return "its picture is larger than 1920×1080";
    }
    if (mode && strcmp(mode, "progressive") != 0) {
        return "its pictures are interlaced";
    }
    for (size_t i = 0; profile && i < G_N_ELEMENTS(profiles); i++) {
        if (strcmp(profile, profiles[i]) == 0) {
            return NULL;
        }
    }
    return "its H.264 profile is none that browsers play";
}

/* Exp-Golomb (H.264 §9.1) within the first 32 bits of a slice header. */
static unsigned read_ue(guint32 bits, unsigned *at)
{
    unsigned zeros = 0;
    while (*at < 32 && !(bits >> (31 - *at) & 1)) {
        zeros++;
        ++*at;
    }
    unsigned value = 0;
    for (unsigned i = 0; i <= zeros && *at < 32; i++, ++*at) {
        value = value << 1 | (bits >> (31 - *at) & 1);
    }
    return value - 1;
}

/* slice_header() begins with first_mb_in_slice and slice_type (H.264 §7.3.3); 5 to 9 mean 0 to 4.
 */
static bool is_b_slice(const guint8 *nal, gsize len)
{
    if (len < 5) {
        return false;
    }
    guint32 bits = (guint32)nal[1] << 24 | (guint32)nal[2] << 16 | (guint32)nal[3] << 8 | nal[4];
    unsigned at = 0;
    read_ue(bits, &at);
    return read_ue(bits, &at) % 5 == SLICE_B;
}

static const guint8 *next_nal(const guint8 *at, const guint8 *end)
{
    for (; at + 3 < end; at++) {
        if (at[0] == 0 && at[1] == 0 && at[2] == 1) {
            return at + 3;
        }
    }
    return NULL;
}

const char *fitness_of_unit(struct fitness *f, const guint8 *unit, gsize len, GstClockTime time)
{
    const guint8 *end = unit + len;
    bool idr = false;
    for (const guint8 *nal = next_nal(unit, end); nal; nal = next_nal(nal, end)) {
        int type = nal[0] & 31;
        idr |= type == NAL_IDR;
        if (type == NAL_SLICE && is_b_slice(nal, (gsize)(end - nal))) {
            return "it has B-frames, which WebRTC in browsers shows in the wrong order";
        }
    }
    if (!f->begun || idr) {
        f->begun = true;
        f->keyframe |= idr;
        f->idr_time = time;
    }
    if (time > f->idr_time + FITNESS_GROUP_MAX) {
        return "a group of pictures is longer than 4 s";
    }
    return NULL;
}

const char *fitness_of_opus(const guint8 *packet, gsize len)
{
    static const char reason[] = "its Opus packets are not of 20 ms";
    if (len < 1) {
        return reason;
    }
    unsigned config = packet[0] >> 3;
    bool one_frame = (packet[0] & 3) == 0;
    bool is_20_ms = config < 12 ? config % 4 == 1 : config < 16 ? config % 2 == 1 : config % 4 == 3;
    return one_frame && is_20_ms ? NULL : reason;
}
