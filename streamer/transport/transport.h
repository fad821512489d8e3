#ifndef TK_STREAMER_TRANSPORT_TRANSPORT_H
#define TK_STREAMER_TRANSPORT_TRANSPORT_H

/*
 * The UDP port and the peers behind it: joins sockets, peers and their timers. Knows no lessons.
 * Nothing is sent before tk_transport_flush, or before the batch is full. The worker's thread.
 */

#include "streamer/transport/peer.h"

struct tk_transport;

struct tk_transport_config {
    uint16_t port;            /* 0: any free one */
    const char *const *hosts; /* announced addresses or names; none: those of the machine */
    size_t host_count;
    int64_t consent_us; /* 0: 30 s */
    size_t max_peers;   /* 0: 1000 */
};

/* 0, or -errno (-EADDRINUSE) with one clear line in `err`. */
int tk_transport_open(const struct tk_transport_config *config, struct tk_transport **ret,
                      char *err, size_t err_cap);

/* After all its peers have been destroyed. NULL does nothing. */
void tk_transport_close(struct tk_transport *t);

uint16_t tk_transport_port(const struct tk_transport *t);
bool tk_transport_has_ipv6(const struct tk_transport *t);

/* The i-th announced address as text, NULL after the last. */
const char *tk_transport_address(const struct tk_transport *t, size_t i);

/* Sockets to watch for reading: 0 IPv4, 1 IPv6. -1: there is none. */
int tk_transport_fd(const struct tk_transport *t, size_t i);

/* "sha-256 AB:CD:…", as after a=fingerprint: */
const char *tk_transport_fingerprint(const struct tk_transport *t);

/*
 * "a=candidate:…\r\n" lines of the announced addresses; `loopback` adds 127.0.0.1 and ::1.
 * 0, -ENOSPC.
 */
int tk_transport_candidates(const struct tk_transport *t, bool loopback, char *out, size_t cap);

/* Reads what socket `i` has, at most a few batches so that others get their turn. */
void tk_transport_read(struct tk_transport *t, size_t i, int64_t now_us);

/* Sends what was gathered: at the end of each batch of events. */
void tk_transport_flush(struct tk_transport *t);

/* Does what is due; returns the next deadline, INT64_MAX for none. */
int64_t tk_transport_on_time(struct tk_transport *t, int64_t now_us);

/* As tk_peer_create; also -ENOSPC: max_peers. consent_us 0 means the transport's. */
int tk_transport_peer_create(struct tk_transport *t, const struct tk_peer_config *config,
                             struct tk_peer **ret);

/* name → number, for every counter: drops, datagrams and bytes both ways, system calls. */
void tk_transport_counters(const struct tk_transport *t,
                           void (*each)(void *ctx, const char *name, uint64_t value), void *ctx);

#endif
