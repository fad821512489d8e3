#ifndef TK_SIGNALING_CLASSROOM_BOARD_H
#define TK_SIGNALING_CLASSROOM_BOARD_H

/*
 * The board: an ordered log of entries (pages, strokes, erasures, which page is shown) for each
 * lesson, kept here and on disk; pages send entries, everybody gets them in one order, and who
 * comes late reads the log. Entries are PROTOCOL.md's ("The board"). A lesson that opens again
 * begins a new epoch, an empty log. Loop thread.
 */

#include <glib.h>

#include "signaling/core/lesson.h"

struct tk_boards;

#define TK_BOARD_ENTRIES_MAX 64       /* of one message */
#define TK_BOARD_LOG_MAX 60000        /* entries of an epoch */
#define TK_BOARD_LOG_BYTES (32 << 20) /* of an epoch */
#define TK_BOARD_STROKES_PER_S 50     /* of one account, lasting; bursts of ten times as many */
#define TK_BOARD_STROKE_POINTS 4096
#define TK_BOARD_FILE_BYTES (6 << 20)
#define TK_BOARD_FILES_MAX 400 /* of a lesson */
#define TK_BOARD_FILES_BYTES (300 << 20)

struct tk_board_listener {
    void *ctx;
    /* `entries`, borrowed: an array, numbered from `first` on; they are on disk */
    void (*on_entries)(void *ctx, const char *lesson_id, int64_t epoch, int64_t first,
                       const json_t *entries, int64_t account_id);
    /* a new epoch: what was is no longer shown */
    void (*on_epoch)(void *ctx, const char *lesson_id, int64_t epoch);
};

struct tk_boards *tk_boards_create(struct tk_store *store, struct tk_lessons *lessons);
void tk_boards_destroy(struct tk_boards *b);
void tk_boards_listen(struct tk_boards *b, const struct tk_board_listener *listener);
void tk_boards_unlisten(struct tk_boards *b, const void *ctx);

/* `problem` NULL: on disk, the log's newest number is `n`. */
typedef void tk_board_done(void *arg, const struct tk_problem *problem, int64_t n);

/*
 * Appends the entries, all or none. An entry whose id the log has is passed over: it was sent
 * again. `epoch` is the sender's; another one is a conflict. bad_field names the first bad entry,
 * rate_limited, too_large.
 */
void tk_board_add(struct tk_boards *b, struct tk_now now, const char *lesson_id, int64_t epoch,
                  int64_t account_id, const json_t *entries, tk_board_done *done, void *arg);

/* The newest number and the epoch; 0 and 1 for a board that nobody has touched. */
void tk_board_head(struct tk_boards *b, const char *lesson_id, int64_t *ret_epoch, int64_t *ret_n);

/*
 * The log after number `after` as the JSON text of GET …/board, in gzip if wanted; `after` of
 * another epoch: all. g_bytes_unref. NULL: no such lesson.
 */
GBytes *tk_board_log(struct tk_boards *b, const char *lesson_id, int64_t epoch, int64_t after,
                     bool gzip);

#endif
