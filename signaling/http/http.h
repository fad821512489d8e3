#ifndef TK_SIGNALING_HTTP_HTTP_H
#define TK_SIGNALING_HTTP_HTTP_H

/*
 * Requests, replies and the route tables of the resources, without sockets: signaling/server hands
 * requests in and takes replies. The router checks, in this order: path (404), method (405),
 * rate (429), Origin (403), who asks (401, 403), the route's own `check`, length (411, 413) and
 * type (415) of the body; then the body is read and `handle` is called. A route with
 * TK_ROUTE_BEARER leaves Origin and who asks to its `check`. Loop thread.
 */

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "signaling/core/access.h"
#include "signaling/core/credentials.h"

#define TK_HTTP_BODY_MAX (256 * 1024)
#define TK_HTTP_PARAMS_MAX 3
#define TK_HTTP_PARAM_TEXT 96
#define TK_HTTP_PATH_MAX 512
#define TK_HTTP_VALUE_MAX 4608 /* one header: a bearer token has up to 4 kB */

struct tk_boards;    /* signaling/classroom/board.h */
struct tk_classroom; /* signaling/classroom/classroom.h */
struct tk_lessons;   /* signaling/core/lesson.h */
struct tk_media;     /* signaling/media/media.h */
struct tk_server;    /* signaling/server/server.h */

enum tk_http_method {
    TK_HTTP_GET,
    TK_HTTP_HEAD,
    TK_HTTP_POST,
    TK_HTTP_PUT,
    TK_HTTP_PATCH,
    TK_HTTP_DELETE,
    TK_HTTP_OPTIONS,
    TK_HTTP_OTHER,
};

/* The headers that requests are read for. */
enum tk_http_header {
    TK_HTTP_HOST,
    TK_HTTP_ORIGIN,
    TK_HTTP_SEC_FETCH_SITE,
    TK_HTTP_COOKIE,
    TK_HTTP_AUTHORIZATION,
    TK_HTTP_CONTENT_TYPE,
    TK_HTTP_CONTENT_LENGTH,
    TK_HTTP_TRANSFER_ENCODING,
    TK_HTTP_IF_MATCH,
    TK_HTTP_IF_NONE_MATCH,
    TK_HTTP_ACCEPT,
    TK_HTTP_ACCEPT_ENCODING,
    TK_HTTP_ACCEPT_LANGUAGE,
    TK_HTTP_HEADERS, /* how many */
};

/* What the handlers work on; everything outlives the server. NULL where it does not exist. */
struct tk_http_ctx {
    struct tk_access *access;
    struct tk_store *store;
    const struct tk_settings *settings;
    struct tk_lessons *lessons;
    struct tk_classroom *classroom;
    struct tk_boards *boards;
    struct tk_media *media;
    struct tk_server *server; /* set by the server itself */
    struct tk_now (*now)(void);
};

/*
 * One request. It lives until its handler has replied, which may be after it returned, and after
 * the connection is gone: then the reply is harmless. Exactly one reply to each; not used
 * afterwards.
 */
struct tk_request {
    const struct tk_http_ctx *ctx;
    enum tk_http_method method;             /* HEAD is handled as GET: see `head` */
    bool head;                              /* the body of the reply is not sent */
    const char *path;                       /* decoded, without query */
    const char *params[TK_HTTP_PARAMS_MAX]; /* what stood for each {name} of the pattern, decoded */
    const char *headers[TK_HTTP_HEADERS];   /* NULL: not there */
    const uint8_t *body;                    /* ends with a NUL that is not counted */
    size_t body_len;                        /* ≤ the route's body_max */
    char address[TK_ADDRESS_MAX];           /* the peer's */
    bool loopback;                          /* came from and to a loopback address */
    bool secure;                            /* by https */
    struct tk_credentials credentials;      /* every account and device that presents itself */
    const struct tk_account *account;       /* the one that may do this; NULL: none was needed */
    struct tk_request_state *state;         /* the router's own */
};

/* A parameter of the query, decoded; NULL when it is not there. Lives as long as the request. */
const char *tk_http_query(struct tk_request *r, const char *name);

/* The same as a number, `fallback` when it is not there. -EINVAL: no number from `min` to `max`. */
int tk_http_query_int(struct tk_request *r, const char *name, int64_t fallback, int64_t min,
                      int64_t max, int64_t *ret);

/* Path parameter `i` as an id; false: it is none. */
bool tk_http_param_id(const struct tk_request *r, int i, int64_t *ret);

/* The body as a JSON object (an empty body is an empty one); NULL with a problem. json_decref. */
json_t *tk_http_body_object(struct tk_request *r, struct tk_problem *problem);

/* The same, having replied with the problem: NULL, and there is nothing more to do. */
json_t *tk_http_fields(struct tk_request *r);

/*
 * A text field of at most `max_bytes`; NULL when it is not there, with problem->code set when it is
 * wrong, or missing and required. `name` must be static text.
 */
const char *tk_http_field_text(const json_t *body, const char *name, size_t max_bytes,
                               bool required, struct tk_problem *problem);

