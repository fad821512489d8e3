#ifndef TK_SIGNALING_CLASSROOM_FLOOR_H
#define TK_SIGNALING_CLASSROOM_FLOOR_H

/*
 * Who speaks, who would like to, and how loudly the room is let in: the floor, the queue of hands,
 * the mode, the large picture. State and now in, whether something changed out; no I/O, no clock.
 * `at_ms` is the lesson's. Whether a room is there at all, the caller knows.
 *
 *               | nobody has it  | room A has it
 *   give A      | A has it       | –                      (a second click)
 *   give B      | B has it       | B has it, A no more    (one floor, whoever clicks)
 *   take        | –              | nobody
 *   leave A     | –              | nobody
 *   leave B     | –              | –                      (it was taken or given meanwhile)
 *   drop A      | A's hand falls | nobody, A is `lost`; its hand falls
 *   drop B      | B's hand falls | B's hand falls
 *   mode        | the floor stays as it is; in choral nothing of it is heard
 *
 * A hand keeps its place however often it is raised again; it falls when the floor is given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_FLOOR_HANDS_MAX 64 /* rooms of a lesson */
#define TK_FLOOR_LOST_MS 20000

enum tk_floor_mode {
    TK_FLOOR_SPEECH,
    TK_FLOOR_MUSIC,
    TK_FLOOR_CHORAL, /* no room's sound is forwarded */
};

const char *tk_floor_mode_name(enum tk_floor_mode mode);
bool tk_floor_mode_parse(const char *name, enum tk_floor_mode *ret);

struct tk_floor_hand {
    int64_t room_id;
    int64_t at_ms;
};

/* Zeroed is the beginning of a lesson. */
struct tk_floor {
    enum tk_floor_mode mode;
    int64_t room_id; /* 0: nobody has it */
    int64_t since_ms;
    int64_t lost_room_id; /* 0: none lately */
    int64_t lost_ms;
    const char *lost_reason;
    int64_t large_room_id;                          /* 0: whoever has the floor */
    struct tk_floor_hand hands[TK_FLOOR_HANDS_MAX]; /* in order of raising */
    size_t hands_count;
};

/* Each tells whether something changed. */
bool tk_floor_raise(struct tk_floor *f, int64_t room_id, int64_t at_ms);
bool tk_floor_lower(struct tk_floor *f, int64_t room_id);
bool tk_floor_lower_all(struct tk_floor *f);
bool tk_floor_give(struct tk_floor *f, int64_t room_id, int64_t at_ms);
bool tk_floor_take(struct tk_floor *f);
bool tk_floor_leave(struct tk_floor *f, int64_t room_id);
bool tk_floor_set_mode(struct tk_floor *f, enum tk_floor_mode mode);
bool tk_floor_set_large(struct tk_floor *f, int64_t room_id);

/* The room lost the floor, if it had it: `reason` static, PROTOCOL.md's `lost`. */
bool tk_floor_lose(struct tk_floor *f, int64_t room_id, int64_t at_ms, const char *reason);
/* The room dropped out: its hand falls, it is large no more, and it loses the floor. */
bool tk_floor_drop(struct tk_floor *f, int64_t room_id, int64_t at_ms, const char *reason);

bool tk_floor_has_hand(const struct tk_floor *f, int64_t room_id);

/* What is no longer shown goes; `ret_next_ms` becomes smaller where something is to go earlier. */
bool tk_floor_tick(struct tk_floor *f, int64_t at_ms, int64_t *ret_next_ms);

#endif
