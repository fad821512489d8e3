#ifndef TK_STREAMER_TRANSPORT_CANDIDATES_H
#define TK_STREAMER_TRANSPORT_CANDIDATES_H

/* The addresses that are announced to peers, and their candidate lines (RFC 8839 §5.1). */

#include "streamer/transport/addr.h"

#define TK_CANDIDATES_MAX 16

struct tk_candidates {
    struct tk_addr addresses[TK_CANDIDATES_MAX];
    char texts[TK_CANDIDATES_MAX][TK_ADDR_TEXT];
    size_t count;
};

/*
 * Of `hosts` (addresses or names), or without any, of the machine's interfaces. IPv6 only with
 * `ipv6`. -EINVAL: a name that cannot be resolved, with one clear line in `err`.
 */
int tk_candidates_find(struct tk_candidates *c, const char *const *hosts, size_t host_count,
                       bool ipv6, char *err, size_t err_cap);

/* "a=candidate:…\r\n" each. 0, -ENOSPC. */
int tk_candidates_print(const struct tk_candidates *c, uint16_t port, char *out, size_t cap);

/* Adds an address that is not among them yet; more than TK_CANDIDATES_MAX are left out. */
void tk_candidates_add(struct tk_candidates *c, const struct tk_addr *addr);

#endif
