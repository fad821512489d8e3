/* GET /schools, /rooms, /persons, /accounts. */

#include "signaling/http/http.h"
#include "signaling/http/json.h"

#define READERS (TK_WHO_ADMIN | TK_WHO_AUDITOR)

/* Replies {name: list}, or why it could not be read; takes the list. */
static void reply_list(struct tk_request *r, const char *name, json_t *list, int result)
{
    struct tk_problem problem;
    if (result < 0) {
        json_decref(list);
        tk_problem_from_errno(&problem, result);
        tk_http_reply_problem(r, &problem);
        return;
    }
    tk_http_reply_json(r, 200, json_pack("{s:o}", name, list));
}

static int add_school(void *ctx, const struct tk_school *school)
{
    return json_array_append_new(ctx, json_pack("{s:I,s:s,s:o,s:b}", "id", (json_int_t)school->id,
                                                "name", school->name, "name_en",
                                                tk_json_text(school->name_en), "poor_village",
                                                school->poor_village));
}

static void schools(struct tk_request *r)
{
    json_t *list = json_array();
    reply_list(r, "schools", list,
               tk_school_rows(tk_store_reader(r->ctx->store), add_school, list));
}

static int add_room(void *ctx, const struct tk_room *room)
{
    return json_array_append_new(ctx, tk_json_room(room));
}

static void rooms(struct tk_request *r)
{
    json_t *list = json_array();
    reply_list(r, "rooms", list, tk_room_each(r->ctx->access, add_room, list));
}

static int add_person(void *ctx, const struct tk_person *person)
{
    return json_array_append_new(
        ctx, json_pack("{s:I,s:s,s:o,s:o,s:o}", "id", (json_int_t)person->id, "name", person->name,
                       "name_en", tk_json_text(person->name_en), "school",
                       tk_json_text(person->school), "school_en", tk_json_text(person->school_en)));
}

static void persons(struct tk_request *r)
{
    json_t *list = json_array();
    reply_list(r, "persons", list,
               tk_person_rows(tk_store_reader(r->ctx->store), 0, add_person, list));
}

static int add_account(void *ctx, const struct tk_account *account)
{
    return json_array_append_new(ctx, tk_json_account(account));
}

static void accounts(struct tk_request *r)
{
    json_t *list = json_array();
    reply_list(r, "accounts", list, tk_account_each(r->ctx->access, add_account, list));
}

const struct tk_route tk_list_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/api/v1/schools", .who = READERS, .handle = schools},
    {.method = TK_HTTP_GET, .pattern = "/api/v1/rooms", .who = READERS, .handle = rooms},
    {.method = TK_HTTP_GET, .pattern = "/api/v1/persons", .who = READERS, .handle = persons},
    {.method = TK_HTTP_GET, .pattern = "/api/v1/accounts", .who = READERS, .handle = accounts},
    {0},
};
