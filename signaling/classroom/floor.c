#include "signaling/classroom/floor.h"

#include <string.h>

static const char *const modes[] = {
    [TK_FLOOR_SPEECH] = "speech",
    [TK_FLOOR_MUSIC] = "music",
    [TK_FLOOR_CHORAL] = "choral",
};

const char *tk_floor_mode_name(enum tk_floor_mode mode)
{
    return modes[mode];
}

bool tk_floor_mode_parse(const char *name, enum tk_floor_mode *ret)
{
    for (size_t i = 0; name && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(modes[i], name) == 0) {
            *ret = (enum tk_floor_mode)i;
            return true;
        }
    }
    return false;
}

static size_t find_hand(const struct tk_floor *f, int64_t room_id)
{
    size_t i = 0;
    while (i < f->hands_count && f->hands[i].room_id != room_id) {
        i++;
    }
    return i;
}

bool tk_floor_has_hand(const struct tk_floor *f, int64_t room_id)
{
    return find_hand(f, room_id) < f->hands_count;
}

bool tk_floor_raise(struct tk_floor *f, int64_t room_id, int64_t at_ms)
{
    if (f->room_id == room_id || tk_floor_has_hand(f, room_id) ||
        f->hands_count == TK_FLOOR_HANDS_MAX) {
        return false;
    }
    f->hands[f->hands_count++] = (struct tk_floor_hand){room_id, at_ms};
    return true;
}

bool tk_floor_lower(struct tk_floor *f, int64_t room_id)
{
    size_t i = find_hand(f, room_id);
    if (i == f->hands_count) {
        return false;
    }
    f->hands_count--;
    memmove(&f->hands[i], &f->hands[i + 1], (f->hands_count - i) * sizeof(f->hands[0]));
    return true;
}

bool tk_floor_lower_all(struct tk_floor *f)
{
    bool any = f->hands_count > 0;
    f->hands_count = 0;
    return any;
}

bool tk_floor_give(struct tk_floor *f, int64_t room_id, int64_t at_ms)
{
    if (f->room_id == room_id) {
        return false;
    }
    tk_floor_lower(f, room_id);
    if (f->lost_room_id == room_id) {
        f->lost_room_id = 0; /* it has it again */
    }
    f->room_id = room_id;
    f->since_ms = at_ms;
    return true;
}

bool tk_floor_take(struct tk_floor *f)
{
    bool had = f->room_id != 0;
    f->room_id = 0;
    return had;
}

bool tk_floor_leave(struct tk_floor *f, int64_t room_id)
{
    return f->room_id == room_id && tk_floor_take(f);
}

bool tk_floor_set_mode(struct tk_floor *f, enum tk_floor_mode mode)
{
    bool changed = f->mode != mode;
    f->mode = mode;
    return changed;
}

bool tk_floor_set_large(struct tk_floor *f, int64_t room_id)
{
    bool changed = f->large_room_id != room_id;
    f->large_room_id = room_id;
    return changed;
}

bool tk_floor_lose(struct tk_floor *f, int64_t room_id, int64_t at_ms, const char *reason)
{
    if (!tk_floor_leave(f, room_id)) {
        return false;
    }
    f->lost_room_id = room_id;
    f->lost_ms = at_ms;
    f->lost_reason = reason;
    return true;
}

bool tk_floor_drop(struct tk_floor *f, int64_t room_id, int64_t at_ms, const char *reason)
{
    bool fell = tk_floor_lower(f, room_id);
    bool small = f->large_room_id == room_id && tk_floor_set_large(f, 0);
    bool lost = tk_floor_lose(f, room_id, at_ms, reason);
    return fell || small || lost;
}

bool tk_floor_tick(struct tk_floor *f, int64_t at_ms, int64_t *ret_next_ms)
{
    int64_t until_ms = f->lost_ms + TK_FLOOR_LOST_MS;
    if (f->lost_room_id == 0) {
        return false;
    }
    if (at_ms >= until_ms) {
        f->lost_room_id = 0;
        return true;
    }
    *ret_next_ms = until_ms < *ret_next_ms ? until_ms : *ret_next_ms;
    return false;
}
