#ifndef TK_STREAMER_TRANSPORT_ADDR_H
#define TK_STREAMER_TRANSPORT_ADDR_H

/*
 * An address and port, and a path (theirs, and the one of ours that they talk to), without padding
 * so that they compare and hash as bytes. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TK_ADDR_TEXT 56 /* "[v6]:port" and its end */

struct tk_addr {
    uint8_t ip[16]; /* the first four when family is 4; the others are zero */
    uint16_t port;  /* host order */
    uint8_t family; /* 4, 6; 0: none */
    uint8_t zero;
};

struct tk_path {
    struct tk_addr remote;
    struct tk_addr local; /* port 0: the socket knows it */
};

bool tk_addr_equal(const struct tk_addr *a, const struct tk_addr *b);
bool tk_path_equal(const struct tk_path *a, const struct tk_path *b);

/* Neither loopback, link-local, multicast nor unspecified: may be told to another machine. */
bool tk_addr_is_announceable(const struct tk_addr *a);

/* False for any other family. */
bool tk_addr_from_sockaddr(struct tk_addr *out, const struct sockaddr *sa);

/* Returns the length of the sockaddr that it wrote. */
socklen_t tk_addr_to_sockaddr(const struct tk_addr *a, struct sockaddr_storage *out);

/* A numeric address without port. */
bool tk_addr_parse(struct tk_addr *out, const char *ip);

/* The address alone, as a candidate line has it. Returns `out`. */
const char *tk_addr_ip_text(const struct tk_addr *a, char out[TK_ADDR_TEXT]);

#endif
