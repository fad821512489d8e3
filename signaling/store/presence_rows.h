#ifndef TK_SIGNALING_STORE_PRESENCE_ROWS_H
#define TK_SIGNALING_STORE_PRESENCE_ROWS_H

/* Rows of presence and evidence, put by id as sitting_rows.h does. Any thread. */

#include "signaling/store/account_rows.h"

#define TK_LOAD_MAX 64 /* names one load of a page */
#define TK_EVIDENCE_KIND_MAX 24
#define TK_EVIDENCE_TEXT_MAX 120

/* One interval in which media played. Of room and person one is 0. */
struct tk_presence_row {
    int64_t id;
    int64_t sitting_id;
    int64_t room_id;
    int64_t person_id;
    int64_t device_id;
    int64_t account_id;
    int64_t server_run_id;
    char page[TK_LOAD_MAX];
    int64_t last_n;
    int64_t started_ms;
    int64_t last_report_ms;
    int64_t frames;
    int64_t audio_ms;
};

int tk_presence_row_put(struct tk_db *db, const struct tk_presence_row *row);
/* Of a room or person, in order of time. */
int tk_presence_rows(struct tk_db *db, int64_t sitting_id, int64_t room_id, int64_t person_id,
                     int (*each)(void *ctx, int64_t from_ms, int64_t to_ms), void *ctx);
/* The number of the last report of this page load that is on disk; 0: none. */
int tk_presence_last_n(struct tk_db *db, int64_t sitting_id, const char *page, int64_t *ret);
/* The last moment anything is known of in a sitting; 0: nothing. */
int tk_sitting_last_sign(struct tk_db *db, int64_t sitting_id, int64_t *ret_ms);

struct tk_evidence_row {
    int64_t id;
    int64_t sitting_id;
    int64_t room_id;
    int64_t person_id;
    int64_t at_ms;
    char kind[TK_EVIDENCE_KIND_MAX];
    char text[TK_EVIDENCE_TEXT_MAX];
};

int tk_evidence_row_put(struct tk_db *db, const struct tk_evidence_row *row);
int tk_evidence_rows(struct tk_db *db, int64_t sitting_id, int64_t room_id, int64_t person_id,
                     int (*each)(void *ctx, const struct tk_evidence_row *row), void *ctx);

#endif
