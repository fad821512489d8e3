#ifndef TK_SIGNALING_CLASSROOM_BOARD_FILES_H
#define TK_SIGNALING_CLASSROOM_BOARD_FILES_H

/*
 * Pictures of slides: bytes in a folder, named by what they are (SHA-256), and a row for each
 * lesson that has them. The same picture is kept once, whoever sends it.
 */

#include "signaling/core/lesson.h"
#include "signaling/store/board_rows.h"

/*
 * Writes the bytes into `folder`, made on demand, unless they are there; they are on the disk when
 * it returns. 0 with the name in `ret_id`, or -errno. Any thread.
 */
int tk_board_file_keep(const char *folder, const void *bytes, size_t len,
                       char ret_id[TK_FILE_ID_MAX + 1]);

/* too_large where the lesson has no room for so many more bytes, or is over (conflict). */
int tk_board_file_room(struct tk_store *store, const struct tk_lesson *lesson, int64_t bytes,
                       struct tk_problem *problem);

/* `problem` NULL: the lesson has it; `fresh`: since now. */
typedef void tk_board_file_done(void *arg, const struct tk_problem *problem, bool fresh);

/* Notes that the lesson has the picture; the limits of board.h. Loop thread. */
void tk_board_file_add(struct tk_store *store, struct tk_now now, const char *lesson_id,
                       int64_t account_id, const struct tk_file_row *row, tk_board_file_done *done,
                       void *arg);

#endif
