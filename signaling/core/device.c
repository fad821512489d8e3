#include "signaling/core/device.h"

#include <errno.h>
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "signaling/core/access_state.h"
#include "signaling/core/random.h"

#define KEY_CHARS 10
#define SEEN_EVERY_MS 300000
#define CODE_TRIES 20

int tk_room_find(struct tk_access *a, int64_t id, struct tk_room *ret)
{
    return tk_room_row(tk_store_reader(a->store), id, ret);
}

int tk_room_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_room *room), void *ctx)
{
    return tk_room_rows(tk_store_reader(a->store), each, ctx);
}

int tk_device_each(struct tk_access *a, int (*each)(void *ctx, const struct tk_device *device),
                   void *ctx)
{
    return tk_device_rows(tk_store_reader(a->store), each, ctx);
}

struct code {
    struct tk_actor actor;
    struct tk_now now;
    int64_t room_id;
    int64_t expires_ms;
    char text[TK_ENROL_DIGITS + 1];
    tk_enrol_code_done *done;
    void *arg;
};

static int code_job(void *arg, struct tk_db *db)
{
    struct code *c = arg;
    int r = -EEXIST;
    /* another room may have the same digits just now */
    for (int i = 0; r == -EEXIST && i < CODE_TRIES; i++) {
        uint8_t hash[TK_SECRET_HASH_BYTES];
        tk_random_digits(c->text, TK_ENROL_DIGITS);
        tk_secret_hash(c->text, hash);
        r = tk_enrol_code_row_add(db, c->room_id, hash, c->now.wall_ms, c->expires_ms);
    }
    return r < 0
               ? r
               : tk_access_audit(db, &c->actor, c->now, "room.enrol_code", "room", c->room_id, NULL,
                                 json_pack("{s:I}", "expires_ms", (json_int_t)c->expires_ms));
}

static void on_code(void *arg, int result)
{
    struct code *c = arg;
    struct tk_problem problem;
    if (result == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL, "There is no such room");
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
    }
    c->done(c->arg, result < 0 ? &problem : NULL, result < 0 ? NULL : c->text, c->expires_ms);
    g_free(c);
}

void tk_enrol_code_make(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                        int64_t room_id, tk_enrol_code_done *done, void *arg)
{
    struct code *c = g_new0(struct code, 1);
    c->actor = *actor;
    c->now = now;
    c->room_id = room_id;
    c->expires_ms = now.wall_ms + TK_ENROL_MINUTES * 60000;
    c->done = done;
    c->arg = arg;
    int r = tk_store_submit(a->store, code_job, c, on_code);
    if (r < 0) {
        on_code(c, r);
    }
}

struct enrolment {
    struct tk_access *access;
    struct tk_now now;
    char address[TK_ADDRESS_MAX];
    char name[TK_NAME_MAX];
    uint8_t code_hash[TK_SECRET_HASH_BYTES];
    uint8_t hash[TK_SECRET_HASH_BYTES];
    char token[TK_TOKEN_TEXT];
    struct tk_device device;
    tk_enrol_done *done;
    void *arg;
};

static int enrol_job(void *arg, struct tk_db *db)
{
    struct enrolment *e = arg;
    struct tk_actor actor = {.name = "enrolment"};
    char key[TK_DEVICE_KEY_TEXT];
    int64_t code_id = 0;
    int64_t room_id = 0;
    int64_t id = 0;
    g_strlcpy(actor.ip, e->address, sizeof(actor.ip));
    tk_random_base32(key, KEY_CHARS);
    int r = tk_enrol_code_row_use(db, e->code_hash, e->now.wall_ms, &code_id, &room_id);
    if (r == 0) {
        r = tk_device_row_add(db, room_id, key, e->hash, e->name, e->now.wall_ms, &id);
    }
    if (r == 0) {
        r = tk_enrol_code_row_device(db, code_id, id);
    }
    if (r == 0) {
        r = tk_device_row(db, id, &e->device);
    }
    return r < 0 ? r
                 : tk_access_audit(
                       db, &actor, e->now, "device.enrol", "device", id, NULL,
                       json_pack("{s:I, s:s}", "room_id", (json_int_t)room_id, "name", e->name));
}

static void on_enrolled(void *arg, int result)
{
    struct enrolment *e = arg;
    struct tk_problem problem;
    if (result >= 0) {
        tk_access_code_right(e->access, e->address);
        e->done(e->arg, NULL, &e->device, e->token);
    } else {
        if (result == -ENOENT) {
            e->access->stats.wrong_codes++;
            tk_problem_set(&problem, TK_PROBLEM_EXPIRED, "code",
                           "The code is wrong, was used already or is older than %d minutes",
                           TK_ENROL_MINUTES);
        } else {
            tk_problem_from_errno(&problem, result);
        }
        e->done(e->arg, &problem, NULL, NULL);
    }
    OPENSSL_cleanse(e->token, sizeof(e->token));
    g_free(e);
}

