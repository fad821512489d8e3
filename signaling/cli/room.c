/* tongke room …: the rooms and their devices. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/device.h"
#include "signaling/store/audit_rows.h"

struct listing {
    json_t *data;
    GString *text;
};

static int list_room(void *ctx, const struct tk_room *room)
{
    struct listing *l = ctx;
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)room->id);
    json_array_append_new(l->data,
                          json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)room->id, "name",
                                    room->name, "name_en", room->name_en, "school", room->school,
                                    "school_en", room->school_en));
    tk_column(l->text, id, 4);
    tk_column(l->text, room->name, 14);
    tk_column(l->text, room->school, 14);
    g_string_append_printf(l->text, "%s, %s\n", room->school_en, room->name_en);
    return 0;
}

void tk_room_list(struct tk_reply *r)
{
    struct listing l = {.data = json_array(), .text = g_string_new(NULL)};
    tk_room_each(r->ctx->access, list_room, &l);
    tk_reply_text(r, l.data, l.text);
}

static int list_device(void *ctx, const struct tk_device *d)
{
    struct listing *l = ctx;
    char id[24];
    char when[TK_TIME_TEXT];
    snprintf(id, sizeof(id), "%lld", (long long)d->id);
    json_array_append_new(
        l->data,
        json_pack("{s:I, s:s, s:s, s:{s:I, s:s, s:s}, s:I, s:I, s:b}", "id", (json_int_t)d->id,
                  "key", d->key, "name", d->name, "room", "id", (json_int_t)d->room.id, "name",
                  d->room.name, "school", d->room.school, "created_ms", (json_int_t)d->created_ms,
                  "last_seen_ms", (json_int_t)d->last_seen_ms, "revoked", d->revoked_ms != 0));
    tk_column(l->text, id, 4);
    tk_column(l->text, d->name, 16);
    tk_column(l->text, d->room.school, 14);
    g_string_append_printf(l->text, "enrolled %s%s\n", tk_time_text(d->created_ms, when),
                           d->revoked_ms ? ", revoked" : "");
    return 0;
}

void tk_room_devices(struct tk_reply *r)
{
    struct listing l = {.data = json_array(), .text = g_string_new(NULL)};
    tk_device_each(r->ctx->access, list_device, &l);
    tk_reply_text(r, l.data, l.text);
}

static void on_code(void *arg, const struct tk_problem *problem, const char *code,
                    int64_t expires_ms)
{
    struct tk_reply *r = arg;
    char when[TK_TIME_TEXT];
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    tk_reply_ok(r, json_pack("{s:s, s:I}", "code", code, "expires_ms", (json_int_t)expires_ms),
                "%s\nType it in at /room on the room's machine; it works once, until %s.", code,
                tk_time_text(expires_ms, when));
}

void tk_room_enrol(struct tk_reply *r)
{
    struct tk_room room;
    if (tk_lookup_room(r, tk_arg_text(r->args, "room"), &room)) {
        tk_enrol_code_make(r->ctx->access, &r->actor, r->ctx->now(), room.id, on_code, r);
    }
}

void tk_room_revoke(struct tk_reply *r)
{
    int64_t id = strtoll(tk_arg_text(r->args, "device"), NULL, 10);
    tk_device_revoke(r->ctx->access, &r->actor, r->ctx->now(), id, tk_reply_plain, r);
}

/* A new room on its way into the database. */
struct adding {
    struct tk_school school;
    char name[TK_NAME_MAX];
    char name_en[TK_NAME_MAX];
    int64_t at_ms;
    int64_t room_id;
};

static int audit(struct tk_db *db, const struct adding *n)
{
    char object[32];
    snprintf(object, sizeof(object), "room %lld", (long long)n->room_id);
    json_t *after = json_pack("{s:s, s:s}", "name", n->name, "school", n->school.name);
    char *text = json_dumps(after, JSON_COMPACT | JSON_SORT_KEYS);
    int r = tk_audit_append(db, &(struct tk_audit_entry){.at_ms = n->at_ms,
                                                         .actor = "console",
                                                         .action = "room.add",
                                                         .object = object,
                                                         .after = text});
    free(text);
    json_decref(after);
    return r;
}

static int add_job(void *arg, struct tk_db *db)
{
    struct adding *n = ((struct tk_reply *)arg)->more;
    int r = tk_school_row_named(db, n->school.name, &n->school.id);
    if (r == -ENOENT) {
        r = tk_school_row_add(db, &n->school, n->at_ms, &n->school.id);
    }
    if (r == 0) {
        r = tk_room_row_add(db, n->school.id, n->name, n->name_en, n->at_ms, &n->room_id);
    }
    return r == 0 ? audit(db, n) : r;
}

static void on_added(void *arg, int result)
{
    struct tk_reply *r = arg;
    struct adding *n = r->more;
    struct tk_problem problem;
    if (result == -EEXIST) {
        tk_reply_fail(r, 1, "conflict", "%s has a room called %s already", n->school.name, n->name);
    } else if (result < 0) {
        tk_problem_from_errno(&problem, result);
        tk_reply_problem(r, &problem);
    } else {
        tk_reply_ok(r, json_pack("{s:I}", "id", (json_int_t)n->room_id), "room %lld: %s, %s",
                    (long long)n->room_id, n->school.name, n->name);
    }
}

static void copy(struct tk_reply *r, const char *name, char out[TK_NAME_MAX])
{
    const char *text = tk_arg_text(r->args, name);
    g_strlcpy(out, text ? text : "", TK_NAME_MAX);
}

void tk_room_add(struct tk_reply *r)
{
    struct adding *n = g_new0(struct adding, 1);
    r->more = n;
    r->free_more = g_free;
    copy(r, "school", n->school.name);
    copy(r, "school-en", n->school.name_en);
    copy(r, "name", n->name);
    copy(r, "name-en", n->name_en);
    n->school.poor_village = tk_arg_flag(r->args, "poor-village");
    n->at_ms = r->ctx->now().wall_ms;
    if (!*n->school.name || !*n->name) {
        tk_reply_fail(r, 2, "bad_field", "school and room have a name");
        return;
    }
    int result = tk_store_submit(r->ctx->store, add_job, r, on_added);
    if (result < 0) {
        on_added(r, result);
    }
}
