/* WHEP (draft-ietf-wish-whep): `/whep/{lesson}`. A viewer without a page leaves no attendance. */

#include "signaling/http/peering.h"

static int describe(struct tk_request *r, const char *offer, json_t **slots, json_t **tracks,
                    struct tk_problem *problem)
{
    *slots = json_pack("{s:s, s:s}", "video", "lesson.video", "audio", "lesson.audio");
    return 0;
}

static const struct tk_peering whep = {"whep", TK_TOKEN_WATCH, describe};

static bool check(struct tk_request *r)
{
    return tk_peering_check(r, &whep);
}

static void post(struct tk_request *r)
{
    tk_peering_post(r, &whep);
}

static void patch(struct tk_request *r)
{
    tk_peering_patch(r, &whep);
}

static void delete (struct tk_request *r)
{
    tk_peering_delete(r, &whep);
}

#define FLAGS (TK_ROUTE_BEARER | TK_ROUTE_CORS)

const struct tk_route tk_whep_routes[] = {
    {TK_HTTP_POST, "/whep/{lesson}", 0, FLAGS, TK_PEERING_OFFER_TYPE, 0, 10, check, post},
    {TK_HTTP_OPTIONS, "/whep/{lesson}", 0, FLAGS, NULL, 0, 0, NULL, tk_peering_options},
    {TK_HTTP_PATCH, "/whep/{lesson}/{peer}", 0, FLAGS, TK_PEERING_PATCH_TYPE, 0, 0, check, patch},
    {TK_HTTP_DELETE, "/whep/{lesson}/{peer}", 0, FLAGS, NULL, 0, 0, check, delete},
    {TK_HTTP_OPTIONS, "/whep/{lesson}/{peer}", 0, FLAGS, NULL, 0, 0, NULL, tk_peering_options},
    {0},
};
