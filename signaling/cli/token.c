/* tongke token: bearer tokens of WHIP and WHEP. */

#include "signaling/core/token.h"

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"

#define HOURS_DEFAULT 24

static void on_made(void *arg, const struct tk_problem *problem, const char *token)
{
    struct tk_reply *r = arg;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    int64_t hours = tk_arg_int(r->args, "hours", HOURS_DEFAULT);
    int64_t expires_ms = r->ctx->now().wall_ms + hours * 3600000;
    /* the token alone: "$(tongke token …)" */
    tk_reply_ok(r, json_pack("{s:s, s:I}", "token", token, "expires_ms", (json_int_t)expires_ms),
                "%s", token);
}

void tk_token_command(struct tk_reply *r)
{
    struct tk_token token = {.act = TK_TOKEN_WATCH};
    struct tk_room room;
    const char *room_text = tk_arg_text(r->args, "room");
    int64_t hours = tk_arg_int(r->args, "hours", HOURS_DEFAULT);
    bool publish = tk_arg_flag(r->args, "publish");
    if (publish == tk_arg_flag(r->args, "watch") || (publish && room_text)) {
        tk_reply_fail(r, 2, "bad_request", "say --publish or --watch [--room ROOM]");
        return;
    }
    if (hours < 1 || hours > 400 * 24) {
        tk_reply_fail(r, 2, "bad_field", "--hours is 1 to 9600");
        return;
    }
    if (room_text) {
        if (!tk_lookup_room(r, room_text, &room)) {
            return;
        }
        token.room_id = room.id;
    }
    if (publish) {
        token.act = TK_TOKEN_PUBLISH;
    }
    g_strlcpy(token.lesson_id, tk_arg_text(r->args, "lesson"), sizeof(token.lesson_id));
    tk_token_make(r->ctx->access, &r->actor, r->ctx->now(), &token, hours * 3600000, on_made, r);
}
