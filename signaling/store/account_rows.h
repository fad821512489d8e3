#ifndef TK_SIGNALING_STORE_ACCOUNT_ROWS_H
#define TK_SIGNALING_STORE_ACCOUNT_ROWS_H

/* Rows of account, session, signin_link and bearer_token. Any thread, with its own connection. */

#include "signaling/store/place_rows.h"
#include "signaling/store/query.h"

#define TK_LOGIN_MAX 40
#define TK_LESSON_ID_MAX 40
#define TK_PAGE_MAX 128
#define TK_SECRET_HASH_BYTES 32

enum tk_role {
    TK_ROLE_TEACHER,
    TK_ROLE_COTEACHER,
    TK_ROLE_ADMIN,
    TK_ROLE_AUDITOR,
};

const char *tk_role_name(enum tk_role role);
bool tk_role_parse(const char *text, enum tk_role *ret);

struct tk_account {
    int64_t id;
    int64_t person_id;
    enum tk_role role;
    bool disabled;
    char login[TK_LOGIN_MAX + 1];
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    int64_t school_id; /* 0: none */
    char school[TK_NAME_MAX];
    char school_en[TK_NAME_MAX];
};

/* A password at rest, with what it was made with. */
struct tk_password {
    uint8_t salt[16];
    uint8_t hash[32];
    int64_t n;
    int64_t r;
    int64_t p;
};

/* -ENOENT where there is none. */
int tk_account_row(struct tk_db *db, int64_t id, struct tk_account *ret);
int tk_account_row_login(struct tk_db *db, const char *login, struct tk_account *ret,
                         struct tk_password *ret_password);
int tk_account_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_account *account),
                    void *ctx);
int tk_account_row_add(struct tk_db *db, const char *login, enum tk_role role, int64_t person_id,
                       const struct tk_password *password, int64_t at_ms, int64_t *ret_id);
int tk_account_row_password(struct tk_db *db, int64_t id, const struct tk_password *password,
                            int64_t at_ms);
int tk_account_row_disable(struct tk_db *db, int64_t id, int64_t at_ms); /* 0 ms: enable */

int tk_session_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                       int64_t account_id, const char *ip, int64_t at_ms, int64_t expires_ms);
/* -ENOENT when unknown, expired at `now_ms` or its account disabled. */
int tk_session_row(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                   int64_t *ret_id, int64_t *ret_last_used_ms, struct tk_account *ret);
int tk_session_row_use(struct tk_db *db, int64_t id, int64_t at_ms, int64_t expires_ms);
/* -ENOENT when unknown; `ret_account_id` is whose it was. */
int tk_session_row_end(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                       int64_t *ret_account_id);
int tk_session_rows_end(struct tk_db *db, int64_t account_id);
int tk_session_rows_expire(struct tk_db *db, int64_t now_ms);

struct tk_link_row {
    int64_t account_id; /* 0: for a room */
    int64_t room_id;
    char page[TK_PAGE_MAX];
};

int tk_link_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                    const struct tk_link_row *link, int64_t at_ms, int64_t expires_ms);
/* Marks it used. -ENOENT when unknown, used or old. */
int tk_link_row_use(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                    struct tk_link_row *ret);

enum tk_token_act {
    TK_TOKEN_WATCH,
    TK_TOKEN_PUBLISH,
};

struct tk_token {
    int64_t id; /* the same token: the same publisher */
    char lesson_id[TK_LESSON_ID_MAX + 1];
    enum tk_token_act act;
    int64_t room_id; /* 0: no room */
    int64_t expires_ms;
};

/* -ENOENT when the lesson or room is not there. */
int tk_token_row_add(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                     const struct tk_token *token, int64_t at_ms);
int tk_token_row(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t now_ms,
                 struct tk_token *ret);

#endif
