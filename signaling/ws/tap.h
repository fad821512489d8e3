#ifndef TK_SIGNALING_WS_TAP_H
#define TK_SIGNALING_WS_TAP_H

/*
 * Shows the bytes that libwebsockets reads from a connection, as it reads them. It has no such
 * callback, and hands out frames only without their headers; so the two functions by which it
 * reads, recv() and SSL_read(), are defined here in front of the libraries' own (the dynamic linker
 * takes the program's) and do as those do. Loop thread.
 */

#include <stddef.h>

/* `read` is called for what is read from this socket, or from `ssl` where that is not NULL. */
void tk_tap_add(int fd, const void *ssl, void (*read)(void *ctx, const void *bytes, size_t len),
                void *ctx);
void tk_tap_remove(int fd, const void *ssl);

#endif
