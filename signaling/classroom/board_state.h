#ifndef TK_SIGNALING_CLASSROOM_BOARD_STATE_H
#define TK_SIGNALING_CLASSROOM_BOARD_STATE_H

/* What is inside struct tk_boards, for board*.c only. */

#include "signaling/classroom/board.h"
#include "signaling/classroom/board_log.h"
#include "signaling/core/rate.h"

#define TK_BOARD_BURST (10 * TK_BOARD_STROKES_PER_S)

struct tk_board {
    struct tk_boards *boards;
    char lesson_id[TK_LESSON_ID_MAX + 1];
    int64_t epoch;
    bool loaded;
    struct tk_board_log log; /* if loaded */
    GQueue waiting;          /* what board_write.c was asked for */
    bool writing;
    uint64_t used;
};

struct tk_boards {
    struct tk_store *store;
    struct tk_lessons *lessons;
    GHashTable *by_lesson; /* id → struct tk_board */
    GArray *listeners;
    struct tk_rate *rate;
    uint64_t uses;
    int writes;
    bool closing;
};

/* board.c */
/* The board of the lesson's epoch as it is now; its log may not be loaded. */
struct tk_board *tk_board_of(struct tk_boards *bs, const struct tk_lesson *lesson);
int tk_board_load(struct tk_board *b);
void tk_board_unload(struct tk_board *b);

#endif
