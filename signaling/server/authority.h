#ifndef TK_SIGNALING_SERVER_AUTHORITY_H
#define TK_SIGNALING_SERVER_AUTHORITY_H

/*
 * Where the server's certificate comes from: a real one named in the settings, or one that an
 * authority of our own signs, both kept in `<data>/tls` (0700, keys 0600). Made anew when the names
 * change or its end is near; the authority stays, because the rooms' PCs trust it. X.509 by
 * OpenSSL.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

#define TK_TLS_PATH (TK_SETTINGS_TEXT + 32)

struct tk_tls_files {
    char certificate[TK_TLS_PATH]; /* PEM: the server's, then what leads to its root */
    char key[TK_TLS_PATH];
    char authority[TK_TLS_PATH]; /* PEM of our own root; "" with a real certificate */
    bool made;                   /* just now: what was loaded before is outdated */
};

/*
 * Makes what is missing or outdated and checks what is there: readable, valid today, key and
 * certificate belong together. `hosts` ends with NULL. 0 or -errno with one line in `err`.
 */
int tk_authority_prepare(const struct tk_settings *settings, char *const *hosts,
                         struct tk_tls_files *ret, char *err, size_t cap);

#endif
