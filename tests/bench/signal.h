#ifndef TK_TESTS_BENCH_SIGNAL_H
#define TK_TESTS_BENCH_SIGNAL_H

/* How a viewer gets the server's description: WHEP, or Janus' streaming plugin over its HTTP API.
 */

#include <stddef.h>

/* POSTs `offer` to `url`, `token` as bearer; the answer goes to `out`. 0, or -errno with a line. */
int signal_whep(const char *url, const char *token, const char *offer, char *out, size_t cap);

struct signal_janus {
    const char *url; /* http://127.0.0.1:8088/janus */
    char session[32], handle[32];
};

/* Asks for the mountpoint; its offer goes to `out`. */
int signal_janus_watch(struct signal_janus *j, int mountpoint, char *out, size_t cap);
int signal_janus_start(struct signal_janus *j, const char *answer);

#endif
