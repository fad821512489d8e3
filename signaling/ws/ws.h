#ifndef TK_SIGNALING_WS_WS_H
#define TK_SIGNALING_WS_WS_H

/*
 * The WebSocket `/ws` of PROTOCOL.md: pages' connections, their messages and what they are told.
 * Knows the rules only through core and the media only through media.h. Runs on the loop thread.
 *
 * How signaling/server takes it in: tk_ws_protocol() gives the entry for its protocol table (not
 * the first one: libwebsockets gives the first to a client that names no subprotocol, so the first
 * one's callback returns -1 for LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION). Path, Origin and
 * credentials of the upgrade are checked here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/settings.h"
#include "signaling/core/access.h"

#define TK_WS_PROTOCOL "tongke.v1"

struct tk_boards;     /* signaling/classroom/board.h */
struct tk_classroom;  /* signaling/classroom/classroom.h */
struct tk_lessons;    /* signaling/core/lesson.h */
struct tk_media;      /* signaling/media/media.h */
struct tk_visits;     /* signaling/core/visit.h */
struct lws_protocols; /* libwebsockets.h */
struct tk_ws;

struct tk_ws_config {
    struct tk_access *access;
    struct tk_lessons *lessons;
    struct tk_classroom *classroom;
    struct tk_boards *boards;
    struct tk_visits *visits;
    struct tk_media *media;
    const struct tk_settings *settings;
    const char *build; /* a page of another build reloads itself; static text */
    struct tk_now (*now)(void);
};

struct tk_ws *tk_ws_create(const struct tk_ws_config *config);

/* After the lws context is destroyed, before lessons and media. NULL is fine. */
void tk_ws_destroy(struct tk_ws *ws);

/* Fills the entry of the server's protocol table; its `user` is `ws`. */
void tk_ws_protocol(struct tk_ws *ws, struct lws_protocols *ret);

/* Tells every page `server.closing` and closes its connection once that is written. */
void tk_ws_close_all(struct tk_ws *ws, const char *reason);

/* These may no longer be here: `revoked`, then closed. Called from core's access listener. */
void tk_ws_account_ended(struct tk_ws *ws, int64_t account_id);
void tk_ws_device_revoked(struct tk_ws *ws, int64_t device_id);
/* The same for one session: the account's others stay. */
void tk_ws_session_ended(struct tk_ws *ws, const uint8_t *hash);

struct tk_ws_stats {
    uint64_t opened;
    uint64_t refused_origin;
    uint64_t refused_who;
    uint64_t messages_in;
    uint64_t messages_out;
    uint64_t malformed; /* not JSON, not an object, unknown type, wrong field */
    uint64_t rate_limited;
    uint64_t dropped;       /* statistics left out for a slow reader */
    uint64_t closed_slow;   /* readers too slow for what they must know */
    uint64_t closed_silent; /* 30 s without a sign */
    uint32_t connections;   /* now */
};

const struct tk_ws_stats *tk_ws_stats(const struct tk_ws *ws);

#endif