/* The token of `Authorization: Bearer …`; NULL when there is none. */
const char *tk_http_bearer(const struct tk_request *r);

/* Who does it, for the audit. */
struct tk_actor tk_http_actor(const struct tk_request *r);

bool tk_http_accepts_gzip(const struct tk_request *r);

/* The media type of the body without parameters is `type` (any case). */
bool tk_http_has_type(const struct tk_request *r, const char *type);

/*
 * `work(arg)` on the thread of long reads, then `done(arg, its result)` on the loop. -ENOSPC: too
 * much waits, neither is called.
 */
int tk_http_background(struct tk_request *r, int (*work)(void *arg),
                       void (*done)(void *arg, int result), void *arg);

/* A reading connection for such work, to be closed by it; NULL: replied with what is wrong. */
struct tk_db *tk_http_reader(struct tk_request *r);

/* Adds a header to the coming reply; may repeat a name. CR and LF end it. */
void tk_http_header(struct tk_request *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The reply. Content-Length, Date, nosniff and the like are added; `body` is copied. */
void tk_http_reply(struct tk_request *r, int status, const char *content_type, const void *body,
                   size_t len);
/* The same without a copy. */
void tk_http_reply_shared(struct tk_request *r, int status, const char *content_type, GBytes *body);
void tk_http_reply_empty(struct tk_request *r, int status);
/* Takes the reference of `body`. */
void tk_http_reply_json(struct tk_request *r, int status, json_t *body);
/* RFC 9457; Retry-After and WWW-Authenticate as the problem needs. */
void tk_http_reply_problem(struct tk_request *r, const struct tk_problem *problem);
void tk_http_fail(struct tk_request *r, enum tk_problem_code code, const char *field,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void tk_http_redirect(struct tk_request *r, int status, const char *location);

/*
 * A device is enrolled for years: the longest that browsers keep a cookie (RFC 6265bis: 400 days),
 * renewed by GET /me.
 */
#define TK_DEVICE_COOKIE_S (400 * 86400)

/* Adds Set-Cookie: HttpOnly, SameSite=Lax, Secure on https, for the whole site; 0 s deletes it. */
void tk_http_set_cookie(struct tk_request *r, const char *name, const char *value,
                        int64_t max_age_s);

/* Whether `path` fits `pattern`; `params` get what stands for each {name}, g_free. */
bool tk_http_match(const char *pattern, const char *path, char *params[TK_HTTP_PARAMS_MAX]);

/* Who may: bits of 1 << enum tk_role, and these. */
#define TK_WHO_TEACHER (1u << TK_ROLE_TEACHER)
#define TK_WHO_COTEACHER (1u << TK_ROLE_COTEACHER)
#define TK_WHO_ADMIN (1u << TK_ROLE_ADMIN)
#define TK_WHO_AUDITOR (1u << TK_ROLE_AUDITOR)
#define TK_WHO_DEVICE (1u << 8)
#define TK_WHO_ANYBODY 0u

enum tk_route_flags {
    TK_ROUTE_BEARER = 1, /* who asks is the `check`'s matter, by bearer token; no Origin check */
    TK_ROUTE_CORS = 2,   /* other origins' pages may use it: WHIP and WHEP only */
};

struct tk_route {
    enum tk_http_method method;
    const char *pattern; /* "/api/v1/lessons/{id}/end" */
    unsigned who;
    unsigned flags;
    /* the body's media type, or several: "a/b, c/d"; NULL: no body is expected, one is ignored */
    const char *type;
    size_t body_max; /* 0: TK_HTTP_BODY_MAX */
    unsigned cost;   /* of the address's allowance, 0: 1 */
    /* Before the body is read: true to go on, false when it has replied. NULL: nothing to check. */
    bool (*check)(struct tk_request *r);
    void (*handle)(struct tk_request *r);
};

/* The OpenAPI document; not ended by a NUL. */
const char *tk_openapi_document(size_t *ret_len);

/* The routes of a resource; a table ends with a NULL pattern. Defined one a file. */
extern const struct tk_route tk_session_routes[];
extern const struct tk_route tk_enrol_routes[];
extern const struct tk_route tk_link_routes[];
extern const struct tk_route tk_lesson_routes[];
extern const struct tk_route tk_attendance_routes[];
extern const struct tk_route tk_board_routes[];
extern const struct tk_route tk_file_routes[];
extern const struct tk_route tk_live_routes[];
extern const struct tk_route tk_list_routes[];
extern const struct tk_route tk_device_routes[];
extern const struct tk_route tk_account_routes[];
extern const struct tk_route tk_audit_routes[];
extern const struct tk_route tk_coteach_routes[];
extern const struct tk_route tk_check_routes[];
extern const struct tk_route tk_probe_routes[];
extern const struct tk_route tk_timeline_routes[];
extern const struct tk_route tk_visit_routes[];
extern const struct tk_route tk_openapi_routes[];
extern const struct tk_route tk_whip_routes[];
extern const struct tk_route tk_whep_routes[];

#endif
