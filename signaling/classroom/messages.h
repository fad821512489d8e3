#ifndef TK_SIGNALING_CLASSROOM_MESSAGES_H
#define TK_SIGNALING_CLASSROOM_MESSAGES_H

/*
 * The short messages of a lesson: from a room or its co-teacher to the teacher, from the teacher to
 * all rooms. The newest of each conversation stay in memory; the timeline has all. No I/O.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signaling/store/place_rows.h"

#define TK_MESSAGE_CHARS_MAX 200
#define TK_MESSAGES_SHOWN 30
#define TK_MESSAGES_KEPT                                                                           \
    500 /* so that each room's 30 are among them in a lesson like any other                        \
         */

enum tk_message_from {
    TK_MESSAGE_TEACHER,
    TK_MESSAGE_ROOM,
    TK_MESSAGE_COTEACHER,
};

const char *tk_message_from_name(enum tk_message_from from);
bool tk_message_from_parse(const char *name, enum tk_message_from *ret);

struct tk_class_message {
    int64_t id;
    int64_t at_ms;
    enum tk_message_from from;
    int64_t room_id; /* 0: the teacher's */
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    char text[TK_MESSAGE_CHARS_MAX * 4 + 1];
};

struct tk_messages {
    GQueue kept; /* struct tk_class_message, oldest first; zeroed is empty */
    int64_t last_id;
};

void tk_messages_clear(struct tk_messages *m);
/* Copies it and gives it the next id. */
void tk_messages_add(struct tk_messages *m, const struct tk_class_message *message);

/* 1 to `max` characters on one line, UTF-8, no control character among them, not blank alone. */
bool tk_message_text_fits(const char *text, size_t bytes, long max);

#endif
