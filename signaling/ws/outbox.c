#include "signaling/ws/outbox.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

struct message {
    size_t len;
    bool droppable;
    uint8_t *data; /* TK_OUTBOX_ROOM bytes, then the text */
};

struct tk_outbox {
    GQueue queue;
    size_t bytes;
};

static void message_free(gpointer arg)
{
    struct message *m = arg;
    g_free(m->data);
    g_free(m);
}

struct tk_outbox *tk_outbox_create(void)
{
    struct tk_outbox *o = g_new0(struct tk_outbox, 1);
    g_queue_init(&o->queue);
    return o;
}

void tk_outbox_destroy(struct tk_outbox *o)
{
    if (o) {
        g_queue_clear_full(&o->queue, message_free);
        g_free(o);
    }
}

static bool fits(const struct tk_outbox *o, size_t len)
{
    return o->queue.length < TK_OUTBOX_MESSAGES_MAX && o->bytes + len <= TK_OUTBOX_BYTES_MAX;
}

/* Not the head: a part of it may be on its way already. */
static bool drop_oldest(struct tk_outbox *o)
{
    for (GList *l = o->queue.head ? o->queue.head->next : NULL; l; l = l->next) {
        struct message *m = l->data;
        if (m->droppable) {
            o->bytes -= m->len;
            message_free(m);
            g_queue_delete_link(&o->queue, l);
            return true;
        }
    }
    return false;
}

int tk_outbox_push(struct tk_outbox *o, const char *text, size_t len, bool droppable)
{
    int dropped = 0;
    while (!fits(o, len)) {
        if (!drop_oldest(o)) {
            return droppable ? 1 : -ENOSPC;
        }
        dropped = 1;
    }
    struct message *m = g_new0(struct message, 1);
    m->len = len;
    m->droppable = droppable;
    m->data = g_malloc(TK_OUTBOX_ROOM + len);
    memcpy(m->data + TK_OUTBOX_ROOM, text, len);
    g_queue_push_tail(&o->queue, m);
    o->bytes += len;
    return dropped;
}

uint8_t *tk_outbox_head(struct tk_outbox *o, size_t *ret_len)
{
    struct message *m = g_queue_peek_head(&o->queue);
    if (!m) {
        return NULL;
    }
    *ret_len = m->len;
    return m->data + TK_OUTBOX_ROOM;
}

void tk_outbox_pop(struct tk_outbox *o)
{
    struct message *m = g_queue_pop_head(&o->queue);
    if (m) {
        o->bytes -= m->len;
        message_free(m);
    }
}

bool tk_outbox_is_empty(const struct tk_outbox *o)
{
    return o->queue.length == 0;
}
