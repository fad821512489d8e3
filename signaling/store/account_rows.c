#include "signaling/store/account_rows.h"

#include <errno.h>
#include <string.h>

static const char *const role_names[] = {"teacher", "coteacher", "admin", "auditor"};
static const char *const act_names[] = {"watch", "publish"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *tk_role_name(enum tk_role role)
{
    return role_names[role];
}

bool tk_role_parse(const char *text, enum tk_role *ret)
{
    for (size_t i = 0; i < COUNT(role_names); i++) {
        if (strcmp(role_names[i], text) == 0) {
            *ret = (enum tk_role)i;
            return true;
        }
    }
    return false;
}

#define ACCOUNT_COLUMNS                                                                            \
    "a.id, a.person_id, a.role, a.disabled_ms IS NOT NULL, a.login, p.name, p.name_en,"            \
    " p.school_id, s.name, s.name_en"
#define ACCOUNT_JOINS                                                                              \
    " JOIN person p ON p.id = a.person_id LEFT JOIN school s ON s.id = p.school_id"

static struct tk_account account_of(struct tk_query *q)
{
    struct tk_account a = {
        .id = tk_query_int(q, 0),
        .person_id = tk_query_int(q, 1),
        .disabled = tk_query_int(q, 3),
        .school_id = tk_query_int(q, 7),
    };
    tk_role_parse(tk_query_text(q, 2), &a.role); /* the CHECK holds it to these names */
    tk_query_copy(q, 4, a.login, sizeof(a.login));
    tk_query_copy(q, 5, a.name, sizeof(a.name));
    tk_query_copy(q, 6, a.name_en, sizeof(a.name_en));
    tk_query_copy(q, 8, a.school, sizeof(a.school));
    tk_query_copy(q, 9, a.school_en, sizeof(a.school_en));
    return a;
}

static int none(const struct tk_query *q)
{
    int r = tk_query_result(q);
    return r < 0 ? r : -ENOENT;
}

/* After an UPDATE or DELETE by id. */
static int changed_one(struct tk_db *db, int r)
{
    return r < 0 ? r : tk_db_changes(db) > 0 ? 0 : -ENOENT;
}

int tk_account_row(struct tk_db *db, int64_t id, struct tk_account *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT " ACCOUNT_COLUMNS " FROM account a" ACCOUNT_JOINS " WHERE a.id = ?", "i",
                   id);
    if (!tk_query_next(&q)) {
        return none(&q);
    }
    *ret = account_of(&q);
    return 0;
}

static void copy_blob(struct tk_query *q, int column, uint8_t *out, size_t len)
{
    size_t n = 0;
    const void *bytes = tk_query_blob(q, column, &n);
    memset(out, 0, len);
    if (n == len) {
        memcpy(out, bytes, len);
    }
}

int tk_account_row_login(struct tk_db *db, const char *login, struct tk_account *ret,
                         struct tk_password *ret_password)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT " ACCOUNT_COLUMNS ", a.password_salt, a.password_hash, a.scrypt_n,"
                   " a.scrypt_r, a.scrypt_p FROM account a" ACCOUNT_JOINS " WHERE a.login = ?",
                   "t", login);
    if (!tk_query_next(&q)) {
        return none(&q);
    }
    *ret = account_of(&q);
    if (ret_password) {
        copy_blob(&q, 10, ret_password->salt, sizeof(ret_password->salt));
        copy_blob(&q, 11, ret_password->hash, sizeof(ret_password->hash));
        ret_password->n = tk_query_int(&q, 12);
        ret_password->r = tk_query_int(&q, 13);
        ret_password->p = tk_query_int(&q, 14);
    }
    return 0;
}

int tk_account_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_account *account),
                    void *ctx)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT " ACCOUNT_COLUMNS " FROM account a" ACCOUNT_JOINS " ORDER BY a.id", "");
    while (tk_query_next(&q)) {
        struct tk_account a = account_of(&q);
        int r = each(ctx, &a);
        if (r != 0) {
            return r;
        }
    }
    return tk_query_result(&q);
}

int tk_account_row_add(struct tk_db *db, const char *login, enum tk_role role, int64_t person_id,
                       const struct tk_password *password, int64_t at_ms, int64_t *ret_id)
{
    return tk_db_insert(db, ret_id,
                        "INSERT INTO account (login, role, person_id, password_salt,"
                        " password_hash, scrypt_n, scrypt_r, scrypt_p, password_set_ms,"
                        " created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
                        "ttibbiiii", login, tk_role_name(role), person_id,
                        (const void *)password->salt, sizeof(password->salt),
                        (const void *)password->hash, sizeof(password->hash), password->n,
                        password->r, password->p, at_ms);
}

