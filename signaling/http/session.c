/* POST /login, POST /logout, GET /me. */

#include <string.h>

#include "signaling/http/http.h"
#include "signaling/http/json.h"

#define LOGIN_BYTES_MAX 128
#define CREDENTIALS_BODY_MAX 4096

static void on_login(void *arg, const struct tk_problem *problem, const struct tk_login *login)
{
    struct tk_request *r = arg;
    char name[TK_COOKIE_NAME_MAX];
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    tk_cookie_name_role(login->account.role, name);
    tk_http_set_cookie(r, name, login->token, login->max_age_s);
    tk_http_reply_json(r, 200, json_pack("{s:o}", "account", tk_json_account(&login->account)));
}

static void login(struct tk_request *r)
{
    struct tk_problem problem;
    json_t *body = tk_http_fields(r);
    if (!body) {
        return;
    }
    const char *name = tk_http_field_text(body, "login", LOGIN_BYTES_MAX, true, &problem);
    const char *password =
        name ? tk_http_field_text(body, "password", CREDENTIALS_BODY_MAX, true, &problem) : NULL;
    if (password) {
        tk_session_login(r->ctx->access, r->address, r->ctx->now(), name, password, on_login, r);
    } else {
        tk_http_reply_problem(r, &problem);
    }
    json_decref(body);
}

/* Ends the sessions of one role or of all, one after the other. */
struct logout {
    struct tk_request *request;
    int waiting;
    struct tk_problem problem; /* the first one */
};

static void logout_step(struct logout *l)
{
    if (--l->waiting > 0) {
        return;
    }
    if (l->problem.code) {
        tk_http_reply_problem(l->request, &l->problem);
    } else {
        tk_http_reply_empty(l->request, 204);
    }
    g_free(l);
}

static void on_logged_out(void *arg, const struct tk_problem *problem)
{
    struct logout *l = arg;
    if (problem && !l->problem.code) {
        l->problem = *problem;
    }
    logout_step(l);
}

static void end_session(struct logout *l, enum tk_role role)
{
    struct tk_request *r = l->request;
    char name[TK_COOKIE_NAME_MAX];
    char token[TK_TOKEN_TEXT];
    tk_cookie_name_role(role, name);
    if (tk_cookie_find(r->headers[TK_HTTP_COOKIE], name, token, sizeof(token))) {
        tk_http_set_cookie(r, name, "", 0);
        l->waiting++;
        tk_session_end(r->ctx->access, r->address, r->ctx->now(), token, on_logged_out, l);
    }
}

static void logout(struct tk_request *r)
{
    struct tk_problem problem;
    enum tk_role role = TK_ROLE_TEACHER;
    json_t *body = tk_http_body_object(r, &problem);
    const char *name =
        body ? tk_http_field_text(body, "role", TK_LOGIN_MAX, false, &problem) : NULL;
    if (body && !problem.code && name && !tk_role_parse(name, &role)) {
        tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, "role", "There is no such role");
    }
    bool all = !name;
    json_decref(body);
    if (problem.code) {
        tk_http_reply_problem(r, &problem);
        return;
    }
    struct logout *l = g_new0(struct logout, 1);
    l->request = r;
    l->waiting = 1; /* this function itself: answers may come before it ends */
    for (int i = 0; i < TK_ROLES; i++) {
        if (all || (int)role == i) {
            end_session(l, (enum tk_role)i);
        }
    }
    logout_step(l);
}

static json_t *me_accounts(const struct tk_credentials *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->accounts_count; i++) {
        json_array_append_new(list, tk_json_account(&c->accounts[i]));
    }
    return list;
}

static json_t *me_devices(const struct tk_credentials *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->devices_count; i++) {
        const struct tk_device *d = &c->devices[i];
        json_array_append_new(list, json_pack("{s:I,s:s,s:o,s:o}", "id", (json_int_t)d->id, "key",
                                              d->key, "name", tk_json_text(d->name), "room",
                                              tk_json_room(&d->room)));
    }
    return list;
}

static void renew(struct tk_request *r, const char *name, int64_t max_age_s)
{
    char token[TK_TOKEN_TEXT];
    if (tk_cookie_find(r->headers[TK_HTTP_COOKIE], name, token, sizeof(token))) {
        tk_http_set_cookie(r, name, token, max_age_s);
    }
}

/* Sessions slide with use and devices stay for years: so must their cookies. */
static void renew_cookies(struct tk_request *r)
{
    const struct tk_credentials *c = &r->credentials;
    char name[TK_COOKIE_NAME_MAX];
    for (int i = 0; i < c->accounts_count; i++) {
        tk_cookie_name_role(c->accounts[i].role, name);
        renew(r, name, r->ctx->settings->session_hours * 3600);
    }
    for (int i = 0; i < c->devices_count; i++) {
        tk_cookie_name_device(c->devices[i].key, name);
        renew(r, name, TK_DEVICE_COOKIE_S);
    }
}

static void me(struct tk_request *r)
{
    struct tk_credentials *c = &r->credentials;
    tk_credentials_read(r->ctx->access, r->ctx->now(), r->headers[TK_HTTP_COOKIE], c);
    renew_cookies(r);
    tk_http_reply_json(
        r, 200, json_pack("{s:o,s:o}", "accounts", me_accounts(c), "devices", me_devices(c)));
}

const struct tk_route tk_session_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/login",
     .type = "application/json",
     .body_max = CREDENTIALS_BODY_MAX,
     .cost = 5,
     .handle = login},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/logout",
     .type = "application/json",
     .body_max = CREDENTIALS_BODY_MAX,
     .handle = logout},
    {.method = TK_HTTP_GET, .pattern = "/api/v1/me", .handle = me},
    {0},
};
