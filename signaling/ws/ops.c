#include "signaling/ws/ops.h"

#include <glib.h>

struct op {
    char *key;
    uint64_t conn;
    json_t *answer; /* NULL: under way */
};

struct tk_ops {
    GHashTable *by_key;
    GQueue order; /* oldest first */
};

static void op_free(gpointer arg)
{
    struct op *op = arg;
    json_decref(op->answer);
    g_free(op->key);
    g_free(op);
}

struct tk_ops *tk_ops_create(void)
{
    struct tk_ops *o = g_new0(struct tk_ops, 1);
    o->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, op_free);
    g_queue_init(&o->order);
    return o;
}

void tk_ops_destroy(struct tk_ops *o)
{
    if (o) {
        g_queue_clear(&o->order);
        g_hash_table_destroy(o->by_key);
        g_free(o);
    }
}

enum tk_op_state tk_ops_begin(struct tk_ops *o, const char *who, const char *op, uint64_t conn,
                              const json_t **ret_answer)
{
    char *key = g_strdup_printf("%s|%s", who, op);
    struct op *found = g_hash_table_lookup(o->by_key, key);
    if (found) {
        g_free(key);
        if (found->answer) {
            *ret_answer = found->answer;
            return TK_OP_DONE;
        }
        found->conn = conn;
        return TK_OP_UNDERWAY;
    }
    if (o->order.length >= TK_OPS_MAX) {
        struct op *oldest = g_queue_pop_head(&o->order);
        g_hash_table_remove(o->by_key, oldest->key);
    }
    found = g_new0(struct op, 1);
    found->key = key;
    found->conn = conn;
    g_hash_table_insert(o->by_key, key, found);
    g_queue_push_tail(&o->order, found);
    return TK_OP_NEW;
}

uint64_t tk_ops_answer(struct tk_ops *o, const char *who, const char *op, json_t *answer)
{
    char *key = g_strdup_printf("%s|%s", who, op);
    struct op *found = g_hash_table_lookup(o->by_key, key);
    g_free(key);
    if (!found) {
        return 0;
    }
    json_decref(found->answer);
    found->answer = json_incref(answer);
    return found->conn;
}
