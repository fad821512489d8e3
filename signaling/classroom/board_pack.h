#ifndef TK_SIGNALING_CLASSROOM_BOARD_PACK_H
#define TK_SIGNALING_CLASSROOM_BOARD_PACK_H

/*
 * The text of a log in gzip (RFC 1952), of which most was deflated before: it only grows, so each
 * piece of it is deflated once, byte-aligned (RFC 1951, section 3.2.4), and the pieces are put
 * together for whoever asks. Loop thread: a piece takes a millisecond or two.
 */

#include <glib.h>

struct tk_board_pack {
    GArray *pieces; /* one after another from the text's beginning */
    size_t bytes;   /* of all of them */
};

void tk_board_pack_init(struct tk_board_pack *p);
void tk_board_pack_finish(struct tk_board_pack *p);

/* The text has grown: deflates what is surely not its end. */
void tk_board_pack_follow(struct tk_board_pack *p, const GString *text);

/* `head`, the text from offset `from` on without its last comma, `tail`. g_bytes_unref. */
GBytes *tk_board_pack_join(struct tk_board_pack *p, const char *head, const GString *text,
                           size_t from, const char *tail);

#endif
