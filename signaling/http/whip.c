/* WHIP (RFC 9725): `/whip/{lesson}?track=people|board`. */

#include <string.h>

#include "signaling/http/peering.h"

static bool has_media(const char *offer, const char *kind)
{
    size_t len = strlen(kind);
    for (const char *line = offer; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "m=", 2) == 0 && strncmp(line + 2, kind, len) == 0) {
            return true;
        }
    }
    return false;
}

static int describe(struct tk_request *r, const char *offer, json_t **slots, json_t **tracks,
                    struct tk_problem *problem)
{
    const char *track = tk_http_query(r, "track");
    bool board = track && strcmp(track, "board") == 0;
    if (track && !board && strcmp(track, "people") != 0) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "track", "track: people or board");
    }
    *tracks = json_object();
    if (board || has_media(offer, "video")) {
        json_object_set_new(*tracks, "video", json_string(board ? "board.video" : "people.video"));
    }
    if (!board && has_media(offer, "audio")) {
        json_object_set_new(*tracks, "audio", json_string("people.audio"));
    }
    return 0;
}

static const struct tk_peering whip = {"whip", TK_TOKEN_PUBLISH, describe};

static bool check(struct tk_request *r)
{
    return tk_peering_check(r, &whip);
}

static void post(struct tk_request *r)
{
    tk_peering_post(r, &whip);
}

static void patch(struct tk_request *r)
{
    tk_peering_patch(r, &whip);
}

static void delete (struct tk_request *r)
{
    tk_peering_delete(r, &whip);
}

#define FLAGS (TK_ROUTE_BEARER | TK_ROUTE_CORS)

const struct tk_route tk_whip_routes[] = {
    {TK_HTTP_POST, "/whip/{lesson}", 0, FLAGS, TK_PEERING_OFFER_TYPE, 0, 10, check, post},
    {TK_HTTP_OPTIONS, "/whip/{lesson}", 0, FLAGS, NULL, 0, 0, NULL, tk_peering_options},
    {TK_HTTP_PATCH, "/whip/{lesson}/{peer}", 0, FLAGS, TK_PEERING_PATCH_TYPE, 0, 0, check, patch},
    {TK_HTTP_DELETE, "/whip/{lesson}/{peer}", 0, FLAGS, NULL, 0, 0, check, delete},
    {TK_HTTP_OPTIONS, "/whip/{lesson}/{peer}", 0, FLAGS, NULL, 0, 0, NULL, tk_peering_options},
    {0},
};
