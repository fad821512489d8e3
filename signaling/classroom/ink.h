#ifndef TK_SIGNALING_CLASSROOM_INK_H
#define TK_SIGNALING_CLASSROOM_INK_H

/*
 * The points of a stroke as PROTOCOL.md's "The board" writes them: base64 without padding, of
 * LEB128 varints, of zigzag differences of x, y and pressure. One pass, bounds-checked, no heap.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_INK_COORDINATE_MAX 20000
#define TK_INK_PRESSURE_MAX 255

/*
 * Checks `text` of `len` bytes: 1 to `points_max` whole points, each coordinate and pressure in
 * range, each varint the shortest, nothing after the last. `piece`: it continues another one, so
 * that only the differences can be checked. The number of points, or -EBADMSG with why in
 * `ret_why`, static text.
 */
int tk_ink_check(const char *text, size_t len, int points_max, bool piece, const char **ret_why);

#endif
