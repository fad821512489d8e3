/* POST /checks, GET /checks, GET /rooms/{id}/checks: how a room was found before the lesson. */

#include "signaling/classroom/classroom.h"
#include "signaling/core/room_check.h"
#include "signaling/http/http.h"

#define BODY_MAX 16384

static void on_added(void *arg, const struct tk_problem *problem, const struct tk_check_row *row,
                     bool again)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    if (!again) {
        tk_classroom_check(r->ctx->classroom, r->ctx->now(), row->room_id, row->verdict);
    }
    json_t *result = json_loads(row->result, 0, NULL);
    tk_http_reply_json(r, again ? 200 : 201,
                       json_pack("{s:I, s:s, s:o}", "id", (json_int_t)row->id, "verdict",
                                 row->verdict, "result", result ? result : json_object()));
}

/* A device does not say by itself who asked: it would put anybody's name on record. */
static bool was_asked(struct tk_request *r, const struct tk_device *device, const json_t *by)
{
    return !json_is_integer(by) || json_integer_value(by) == 0 ||
           tk_classroom_asked_check(r->ctx->classroom, r->ctx->now(), device->room.id,
                                    json_integer_value(by));
}

static void add(struct tk_request *r)
{
    json_t *fields = tk_http_fields(r);
    if (!fields) {
        return;
    }
    const char *key = json_string_value(json_object_get(fields, "device"));
    const struct tk_device *device = tk_credentials_device(&r->credentials, key);
    if (device && !was_asked(r, device, json_object_get(fields, "asked_by"))) {
        tk_http_fail(r, TK_PROBLEM_BAD_FIELD, "asked_by",
                     "asked_by is the account that asked this room for a check just now");
    } else if (device) {
        tk_room_check_add(r->ctx->lessons, device, r->ctx->now(), fields, on_added, r);
    } else {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, "device",
                     "device is the key of the device that was checked");
    }
    json_decref(fields);
}

/* A co-teacher sees the rooms of their own school, a device its own. */
static bool may_see(const struct tk_request *r, const struct tk_room *room)
{
    const struct tk_credentials *c = &r->credentials;
    if (tk_credentials_account(c, TK_WHO_ADMIN | TK_WHO_AUDITOR | TK_WHO_TEACHER)) {
        return true;
    }
    const struct tk_account *coteacher = tk_credentials_account(c, TK_WHO_COTEACHER);
    bool sees = coteacher && coteacher->school_id == room->school_id;
    for (int i = 0; i < c->devices_count; i++) {
        sees = sees || c->devices[i].room.id == room->id;
    }
    return sees;
}

/* `room_id` 0: the newest of each. */
static void reply_checks(struct tk_request *r, int64_t room_id)
{
    struct tk_problem problem;
    json_t *checks = tk_room_checks_json(r->ctx->lessons, room_id, &problem);
    if (checks) {
        tk_http_reply_json(r, 200, checks);
    } else {
        tk_http_reply_problem(r, &problem);
    }
}

static void of_room(struct tk_request *r)
{
    struct tk_room room;
    int64_t id;
    if (!tk_http_param_id(r, 0, &id) || tk_room_find(r->ctx->access, id, &room) < 0) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such room");
        return;
    }
    if (!may_see(r, &room)) {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "This room is another school's");
        return;
    }
    reply_checks(r, id);
}

static void newest(struct tk_request *r)
{
    reply_checks(r, 0);
}

const struct tk_route tk_check_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/checks",
     .who = TK_WHO_DEVICE,
     .type = "application/json",
     .body_max = BODY_MAX,
     .handle = add},
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/checks",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR,
     .cost = 10,
     .handle = newest},
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/rooms/{id}/checks",
     .who = TK_WHO_ADMIN | TK_WHO_AUDITOR | TK_WHO_TEACHER | TK_WHO_COTEACHER | TK_WHO_DEVICE,
     .handle = of_room},
    {0},
};
