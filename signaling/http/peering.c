#include "signaling/http/peering.h"

#include <stdio.h>
#include <string.h>

#include "signaling/core/lesson.h"

/* What names a session's maker, so that only the same token may touch it. */
static void tag_of(const struct tk_peering *kind, const struct tk_token *token, char *out,
                   size_t cap)
{
    snprintf(out, cap, "%s:%lld:%s", kind->name, (long long)token->id, token->lesson_id);
}

static int find_token(struct tk_request *r, struct tk_token *ret, struct tk_problem *problem)
{
    const char *bearer = tk_http_bearer(r);
    if (!bearer) {
        return tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                              "A bearer token is needed: `tongke token` makes one");
    }
    return tk_token_find(r->ctx->access, r->ctx->now(), bearer, ret, problem);
}

/* 404 of the order: the lesson, and where the path names one the session. */
static int find_place(struct tk_request *r, struct tk_problem *problem)
{
    if (!tk_lessons_find(r->ctx->lessons, r->params[0])) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no lesson '%.40s'",
                              r->params[0]);
    }
    if (r->params[1] && !tk_media_peer_exists(r->ctx->media, r->params[1])) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, NULL, "This media session is over");
    }
    return 0;
}

static int check_owner(struct tk_request *r, const struct tk_peering *kind,
                       const struct tk_token *token, struct tk_problem *problem)
{
    char tag[TK_PEER_TAG_MAX];
    tag_of(kind, token, tag, sizeof(tag));
    if (r->params[1] && strcmp(tk_media_peer_tag(r->ctx->media, r->params[1]), tag) != 0) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, NULL,
                              "Another token made this media session");
    }
    return 0;
}

bool tk_peering_check(struct tk_request *r, const struct tk_peering *kind)
{
    struct tk_problem problem;
    struct tk_token token;
    if (find_token(r, &token, &problem) < 0 || find_place(r, &problem) < 0 ||
        tk_token_allows(&token, r->params[0], kind->act, &problem) < 0 ||
        check_owner(r, kind, &token, &problem) < 0) {
        tk_http_reply_problem(r, &problem);
        return false;
    }
    return true;
}

/* The body as text, or NULL with a reply. */
static const char *body_text(struct tk_request *r)
{
    if (!r->headers[TK_HTTP_CONTENT_TYPE]) {
        tk_http_fail(r, TK_PROBLEM_UNSUPPORTED_TYPE, NULL, "The body has no Content-Type");
        return NULL;
    }
    if (r->body_len == 0) {
        tk_http_fail(r, TK_PROBLEM_BAD_REQUEST, "sdp", "The session description is empty");
        return NULL;
    }
    if (!g_utf8_validate((const char *)r->body, (gssize)r->body_len, NULL)) {
        tk_http_fail(r, TK_PROBLEM_BAD_REQUEST, "sdp",
                     "The session description holds bytes that are no text");
        return NULL;
    }
    return (const char *)r->body;
}

static void etag_header(struct tk_request *r, const char *peer)
{
    tk_http_header(r, "ETag", "\"%.8s-%d\"", peer, tk_media_peer_version(r->ctx->media, peer));
}

/* ---- POST ---- */

static void on_posted(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                      const char *sdp)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_http_header(r, "Location", "%s/%s", r->path, peer);
    tk_http_header(r, "Accept-Patch", TK_PEERING_PATCH_TYPE);
    etag_header(r, peer);
    tk_http_reply(r, 201, TK_PEERING_OFFER_TYPE, sdp, strlen(sdp));
}

static void on_patched(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                       const char *sdp)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    etag_header(r, peer);
    if (*sdp) {
        tk_http_reply(r, 200, TK_PEERING_PATCH_TYPE, sdp, strlen(sdp));
    } else {
        tk_http_reply_empty(r, 204);
    }
}

/* One owner for both; a session knows by the argument's method what is answered. */
static void on_answer(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                      const char *sdp)
{
    const struct tk_request *r = arg;
    if (r->method == TK_HTTP_POST) {
        on_posted(ctx, arg, problem, peer, sdp);
    } else {
        on_patched(ctx, arg, problem, peer, sdp);
    }
}

static const struct tk_peer_owner owner = {.on_answer = on_answer};

