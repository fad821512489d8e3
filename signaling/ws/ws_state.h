#ifndef TK_SIGNALING_WS_WS_STATE_H
#define TK_SIGNALING_WS_WS_STATE_H

/* What is inside struct tk_ws and what its files share. */

#include <glib.h>
#include <jansson.h>
#include <libwebsockets.h>

#include "signaling/classroom/classroom.h"
#include "signaling/core/credentials.h"
#include "signaling/core/lesson.h"
#include "signaling/core/lesson_json.h"
#include "signaling/core/roster.h"
#include "signaling/core/visit.h"
#include "signaling/media/media.h"
#include "signaling/ws/frames.h"
#include "signaling/ws/ops.h"
#include "signaling/ws/outbox.h"
#include "signaling/ws/ws.h"

#define TK_WS_MESSAGE_MAX (64 * 1024)
#define TK_WS_MESSAGES_PER_S 50
#define TK_WS_LIVE_PER_S 60    /* board.ink and board.laser, beside the others */
#define TK_WS_REFUSALS_MAX 200 /* messages over the rate, in a row */
#define TK_WS_PING_MS 10000
#define TK_WS_SILENT_MS 30000
#define TK_WS_HELLO_MS 10000
#define TK_WS_PEERS_MAX 6 /* media sessions of one page: a teacher has three */
#define TK_WS_WHO_MAX 32

/* Bits: a message's table says which pages may send it. */
enum tk_ws_page {
    TK_WS_ROOM = 1,
    TK_WS_TEACH = 2,
    TK_WS_ADMIN = 4,
    TK_WS_WATCH = 8,
    TK_WS_COTEACH = 16,
    TK_WS_ANY = 31,
};

struct tk_ws_conn {
    struct tk_ws *ws;
    struct lws *wsi;
    uint64_t id;
    char address[TK_ADDRESS_MAX];
    bool loopback;
    struct tk_credentials *credentials;
    GByteArray *in;
    struct tk_frames frames; /* whether they are masked */
    int fd;
    const void *ssl;
    struct tk_outbox *out;
    /* rates and signs of life */
    double allowance;
    double live_allowance; /* of ink and laser */
    int64_t allowance_ms;
    int refused;
    int64_t opened_ms;
    int64_t heard_ms;
    int64_t pinged_ms;
    bool ping_due;
    /* the end: after what is queued was written */
    bool closing;
    uint16_t close_code;
    const char *close_text;
    /* since `hello` */
    size_t hello_page;         /* of hello.c's table */
    bool hello_waits;          /* for the disk: a visit */
    bool visits;               /* silently; visit.c */
    enum tk_ws_page page;      /* 0: none yet */
    struct tk_account account; /* id 0: a device */
    struct tk_device device;   /* id 0: a person */
    char who[TK_WS_WHO_MAX];   /* "d5", "a3": for ops and what outlives a connection */
    char load[64];
    char lesson[TK_LESSON_ID_MAX + 1]; /* empty: none, or all (admin) */
    int64_t room_id;                   /* that a co-teacher's page is for; else 0 */
    char told_next[TK_LESSON_ID_MAX + 1];
    struct tk_page *present; /* in the roster of present_lesson */
    char present_lesson[TK_LESSON_ID_MAX + 1];
    int told_layers; /* by `send`; -1: nothing yet */
    bool told_audio;
    bool rooms_stale;     /* a room.status was dropped */
    bool class_stale;     /* a class was left out for what waits */
    enum tk_page_end end; /* how its presence ends when the connection does */
    bool said_bye;
};

/* A media session of a page. It outlives a lost connection: the page that resumes takes it back. */
struct tk_ws_peer {
    char id[TK_PEER_TEXT];
    uint64_t number; /* in the order of making */
    char who[TK_WS_WHO_MAX];
    char load[64];
    char lesson[TK_LESSON_ID_MAX + 1];
    uint64_t conn;     /* 0: lost for now */
    bool lesson_slots; /* it receives the lesson: what it measures is the room's status */
    bool sends;        /* room.*; how much of it is wanted: */
    int layers;
    bool audio;
    char op[TK_OP_MAX + 1]; /* of the offer or restart under way */
};

/* Counted (g_rc_box): an act under way in the store may end after tk_ws_destroy. */
struct tk_ws {
    struct tk_ws_config config;
    struct tk_ws_stats stats;
    GHashTable *conns; /* id → struct tk_ws_conn */
    GHashTable *peers; /* id → struct tk_ws_peer */
    GHashTable *seqs;  /* lesson id, "" for all → last seq (int64) */
    GHashTable *dirty; /* lessons that changed, told from the loop */
    struct tk_ops *ops;
    uint64_t next_conn;
    guint timer;
    guint telling;
    GHashTable *classes; /* lessons whose Class changed, told from the loop */
    guint telling_classes;
    bool closing;
    int64_t logins_seen_ms;
};

void tk_ws_unref(struct tk_ws *ws);

/* ---- conn.c: one connection ---- */

struct tk_ws_conn *tk_ws_conn_create(struct tk_ws *ws, struct lws *wsi,
                                     const struct tk_credentials *credentials);
