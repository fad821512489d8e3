/* POST /accounts/{id}/password. */

#include "signaling/http/http.h"

static void on_password(void *arg, const struct tk_problem *problem, int64_t account_id,
                        const char *password)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_http_reply_json(r, 200, json_pack("{s:s}", "password", password));
}

static void reset_password(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    int64_t id;
    if (!tk_http_param_id(r, 0, &id)) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such account");
        return;
    }
    tk_account_set_password(r->ctx->access, &actor, r->ctx->now(), id, NULL, on_password, r);
}

const struct tk_route tk_account_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/accounts/{id}/password",
     .who = TK_WHO_ADMIN,
     .cost = 5,
     .handle = reset_password},
    {0},
};
