#include "streamer/flow/keyframe.h"

bool tk_keyframe_ask(struct tk_keyframe *k, int64_t now_us)
{
    k->waiting = true;
    return tk_keyframe_due(k, now_us);
}

void tk_keyframe_came(struct tk_keyframe *k)
{
    k->waiting = false;
}

int64_t tk_keyframe_deadline(const struct tk_keyframe *k)
{
    if (!k->waiting) {
        return INT64_MAX;
    }
    return k->asked ? k->asked_us + TK_KEYFRAME_EVERY_US : INT64_MIN;
}

bool tk_keyframe_due(struct tk_keyframe *k, int64_t now_us)
{
    if (now_us < tk_keyframe_deadline(k)) {
        return false;
    }
    k->asked = true;
    k->waiting = false;
    k->asked_us = now_us;
    return true;
}
