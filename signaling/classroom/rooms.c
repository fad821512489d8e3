/* The rooms of a lesson: who is there, what arrives from them, what others note about them. */

#include <string.h>

#include "signaling/classroom/board.h"
#include "signaling/classroom/classroom_state.h"

/* A room on the floor whose media stops for longer than its page needs to take them up again. */
#define ASKED_MS 600000 /* a check takes a minute; its result may wait for the network */
#define NO_MEDIA_MS 5000
#define OFFER_MS                                                                                   \
    20000 /* so long its page has to offer again to a new streamer, over a bad link                \
           */

static void note_room(struct tk_class_lesson *l, int64_t at_ms, const char *kind,
                      struct tk_class_room *room, json_t *data)
{
    if (room->events++ < TK_CLASS_EVENTS_MAX) {
        tk_timeline_note(l, at_ms, kind, room->id, NULL, data);
    } else {
        json_decref(data);
    }
}

void tk_class_join(struct tk_class_lesson *l, int64_t at_ms)
{
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        if (r->pages > 0 && !r->joined) {
            r->joined = true;
            note_room(l, at_ms, "join", r, NULL);
        }
    }
}

static void lose_floor(struct tk_class_lesson *l, struct tk_now now, struct tk_class_room *room,
                       const char *reason)
{
    int64_t at_ms = tk_class_clock(l, now);
    if (tk_floor_lose(&l->floor, room->id, at_ms, reason)) {
        tk_timeline_note(l, at_ms, "floor.lost", room->id, NULL,
                         json_pack("{s:s}", "reason", reason));
        tk_class_follow(l, now, reason);
    }
}

void tk_class_drop_out(struct tk_class_lesson *l, struct tk_now now, struct tk_class_room *room,
                       const char *reason)
{
    int64_t at_ms = tk_class_clock(l, now);
    lose_floor(l, now, room, reason);
    tk_floor_drop(&l->floor, room->id, at_ms, reason);
    if (room->joined) {
        room->joined = false;
        note_room(l, at_ms, "leave", room, json_pack("{s:s}", "reason", reason));
    }
    tk_class_follow(l, now, reason);
    tk_timeline_write(l, NULL, NULL);
}

void tk_classroom_page_come(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id)
{
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    struct tk_class_room *room = l ? tk_class_room(l, room_id) : NULL;
    if (room && room->pages++ == 0) {
        tk_class_join(l, tk_class_clock(l, now));
        tk_class_tell(l);
        tk_timeline_write(l, NULL, NULL);
    }
}

void tk_classroom_page_gone(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id, const char *reason)
{
    struct tk_class_lesson *l = g_hash_table_lookup(cr->by_id, lesson_id);
    struct tk_class_room *room = l ? tk_class_room(l, room_id) : NULL;
    if (!room || room->pages == 0 || --room->pages > 0 || !l->open) {
        return;
    }
    tk_class_drop_out(l, now, room, reason);
}

void tk_classroom_media(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                        int64_t room_id, bool video, bool audio, int tile)
{
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    struct tk_class_room *room = l ? tk_class_room(l, room_id) : NULL;
    if (!room || (room->video == video && room->audio == audio && room->tile == tile)) {
        return;
    }
    bool arrived = room->video || room->audio;
    room->video = video;
    room->audio = audio;
    room->tile = tile;
    if (video || audio) {
        room->silent_mono_ms = 0;
    } else if (arrived) {
        room->silent_mono_ms = now.mono_ms;
    }
    tk_class_tell(l);
}

void tk_classroom_voice(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                        int64_t room_id, int64_t voice_ms, int64_t span_ms)
{
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    int64_t spoke_ms = CLAMP(voice_ms, 0, MAX(span_ms, 0));
    if (!l || !l->live) { /* only live time counts, for both sides of a share */
        return;
    }
    if (room_id == 0 && (spoke_ms > 0 || l->main_last_ms == 0)) { /* also that it is measured */
        l->main_spoke_ms += spoke_ms;
        l->main_last_ms = tk_class_clock(l, now);
        l->main_changed = true;
    } else if (room_id != 0 && l->turn.room_id == room_id) {
        l->turn.spoke_ms += spoke_ms;
    }
}

/* ---- notes of others ---- */

void tk_classroom_roll_call(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                            int64_t room_id, int expected, int present, int64_t account_id,
                            int64_t device_id)
{
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    struct tk_class_room *room = l ? tk_class_room(l, room_id) : NULL;
    const struct tk_class_actor actor = {.account_id = account_id, .device_id = device_id};
    if (!room) {
        return;
    }
    room->roll_call_ms = tk_class_clock(l, now);
    room->expected = expected;
    room->present = present;
    tk_timeline_note(l, room->roll_call_ms, "roll_call", room_id, &actor,
                     json_pack("{s:i, s:i}", "expected", expected, "present", present));
    tk_timeline_write(l, NULL, NULL);
    tk_class_tell(l);
}

