#ifndef TK_STREAMER_WIRE_TEXT_H
#define TK_STREAMER_WIRE_TEXT_H

/* A piece of somebody else's text, and how a line-based protocol takes it apart. Any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_text {
    const char *at; /* NULL: not there */
    size_t len;
};

bool tk_text_same(struct tk_text a, struct tk_text b);
bool tk_text_equal(struct tk_text a, const char *b);
bool tk_text_equal_nocase(struct tk_text a, const char *b);

/* Takes what stands before the next `sep` (or all) off the front of `rest`. */
struct tk_text tk_text_take(struct tk_text *rest, char sep);
/* The same up to a space, without those before it. */
struct tk_text tk_text_word(struct tk_text *rest);

/* Decimal digits alone, at most `max`. */
bool tk_text_number(struct tk_text t, uint64_t max, uint64_t *ret);
/* Six hexadecimal digits. */
bool tk_text_hex24(struct tk_text t, uint32_t *ret);
/* ASCII without space or control characters, and not empty. */
bool tk_text_is_printable(struct tk_text t);

#endif
