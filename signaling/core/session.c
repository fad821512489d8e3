#include "signaling/core/session.h"

#include <errno.h>
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "signaling/core/access_state.h"

/* Use is written down no more often than this: a page makes many requests. */
#define USE_EVERY_MS 300000

static int64_t lifetime_ms(const struct tk_access *a)
{
    return a->settings->session_hours * 3600000;
}

static struct tk_actor actor_of(const struct tk_account *account, const char *address)
{
    struct tk_actor actor = {.account_id = account->id};
    g_strlcpy(actor.name, account->login, sizeof(actor.name));
    g_strlcpy(actor.ip, address, sizeof(actor.ip));
    return actor;
}

/* A login on its way: checked on the hashing thread, written by the writer, answered here. */
struct attempt {
    struct tk_access *access;
    struct tk_now now;
    char address[TK_ADDRESS_MAX];
    char login[TK_LOGIN_MAX + 1];
    char text[TK_PASSWORD_MAX + 1];
    struct tk_password password;
    bool known;
    uint8_t hash[TK_SECRET_HASH_BYTES];
    struct tk_login result;
    tk_login_done *done;
    void *arg;
};

static void attempt_end(struct attempt *t, const struct tk_problem *problem)
{
    t->done(t->arg, problem, problem ? NULL : &t->result);
    OPENSSL_cleanse(t, sizeof(*t));
    g_free(t);
}

static void attempt_fail(struct attempt *t, int error)
{
    struct tk_problem problem;
    tk_problem_from_errno(&problem, error);
    attempt_end(t, &problem);
}

static int add_session(struct tk_db *db, const struct tk_account *account, const char *address,
                       struct tk_now now, const uint8_t hash[TK_SECRET_HASH_BYTES],
                       int64_t expires_ms, const char *action)
{
    struct tk_actor actor = actor_of(account, address);
    int r = tk_session_rows_expire(db, now.wall_ms);
    if (r == 0) {
        r = tk_session_row_add(db, hash, account->id, address, now.wall_ms, expires_ms);
    }
    return r < 0 ? r : tk_access_audit(db, &actor, now, action, "account", account->id, NULL, NULL);
}

static int login_job(void *arg, struct tk_db *db)
{
    struct attempt *t = arg;
    return add_session(db, &t->result.account, t->address, t->now, t->hash,
                       t->now.wall_ms + lifetime_ms(t->access), "session.login");
}

static void on_login_written(void *arg, int result)
{
    struct attempt *t = arg;
    char key[TK_ADDRESS_MAX];
    if (result < 0) {
        attempt_fail(t, result);
        return;
    }
    tk_access_address_key(t->address, key);
    tk_limit_forget(t->access->by_login, t->login);
    tk_limit_take_back(t->access->by_address, key);
    t->access->stats.logins++;
    attempt_end(t, NULL);
}

static int check_password(void *arg)
{
    struct attempt *t = arg;
    bool same = tk_password_matches(&t->password, t->text);
    return same && t->known ? 0 : -EACCES;
}

/* Somebody's wrong password is a fact for the auditor too; an unknown login is only counted. */
static int wrong_job(void *arg, struct tk_db *db)
{
    struct attempt *t = arg;
    struct tk_actor actor = {.name = "nobody"};
    g_strlcpy(actor.ip, t->address, sizeof(actor.ip));
    return tk_access_audit(db, &actor, t->now, "session.wrong_password", "account",
                           t->result.account.id, NULL, NULL);
}

static void on_wrong_written(void *arg, int result)
{
    struct tk_problem problem;
    tk_problem_set(&problem, TK_PROBLEM_WRONG_PASSWORD, NULL, "Login or password is wrong");
    attempt_end(arg, &problem);
}

static void on_checked(void *arg, int result)
{
    struct attempt *t = arg;
    if (result == 0) {
        tk_secret_make(t->result.token, t->hash);
        t->result.max_age_s = lifetime_ms(t->access) / 1000;
        int r = tk_store_submit(t->access->store, login_job, t, on_login_written);
        if (r < 0) {
            attempt_fail(t, r);
        }
        return;
    }
    t->access->stats.wrong_passwords++;
    /* both wait for the disk, so that the time tells nothing about the login */
    if (tk_store_submit(t->access->store, wrong_job, t, on_wrong_written) < 0) {
        on_wrong_written(t, 0);
    }
}

static void take_login(struct attempt *t, const char *login)
{
    size_t i = 0;
    for (; login[i] && i < TK_LOGIN_MAX; i++) {
        t->login[i] = (char)g_ascii_tolower(login[i]);
    }
    t->login[i] = '\0';
    bool whole = login[i] == '\0';
    int r = tk_account_row_login(tk_store_reader(t->access->store), t->login, &t->result.account,
                                 &t->password);
    t->known = whole && r == 0 && !t->result.account.disabled;
    if (!t->known) {
        memset(&t->result.account, 0, sizeof(t->result.account));
        t->password = t->access->nobody;
    }
}