void tk_classroom_check(struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                        const char *verdict)
{
    GHashTableIter it;
    gpointer value;
    g_hash_table_iter_init(&it, cr->by_id);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        struct tk_class_lesson *l = value;
        struct tk_class_room *room = l->open ? tk_class_room(l, room_id) : NULL;
        if (room) {
            room->check_ms = tk_class_clock(l, now);
            g_strlcpy(room->verdict, verdict, sizeof(room->verdict));
            note_room(l, room->check_ms, "check", room, json_pack("{s:s}", "verdict", verdict));
            tk_timeline_write(l, NULL, NULL);
            tk_class_tell(l);
        }
    }
}

void tk_classroom_ask_check(struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                            int64_t account_id)
{
    struct tk_class_asked *asked = g_new(struct tk_class_asked, 1);
    int64_t *key = g_new(int64_t, 1);
    *key = room_id;
    *asked = (struct tk_class_asked){account_id, now.mono_ms};
    g_hash_table_replace(cr->asked, key, asked);
}

bool tk_classroom_asked_check(const struct tk_classroom *cr, struct tk_now now, int64_t room_id,
                              int64_t account_id)
{
    const struct tk_class_asked *asked = g_hash_table_lookup(cr->asked, &room_id);
    return asked && asked->account_id == account_id && now.mono_ms - asked->mono_ms < ASKED_MS;
}

void tk_classroom_note(struct tk_classroom *cr, struct tk_now now, const char *lesson_id,
                       const char *kind, int64_t room_id, const struct tk_class_actor *actor,
                       const json_t *data)
{
    struct tk_class_lesson *l = tk_class_find_open(cr, lesson_id);
    if (l && l->noted++ < TK_CLASS_EVENTS_MAX) {
        tk_timeline_note(l, tk_class_clock(l, now), kind, room_id, actor,
                         json_incref((json_t *)(uintptr_t)data));
        tk_timeline_write(l, NULL, NULL);
    }
}

static void on_entries(void *ctx, const char *lesson_id, int64_t epoch, int64_t first,
                       const json_t *entries, int64_t account_id)
{
    static const struct {
        const char *k;
        const char *kind;
        const char *from;
        const char *to;
    } noted[] = {{"goto", "board.page", "p", "page"}, {"show", "board.show", "what", "what"}};
    struct tk_classroom *cr = ctx;
    const struct tk_class_actor actor = {.account_id = account_id};
    size_t at;
    json_t *entry;
    json_array_foreach((json_t *)(uintptr_t)entries, at, entry)
    {
        const char *k = json_string_value(json_object_get(entry, "k"));
        for (size_t i = 0; k && i < G_N_ELEMENTS(noted); i++) {
            if (strcmp(noted[i].k, k) == 0) {
                json_t *data =
                    json_pack("{s:O}", noted[i].to, json_object_get(entry, noted[i].from));
                tk_classroom_note(cr, cr->now(), lesson_id, noted[i].kind, 0, &actor, data);
                json_decref(data);
            }
        }
    }
}

void tk_classroom_listen_board(struct tk_classroom *cr, struct tk_boards *boards)
{
    cr->boards = boards;
    tk_boards_listen(boards, &(struct tk_board_listener){.ctx = cr, .on_entries = on_entries});
}

/* Rooms that the last run of the server knew and that did not come back. */
static void end_grace(struct tk_class_lesson *l, struct tk_now now)
{
    l->grace_mono_ms = 0;
    for (guint i = 0; i < l->rooms->len; i++) {
        struct tk_class_room *r = &g_array_index(l->rooms, struct tk_class_room, i);
        if (r->joined && r->pages == 0) {
            tk_class_drop_out(l, now, r, "connection_lost");
        }
    }
}

static int64_t tick_media(struct tk_class_lesson *l, struct tk_now now)
{
    struct tk_class_room *room = l->floor.room_id ? tk_class_room(l, l->floor.room_id) : NULL;
    if (!room || room->silent_mono_ms == 0) {
        return INT64_MAX;
    }
    if (!tk_lessons_streamer_is_up(l->cr->lessons)) {
        room->silent_mono_ms = now.mono_ms + OFFER_MS - NO_MEDIA_MS; /* no room is to blame */
    }
    int64_t since_mono_ms =
        MAX(room->silent_mono_ms, now.mono_ms - (tk_class_clock(l, now) - l->floor.since_ms));
    if (now.mono_ms < since_mono_ms + NO_MEDIA_MS) {
        return since_mono_ms + NO_MEDIA_MS;
    }
    lose_floor(l, now, room, "no_media");
    tk_timeline_write(l, NULL, NULL);
    return INT64_MAX;
}

int64_t tk_class_tick_rooms(struct tk_class_lesson *l, struct tk_now now)
{
    if (l->grace_mono_ms != 0 && now.mono_ms >= l->grace_mono_ms) {
        end_grace(l, now);
    }
    return tick_media(l, now);
}
