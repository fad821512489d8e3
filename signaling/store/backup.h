#ifndef TK_SIGNALING_STORE_BACKUP_H
#define TK_SIGNALING_STORE_BACKUP_H

/*
 * Whole copies of the database: made while it is written to, checked before they are called a
 * backup. Waits for the disk: for the command line only. Any thread.
 */

#include <stddef.h>
#include <stdint.h>

/*
 * Copies the database `from` into the new file `to` (mode 0600), which appears only when it is
 * whole. -EEXIST: `to` is there already; -EBADMSG: `from` is damaged; -errno. `err` gets one line.
 */
int tk_store_copy(const char *from, const char *to, char *err, size_t cap);

/*
 * Whether `path` is a sound database that this program can open: -EPROTO made by a newer one,
 * -EBADMSG not ours or damaged. `err` gets one line.
 */
int tk_store_check(const char *path, char *err, size_t cap);

#endif