/* From here on there are frames. */
void tk_ws_conn_established(struct tk_ws_conn *c);
void tk_ws_conn_destroy(struct tk_ws_conn *c);
/* Takes the reference of `message`. */
void tk_ws_send(struct tk_ws_conn *c, json_t *message, bool droppable);
void tk_ws_send_text(struct tk_ws_conn *c, const char *text, size_t len, bool droppable);
/* Closes it once what is queued is written. */
void tk_ws_conn_close(struct tk_ws_conn *c, uint16_t code, const char *text);
/* Closes it now from within its own callback: returns -1 to be passed on. */
int tk_ws_conn_fail(struct tk_ws_conn *c, uint16_t code, const char *text);
int tk_ws_conn_write(struct tk_ws_conn *c);
int tk_ws_conn_receive(struct tk_ws_conn *c, const void *in, size_t len);
/* Pings, and closes what is silent. */
void tk_ws_conn_tick(struct tk_ws_conn *c, int64_t now_ms);
struct tk_ws_conn *tk_ws_conn_find(struct tk_ws *ws, uint64_t id);

/* ---- dispatch.c: messages ---- */

void tk_ws_dispatch(struct tk_ws_conn *c, const json_t *message);
void tk_ws_answer_ok(struct tk_ws_conn *c, const char *op);
void tk_ws_answer_problem(struct tk_ws_conn *c, const char *op, const struct tk_problem *problem);
void tk_ws_answer_error(struct tk_ws_conn *c, const char *op, enum tk_problem_code code,
                        const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* For an act that was noted in ops: to whoever waits for it by now. `problem` NULL: ok. */
void tk_ws_answer_op(struct tk_ws *ws, const char *who, const char *op,
                     const struct tk_problem *problem);

/* ---- the areas: hello.c media.c progress.c lesson.c board.c classroom.c ---- */

void tk_ws_on_hello(struct tk_ws_conn *c, const char *op, const json_t *m);
/* What follows once it is clear who it is; `problem`: the page may not be here. */
void tk_ws_hello_end(struct tk_ws_conn *c, const char *op, bool resumes,
                     const struct tk_problem *problem);
void tk_ws_on_bye(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_offer(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_restart(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_media_close(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_progress(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_start(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_release(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_end(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_board_add(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_board_ink(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_board_laser(struct tk_ws_conn *c, const char *op, const json_t *m);

/* board.c: listens to the boards; `welcome.board` */
void tk_ws_board_init(struct tk_ws *ws);
void tk_ws_board_finish(struct tk_ws *ws);
json_t *tk_ws_board_json(struct tk_ws_conn *c);
void tk_ws_on_class(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_class_once(struct tk_ws_conn *c, const char *op, const json_t *m);
void tk_ws_on_check(struct tk_ws_conn *c, const char *op, const json_t *m);

/* classroom.c: Class as this page may see it, null where there is none. */
json_t *tk_ws_class_json(const struct tk_ws_conn *c);
/* Now, or once what waits is written. */
void tk_ws_send_class(struct tk_ws_conn *c);
/* The page is in the roster of present_lesson, or was. */
void tk_ws_class_come(struct tk_ws_conn *c);
void tk_ws_class_gone(struct tk_ws_conn *c, enum tk_page_end end);
void tk_ws_class_init(struct tk_ws *ws);
void tk_ws_class_finish(struct tk_ws *ws);

/* media.c: the sessions of a page that resumes are its own again; lost ones of an older load end.
 */
void tk_ws_peers_take(struct tk_ws_conn *c, bool resumes);
/* Ids of its sessions, for `welcome`: one that the page has and that is not here is over. */
json_t *tk_ws_peers_json(const struct tk_ws_conn *c);
/* The connection is gone: sessions end, or wait for it to come back. `reason` NULL: wait. */
void tk_ws_peers_leave(struct tk_ws_conn *c, const char *reason);
/* All sessions of `who` end. */
void tk_ws_peers_end(struct tk_ws *ws, const char *who);
/* What is wanted of the page now, if that was not told yet: PROTOCOL.md's `send`. */
void tk_ws_tell_send(struct tk_ws_conn *c);
/* Sessions of the connection in other lessons than its own end, and it is told. */
void tk_ws_peers_follow(struct tk_ws_conn *c);

/* ---- visit.c: silent visits ---- */

/* Writes it down, then goes on with the hello. */
void tk_ws_visit_begin(struct tk_ws_conn *c, const char *op, bool resumes);
/* The lesson has opened again, or is over. */
void tk_ws_visit_follow(struct tk_ws_conn *c, bool open);
/* It goes on and is on disk. */
bool tk_ws_visit_lasts(const struct tk_ws_conn *c);
void tk_ws_visit_leave(struct tk_ws_conn *c);

/* ---- tell.c: what pages are told ---- */

void tk_ws_tell_init(struct tk_ws *ws);
void tk_ws_tell_finish(struct tk_ws *ws);
int64_t tk_ws_seq(struct tk_ws *ws, const char *lesson);
/* The next number for a message about `lesson`, "" for the subject of all lessons. */
int64_t tk_ws_next_seq(struct tk_ws *ws, const char *lesson);
/* Puts the page into its lesson's roster, or takes it out, as the lesson is now. */
void tk_ws_presence(struct tk_ws_conn *c);
/* The lesson that a room's page should show now and the next; others: the one it asked for. */
const struct tk_lesson *tk_ws_lesson_of(struct tk_ws_conn *c);
const struct tk_lesson *tk_ws_next_of(struct tk_ws_conn *c);
/* RoomStatus of the connection's lesson, or of all for admin. */
void tk_ws_send_rooms(struct tk_ws_conn *c);

#endif