int tk_account_row_password(struct tk_db *db, int64_t id, const struct tk_password *password,
                            int64_t at_ms)
{
    return changed_one(
        db, tk_db_run(db,
                      "UPDATE account SET password_salt = ?, password_hash = ?, scrypt_n = ?,"
                      " scrypt_r = ?, scrypt_p = ?, password_set_ms = ? WHERE id = ?",
                      "bbiiiii", (const void *)password->salt, sizeof(password->salt),
                      (const void *)password->hash, sizeof(password->hash), password->n,
                      password->r, password->p, at_ms, id));
}

int tk_account_row_disable(struct tk_db *db, int64_t id, int64_t at_ms)
{
    return changed_one(
        db, tk_db_run(db, "UPDATE account SET disabled_ms = ? WHERE id = ?", "oi", at_ms, id));
}

int tk_session_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                       int64_t account_id, const char *ip, int64_t at_ms, int64_t expires_ms)
{
    return tk_db_run(db,
                     "INSERT INTO session (token_hash, account_id, ip, created_ms, last_used_ms,"
                     " expires_ms) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                     "bitii", (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, account_id, ip,
                     at_ms, expires_ms);
}

int tk_session_row(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                   int64_t *ret_id, int64_t *ret_last_used_ms, struct tk_account *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT " ACCOUNT_COLUMNS ", e.id, e.last_used_ms FROM session e"
                   " JOIN account a ON a.id = e.account_id" ACCOUNT_JOINS
                   " WHERE e.token_hash = ? AND e.expires_ms > ? AND a.disabled_ms IS NULL",
                   "bi", (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, now_ms);
    if (!tk_query_next(&q)) {
        return none(&q);
    }
    *ret = account_of(&q);
    *ret_id = tk_query_int(&q, 10);
    *ret_last_used_ms = tk_query_int(&q, 11);
    return 0;
}

int tk_session_row_use(struct tk_db *db, int64_t id, int64_t at_ms, int64_t expires_ms)
{
    return tk_db_run(db, "UPDATE session SET last_used_ms = ?, expires_ms = ? WHERE id = ?", "iii",
                     at_ms, expires_ms, id);
}

int tk_session_row_end(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                       int64_t *ret_account_id)
{
    return tk_db_number(db, ret_account_id,
                        "DELETE FROM session WHERE token_hash = ? RETURNING account_id", "b",
                        (const void *)hash, (size_t)TK_SECRET_HASH_BYTES);
}

int tk_session_rows_end(struct tk_db *db, int64_t account_id)
{
    return tk_db_run(db, "DELETE FROM session WHERE account_id = ?", "i", account_id);
}

int tk_session_rows_expire(struct tk_db *db, int64_t now_ms)
{
    return tk_db_run(db, "DELETE FROM session WHERE expires_ms <= ?", "i", now_ms);
}

int tk_link_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                    const struct tk_link_row *link, int64_t at_ms, int64_t expires_ms)
{
    return tk_db_run(db,
                     "INSERT INTO signin_link (token_hash, account_id, room_id, page, created_ms,"
                     " expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
                     "bootii", (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, link->account_id,
                     link->room_id, link->page, at_ms, expires_ms);
}

int tk_link_row_use(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                    struct tk_link_row *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "UPDATE signin_link SET used_ms = ?1 WHERE token_hash = ?2 AND used_ms IS NULL"
                   " AND expires_ms > ?1 RETURNING account_id, room_id, page",
                   "ib", now_ms, (const void *)hash, (size_t)TK_SECRET_HASH_BYTES);
    if (!tk_query_next(&q)) {
        return none(&q);
    }
    ret->account_id = tk_query_int(&q, 0);
    ret->room_id = tk_query_int(&q, 1);
    tk_query_copy(&q, 2, ret->page, sizeof(ret->page));
    return 0;
}

int tk_token_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                     const struct tk_token *token, int64_t at_ms)
{
    return tk_db_run(db,
                     "INSERT INTO bearer_token (token_hash, lesson_id, act, room_id, created_ms,"
                     " expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
                     "bttoii", (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, token->lesson_id,
                     act_names[token->act], token->room_id, at_ms, token->expires_ms);
}

int tk_token_row(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                 struct tk_token *ret)
{
    TK_QUERY struct tk_query q;
    tk_query_start(&q, db,
                   "SELECT id, lesson_id, act, room_id, expires_ms FROM bearer_token"
                   " WHERE token_hash = ? AND expires_ms > ? AND revoked_ms IS NULL",
                   "bi", (const void *)hash, (size_t)TK_SECRET_HASH_BYTES, now_ms);
    if (!tk_query_next(&q)) {
        return none(&q);
    }
    ret->id = tk_query_int(&q, 0);
    tk_query_copy(&q, 1, ret->lesson_id, sizeof(ret->lesson_id));
    ret->act = strcmp(tk_query_text(&q, 2), act_names[TK_TOKEN_PUBLISH]) == 0 ? TK_TOKEN_PUBLISH
                                                                              : TK_TOKEN_WATCH;
    ret->room_id = tk_query_int(&q, 3);
    ret->expires_ms = tk_query_int(&q, 4);
    return 0;
}
