#ifndef TK_SIGNALING_HTTP_PEERING_H
#define TK_SIGNALING_HTTP_PEERING_H

/*
 * What WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) have in common: an offer is POSTed, its
 * answer has an address that nobody can guess, to which candidates and ICE restarts are PATCHed and
 * which is DELETEd. Only the token that made a session may touch it. A token that expires while
 * its session runs does not cut it: a lesson is not to break off by a clock; it ends with the
 * lesson, and nothing can be asked with the token any more.
 */

#include "signaling/core/token.h"
#include "signaling/http/http.h"
#include "signaling/media/media.h"

struct tk_peering {
    const char *name; /* "whip", "whep": first part of the path */
    enum tk_token_act act;
    /* Fills slots or tracks (new references, in `slots` and `tracks`) from request and offer. */
    int (*describe)(struct tk_request *r, const char *offer, json_t **slots, json_t **tracks,
                    struct tk_problem *problem);
};

/* `check` of the routes: 401, 404, 403 in this order. */
bool tk_peering_check(struct tk_request *r, const struct tk_peering *kind);

/* `handle` of the routes. */
void tk_peering_post(struct tk_request *r, const struct tk_peering *kind);
void tk_peering_patch(struct tk_request *r, const struct tk_peering *kind);
void tk_peering_delete(struct tk_request *r, const struct tk_peering *kind);
void tk_peering_options(struct tk_request *r);

#define TK_PEERING_OFFER_TYPE "application/sdp"
#define TK_PEERING_PATCH_TYPE "application/trickle-ice-sdpfrag"

#endif
