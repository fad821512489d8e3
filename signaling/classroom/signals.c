#include "signaling/classroom/signals.h"

#include <string.h>

static const char *const names[] = {
    [TK_SIGNAL_CANNOT_HEAR] = "cannot_hear",
    [TK_SIGNAL_TOO_FAST] = "too_fast",
    [TK_SIGNAL_CLEAR] = "clear",
};

const char *tk_signal_name(enum tk_signal_kind kind)
{
    return names[kind];
}

bool tk_signal_parse(const char *name, enum tk_signal_kind *ret)
{
    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum tk_signal_kind)i;
            return true;
        }
    }
    return false;
}

static void take_out(struct tk_signals *s, size_t i)
{
    s->count--;
    memmove(&s->shown[i], &s->shown[i + 1], (s->count - i) * sizeof(s->shown[0]));
}

static size_t find(const struct tk_signals *s, int64_t room_id, enum tk_signal_kind kind)
{
    size_t i = 0;
    while (i < s->count && (s->shown[i].room_id != room_id || s->shown[i].kind != kind)) {
        i++;
    }
    return i;
}

bool tk_signals_send(struct tk_signals *s, int64_t room_id, enum tk_signal_kind kind, int64_t at_ms)
{
    size_t old = find(s, room_id, TK_SIGNAL_CANNOT_HEAR);
    if (kind == TK_SIGNAL_CLEAR && old < s->count) {
        take_out(s, old);
    }
    size_t i = find(s, room_id, kind);
    if (i < s->count) {
        bool shown = at_ms < s->shown[i].at_ms + TK_SIGNAL_SHOWN_MS;
        s->shown[i].at_ms = at_ms;
        return !shown;
    }
    if (s->count == TK_SIGNALS_MAX) {
        take_out(s, 0);
    }
    s->shown[s->count++] = (struct tk_signal){room_id, kind, at_ms};
    return true;
}

bool tk_signals_tick(struct tk_signals *s, int64_t at_ms, int64_t *ret_next_ms)
{
    bool changed = false;
    for (size_t i = s->count; i > 0; i--) {
        int64_t until_ms = s->shown[i - 1].at_ms + TK_SIGNAL_SHOWN_MS;
        if (at_ms >= until_ms) {
            take_out(s, i - 1);
            changed = true;
        } else if (until_ms < *ret_next_ms) {
            *ret_next_ms = until_ms;
        }
    }
    return changed;
}
