/* tongke user …: the accounts. */

#include <string.h>

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/account.h"

struct listing {
    json_t *data;
    GString *text;
};

static int list_one(void *ctx, const struct tk_account *a)
{
    struct listing *l = ctx;
    json_array_append_new(
        l->data, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b}", "id", (json_int_t)a->id, "login",
                           a->login, "role", tk_role_name(a->role), "name", a->name, "name_en",
                           a->name_en, "school", a->school, "disabled", a->disabled));
    tk_column(l->text, a->login, 16);
    tk_column(l->text, tk_role_name(a->role), 10);
    tk_column(l->text, a->name, 10);
    tk_column(l->text, a->school, 14);
    g_string_append(l->text, a->disabled ? "disabled\n" : "\n");
    return 0;
}

void tk_user_list(struct tk_reply *r)
{
    struct listing l = {.data = json_array(), .text = g_string_new(NULL)};
    tk_account_each(r->ctx->access, list_one, &l);
    tk_reply_text(r, l.data, l.text);
}

static void on_password(void *arg, const struct tk_problem *problem, int64_t id,
                        const char *password)
{
    struct tk_reply *r = arg;
    struct tk_account a;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    if (tk_account_find(r->ctx->access, id, &a) < 0) {
        tk_reply_fail(r, 1, "internal", "account %lld is not there", (long long)id);
        return;
    }
    tk_reply_ok(r,
                json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "login", a.login, "role",
                          tk_role_name(a.role), "password", password),
                "%s (%s): password %s", a.login, tk_role_name(a.role), password);
}

/* 0: none was named. False after ending the reply. */
static bool find_school(struct tk_reply *r, int64_t *ret_id)
{
    const char *school = tk_arg_text(r->args, "school");
    *ret_id = 0;
    if (school && tk_school_row_named(tk_store_reader(r->ctx->store), school, ret_id) < 0) {
        tk_reply_fail(r, 1, "not_found", "there is no school '%.80s'", school);
        return false;
    }
    return true;
}

void tk_user_add(struct tk_reply *r)
{
    struct tk_account_new n = {
        .login = tk_arg_text(r->args, "login"),
        .name = tk_arg_text(r->args, "name"),
        .name_en = tk_arg_text(r->args, "name-en"),
    };
    if (!tk_role_parse(tk_arg_text(r->args, "role"), &n.role)) {
        tk_reply_fail(r, 2, "bad_field", "--role is one of teacher, coteacher, admin, auditor");
        return;
    }
    if (!n.name) {
        n.name = n.login;
    }
    if (find_school(r, &n.school_id)) {
        tk_account_add(r->ctx->access, &r->actor, r->ctx->now(), &n, on_password, r);
    }
}

void tk_user_password(struct tk_reply *r)
{
    struct tk_account a;
    if (tk_lookup_account(r, tk_arg_text(r->args, "login"), &a)) {
        tk_account_set_password(r->ctx->access, &r->actor, r->ctx->now(), a.id, NULL, on_password,
                                r);
    }
}

void tk_user_disable(struct tk_reply *r)
{
    struct tk_account a;
    if (tk_lookup_account(r, tk_arg_text(r->args, "login"), &a)) {
        tk_account_disable(r->ctx->access, &r->actor, r->ctx->now(), a.id,
                           !tk_arg_flag(r->args, "enable"), tk_reply_plain, r);
    }
}
