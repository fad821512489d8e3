#include "signaling/core/account.h"

#include <errno.h>
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "signaling/core/access_state.h"
#include "signaling/core/random.h"

int tk_account_find(struct tk_access *a, int64_t id, struct tk_account *ret)
{
    return tk_account_row(tk_store_reader(a->store), id, ret);
}

int tk_account_find_login(struct tk_access *a, const char *login, struct tk_account *ret)
{
    return tk_account_row_login(tk_store_reader(a->store), login, ret, NULL);
}

int tk_account_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_account *account),
                    void *ctx)
{
    return tk_account_rows(tk_store_reader(a->store), each, ctx);
}

/* A change of one account on its way: hashed on one thread, written on another, answered here. */
struct change {
    struct tk_access *access;
    struct tk_actor actor;
    struct tk_now now;
    int64_t account_id;
    enum tk_role role;
    int64_t person_id;
    int64_t school_id;
    bool disable;
    bool login_taken;
    bool last_admin;
    char login[TK_LOGIN_MAX + 1];
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    char text[TK_PASSWORD_MAX + 1];
    struct tk_password password;
    tk_store_job *job;
    tk_account_done *done;
    tk_access_done *done_plain;
    void *arg;
};

static void change_end(struct change *c, const struct tk_problem *problem)
{
    if (c->done) {
        c->done(c->arg, problem, problem ? 0 : c->account_id, problem ? NULL : c->text);
    } else {
        c->done_plain(c->arg, problem);
    }
    OPENSSL_cleanse(c->text, sizeof(c->text));
    g_free(c);
}

static void change_fail(struct change *c, int error)
{
    struct tk_problem problem;
    if (c->login_taken) {
        tk_problem_set(&problem, TK_PROBLEM_CONFLICT, "login", "The login '%s' is taken", c->login);
    } else if (c->last_admin) {
        tk_problem_set(&problem, TK_PROBLEM_CONFLICT, NULL,
                       "This is the only administrator: nobody could undo it");
    } else if (error == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such account");
    } else {
        tk_problem_from_errno(&problem, error);
    }
    change_end(c, &problem);
}

static void on_written(void *arg, int result)
{
    struct change *c = arg;
    if (result < 0) {
        change_fail(c, result);
        return;
    }
    change_end(c, NULL);
}

static int hash_password(void *arg)
{
    struct change *c = arg;
    return tk_password_make(&c->password, c->text) ? 0 : -ENOMEM;
}

static void write_change(void *arg, int result)
{
    struct change *c = arg;
    int r = result < 0 ? result : tk_store_submit(c->access->store, c->job, c, on_written);
    if (r < 0) {
        change_fail(c, r);
    }
}

static void hash_then_write(struct change *c)
{
    int r = tk_hasher_submit(c->access->hasher, hash_password, write_change, c);
    if (r < 0) {
        change_fail(c, r);
    }
}

static struct change *change_new(struct tk_access *a, const struct tk_actor *actor,
                                 struct tk_now now, tk_store_job *job)
{
    struct change *c = g_new0(struct change, 1);
    c->access = a;
    c->actor = *actor;
    c->now = now;
    c->job = job;
    return c;
}

static int take_password(struct change *c, const char *password, struct tk_problem *problem)
{
    if (!password) {
        tk_random_password(c->text, sizeof(c->text));
        return 0;
    }
    size_t len = strlen(password);
    if (len < TK_PASSWORD_MIN || len > TK_PASSWORD_MAX) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "password",
                              "A password has %d to %d bytes", TK_PASSWORD_MIN, TK_PASSWORD_MAX);
    }
    memcpy(c->text, password, len + 1);
    return 0;
}

static int take_login(struct change *c, const char *login, struct tk_problem *problem)
{
    size_t len = login ? strlen(login) : 0;
    if (len < 2 || len > TK_LOGIN_MAX ||
        strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") != len) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "login",
                              "A login is 2 to %d of a-z 0-9 . _ -", TK_LOGIN_MAX);
    }
    memcpy(c->login, login, len + 1);
    return 0;
}

static int take_name(struct change *c, const struct tk_account_new *n, struct tk_problem *problem)
{
    if (n->person_id != 0) {
        return 0;
    }
    if (!n->name || !*n->name || strlen(n->name) >= TK_NAME_MAX) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "name", "A name has 1 to %d bytes",
                              TK_NAME_MAX - 1);
    }
    g_strlcpy(c->name, n->name, sizeof(c->name));
    g_strlcpy(c->name_en, n->name_en ? n->name_en : "", sizeof(c->name_en));
    return 0;
}

