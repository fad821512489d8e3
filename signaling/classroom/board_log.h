#ifndef TK_SIGNALING_CLASSROOM_BOARD_LOG_H
#define TK_SIGNALING_CLASSROOM_BOARD_LOG_H

/*
 * One epoch's log of a board in memory: the text of its entries as they are on disk, and what of
 * it further entries refer to. An entry is taken in two steps: `apply` when it is accepted, before
 * it is written, and `append` once it is on disk; `undo` takes back what could not be written. No
 * I/O. Loop thread.
 */

#include <glib.h>

#include "signaling/classroom/board_pack.h"
#include "signaling/classroom/entry.h"

struct tk_board_log {
    GString *text;             /* the entries, each followed by a comma */
    struct tk_board_pack pack; /* of it */
    GArray *ends;              /* size_t: where entry i + 1 ends in it */
    GHashTable *known;         /* kind and id → whether it is there still */
};

/* What was added to `known`, in order; owned by whoever waits for the write. */
struct tk_board_change {
    char *key;
    gpointer before; /* NULL: it was not there */
};

void tk_board_log_init(struct tk_board_log *log);
void tk_board_log_finish(struct tk_board_log *log);

int64_t tk_board_log_n(const struct tk_board_log *log);
size_t tk_board_log_bytes(const struct tk_board_log *log); /* of memory, about */

/* Takes up an entry that is on disk already, as it was written. False: it is damaged. */
bool tk_board_log_load(struct tk_board_log *log, const char *text);

/*
 * Whether the entry fits what is there. 1: it does, `changes` (struct tk_board_change) says what
 * became of it; 0: the log has it already; -errno with a problem: bad_field for what never was,
 * conflict for a page that is gone.
 */
int tk_board_log_apply(struct tk_board_log *log, const struct tk_entry *e, size_t index,
                       GArray *changes, struct tk_problem *problem);
/* Takes back from the change number `from` on, and shortens the array. */
void tk_board_log_undo(struct tk_board_log *log, GArray *changes, guint from);

void tk_board_log_append(struct tk_board_log *log, const char *text, size_t len);

/* Where the entries after number `after` begin in the text. */
size_t tk_board_log_offset(const struct tk_board_log *log, int64_t after);

/* An array for `changes`. */
GArray *tk_board_changes_new(void);

#endif
