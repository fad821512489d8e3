#include "streamer/sfu/parts.h"

#define TOLD_A_SECOND 8 /* states; what a sender changes more often is told late */

struct tk_track *tk_track_create(struct tk_lesson *lesson, struct tk_session *publisher,
                                 const char *from, const char *name, bool video)
{
    struct tk_track *t = g_new0(struct tk_track, 1);
    t->lesson = lesson;
    t->publisher = publisher;
    t->video = video;
    g_strlcpy(t->from, from, sizeof(t->from));
    g_strlcpy(t->name, name, sizeof(t->name));
    tk_track_add_layer(t);
    g_ptr_array_add(lesson->tracks, t);
    return t;
}

struct tk_layer *tk_track_add_layer(struct tk_track *t)
{
    if (t->layer_count == TK_TRACK_MAX_LAYERS) {
        return NULL;
    }
    struct tk_layer *layer = &t->layers[t->layer_count++];
    tk_layer_init(layer, t);
    return layer;
}

static void tell(struct tk_track *t)
{
    const struct tk_sfu_handlers *h = &t->lesson->sfu->config.handlers;
    t->untold = false;
    const struct tk_sfu_track_state state = {.lesson = t->lesson->id,
                                             .from = t->from,
                                             .track = t->name,
                                             .live = t->live,
                                             .codec = tk_codec_name(t->codec),
                                             .width = t->width,
                                             .height = t->height,
                                             .cause = t->has_b ? "b_frames" : ""};
    h->on_track_state(h->ctx, &state);
}

static void say(struct tk_track *t)
{
    t->untold = true;
    if (t->told < TOLD_A_SECOND) {
        t->told++;
        tell(t);
    }
}

static const struct tk_layer *top_layer(const struct tk_track *t)
{
    for (size_t i = t->layer_count; i-- > 0;) {
        if (t->layers[i].live) {
            return &t->layers[i];
        }
    }
    return NULL;
}

void tk_track_update(struct tk_track *t)
{
    const struct tk_layer *top = top_layer(t);
    bool same = t->live == (top != NULL);
    t->live = top != NULL;
    if (top) {
        same = same && t->codec == top->codec && t->width == top->width && t->height == top->height;
        t->codec = top->codec;
        t->width = top->width;
        t->height = top->height;
    }
    if (!same || t->untold) {
        say(t);
    }
}

struct tk_layer *tk_track_choose(struct tk_track *t, int max, struct tk_layer *has, int64_t now_us)
{
    size_t over = (size_t)MIN(max, (int)t->layer_count - 1) + 1;
    if (t->layer_count == 1) {
        return t->layers;
    }
    for (size_t i = over; i-- > 0;) {
        if (tk_layer_flows(&t->layers[i], now_us)) {
            return &t->layers[i];
        }
    }
    for (size_t i = over; i < t->layer_count; i++) {
        if (tk_layer_flows(&t->layers[i], now_us)) {
            return &t->layers[i];
        }
    }
    return has && has->track == t ? has : t->layers;
}

static void tell_rest(struct tk_track *t, int64_t now_us)
{
    if (now_us - t->told_us >= 1000000) {
        t->told_us = now_us;
        t->told = 0;
        if (t->untold) {
            say(t);
        }
    }
}

void tk_track_destroy(struct tk_track *t)
{
    if (t->live || t->untold) {
        t->live = false;
        tell(t);
    }
    for (size_t i = 0; i < t->layer_count; i++) {
        tk_layer_finish(&t->layers[i]);
    }
    g_free(t);
}

void tk_track_tick(struct tk_track *t, int64_t now_us)
{
    for (size_t i = 0; i < t->layer_count; i++) {
        tk_layer_tick(&t->layers[i], now_us);
    }
    tell_rest(t, now_us);
}
