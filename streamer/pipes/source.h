#ifndef TK_STREAMER_PIPES_SOURCE_H
#define TK_STREAMER_PIPES_SOURCE_H

/* Checks of a Source object (signaling/PROTOCOL.md). No I/O; any thread. */

#include <jansson.h>
#include <stddef.h>

/*
 * 0 when every field that `kind` needs is there, of its type and within limits, and no other is;
 * -EINVAL with the reason in `err`, which repeats no secret.
 */
int tk_source_check(const json_t *source, char *err, size_t err_cap);

/* Writes why a source is refused. -EINVAL. */
int tk_source_refuse(char *err, size_t cap, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The kind of a checked source. */
const char *tk_source_kind(const json_t *source);

/* What a log or a status may show of it: a path, a device, an address without user and password. */
void tk_source_label(const json_t *source, char *label, size_t cap);

#endif
