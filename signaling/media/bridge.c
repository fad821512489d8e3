#include "signaling/media/bridge.h"

#include <glib.h>
#include <string.h>

struct tk_media_bridge {
    struct tk_media_bridge_config config;
};

/* ---- from core ---- */

static void on_media_open(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_media_bridge *b = ctx;
    /* media's status comes back to core meanwhile, and `lesson` is only borrowed */
    char *id = g_strdup(lesson->row.id);
    json_t *source = json_incref(lesson->source);
    tk_media_lesson_open(b->config.media, id);
    if (source) {
        tk_media_lesson_source(b->config.media, id, source);
    }
    json_decref(source);
    g_free(id);
}

static void on_media_source(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_media_bridge *b = ctx;
    json_t *source = json_incref(lesson->source);
    if (source) {
        tk_media_lesson_source(b->config.media, lesson->row.id, source);
    }
    json_decref(source);
}

static void on_media_start(void *ctx, const struct tk_lesson *lesson, bool started)
{
    struct tk_media_bridge *b = ctx;
    if (started) {
        tk_media_lesson_start(b->config.media, lesson->row.id);
    } else {
        tk_media_lesson_release(b->config.media, lesson->row.id);
    }
}

static void on_media_close(void *ctx, const char *lesson_id, const char *reason)
{
    struct tk_media_bridge *b = ctx;
    tk_media_lesson_close(b->config.media, lesson_id, reason);
}

/* ---- from the classroom ---- */

static void on_floor(void *ctx, const char *lesson_id, int64_t room_id, bool sound,
                     int64_t large_room_id)
{
    struct tk_media_bridge *b = ctx;
    if (room_id || large_room_id) {
        /* a sitting that goes on may have a floor before core says here that it is open */
        tk_media_lesson_open(b->config.media, lesson_id);
    }
    tk_media_lesson_floor(b->config.media, lesson_id, room_id, sound);
    tk_media_lesson_large(b->config.media, lesson_id, large_room_id);
}

/* ---- from media ---- */

static void on_up(void *ctx, bool up)
{
    struct tk_media_bridge *b = ctx;
    tk_lessons_streamer(b->config.lessons, b->config.now(), up);
}

static void on_main_media(void *ctx, const char *lesson, bool live, int64_t ago_ms)
{
    struct tk_media_bridge *b = ctx;
    tk_lessons_main_media(b->config.lessons, b->config.now(), lesson, live, ago_ms);
}

static void on_source_status(void *ctx, const char *lesson, const json_t *status)
{
    struct tk_media_bridge *b = ctx;
    tk_lessons_source_status(b->config.lessons, b->config.now(), lesson, status);
}

static void on_publisher(void *ctx, const char *lesson, const struct tk_publisher *publisher)
{
    struct tk_media_bridge *b = ctx;
    struct tk_lesson_publisher p = {.live = publisher && publisher->live};
    if (publisher) {
        g_strlcpy(p.key, publisher->key, sizeof(p.key));
        g_strlcpy(p.name, publisher->name, sizeof(p.name));
        g_strlcpy(p.name_en, publisher->name_en, sizeof(p.name_en));
        g_strlcpy(p.cause, publisher->cause, sizeof(p.cause));
    }
    tk_lessons_publisher(b->config.lessons, b->config.now(), lesson, publisher ? &p : NULL);
}

static void on_room_media(void *ctx, const char *lesson, int64_t room_id, bool video, bool audio,
                          int tile)
{
    struct tk_media_bridge *b = ctx;
    tk_classroom_media(b->config.classroom, b->config.now(), lesson, room_id, video, audio, tile);
}

static void on_voice(void *ctx, const char *lesson, int64_t room_id, int64_t voice_ms,
                     int64_t span_ms)
{
    struct tk_media_bridge *b = ctx;
    tk_classroom_voice(b->config.classroom, b->config.now(), lesson, room_id, voice_ms, span_ms);
}

static void on_failed(void *ctx, const char *text)
{
    struct tk_media_bridge *b = ctx;
    if (b->config.on_failed) {
        b->config.on_failed(b->config.ctx, text);
    }
}

struct tk_media_bridge *tk_media_bridge_create(const struct tk_media_bridge_config *config)
{
    struct tk_media_bridge *b = g_new0(struct tk_media_bridge, 1);
    b->config = *config;
    const struct tk_media_handlers handlers = {.ctx = b,
                                               .on_up = on_up,
                                               .on_main_media = on_main_media,
                                               .on_source_status = on_source_status,
                                               .on_publisher = on_publisher,
                                               .on_room_media = on_room_media,
                                               .on_voice = on_voice,
                                               .on_failed = on_failed};
    const struct tk_lessons_listener listener = {.ctx = b,
                                                 .on_media_open = on_media_open,
                                                 .on_media_source = on_media_source,
                                                 .on_media_start = on_media_start,
                                                 .on_media_close = on_media_close};
    tk_media_set_handlers(config->media, &handlers);
    const struct tk_class_listener class_listener = {.ctx = b, .on_floor = on_floor};
    tk_lessons_listen(config->lessons, &listener);
    tk_classroom_listen(config->classroom, &class_listener);
    return b;
}

void tk_media_bridge_destroy(struct tk_media_bridge *b)
{
    static const struct tk_media_handlers none;
    if (!b) {
        return;
    }
    tk_classroom_unlisten(b->config.classroom, b);
    tk_lessons_unlisten(b->config.lessons, b);
    tk_media_set_handlers(b->config.media, &none);
    g_free(b);
}
