#ifndef TK_STREAMER_SEAM_H
#define TK_STREAMER_SEAM_H

/*
 * The messages between tongke and tongke-streamer: one JSON object in one datagram of a
 * SOCK_SEQPACKET pair. This table is their only description; both sides check what they
 * receive against it. Knows nothing of how a message is carried out. Any thread.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define TK_SEAM_VERSION 1
#define TK_SEAM_MAX_BYTES (64 * 1024) /* a local SEQPACKET socket refuses much more */

enum tk_seam_dir {
    TK_SEAM_COMMAND, /* tongke to streamer */
    TK_SEAM_EVENT,   /* streamer to tongke */
};

enum tk_seam_type {
    TK_SEAM_STRING,
    TK_SEAM_INT,
    TK_SEAM_REAL, /* an integer is accepted */
    TK_SEAM_BOOL,
    TK_SEAM_OBJECT,
    TK_SEAM_ARRAY,
};

struct tk_seam_field {
    const char *name; /* NULL ends the list */
    enum tk_seam_type type;
    bool required;
    size_t max; /* longest string in bytes or array in elements; 0: only the message's size */
};

#define TK_SEAM_MAX_FIELDS 20

struct tk_seam_message {
    const char *type;
    enum tk_seam_dir dir;
    bool droppable; /* may be left out when the socket is full (statistics) */
    struct tk_seam_field fields[TK_SEAM_MAX_FIELDS];
    const char *help;
};

/* The whole table, for documents and tests; `*count` entries. */
const struct tk_seam_message *tk_seam_messages(size_t *count);

/* The entry for `type` in direction `dir`, or NULL. */
const struct tk_seam_message *tk_seam_find(enum tk_seam_dir dir, const char *type);

/*
 * Parses and checks one datagram. Returns a new reference that the caller owns, or NULL with a
 * reason in `err` that names the message and the field.
 */
json_t *tk_seam_parse(enum tk_seam_dir dir, const void *buf, size_t len, char *err, size_t err_cap);

/* Checks a message built here. 0, or -EINVAL with a reason in `err`. */
int tk_seam_check(enum tk_seam_dir dir, const json_t *message, char *err, size_t err_cap);

/*
 * Sends `message` on the non-blocking socket `fd` after checking it. 0; -EINVAL malformed
 * (our own mistake); -EMSGSIZE over TK_SEAM_MAX_BYTES; -EAGAIN the socket is full; else -errno.
 */
int tk_seam_send(int fd, enum tk_seam_dir dir, const json_t *message, char *err, size_t err_cap);

#endif
