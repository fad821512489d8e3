/* What rooms send: their seats in the gallery, the floor, the large picture, who speaks. */

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/media/media_state.h"

/* ---- seats ---- */

static bool read_track(struct tk_media_peer *p, const char *track, int64_t room_id,
                       struct tk_problem *problem)
{
    enum tk_stage_kind kind;
    bool of_room = tk_gallery_track_parse(track, &kind);
    if (of_room != (room_id != 0)) {
        tk_problem_set(
            problem, TK_PROBLEM_FORBIDDEN, "tracks",
            of_room ? "Only a room's device sends '%.40s'" : "A room does not send '%.40s'", track);
        return false;
    }
    if (of_room) {
        p->seat.has[kind] = true;
    }
    return true;
}

int tk_media_seat_read(struct tk_media_peer *p, const struct tk_peer_config *c,
                       struct tk_problem *problem)
{
    const char *mid;
    json_t *name;
    json_object_foreach((json_t *)c->tracks, mid, name)
    {
        if (!read_track(p, json_string_value(name), c->room_id, problem)) {
            return -EPERM;
        }
    }
    json_object_foreach((json_t *)c->slots, mid, name)
    {
        const char *slot = json_string_value(name);
        p->seat.sees_floor |= g_strcmp0(slot, "floor.video") == 0;
        p->seat.sees_large |= g_strcmp0(slot, "large.video") == 0;
    }
    g_strlcpy(p->seat.id, p->id, sizeof(p->seat.id));
    p->seat.room_id = c->room_id;
    p->in_gallery = p->seat.has[TK_STAGE_VIDEO] || p->seat.has[TK_STAGE_AUDIO] ||
                    p->seat.sees_floor || p->seat.sees_large;
    return 0;
}

int tk_media_seat_take(struct tk_media_lesson *l, struct tk_media_peer *p,
                       struct tk_problem *problem)
{
    if (tk_gallery_add(&l->gallery, &p->seat, tk_media_now_ms()) < 0) {
        p->in_gallery = false;
        return tk_problem_set(problem, TK_PROBLEM_UNAVAILABLE, NULL,
                              "%d rooms send in this lesson already", TK_GALLERY_ROOMS_MAX);
    }
    return 0;
}

/* ---- telling ---- */

static void tell_want(struct tk_media *m, const struct tk_gallery_want *want)
{
    const struct tk_media_peer *p = tk_media_peer_find(m, want->peer);
    if (p && p->owner.on_send) {
        p->owner.on_send(p->owner.ctx, want->peer, want->layers, want->audio);
    }
}

/* Feeds first: who is heard does not wait for anybody to be told. A listener may come back here;
 * what it changes is then carried out before it returns. */
void tk_media_rooms_update(struct tk_media_lesson *l)
{
    struct tk_media *m = l->media;
    enum tk_gallery_slot slot;
    struct tk_stage_feed feed;
    struct tk_gallery_want want;
    struct tk_gallery_seen seen;
    while (tk_gallery_next_feed(&l->gallery, &slot, &feed)) {
        m->stats.floors += slot == TK_GALLERY_FLOOR_AUDIO;
        if (tk_streamer_runs(m->streamer)) {
            tk_media_send_feed(l, tk_gallery_slot_name(slot), &feed, tk_gallery_slot_layer(slot));
        }
    }
    while (tk_gallery_next_want(&l->gallery, &want)) {
        tell_want(m, &want);
    }
    while (tk_gallery_next_seen(&l->gallery, &seen)) {
        if (m->handlers.on_room_media) {
            m->handlers.on_room_media(m->handlers.ctx, l->id, seen.room_id, seen.video, seen.audio,
                                      seen.tile);
        }
    }
}

/* ---- desired state ---- */

void tk_media_lesson_floor(struct tk_media *m, const char *lesson, int64_t room_id, bool sound)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (l) {
        tk_gallery_floor(&l->gallery, room_id, sound, tk_media_now_ms());
        tk_media_lesson_update(l);
    }
}

void tk_media_lesson_large(struct tk_media *m, const char *lesson, int64_t room_id)
{
    struct tk_media_lesson *l = tk_media_lesson_find(m, lesson);
    if (l) {
        tk_gallery_large(&l->gallery, room_id, tk_media_now_ms());
        tk_media_lesson_update(l);
    }
}

unsigned tk_media_live_rooms(const struct tk_media *m)
{
    unsigned count = 0;
    GHashTableIter it;
    gpointer lesson;
    g_hash_table_iter_init(&it, m->lessons);
    while (g_hash_table_iter_next(&it, NULL, &lesson)) {
        count += tk_gallery_live_rooms(&((struct tk_media_lesson *)lesson)->gallery);
    }
    return count;
}

/* ---- who speaks ---- */

static bool is_feed(const json_t *track, const struct tk_stage_feed *feed)
{
    return *feed->from &&
           g_strcmp0(json_string_value(json_object_get(track, "from")), feed->from) == 0 &&
           g_strcmp0(json_string_value(json_object_get(track, "track")), feed->track) == 0;
}

/* Of all the sound that arrives only what is heard counts. */
void tk_media_on_voice(struct tk_media *m, const json_t *event)
{
    struct tk_media_lesson *l =
        tk_media_lesson_find(m, json_string_value(json_object_get(event, "lesson")));
    int64_t span_ms = json_integer_value(json_object_get(event, "span_ms"));
    size_t i;
    json_t *track;
    if (!l || !m->handlers.on_voice || span_ms <= 0) {
        return;
    }
    const struct tk_stage_feed main_feed = l->fed[TK_STAGE_LESSON_AUDIO];
    const struct tk_stage_feed floor_feed = l->gallery.fed[TK_GALLERY_FLOOR_AUDIO];
    int64_t floor = l->gallery.floor;
    json_array_foreach(json_object_get(event, "tracks"), i, track)
    {
        int64_t voice_ms = json_integer_value(json_object_get(track, "voice_ms"));
        bool is_main = is_feed(track, &main_feed);
        if (is_main || is_feed(track, &floor_feed)) {
            m->handlers.on_voice(m->handlers.ctx, l->id, is_main ? 0 : floor,
                                 CLAMP(voice_ms, 0, span_ms), span_ms);
        }
    }
}