void tk_session_login(struct tk_access *a, const char *address, struct tk_now now,
                      const char *login, const char *password, tk_login_done *done, void *arg)
{
    struct tk_problem problem;
    char key[TK_ADDRESS_MAX];
    struct attempt *t = g_new0(struct attempt, 1);
    t->access = a;
    t->now = now;
    t->done = done;
    t->arg = arg;
    g_strlcpy(t->address, address, sizeof(t->address));
    g_strlcpy(t->text, password, sizeof(t->text));
    take_login(t, login);
    t->known = t->known && strlen(password) <= TK_PASSWORD_MAX;
    tk_access_address_key(address, key);
    int64_t wait_ms = MAX(tk_limit_wait_ms(a->by_login, t->login, now.mono_ms),
                          tk_limit_wait_ms(a->by_address, key, now.mono_ms));
    if (tk_access_limited(a, wait_ms, &problem) < 0) {
        attempt_end(t, &problem);
        return;
    }
    tk_limit_count(a->by_login, t->login, now.mono_ms);
    tk_limit_count(a->by_address, key, now.mono_ms);
    int r = tk_hasher_submit(a->hasher, check_password, on_checked, t);
    if (r < 0) {
        tk_limit_take_back(a->by_login, t->login);
        tk_limit_take_back(a->by_address, key);
        attempt_fail(t, r);
    }
}

struct use {
    int64_t id;
    int64_t at_ms;
    int64_t expires_ms;
};

static int use_job(void *arg, struct tk_db *db)
{
    const struct use *u = arg;
    return tk_session_row_use(db, u->id, u->at_ms, u->expires_ms);
}

static void on_used(void *arg, int result)
{
    g_free(arg); /* a use that was not written only ends the session sooner */
}

int tk_session_check(struct tk_access *a, struct tk_now now, const char *token,
                     struct tk_account *ret, struct tk_problem *problem)
{
    uint8_t hash[TK_SECRET_HASH_BYTES];
    int64_t id = 0;
    int64_t last_used_ms = 0;
    /* found by the hash of a random token: its time tells nothing about other tokens */
    tk_secret_hash(token, hash);
    int r = tk_session_row(tk_store_reader(a->store), hash, now.wall_ms, &id, &last_used_ms, ret);
    if (r == -ENOENT) {
        return tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                              "Not logged in, or the login is over");
    }
    if (r < 0) {
        return tk_problem_from_errno(problem, r);
    }
    if (now.wall_ms - last_used_ms >= USE_EVERY_MS) {
        struct use *u = g_new0(struct use, 1);
        *u = (struct use){id, now.wall_ms, now.wall_ms + lifetime_ms(a)};
        if (tk_store_submit(a->store, use_job, u, on_used) < 0) {
            g_free(u);
        }
    }
    return 0;
}

bool tk_session_lives(struct tk_access *a, struct tk_now now, const uint8_t *hash)
{
    struct tk_account account;
    int64_t id = 0;
    int64_t last_used_ms = 0;
    int r =
        tk_session_row(tk_store_reader(a->store), hash, now.wall_ms, &id, &last_used_ms, &account);
    return r != -ENOENT; /* that it cannot be read ends nothing */
}

struct ending {
    struct tk_access *access;
    struct tk_now now;
    char address[TK_ADDRESS_MAX];
    uint8_t hash[TK_SECRET_HASH_BYTES];
    tk_access_done *done;
    void *arg;
};

static int end_job(void *arg, struct tk_db *db)
{
    const struct ending *e = arg;
    struct tk_account account;
    int64_t account_id = 0;
    int r = tk_session_row_end(db, e->hash, &account_id);
    if (r == -ENOENT) {
        return 0;
    }
    if (r == 0) {
        r = tk_account_row(db, account_id, &account);
    }
    if (r < 0) {
        return r;
    }
    struct tk_actor actor = actor_of(&account, e->address);
    return tk_access_audit(db, &actor, e->now, "session.logout", "account", account_id, NULL, NULL);
}

static void on_ended(void *arg, int result)
{
    struct ending *e = arg;
    const struct tk_access_listener *listener = &e->access->listener;
    struct tk_problem problem;
    if (result < 0) {
        tk_problem_from_errno(&problem, result);
    } else if (listener->on_session_ended) {
        listener->on_session_ended(listener->ctx, e->hash);
    }
    e->done(e->arg, result < 0 ? &problem : NULL);
    g_free(e);
}

void tk_session_end(struct tk_access *a, const char *address, struct tk_now now, const char *token,
                    tk_access_done *done, void *arg)
{
    struct ending *e = g_new0(struct ending, 1);
    e->access = a;
    e->now = now;
    e->done = done;
    e->arg = arg;
    g_strlcpy(e->address, address, sizeof(e->address));
    tk_secret_hash(token, e->hash);
    int r = tk_store_submit(a->store, end_job, e, on_ended);
    if (r < 0) {
        on_ended(e, r);
    }
}
