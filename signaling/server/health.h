#ifndef TK_SIGNALING_SERVER_HEALTH_H
#define TK_SIGNALING_SERVER_HEALTH_H

/*
 * GET /healthz: 200 when the store could write just now and a streamer answers, else 503; always
 * which of the two. One write a second at most, however often it is asked. GET /metrics: Prometheus
 * text, on loopback or with the settings' token. GET /ca.crt: the root of our own certificates.
 */

#include "signaling/http/http.h"

struct tk_health;

struct tk_health *tk_health_create(const struct tk_http_ctx *ctx);
void tk_health_destroy(struct tk_health *h);

extern const struct tk_route tk_server_routes[];

/* Of /metrics (metrics.c). */
bool tk_metrics_allowed(struct tk_request *r);
void tk_metrics_reply(struct tk_request *r);

#endif
