#include "signaling/core/access_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/core/random.h"
#include "signaling/store/audit_rows.h"

#define FIRST_WAIT_MS 1000
/* Short for a login, so that a stranger cannot lock its owner out for long. */
#define LOGIN_WAIT_MAX_MS 60000
#define ADDRESS_WAIT_MAX_MS 900000
/* One school is one address with many people behind it. */
#define ADDRESS_FACTOR 4
/* 30 free guesses, then one each 30 s: with 60 open codes in 15 minutes, 60·60 of a million. */
#define CODES_IN_ALL_FREE 30
#define CODES_IN_ALL_WAIT_MS 30000

static void ignore_id(void *ctx, int64_t id)
{
}

struct tk_access *tk_access_create(struct tk_store *store, const struct tk_settings *settings)
{
    struct tk_access *a = g_new0(struct tk_access, 1);
    int attempts = (int)settings->login_attempts;
    char text[TK_PASSWORD_TEXT];
    a->store = store;
    a->settings = settings;
    a->hasher = tk_hasher_create(tk_store_mailbox(store));
    a->by_login = tk_limit_create(attempts, FIRST_WAIT_MS, LOGIN_WAIT_MAX_MS);
    a->by_address = tk_limit_create(attempts * ADDRESS_FACTOR, FIRST_WAIT_MS, ADDRESS_WAIT_MAX_MS);
    a->codes_by_address = tk_limit_create(attempts, FIRST_WAIT_MS, ADDRESS_WAIT_MAX_MS);
    a->codes_in_all = tk_limit_create(CODES_IN_ALL_FREE, FIRST_WAIT_MS, CODES_IN_ALL_WAIT_MS);
    a->listener =
        (struct tk_access_listener){.on_account_ended = ignore_id, .on_device_revoked = ignore_id};
    tk_random_password(text, sizeof(text));
    if (!tk_password_make(&a->nobody, text)) {
        abort(); /* without memory for one hash nobody could ever log in */
    }
    return a;
}

static int nothing(void *arg, struct tk_db *db)
{
    return 0;
}

void tk_access_destroy(struct tk_access *a)
{
    if (!a) {
        return;
    }
    tk_hasher_destroy(a->hasher);
    a->hasher = NULL;
    /* hashed, then written, then answered, while there is somebody to hear it */
    tk_store_dispatch(a->store);
    tk_store_run(a->store, nothing, NULL);
    tk_store_dispatch(a->store);
    tk_limit_destroy(a->by_login);
    tk_limit_destroy(a->by_address);
    tk_limit_destroy(a->codes_by_address);
    tk_limit_destroy(a->codes_in_all);
    g_free(a);
}

void tk_access_listen(struct tk_access *a, const struct tk_access_listener *listener)
{
    a->listener = *listener;
}

const struct tk_access_stats *tk_access_stats(const struct tk_access *a)
{
    return &a->stats;
}

void tk_access_address_key(const char *address, char out[TK_ADDRESS_MAX])
{
    struct in6_addr in6;
    if (inet_pton(AF_INET6, address, &in6) == 1 && !IN6_IS_ADDR_V4MAPPED(&in6)) {
        memset(&in6.s6_addr[8], 0, 8);
        inet_ntop(AF_INET6, &in6, out, TK_ADDRESS_MAX);
        return;
    }
    g_strlcpy(out, address, TK_ADDRESS_MAX);
}

int tk_access_limited(struct tk_access *a, int64_t wait_ms, struct tk_problem *problem)
{
    if (wait_ms <= 0) {
        return 0;
    }
    int64_t wait_s = (wait_ms + 999) / 1000;
    int r = tk_problem_set(problem, TK_PROBLEM_RATE_LIMITED, NULL,
                           "Too many wrong attempts; try again in %lld s", (long long)wait_s);
    problem->retry_after_s = wait_s;
    a->stats.limited++;
    return r;
}

int tk_access_code_attempt(struct tk_access *a, const char *address, struct tk_now now,
                           struct tk_problem *problem)
{
    char key[TK_ADDRESS_MAX];
    tk_access_address_key(address, key);
    int64_t wait_ms = MAX(tk_limit_wait_ms(a->codes_by_address, key, now.mono_ms),
                          tk_limit_wait_ms(a->codes_in_all, "", now.mono_ms));
    int r = tk_access_limited(a, wait_ms, problem);
    if (r == 0) {
        tk_limit_count(a->codes_by_address, key, now.mono_ms);
        tk_limit_count(a->codes_in_all, "", now.mono_ms);
    }
    return r;
}

void tk_access_code_right(struct tk_access *a, const char *address)
{
    char key[TK_ADDRESS_MAX];
    tk_access_address_key(address, key);
    tk_limit_take_back(a->codes_by_address, key);
    tk_limit_take_back(a->codes_in_all, "");
}

static char *dump(json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(json);
    return text;
}

int tk_access_audit(struct tk_db *db, const struct tk_actor *actor, struct tk_now now,
                    const char *action, const char *object_kind, int64_t object_id, json_t *before,
                    json_t *after)
{
    char object[64];
    char *before_text = dump(before);
    char *after_text = dump(after);
    snprintf(object, sizeof(object), "%s %lld", object_kind, (long long)object_id);
    struct tk_audit_entry e = {
        .at_ms = now.wall_ms,
        .actor = actor->name,
        .ip = *actor->ip ? actor->ip : NULL,
        .action = action,
        .object = object,
        .before = before_text,
        .after = after_text,
    };
    int r = tk_audit_append(db, &e);
    free(before_text);
    free(after_text);
    return r;
}
