/* What a co-teacher does: GET /coteach, POST /rollcalls, POST /handovers. */

#include "signaling/classroom/classroom.h"
#include "signaling/core/rollcall.h"
#include "signaling/http/http.h"

#define JSON_TYPE "application/json"
#define BODY_MAX 16384

static struct tk_rollcall_asker asker_of(const struct tk_request *r)
{
    return (struct tk_rollcall_asker){&r->credentials, r->address};
}

static void today(struct tk_request *r)
{
    struct tk_problem problem;
    json_t *o = tk_coteach_json(r->ctx->lessons, r->ctx->now(), r->account, &problem);
    if (o) {
        tk_http_reply_json(r, 200, o);
    } else {
        tk_http_reply_problem(r, &problem);
    }
}

static void on_rollcall(void *arg, const struct tk_problem *problem,
                        const struct tk_rollcall_row *row, bool again, bool counts)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    if (counts && !again) {
        tk_classroom_roll_call(r->ctx->classroom, r->ctx->now(), row->lesson_id, row->room_id,
                               (int)row->expected, (int)row->present, row->account_id,
                               row->device_id);
    }
    tk_http_reply_json(r, again ? 200 : 201, tk_rollcall_json(row));
}

static void on_duty(void *arg, const struct tk_problem *problem, const struct tk_duty_row *row,
                    bool again)
{
    struct tk_request *r = arg;
    if (problem) {
        tk_http_reply_problem(r, problem);
        return;
    }
    if (!again) {
        const struct tk_class_actor actor = {
            .role = TK_CLASS_COTEACHER, .room_id = row->room_id, .account_id = row->by_account_id};
        json_t *data = json_pack("{s:s}", "name", row->name);
        tk_classroom_note(r->ctx->classroom, r->ctx->now(), row->lesson_id, "handover",
                          row->room_id, &actor, data);
        json_decref(data);
    }
    tk_http_reply_json(r, again ? 200 : 201, tk_duty_json(row));
}

static void call_roll(struct tk_request *r)
{
    struct tk_rollcall_asker asker = asker_of(r);
    json_t *fields = tk_http_fields(r);
    if (!fields) {
        return;
    }
    tk_rollcall_add(r->ctx->lessons, &asker, r->ctx->now(), fields, on_rollcall, r);
    json_decref(fields);
}

static void hand_over(struct tk_request *r)
{
    struct tk_rollcall_asker asker = asker_of(r);
    json_t *fields = tk_http_fields(r);
    if (!fields) {
        return;
    }
    tk_duty_hand_over(r->ctx->lessons, &asker, r->ctx->now(), fields, on_duty, r);
    json_decref(fields);
}

const struct tk_route tk_coteach_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/api/v1/coteach", .who = TK_WHO_COTEACHER, .handle = today},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/rollcalls",
     .who = TK_WHO_COTEACHER | TK_WHO_DEVICE,
     .type = JSON_TYPE,
     .body_max = BODY_MAX,
     .handle = call_roll},
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/handovers",
     .who = TK_WHO_COTEACHER,
     .type = JSON_TYPE,
     .body_max = BODY_MAX,
     .handle = hand_over},
    {0},
};