static int add_job(void *arg, struct tk_db *db)
{
    struct change *c = arg;
    struct tk_account other;
    if (tk_account_row_login(db, c->login, &other, NULL) == 0) {
        c->login_taken = true;
        return -EEXIST;
    }
    int r = 0;
    if (c->person_id == 0) {
        r = tk_person_row_add(db, c->school_id, c->name, c->name_en, NULL, c->now.wall_ms,
                              &c->person_id);
    }
    if (r == 0) {
        r = tk_account_row_add(db, c->login, c->role, c->person_id, &c->password, c->now.wall_ms,
                               &c->account_id);
    }
    if (r < 0) {
        return r;
    }
    return tk_access_audit(db, &c->actor, c->now, "account.add", "account", c->account_id, NULL,
                           json_pack("{s:s, s:s, s:I}", "login", c->login, "role",
                                     tk_role_name(c->role), "person_id", (json_int_t)c->person_id));
}

void tk_account_add(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                    const struct tk_account_new *account, tk_account_done *done, void *arg)
{
    struct tk_problem problem;
    struct change *c = change_new(a, actor, now, add_job);
    c->done = done;
    c->arg = arg;
    c->role = account->role;
    c->person_id = account->person_id;
    c->school_id = account->school_id;
    if (take_login(c, account->login, &problem) < 0 || take_name(c, account, &problem) < 0 ||
        take_password(c, account->password, &problem) < 0) {
        change_end(c, &problem);
        return;
    }
    hash_then_write(c);
}

static int password_job(void *arg, struct tk_db *db)
{
    struct change *c = arg;
    int r = tk_account_row_password(db, c->account_id, &c->password, c->now.wall_ms);
    if (r == 0) {
        r = tk_session_rows_end(db, c->account_id);
    }
    if (r < 0) {
        return r;
    }
    return tk_access_audit(db, &c->actor, c->now, "account.password", "account", c->account_id,
                           NULL, NULL);
}

static void on_sessions_ended(void *arg, int result)
{
    struct change *c = arg;
    struct tk_access *a = c->access;
    int64_t account_id = c->account_id;
    bool ended = result >= 0 && (c->job == password_job || c->disable);
    on_written(c, result);
    if (ended) {
        a->listener.on_account_ended(a->listener.ctx, account_id);
    }
}

static void write_and_end_sessions(void *arg, int result)
{
    struct change *c = arg;
    int r = result < 0 ? result : tk_store_submit(c->access->store, c->job, c, on_sessions_ended);
    if (r < 0) {
        change_fail(c, r);
    }
}

void tk_account_set_password(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                             int64_t account_id, const char *password, tk_account_done *done,
                             void *arg)
{
    struct tk_problem problem;
    struct change *c = change_new(a, actor, now, password_job);
    c->done = done;
    c->arg = arg;
    c->account_id = account_id;
    if (take_password(c, password, &problem) < 0) {
        change_end(c, &problem);
        return;
    }
    int r = tk_hasher_submit(a->hasher, hash_password, write_and_end_sessions, c);
    if (r < 0) {
        change_fail(c, r);
    }
}

static int count_admins(void *ctx, const struct tk_account *account)
{
    *(int *)ctx += account->role == TK_ROLE_ADMIN && !account->disabled;
    return 0;
}

static int disable_job(void *arg, struct tk_db *db)
{
    struct change *c = arg;
    struct tk_account account;
    int admins = 0;
    int r = tk_account_row(db, c->account_id, &account);
    if (r == 0) {
        r = tk_account_rows(db, count_admins, &admins);
    }
    if (r < 0) {
        return r;
    }
    if (c->disable && account.role == TK_ROLE_ADMIN && !account.disabled && admins == 1) {
        c->last_admin = true;
        return -EEXIST;
    }
    r = tk_account_row_disable(db, c->account_id, c->disable ? c->now.wall_ms : 0);
    if (r == 0 && c->disable) {
        r = tk_session_rows_end(db, c->account_id);
    }
    if (r < 0) {
        return r;
    }
    return tk_access_audit(db, &c->actor, c->now, c->disable ? "account.disable" : "account.enable",
                           "account", c->account_id,
                           json_pack("{s:b}", "disabled", account.disabled),
                           json_pack("{s:b}", "disabled", c->disable));
}

void tk_account_disable(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                        int64_t account_id, bool disable, tk_access_done *done, void *arg)
{
    struct change *c = change_new(a, actor, now, disable_job);
    c->done_plain = done;
    c->arg = arg;
    c->account_id = account_id;
    c->disable = disable;
    write_and_end_sessions(c, 0);
}
