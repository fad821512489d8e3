#ifndef TK_SIGNALING_WS_FRAMES_H
#define TK_SIGNALING_WS_FRAMES_H

/*
 * Follows the frames of RFC 6455 in what a client sends, only to see whether each is masked, which
 * libwebsockets 4.1 reads but does not check. No I/O.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_frames {
    int at;           /* bytes of the header seen, of `size` */
    int size;         /* 0: not known yet */
    uint64_t payload; /* bytes of it still to come */
    bool unmasked;    /* a frame was not masked: nothing is followed any more */
};

/* Zeroed is the beginning. */
void tk_frames_read(struct tk_frames *f, const void *bytes, size_t len);

#endif
