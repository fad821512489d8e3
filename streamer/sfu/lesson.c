#include "streamer/sfu/parts.h"

#include <errno.h>
#include <string.h>

struct tk_lesson *tk_lesson_find(const struct tk_sfu *sfu, const char *id)
{
    return g_hash_table_lookup(sfu->lessons, id);
}

int tk_sfu_lesson_open(struct tk_sfu *sfu, const char *id)
{
    if (tk_lesson_find(sfu, id)) {
        return -EEXIST;
    }
    if (g_hash_table_size(sfu->lessons) >= TK_SFU_MAX_LESSONS) {
        return -ENOSPC;
    }
    struct tk_lesson *lesson = g_new0(struct tk_lesson, 1);
    lesson->sfu = sfu;
    g_strlcpy(lesson->id, id, sizeof(lesson->id));
    lesson->tracks = g_ptr_array_new_with_free_func((GDestroyNotify)tk_track_destroy);
    lesson->sessions = g_ptr_array_new();
    g_hash_table_insert(sfu->lessons, lesson->id, lesson);
    return 0;
}

void tk_lesson_destroy(struct tk_lesson *lesson)
{
    while (lesson->sessions->len > 0) {
        struct tk_session *session = g_ptr_array_index(lesson->sessions, 0);
        tk_session_bye(session);
        tk_session_destroy(session);
    }
    g_ptr_array_unref(lesson->sessions);
    g_ptr_array_unref(lesson->tracks);
    g_free(lesson);
}

struct tk_track *tk_lesson_track(const struct tk_lesson *lesson, const char *from, const char *name)
{
    for (guint i = 0; i < lesson->tracks->len; i++) {
        struct tk_track *track = g_ptr_array_index(lesson->tracks, i);
        if (strcmp(track->from, from) == 0 && strcmp(track->name, name) == 0) {
            return track;
        }
    }
    return NULL;
}

/* A rule for this very peer goes before the one for all. */
static const struct tk_feed *find_feed(const struct tk_lesson *lesson, const char *slot,
                                       const char *peer)
{
    const struct tk_feed *all = NULL;
    for (size_t i = 0; i < lesson->feed_count; i++) {
        const struct tk_feed *f = &lesson->feeds[i];
        if (strcmp(f->slot, slot) != 0) {
            continue;
        }
        if (peer[0] && strcmp(f->peer, peer) == 0) {
            return f;
        }
        all = f->peer[0] ? all : f;
    }
    return all;
}

/* A place never sees or hears itself: neither the session itself, nor another of its group. */
static bool is_own(const struct tk_track *track, const struct tk_session *session)
{
    const struct tk_session *from = track->publisher;
    return from == session || (from && from->group[0] && strcmp(from->group, session->group) == 0);
}

static void empty_slot(struct tk_slot *slot)
{
    tk_slot_leave(slot, slot->next);
    tk_slot_leave(slot, slot->feed);
}

/* It is of a place that `f` does not name. Only what comes from the same place, or from no place,
 * may go on until what follows it arrives: else one room would be heard in another's turn. */
static bool is_of_another_place(const struct tk_layer *layer, const struct tk_feed *f)
{
    const struct tk_session *has = layer ? layer->track->publisher : NULL;
    if (!has || !has->group[0]) {
        return false;
    }
    const struct tk_session *due = g_hash_table_lookup(has->sfu->sessions, f->from);
    return !due || strcmp(due->group, has->group) != 0;
}

void tk_lesson_feed_slot(struct tk_lesson *lesson, struct tk_slot *slot, int64_t now_us)
{
    const struct tk_feed *f = find_feed(lesson, slot->name, slot->session->id);
    struct tk_track *track = f ? tk_lesson_track(lesson, f->from, f->track) : NULL;
    if (f && (is_of_another_place(slot->feed, f) || is_of_another_place(slot->next, f))) {
        empty_slot(slot);
    }
    if (f && (!f->from[0] || (track && is_own(track, slot->session)))) {
        empty_slot(slot);
    } else if (track && track->video == slot->video) {
        struct tk_layer *has = slot->next ? slot->next : slot->feed;
        slot->max_layer = f->layer;
        slot->fell_us = 0;
        tk_slot_want(slot, tk_track_choose(track, f->layer, has, now_us), now_us);
    }
}