void tk_device_enrol(struct tk_access *a, const char *address, struct tk_now now, const char *code,
                     const char *name, tk_enrol_done *done, void *arg)
{
    struct tk_problem problem;
    const char *end = NULL;
    if (name && (strlen(name) >= TK_NAME_MAX || !g_utf8_validate(name, -1, &end))) {
        tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, "name",
                       "A device's name has at most %d bytes", TK_NAME_MAX - 1);
        done(arg, &problem, NULL, NULL);
        return;
    }
    if (tk_access_code_attempt(a, address, now, &problem) < 0) {
        done(arg, &problem, NULL, NULL);
        return;
    }
    struct enrolment *e = g_new0(struct enrolment, 1);
    e->access = a;
    e->now = now;
    e->done = done;
    e->arg = arg;
    g_strlcpy(e->address, address, sizeof(e->address));
    g_strlcpy(e->name, name ? name : "", sizeof(e->name));
    tk_secret_hash(code, e->code_hash);
    tk_secret_make(e->token, e->hash);
    int r = tk_store_submit(a->store, enrol_job, e, on_enrolled);
    if (r < 0) {
        on_enrolled(e, r);
    }
}

struct seen {
    int64_t id;
    int64_t at_ms;
};

static int seen_job(void *arg, struct tk_db *db)
{
    const struct seen *s = arg;
    return tk_device_row_seen(db, s->id, s->at_ms);
}

static void on_seen(void *arg, int result)
{
    g_free(arg);
}

static void note_seen(struct tk_access *a, const struct tk_device *d, struct tk_now now)
{
    if (now.wall_ms - d->last_seen_ms < SEEN_EVERY_MS) {
        return;
    }
    struct seen *s = g_new0(struct seen, 1);
    *s = (struct seen){d->id, now.wall_ms};
    if (tk_store_submit(a->store, seen_job, s, on_seen) < 0) {
        g_free(s);
    }
}

int tk_device_check(struct tk_access *a, struct tk_now now, const char *key, const char *token,
                    struct tk_device *ret, struct tk_problem *problem)
{
    uint8_t kept[TK_SECRET_HASH_BYTES];
    uint8_t given[TK_SECRET_HASH_BYTES];
    int r = tk_device_row_key(tk_store_reader(a->store), key, ret, kept);
    if (r < 0 && r != -ENOENT) {
        return tk_problem_from_errno(problem, r);
    }
    tk_secret_hash(token, given);
    if (r == -ENOENT || !tk_secret_equal(kept, given)) {
        return tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                              "This device is not enrolled");
    }
    if (ret->revoked_ms != 0) {
        return tk_problem_set(problem, TK_PROBLEM_REVOKED, NULL,
                              "This device was revoked; enrol it again");
    }
    note_seen(a, ret, now);
    return 0;
}

struct revocation {
    struct tk_access *access;
    struct tk_actor actor;
    struct tk_now now;
    int64_t device_id;
    tk_access_done *done;
    void *arg;
};

static int revoke_job(void *arg, struct tk_db *db)
{
    const struct revocation *v = arg;
    int r = tk_device_row_revoke(db, v->device_id, v->now.wall_ms);
    return r < 0 ? r
                 : tk_access_audit(db, &v->actor, v->now, "device.revoke", "device", v->device_id,
                                   NULL, NULL);
}

static void on_revoked(void *arg, int result)
{
    struct revocation *v = arg;
    struct tk_access *a = v->access;
    struct tk_problem problem;
    if (result == -ENOENT) {
        tk_problem_set(&problem, TK_PROBLEM_NOT_FOUND, NULL,
                       "There is no such device, or it is revoked already");
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
    } else {
        a->listener.on_device_revoked(a->listener.ctx, v->device_id);
    }
    v->done(v->arg, result < 0 ? &problem : NULL);
    g_free(v);
}

void tk_device_revoke(struct tk_access *a, const struct tk_actor *actor, struct tk_now now,
                      int64_t device_id, tk_access_done *done, void *arg)
{
    struct revocation *v = g_new0(struct revocation, 1);
    v->access = a;
    v->actor = *actor;
    v->now = now;
    v->device_id = device_id;
    v->done = done;
    v->arg = arg;
    int r = tk_store_submit(a->store, revoke_job, v, on_revoked);
    if (r < 0) {
        on_revoked(v, r);
    }
}
