#include "signaling/core/link.h"

#include <errno.h>
#include <glib.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "signaling/core/access_state.h"
#include "signaling/core/random.h"

struct making {
    struct tk_actor actor;
    struct tk_now now;
    struct tk_link_row row;
    char token[TK_TOKEN_TEXT];
    uint8_t hash[TK_SECRET_HASH_BYTES];
    tk_link_made *done;
    void *arg;
};

static int make_job(void *arg, struct tk_db *db)
{
    struct making *m = arg;
    int r = tk_link_row_add(db, m->hash, &m->row, m->now.wall_ms,
                            m->now.wall_ms + TK_LINK_MINUTES * 60000);
    if (r < 0) {
        return r;
    }
    bool is_room = m->row.room_id != 0;
    return tk_access_audit(db, &m->actor, m->now, is_room ? "room.link" : "account.link",
                           is_room ? "room" : "account",
                           is_room ? m->row.room_id : m->row.account_id, NULL,
                           json_pack("{s:s}", "page", m->row.page));
}

static void on_made(void *arg, int result)
{
    struct making *m = arg;
    struct tk_problem problem;
    if (result == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such %s",
                       m->row.room_id ? "room" : "account");
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
    }
    m->done(m->arg, result < 0 ? &problem : NULL, result < 0 ? NULL : m->token);
    OPENSSL_cleanse(m->token, sizeof(m->token));
    g_free(m);
}

static void make(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                 const struct tk_link_row *row, tk_link_made *done, void *arg)
{
    struct making *m = g_new0(struct making, 1);
    m->actor = *actor;
    m->now = now;
    m->row = *row;
    m->done = done;
    m->arg = arg;
    tk_secret_make(m->token, m->hash);
    int r = tk_store_submit(a->store, make_job, m, on_made);
    if (r < 0) {
        on_made(m, r);
    }
}

void tk_link_make_account(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                          int64_t account_id, const char *page, tk_link_made *done, void *arg)
{
    struct tk_link_row row = {.account_id = account_id};
    struct tk_problem problem;
    /* a path of ours: "//host" and "/\host" would lead a browser elsewhere */
    if (page[0] != '/' || page[1] == '/' || strchr(page, '\\') || strlen(page) >= TK_PAGE_MAX) {
        tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, "page",
                       "A page is a path of this server, such as /teach/demo");
        done(arg, &problem, NULL);
        return;
    }
    g_strlcpy(row.page, page, sizeof(row.page));
    make(a, actor, now, &row, done, arg);
}

void tk_link_make_room(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                       int64_t room_id, tk_link_made *done, void *arg)
{
    struct tk_link_row row = {.room_id = room_id, .page = "/room"};
    make(a, actor, now, &row, done, arg);
}

struct using
{
    struct tk_access *access;
    struct tk_now now;
    char address[TK_ADDRESS_MAX];
    uint8_t link_hash[TK_SECRET_HASH_BYTES];
    uint8_t new_hash[TK_SECRET_HASH_BYTES];
    char new_token[TK_TOKEN_TEXT];
    struct tk_link result;
    tk_link_used *done;
    void *arg;
};

static int enrol_by_link(struct using *u, struct tk_db *db, int64_t room_id)
{
    struct tk_actor actor = {.name = "link"};
    g_strlcpy(actor.ip, u->address, sizeof(actor.ip));
    u->result.is_device = true;
    memcpy(u->result.device_token, u->new_token, sizeof(u->new_token));
    tk_random_base32(u->result.device_key, 10);
    snprintf(u->result.page, sizeof(u->result.page), "/room?device=%s", u->result.device_key);
    int r = tk_device_row_add(db, room_id, u->result.device_key, u->new_hash, "", u->now.wall_ms,
                              &u->result.device_id);
    return r < 0
               ? r
               : tk_access_audit(db, &actor, u->now, "device.enrol", "device", u->result.device_id,
                                 NULL, json_pack("{s:I}", "room_id", (json_int_t)room_id));
}

static int sign_in_by_link(struct using *u, struct tk_db *db, int64_t account_id)
{
    struct tk_login *login = &u->result.login;
    int64_t lifetime_ms = u->access->settings->session_hours * 3600000;
    struct tk_actor actor = {.account_id = account_id};
    int r = tk_account_row(db, account_id, &login->account);
    if (r < 0 || login->account.disabled) {
        return -ENOENT;
    }
    memcpy(login->token, u->new_token, sizeof(u->new_token));
    login->max_age_s = lifetime_ms / 1000;
    g_strlcpy(actor.name, login->account.login, sizeof(actor.name));
    g_strlcpy(actor.ip, u->address, sizeof(actor.ip));
    r = tk_session_row_add(db, u->new_hash, account_id, u->address, u->now.wall_ms,
                           u->now.wall_ms + lifetime_ms);
    return r < 0 ? r
                 : tk_access_audit(db, &actor, u->now, "session.link", "account", account_id, NULL,
                                   NULL);
}

static int use_job(void *arg, struct tk_db *db)
{
    struct using *u = arg;
    struct tk_link_row row = {0};
    int r = tk_link_row_use(db, u->link_hash, u->now.wall_ms, &row);
    if (r < 0) {
        return r;
    }
    if (row.room_id != 0) {
        return enrol_by_link(u, db, row.room_id);
    }
    g_strlcpy(u->result.page, row.page, sizeof(u->result.page));
    return sign_in_by_link(u, db, row.account_id);
}

static void on_used(void *arg, int result)
{
    struct using *u = arg;
    struct tk_problem problem;
    if (result >= 0) {
        tk_access_code_right(u->access, u->address);
        u->done(u->arg, NULL, &u->result);
    } else {
        if (result == -ENOENT) {
            u->access->stats.wrong_codes++;
            tk_problem_set(&problem, TK_PROBLEM_EXPIRED, NULL,
                           "The link was used already or is older than %d minutes",
                           TK_LINK_MINUTES);
        } else {
            tk_problem_from_errno(&problem, result);
        }
        u->done(u->arg, &problem, NULL);
    }
    OPENSSL_cleanse(u, sizeof(*u));
    g_free(u);
}

void tk_link_use(struct tk_access *a, const char *address, struct tk_now now, const char *token,
                 tk_link_used *done, void *arg)
{
    struct tk_problem problem;
    if (tk_access_code_attempt(a, address, now, &problem) < 0) {
        done(arg, &problem, NULL);
        return;
    }
    struct using *u = g_new0(struct using, 1);
    u->access = a;
    u->now = now;
    u->done = done;
    u->arg = arg;
    g_strlcpy(u->address, address, sizeof(u->address));
    tk_secret_hash(token, u->link_hash);
    tk_secret_make(u->new_token, u->new_hash);
    int r = tk_store_submit(a->store, use_job, u, on_used);
    if (r < 0) {
        on_used(u, r);
    }
}