void tk_lesson_feed_all(struct tk_lesson *lesson, int64_t now_us)
{
    for (guint i = 0; i < lesson->sessions->len; i++) {
        struct tk_session *session = g_ptr_array_index(lesson->sessions, i);
        for (size_t j = 0; session->connected && j < session->slot_count; j++) {
            tk_lesson_feed_slot(lesson, session->slots[j], now_us);
        }
    }
}

/* The lesson's rule for that slot and peer, made if new; NULL: too many. */
static struct tk_feed *rule(struct tk_lesson *lesson, const char *slot, const char *peer)
{
    for (size_t i = 0; i < lesson->feed_count; i++) {
        struct tk_feed *f = &lesson->feeds[i];
        if (strcmp(f->slot, slot) == 0 && strcmp(f->peer, peer) == 0) {
            return f;
        }
    }
    if (lesson->feed_count == TK_LESSON_MAX_FEEDS) {
        return NULL;
    }
    struct tk_feed *f = &lesson->feeds[lesson->feed_count++];
    g_strlcpy(f->slot, slot, sizeof(f->slot));
    g_strlcpy(f->peer, peer, sizeof(f->peer));
    return f;
}

int tk_sfu_feed(struct tk_sfu *sfu, const char *lesson_id, const struct tk_sfu_feed *feed,
                int64_t now_us)
{
    struct tk_lesson *lesson = tk_lesson_find(sfu, lesson_id);
    if (!lesson) {
        return -ENOENT;
    }
    struct tk_feed *f = rule(lesson, feed->slot, feed->peer ? feed->peer : "");
    if (!f) {
        return -ENOSPC;
    }
    g_strlcpy(f->from, feed->from, sizeof(f->from));
    g_strlcpy(f->track, feed->track, sizeof(f->track));
    f->layer = feed->layer;
    tk_lesson_feed_all(lesson, now_us);
    return 0;
}

static struct tk_track *source_track(struct tk_lesson *lesson, bool video, int64_t now_us)
{
    const char *name = video ? "source.video" : "source.audio";
    struct tk_track *track = tk_lesson_track(lesson, TK_SFU_SOURCE, name);
    if (!track) {
        track = tk_track_create(lesson, NULL, TK_SFU_SOURCE, name, video);
        tk_lesson_feed_all(lesson, now_us);
    }
    return track;
}

void tk_sfu_source_rtp(struct tk_sfu *sfu, const char *lesson_id, bool video, uint8_t *packet,
                       size_t len, int64_t now_us)
{
    struct tk_lesson *lesson = tk_lesson_find(sfu, lesson_id);
    struct tk_rtp rtp;
    if (!lesson) {
        return;
    }
    if (tk_rtp_parse(&rtp, packet, len) < 0 || rtp.payload_len > TK_SFU_PAYLOAD_MAX) {
        sfu->counts.malformed++;
        return;
    }
    struct tk_track *track = source_track(lesson, video, now_us);
    tk_layer_push(track->layers, video ? TK_CODEC_H264 : TK_CODEC_OPUS, &rtp, now_us);
}

void tk_sfu_source_clock(struct tk_sfu *sfu, const char *lesson_id, bool video, uint32_t rtp_ts,
                         int64_t capture_us, int64_t now_us)
{
    struct tk_lesson *lesson = tk_lesson_find(sfu, lesson_id);
    if (lesson) {
        tk_layer_set_clock(source_track(lesson, video, now_us)->layers, rtp_ts, capture_us, now_us);
    }
}

void tk_sfu_source_passthrough(struct tk_sfu *sfu, const char *lesson_id, bool passthrough)
{
    struct tk_lesson *lesson = tk_lesson_find(sfu, lesson_id);
    if (lesson) {
        lesson->passthrough = passthrough;
    }
}