static void create(struct tk_request *r, const struct tk_peering *kind,
                   const struct tk_token *token, const char *offer)
{
    char peer[TK_PEER_TEXT];
    char tag[TK_PEER_TAG_MAX];
    char key[TK_PUBLISHER_KEY_MAX];
    char name[TK_PUBLISHER_NAME_MAX];
    struct tk_problem problem;
    json_t *slots = NULL;
    json_t *tracks = NULL;
    tag_of(kind, token, tag, sizeof(tag));
    snprintf(key, sizeof(key), "token:%lld", (long long)token->id);
    snprintf(name, sizeof(name), "WHIP #%lld", (long long)token->id);
    int result = kind->describe(r, offer, &slots, &tracks, &problem);
    const struct tk_peer_config config = {.lesson = r->params[0],
                                          .name = kind->name,
                                          .slots = slots,
                                          .tracks = tracks,
                                          .offer = offer,
                                          .loopback = r->loopback,
                                          .started = true,
                                          .publisher_key = key,
                                          .publisher_name = name,
                                          .publisher_name_en = name,
                                          .tag = tag,
                                          .owner = &owner,
                                          .arg = r};
    if (result == 0) {
        result = tk_media_peer_create(r->ctx->media, &config, peer, &problem);
    }
    json_decref(slots);
    json_decref(tracks);
    if (result < 0) {
        tk_http_reply_problem(r, &problem);
    }
}

void tk_peering_post(struct tk_request *r, const struct tk_peering *kind)
{
    struct tk_problem problem;
    struct tk_token token;
    const char *offer = body_text(r);
    if (!offer) {
        return;
    }
    if (find_token(r, &token, &problem) < 0) { /* it expired since the check */
        tk_http_reply_problem(r, &problem);
        return;
    }
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    if (!lesson || !tk_lesson_is_open(lesson)) {
        tk_http_fail(r, TK_PROBLEM_CONFLICT, NULL, "The lesson is not open now");
        return;
    }
    create(r, kind, &token, offer);
}

/* ---- PATCH, DELETE, OPTIONS ---- */

/*
 * RFC 9725 4.3.3: If-Match is "*" or the session's ETag. Clients exist that leave it out: accepted;
 * only a wrong one is refused.
 */
static bool if_match_is_fine(const struct tk_request *r, const char *peer)
{
    char etag[32];
    const char *asked = r->headers[TK_HTTP_IF_MATCH];
    snprintf(etag, sizeof(etag), "\"%.8s-%d\"", peer, tk_media_peer_version(r->ctx->media, peer));
    return !asked || strcmp(asked, "*") == 0 || strcmp(asked, etag) == 0;
}

void tk_peering_patch(struct tk_request *r, const struct tk_peering *kind)
{
    struct tk_problem problem;
    const char *fragment = body_text(r);
    if (!fragment) {
        return;
    }
    if (!tk_media_peer_exists(r->ctx->media, r->params[1])) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "This media session is over");
    } else if (!if_match_is_fine(r, r->params[1])) {
        tk_http_fail(r, TK_PROBLEM_PRECONDITION_FAILED, NULL,
                     "If-Match names an older state of this session");
    } else if (tk_media_peer_restart(r->ctx->media, r->params[1], fragment, r, &problem) < 0) {
        tk_http_reply_problem(r, &problem);
    }
}

void tk_peering_delete(struct tk_request *r, const struct tk_peering *kind)
{
    tk_media_peer_close(r->ctx->media, r->params[1], "bye");
    tk_http_reply_empty(r, 200);
}

void tk_peering_options(struct tk_request *r)
{
    tk_http_header(r, "Allow", "%s", r->params[1] ? "PATCH, DELETE, OPTIONS" : "POST, OPTIONS");
    tk_http_header(r, "Access-Control-Allow-Methods", "%s",
                   r->params[1] ? "PATCH, DELETE, OPTIONS" : "POST, OPTIONS");
    tk_http_header(r, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    tk_http_header(r, "Access-Control-Max-Age", "86400");
    tk_http_header(r, r->params[1] ? "Accept-Patch" : "Accept-Post", "%s",
                   r->params[1] ? TK_PEERING_PATCH_TYPE : TK_PEERING_OFFER_TYPE);
    tk_http_reply_empty(r, 204);
}
