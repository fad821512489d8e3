/* POST /enrol: a room's device shows its six-digit code and gets its cookie. */

#include "signaling/http/http.h"
#include "signaling/http/json.h"

#define ENROL_BODY_MAX 4096
#define CODE_BYTES_MAX 32

static void on_enrolled(void *arg, const struct tk_problem *problem, const struct tk_device *device,
                        const char *token)
{
    struct tk_request *r = arg;
    char name[TK_COOKIE_NAME_MAX];
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_cookie_name_device(device->key, name);
    tk_http_set_cookie(r, name, token, TK_DEVICE_COOKIE_S);
    tk_http_reply_json(r, 200,
                       json_pack("{s:{s:I,s:s},s:o}", "device", "id", (json_int_t)device->id, "key",
                                 device->key, "room", tk_json_room(&device->room)));
}

static void enrol(struct tk_request *r)
{
    struct tk_problem problem;
    json_t *body = tk_http_fields(r);
    if (!body) {
        return;
    }
    const char *name = NULL;
    const char *code = tk_http_field_text(body, "code", CODE_BYTES_MAX, true, &problem);
    if (code) {
        name = tk_http_field_text(body, "name", TK_NAME_MAX - 1, false, &problem);
    }
    if (problem.code) {
        tk_http_reply_problem(r, &problem);
    } else {
        tk_device_enrol(r->ctx->access, r->address, r->ctx->now(), code, name ? name : "",
                        on_enrolled, r);
    }
    json_decref(body);
}

const struct tk_route tk_enrol_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/enrol",
     .type = "application/json",
     .body_max = ENROL_BODY_MAX,
     .cost = 5,
     .handle = enrol},
    {0},
};
