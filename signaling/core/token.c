#include "signaling/core/token.h"

#include <errno.h>
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "signaling/core/access_state.h"

#define LIFETIME_MIN_MS 60000
#define LIFETIME_MAX_MS (400LL * 86400000)

struct making {
    struct tk_actor actor;
    struct tk_now now;
    struct tk_token token;
    char text[TK_TOKEN_TEXT];
    uint8_t hash[TK_SECRET_HASH_BYTES];
    tk_token_made *done;
    void *arg;
};

static int make_job(void *arg, struct tk_db *db)
{
    struct making *m = arg;
    int r = tk_token_row_add(db, m->hash, &m->token, m->now.wall_ms);
    if (r < 0) {
        return r;
    }
    json_t *after = json_pack("{s:s, s:s, s:I}", "lesson", m->token.lesson_id, "act",
                              m->token.act == TK_TOKEN_PUBLISH ? "publish" : "watch", "expires_ms",
                              (json_int_t)m->token.expires_ms);
    return tk_access_audit(db, &m->actor, m->now, "token.make", "room", m->token.room_id, NULL,
                           after);
}

static void on_made(void *arg, int result)
{
    struct making *m = arg;
    struct tk_problem problem;
    if (result == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, "lesson", "There is no lesson '%s'%s",
                       m->token.lesson_id, m->token.room_id ? ", or no such room" : "");
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
    }
    m->done(m->arg, result < 0 ? &problem : NULL, result < 0 ? NULL : m->text);
    OPENSSL_cleanse(m->text, sizeof(m->text));
    g_free(m);
}

void tk_token_make(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                   const struct tk_token *token, int64_t lifetime_ms, tk_token_made *done,
                   void *arg)
{
    struct tk_problem problem;
    if (lifetime_ms < LIFETIME_MIN_MS || lifetime_ms > LIFETIME_MAX_MS) {
        tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, "hours",
                       "A token is valid for one minute to 400 days");
        done(arg, &problem, NULL);
        return;
    }
    struct making *m = g_new0(struct making, 1);
    m->actor = *actor;
    m->now = now;
    m->token = *token;
    m->token.expires_ms = now.wall_ms + lifetime_ms;
    m->done = done;
    m->arg = arg;
    tk_secret_make(m->text, m->hash);
    int r = tk_store_submit(a->store, make_job, m, on_made);
    if (r < 0) {
        on_made(m, r);
    }
}

int tk_token_find(struct tk_access *a, struct tk_now now, const char *text, struct tk_token *ret,
                  struct tk_problem *problem)
{
    uint8_t hash[TK_SECRET_HASH_BYTES];
    /* found by the hash of a random token: its time tells nothing about other tokens */
    tk_secret_hash(text, hash);
    int r = tk_token_row(tk_store_reader(a->store), hash, now.wall_ms, ret);
    if (r == -ENOENT) {
        return tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                              "The bearer token is unknown or has expired");
    }
    return r < 0 ? tk_problem_from_errno(problem, r) : 0;
}

int tk_token_allows(const struct tk_token *token, const char *lesson_id, enum tk_token_act act,
                    struct tk_problem *problem)
{
    if (strcmp(token->lesson_id, lesson_id) != 0) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, NULL,
                              "This token is for another lesson");
    }
    if (token->act != act) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, NULL, "This token is for %s only",
                              token->act == TK_TOKEN_PUBLISH ? "publishing" : "watching");
    }
    return 0;
}
