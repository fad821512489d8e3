#include "signaling/classroom/messages.h"

#include <string.h>

static const char *const names[] = {
    [TK_MESSAGE_TEACHER] = "teacher",
    [TK_MESSAGE_ROOM] = "room",
    [TK_MESSAGE_COTEACHER] = "coteacher",
};

const char *tk_message_from_name(enum tk_message_from from)
{
    return names[from];
}

bool tk_message_from_parse(const char *name, enum tk_message_from *ret)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum tk_message_from)i;
            return true;
        }
    }
    return false;
}

void tk_messages_clear(struct tk_messages *m)
{
    g_queue_clear_full(&m->kept, g_free);
    m->last_id = 0;
}

void tk_messages_add(struct tk_messages *m, const struct tk_class_message *message)
{
    struct tk_class_message *copy = g_memdup2(message, sizeof(*message));
    copy->id = ++m->last_id;
    g_queue_push_tail(&m->kept, copy);
    if (m->kept.length > TK_MESSAGES_KEPT) {
        g_free(g_queue_pop_head(&m->kept));
    }
}

/* Marks that turn the direction of what follows could make a text read as what it is not. */
static bool turns_direction(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool tk_message_text_fits(const char *text, size_t bytes, long max)
{
    bool blank = true;
    if (strlen(text) != bytes || !g_utf8_validate(text, (gssize)bytes, NULL) ||
        g_utf8_strlen(text, (gssize)bytes) > max) {
        return false;
    }
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        GUnicodeType type = g_unichar_type(c);
        if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
            type == G_UNICODE_PARAGRAPH_SEPARATOR || turns_direction(c)) {
            return false;
        }
        blank = blank && g_unichar_isspace(c);
    }
    return !blank;
}
