#ifndef TK_SIGNALING_WS_OPS_H
#define TK_SIGNALING_WS_OPS_H

/*
 * Acts that were asked for with an `op` and are not to be done twice, also when a page asks again
 * on a new connection because it never saw the answer. By who asks and their op; bounded: the
 * oldest is forgotten. No I/O.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define TK_OPS_MAX 4096
#define TK_OP_MAX 36

struct tk_ops;

struct tk_ops *tk_ops_create(void);
void tk_ops_destroy(struct tk_ops *o);

enum tk_op_state {
    TK_OP_NEW,      /* noted now: do it, then tk_ops_answer */
    TK_OP_UNDERWAY, /* the answer will go to this connection instead */
    TK_OP_DONE,     /* `ret_answer`, borrowed, is to be sent again */
};

enum tk_op_state tk_ops_begin(struct tk_ops *o, const char *who, const char *op, uint64_t conn,
                              const json_t **ret_answer);

/* Notes the answer (borrowed). Which connection waits for it; 0: the op is forgotten. */
uint64_t tk_ops_answer(struct tk_ops *o, const char *who, const char *op, json_t *answer);

#endif
