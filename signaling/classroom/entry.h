#ifndef TK_SIGNALING_CLASSROOM_ENTRY_H
#define TK_SIGNALING_CLASSROOM_ENTRY_H

/*
 * One entry of a board as PROTOCOL.md's Entry: what came from a page is checked field by field and
 * written anew from the fields that are known, so that nothing else reaches the log. No state: what
 * an entry refers to is the log's matter.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "signaling/core/problem.h"

#define TK_ENTRY_ID_MAX 16
#define TK_ENTRY_IDS_MAX 500
#define TK_ENTRY_FILE_MAX 64
#define TK_INK_PIECE_POINTS 256

enum tk_entry_kind {
    TK_ENTRY_PAGE,
    TK_ENTRY_DROP,
    TK_ENTRY_GOTO,
    TK_ENTRY_SHOW,
    TK_ENTRY_STROKE,
    TK_ENTRY_ERASE,
    TK_ENTRY_RESTORE,
    TK_ENTRY_CLEAR,
};

struct tk_entry {
    enum tk_entry_kind kind;
    json_t *json; /* the entry, owned: `k` first, then `id` where it has one */
    char *text;   /* the same, compact, malloc */
    size_t len;
    /* within json; NULL where the kind or the entry has none */
    const char *id;
    const char *p;
    const char *after;
    const char *file;
    const json_t *ids;
};

/* Fills `ret`, which the caller clears. bad_field names `index` and the field; -errno. */
int tk_entry_parse(const json_t *json, size_t index, struct tk_entry *ret,
                   struct tk_problem *problem);
void tk_entry_clear(struct tk_entry *e);

/* The kind by its name in `k`; false: there is none. */
bool tk_entry_kind_parse(const char *name, enum tk_entry_kind *ret);

/* board.ink and board.laser with their known fields and `type`, a new reference; NULL: bad_field.
 */
json_t *tk_entry_ink(const json_t *message, struct tk_problem *problem);
json_t *tk_entry_laser(const json_t *message, struct tk_problem *problem);

#endif
