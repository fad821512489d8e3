/* POST /rooms/{id}/enrol-code, GET /devices, DELETE /devices/{id}. */

#include "signaling/http/http.h"
#include "signaling/http/json.h"

static void on_code(void *arg, const struct tk_problem *problem, const char *code,
                    int64_t expires_ms)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_http_reply_json(r, 201,
                       json_pack("{s:s,s:I}", "code", code, "expires_ms", (json_int_t)expires_ms));
}

static void make_code(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    struct tk_room room;
    int64_t id;
    if (!tk_http_param_id(r, 0, &id) || tk_room_find(r->ctx->access, id, &room) < 0) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such room");
        return;
    }
    tk_enrol_code_make(r->ctx->access, &actor, r->ctx->now(), id, on_code, r);
}

static int add_device(void *ctx, const struct tk_device *device)
{
    return json_array_append_new(ctx, tk_json_device(device));
}

static void list(struct tk_request *r)
{
    struct tk_problem problem;
    json_t *devices = json_array();
    int result = tk_device_each(r->ctx->access, add_device, devices);
    if (result < 0) {
        json_decref(devices);
        tk_problem_from_errno(&problem, result);
        tk_http_reply_problem(r, &problem);
        return;
    }
    tk_http_reply_json(r, 200, json_pack("{s:o}", "devices", devices));
}

static void on_revoked(void *arg, const struct tk_problem *problem)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
    } else {
        tk_http_reply_empty(r, 204);
    }
}

static void revoke_device(struct tk_request *r)
{
    struct tk_actor actor = tk_http_actor(r);
    int64_t id;
    if (!tk_http_param_id(r, 0, &id)) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such device");
        return;
    }
    tk_device_revoke(r->ctx->access, &actor, r->ctx->now(), id, on_revoked, r);
}

const struct tk_route tk_device_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/rooms/{id}/enrol-code",
     .who = TK_WHO_ADMIN,
     .handle = make_code},
    {.method = TK_HTTP_GET, .pattern = "/api/v1/devices", .who = TK_WHO_ADMIN, .handle = list},
    {.method = TK_HTTP_DELETE,
     .pattern = "/api/v1/devices/{id}",
     .who = TK_WHO_ADMIN,
     .handle = revoke_device},
    {0},
};
