/*
 * What the transport alone costs for each packet and receiver: rewriting, protecting and queueing,
 * then the same with sending. A lesson of 225 packets a second: a frame of six packets of 1,200
 * bytes and one of 300, and two sound packets of 132. Unpaced; nobody reads what is sent.
 *
 *   fanout [RECEIVERS]
 */

#include "streamer/transport/srtp.h"
#include "streamer/transport/udp.h"
#include "streamer/wire/bytes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FRAME 7
#define PACKETS_PER_SECOND 225
#define SECONDS 1.0

struct receiver {
    struct tk_srtp *srtp;
    struct tk_path path;
    int fd;
    uint32_t sent[2];
};

static const size_t frame_len[FRAME] = {1200, 1200, 1200, 1200, 1200, 1200, 300};
static uint8_t payload[1400];

static double cpu_seconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void open_receiver(struct receiver *r, const struct tk_srtp_ciphers *ciphers,
                          enum tk_srtp_profile profile)
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(sin);
    r->srtp = tk_srtp_create(ciphers, profile, payload, 8);
    r->fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (!r->srtp || bind(r->fd, (struct sockaddr *)&sin, len) < 0 ||
        getsockname(r->fd, (struct sockaddr *)&sin, &len) < 0) {
        perror("fanout");
        exit(1);
    }
    tk_addr_from_sockaddr(&r->path.remote, (struct sockaddr *)&sin);
    tk_addr_parse(&r->path.local, "127.0.0.1");
}

/* One packet as the receiver gets it, into the batch. */
static void send_packet(struct tk_udp *udp, struct receiver *r, int track, size_t len)
{
    uint8_t *p = tk_udp_room(udp, len + TK_SRTP_MAX_TAG);
    uint32_t seq = r->sent[track]++;
    memcpy(p, payload, len);
    p[0] = 0x80;
    p[1] = (uint8_t)(96 + track);
    tk_put_u16(p + 2, (uint16_t)seq);
    tk_put_u32(p + 4, seq * 90);
    tk_put_u32(p + 8, 1000 + (uint32_t)track);
    if (tk_srtp_protect(r->srtp, p, len, &len) < 0) {
        abort();
    }
    tk_udp_commit(udp, &r->path, len);
}

/* 40 ms of the lesson for everyone. */
static size_t fan_out(struct tk_udp *udp, struct receiver *receivers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < FRAME; k++) {
            send_packet(udp, &receivers[i], 0, frame_len[k]);
        }
    }
    tk_udp_flush(udp);
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < count; i++) {
            send_packet(udp, &receivers[i], 1, 132);
        }
        tk_udp_flush(udp);
    }
    return count * (FRAME + 2);
}

static void measure(const char *name, enum tk_srtp_profile profile, size_t count)
{
    struct tk_srtp_ciphers *ciphers = tk_srtp_ciphers_create();
    struct receiver *receivers = calloc(count, sizeof(*receivers));
    struct tk_udp *udp;
    char err[200];
    if (tk_udp_open(0, &udp, err, sizeof(err)) < 0) {
        fprintf(stderr, "fanout: %s\n", err);
        exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        open_receiver(&receivers[i], ciphers, profile);
    }
    size_t packets = 0;
    double start = cpu_seconds(), used;
    do {
        packets += fan_out(udp, receivers, count);
        used = cpu_seconds() - start;
    } while (used < SECONDS);
    double ns = used * 1e9 / (double)packets;
    const struct tk_udp_counters *c = tk_udp_counters(udp);
    printf(
        "%-10s %5zu receivers: %6.0f ns a packet, %.4f %% of a core each; %.1f packets a message, "
        "%llu refused\n",
        name, count, ns, ns * PACKETS_PER_SECOND / 1e7,
        (double)c->datagrams_out / (double)c->messages_out, (unsigned long long)c->refused);
    for (size_t i = 0; i < count; i++) {
        tk_srtp_destroy(receivers[i].srtp);
        close(receivers[i].fd);
    }
    free(receivers);
    tk_udp_close(udp);
    tk_srtp_ciphers_destroy(ciphers);
}

/* Protecting alone, a packet of the lesson's size again and again. */
static void measure_protect(const char *name, enum tk_srtp_profile profile)
{
    struct tk_srtp_ciphers *ciphers = tk_srtp_ciphers_create();
    struct tk_srtp *srtp = tk_srtp_create(ciphers, profile, payload, 8);
    uint8_t buf[1400] = {0x80, 96};
    size_t packets = 0, len = 0;
    double start = cpu_seconds(), used;
    do {
        for (int i = 0; i < 1000; i++, packets++) {
            tk_put_u16(buf + 2, (uint16_t)packets);
            if (tk_srtp_protect(srtp, buf, 1065, &len) < 0) {
                abort();
            }
        }
        used = cpu_seconds() - start;
    } while (used < SECONDS);
    printf("%-10s protect alone: %6.0f ns a packet of 1065 bytes\n", name,
           used * 1e9 / (double)packets);
    tk_srtp_destroy(srtp);
    tk_srtp_ciphers_destroy(ciphers);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    measure_protect("GCM", TK_SRTP_AEAD_AES_128_GCM);
    measure_protect("SHA1_80", TK_SRTP_AES128_CM_HMAC_SHA1_80);
    measure("GCM", TK_SRTP_AEAD_AES_128_GCM, count);
    measure("SHA1_80", TK_SRTP_AES128_CM_HMAC_SHA1_80, count);
    return 0;
}
