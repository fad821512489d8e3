#ifndef TK_SIGNALING_SERVER_FILES_H
#define TK_SIGNALING_SERVER_FILES_H

/*
 * The built pages, read into memory at start with their `.gz` twins: a request is looked up in a
 * table and never opens a file. Pages have addresses of their own (/teach/demo is teach.html),
 * everything else is below /assets/ with a hash in its name. Loop thread.
 */

#include "signaling/http/http.h"

#define TK_FILES_BYTES_MAX (64 * 1024 * 1024)

struct tk_files;

/* `folder` missing or empty is no error: pages then say that they are not built. -errno, `err`. */
int tk_files_read(const char *folder, struct tk_files **ret, char *err, size_t cap);
void tk_files_destroy(struct tk_files *f);
size_t tk_files_count(const struct tk_files *f);

/* Replies with the file or page at the address; false when there is none. */
bool tk_files_reply(const struct tk_files *f, struct tk_request *r);

/* Where the pages are: the setting, else beside the program as built or installed. g_free. */
char *tk_files_folder(const struct tk_settings *settings);

#endif
