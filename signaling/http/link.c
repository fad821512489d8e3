/*
 * POST /link/{token}: signs in once and goes on to the page that the link was made for. The page
 * that GET shows (web/src/link) posts itself.
 */

#include <string.h>

#include "signaling/core/link.h"
#include "signaling/http/http.h"

static void reply_problem(struct tk_request *r, const struct tk_problem *problem)
{
    const char *accept = r->headers[TK_HTTP_ACCEPT];
    if (problem->status == 404 && accept && strstr(accept, "text/html")) {
        tk_http_redirect(r, 303, "/login?reason=expired");
        return;
    }
    tk_http_reply_problem(r, problem);
}

static void on_used(void *arg, const struct tk_problem *problem, const struct tk_link *link)
{
    struct tk_request *r = arg;
    char name[TK_COOKIE_NAME_MAX];
    if (problem) {
        reply_problem(r, problem);
        return;
    }
    if (link->is_device) {
        tk_cookie_name_device(link->device_key, name);
        tk_http_set_cookie(r, name, link->device_token, TK_DEVICE_COOKIE_S);
    } else {
        tk_cookie_name_role(link->login.account.role, name);
        tk_http_set_cookie(r, name, link->login.token, link->login.max_age_s);
    }
    tk_http_redirect(r, 303, link->page);
}

static void use(struct tk_request *r)
{
    tk_link_use(r->ctx->access, r->address, r->ctx->now(), r->params[0], on_used, r);
}

const struct tk_route tk_link_routes[] = {
    {.method = TK_HTTP_POST, .pattern = "/link/{token}", .cost = 5, .handle = use},
    {0},
};
