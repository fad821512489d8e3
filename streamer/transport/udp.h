#ifndef TK_STREAMER_TRANSPORT_UDP_H
#define TK_STREAMER_TRANSPORT_UDP_H

/*
 * One port on an IPv4 and an IPv6 socket, read and written in batches. Datagrams that are committed
 * one after the other for the same path, of equal length but a shorter last, leave as one message
 * (UDP_SEGMENT). An answer leaves from the address that was talked to. No allocation after open.
 * The worker's thread.
 */

#include "streamer/transport/addr.h"

#define TK_UDP_DATAGRAM_MAX 2048 /* longer ones are cut, and dropped */
#define TK_UDP_READ_BATCH 64

struct tk_udp;

struct tk_udp_counters {
    uint64_t datagrams_in, bytes_in, reads;
    uint64_t datagrams_out, bytes_out, messages_out, writes;
    uint64_t refused; /* datagrams that the kernel would not take */
    uint64_t truncated;
};

/* 0, or -errno with one clear line in `err`. Without IPv6 on the machine: IPv4 alone. */
int tk_udp_open(uint16_t port, struct tk_udp **ret, char *err, size_t err_cap);
void tk_udp_close(struct tk_udp *udp);

uint16_t tk_udp_port(const struct tk_udp *udp);
int tk_udp_fd(const struct tk_udp *udp, size_t i); /* 0 IPv4, 1 IPv6; -1: none */

/* Reads one batch from socket `i`; `each` may change `buf`. Returns how many it read; fewer than
 * TK_UDP_READ_BATCH: there are no more. */
size_t tk_udp_read(struct tk_udp *udp, size_t i,
                   void (*each)(void *ctx, const struct tk_path *path, uint8_t *buf, size_t len),
                   void *ctx);

/* Room for a datagram in the batch, sending the batch first if it is full. NULL: `cap` too big. */
uint8_t *tk_udp_room(struct tk_udp *udp, size_t cap);
void tk_udp_commit(struct tk_udp *udp, const struct tk_path *path, size_t len);

/* Sends the batch. */
void tk_udp_flush(struct tk_udp *udp);

const struct tk_udp_counters *tk_udp_counters(const struct tk_udp *udp);

#endif
