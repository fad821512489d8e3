#ifndef TK_SIGNALING_CLASSROOM_SIGNALS_H
#define TK_SIGNALING_CLASSROOM_SIGNALS_H

/*
 * What a room says with one tap: it cannot hear, too fast, all clear. Shown for a while and counted
 * once for that while. State and now in, decisions out; no I/O, no clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SIGNAL_SHOWN_MS 20000
#define TK_SIGNALS_MAX 192 /* three of each room */

enum tk_signal_kind {
    TK_SIGNAL_CANNOT_HEAR,
    TK_SIGNAL_TOO_FAST,
    TK_SIGNAL_CLEAR, /* takes the room's cannot_hear away: that is over */
};

const char *tk_signal_name(enum tk_signal_kind kind);
bool tk_signal_parse(const char *name, enum tk_signal_kind *ret);

struct tk_signal {
    int64_t room_id;
    enum tk_signal_kind kind;
    int64_t at_ms; /* last sent */
};

/* Zeroed is the beginning. */
struct tk_signals {
    struct tk_signal shown[TK_SIGNALS_MAX];
    size_t count;
};

/* True: it counts as a new one; false: it was shown already, and is now shown longer. */
bool tk_signals_send(struct tk_signals *s, int64_t room_id, enum tk_signal_kind kind,
                     int64_t at_ms);
/* Takes out what has been shown long enough; `ret_next_ms` as in floor.h. */
bool tk_signals_tick(struct tk_signals *s, int64_t at_ms, int64_t *ret_next_ms);

#endif
