#ifndef TK_SIGNALING_STORE_DEVICE_ROWS_H
#define TK_SIGNALING_STORE_DEVICE_ROWS_H

/* Rows of device and enrol_code. Any thread, with its own connection. */

#include "signaling/store/account_rows.h"

#define TK_DEVICE_KEY_TEXT 24

struct tk_device {
    int64_t id;
    char key[TK_DEVICE_KEY_TEXT]; /* public, in the address of the page */
    char name[TK_NAME_MAX];
    struct tk_room room;
    int64_t created_ms;
    int64_t last_seen_ms; /* 0: never */
    int64_t revoked_ms;   /* 0: valid */
};

/* -ENOENT where there is none; revoked ones are returned as such. */
int tk_device_row(struct tk_db *db, int64_t id, struct tk_device *ret);
int tk_device_row_key(struct tk_db *db, const char *key, struct tk_device *ret,
                      uint8_t ret_hash[TK_SECRET_HASH_BYTES]);
int tk_device_rows(struct tk_db *db, int (*each)(void *ctx, const struct tk_device *device),
                   void *ctx);
int tk_device_row_add(struct tk_db *db, int64_t room_id, const char *key,
                      const uint8_t hash[TK_SECRET_HASH_BYTES], const char *name, int64_t at_ms,
                      int64_t *ret_id);
int tk_device_row_seen(struct tk_db *db, int64_t id, int64_t at_ms);
/* -ENOENT when it is not there or revoked already. */
int tk_device_row_revoke(struct tk_db *db, int64_t id, int64_t at_ms);

/* Ends the old codes of the room and all that are over. -EEXIST when another room has this code. */
int tk_enrol_code_row_add(struct tk_db *db, int64_t room_id,
                          const uint8_t hash[TK_SECRET_HASH_BYTES], int64_t at_ms,
                          int64_t expires_ms);
/* Uses it up. -ENOENT when unknown, used or old. */
int tk_enrol_code_row_use(struct tk_db *db, const uint8_t hash[TK_SECRET_HASH_BYTES],
                          int64_t now_ms, int64_t *ret_id, int64_t *ret_room_id);
int tk_enrol_code_row_device(struct tk_db *db, int64_t id, int64_t device_id);

#endif
