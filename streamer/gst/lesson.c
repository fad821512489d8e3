#include "streamer/gst/lesson.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_SIDE 8192
#define SHANGHAI_S                                                                                 \
    (8 * 3600) /* all times are shown in Asia/Shanghai: no summer time since 1991                  \
                */

struct reader {
    const char *folder;
    struct lesson *lesson;
    char *cause; /* the first thing wrong */
};

static void blame(struct reader *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void blame(struct reader *r, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    if (!r->cause) {
        r->cause = g_strdup_vprintf(format, ap);
    }
    va_end(ap);
}

/* One file with `count` pictures of one size, one after the other. */
static bool read_pictures(struct reader *r, const char *file, struct canvas *to, int count)
{
    g_autofree char *path = g_build_filename(r->folder, file, NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    gsize each = canvas_bytes(to->width, to->height, to->alpha);
    if (strchr(file, '/') || to->width < 2 || to->height < 2 || to->width > MAX_SIDE ||
        to->height > MAX_SIDE || to->width % 8 || to->height % 2) {
        blame(r, "lesson.json has a picture without a proper name or size");
        return false;
    }
    if (!g_file_get_contents(path, &bytes, &length, NULL) || length != each * (gsize)count) {
        blame(r, "cannot read %s: it should have %" G_GSIZE_FORMAT " bytes", path,
              each * (gsize)count);
        return false;
    }
    for (int i = 0; i < count; i++) {
        to[i] = to[0];
    }
    for (int i = 0; i < count; i++) {
        to[i].pixels = g_memdup2(bytes + each * (gsize)i, each);
    }
    return true;
}

static void read_cards(struct reader *r, json_t *cards)
{
    struct lesson *l = r->lesson;
    size_t i;
    json_t *card;
    int until = 0;
    json_array_foreach(cards, i, card)
    {
        const char *file = NULL;
        int frames = 0;
        if (i >= LESSON_MAX_CARDS ||
            json_unpack(card, "{s:s,s:i}", "file", &file, "frames", &frames) < 0 || frames < 1) {
            blame(r, "lesson.json: card %zu is wrong", i);
            return;
        }
        l->cards[i] = (struct canvas){NULL, l->width, l->height, false};
        if (!read_pictures(r, file, &l->cards[i], 1)) {
            return;
        }
        until += frames;
        l->card_until[i] = until;
        l->card_count++;
    }
    l->frames = until;
    if (until == 0) {
        blame(r, "lesson.json has no cards");
    }
}

static void read_sprites(struct reader *r, json_t *sprites)
{
    size_t i;
    json_t *entry;
    json_array_foreach(sprites, i, entry)
    {
        struct sprite *s = &r->lesson->sprites[MIN(i, LESSON_MAX_SPRITES - 1)];
        struct canvas c = {.alpha = true};
        const char *file = NULL;
        if (i >= LESSON_MAX_SPRITES ||
            json_unpack(entry, "{s:s,s:i,s:i,s:i}", "file", &file, "width", &c.width, "height",
                        &c.height, "count", &s->count) < 0 ||
            s->count < 1 || s->count > (int)G_N_ELEMENTS(s->images)) {
            blame(r, "lesson.json: sprite %zu is wrong", i);
            return;
        }
        s->images[0] = c;
        r->lesson->sprite_count++;
        if (!read_pictures(r, file, s->images, s->count)) {
            return;
        }
    }
}

static void read_actors(struct reader *r, json_t *actors)
{
    size_t i;
    json_t *entry;
    json_array_foreach(actors, i, entry)
    {
        struct actor a;
        if (i >= LESSON_MAX_ACTORS ||
            json_unpack(entry, "{s:i,s:i,s:F,s:F,s:F,s:F,s:i,s:i}", "sprite", &a.sprite, "every",
                        &a.every, "x", &a.x, "y", &a.y, "dx", &a.dx, "dy", &a.dy, "top", &a.top,
                        "bottom", &a.bottom) < 0 ||
            a.sprite < 0 || a.sprite >= r->lesson->sprite_count || a.every < 0 ||
            a.bottom <= a.top) {
            blame(r, "lesson.json: actor %zu is wrong", i);
            return;
        }
        r->lesson->actors[r->lesson->actor_count++] = a;
    }
}

static void read_strip(struct reader *r, json_t *strip)
{
    struct lesson *l = r->lesson;
    const char *file = NULL;
    if (json_unpack(strip, "{s:s,s:i,s:i,s:i,s:i}", "file", &file, "width", &l->strip.width,
                    "height", &l->strip.height, "y", &l->strip_y, "step", &l->strip_step) < 0 ||
        l->strip_step < 0) {
        blame(r, "lesson.json: strip is wrong");
        return;
    }
    read_pictures(r, file, &l->strip, 1);
}

static void read_clock(struct reader *r, json_t *clock)
{
    struct lesson *l = r->lesson;
    struct canvas images[G_N_ELEMENTS(l->digits)];
    const char *file = NULL;
    memset(images, 0, sizeof(images));
    if (json_unpack(clock, "{s:s,s:i,s:i,s:i,s:i}", "file", &file, "width", &images[0].width,
                    "height", &images[0].height, "x", &l->clock_x, "y", &l->clock_y) < 0) {
        blame(r, "lesson.json: clock is wrong");
        return;
    }
    if (read_pictures(r, file, images, G_N_ELEMENTS(images))) {
        memcpy(l->digits, images, sizeof(images));
    }
}

static void read_all(struct reader *r, json_t *json)
{
    struct lesson *l = r->lesson;
    json_t *cards, *sprites, *actors, *strip, *clock;
    const char *mouth, *sound;
    json_error_t error;
    if (json_unpack_ex(json, &error, 0, "{s:i,s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:s,s:s}", "width",
                       &l->width, "height", &l->height, "fps", &l->fps, "cards", &cards, "sprites",
                       &sprites, "actors", &actors, "strip", &strip, "clock", &clock, "mouth",
                       &mouth, "sound", &sound) < 0) {
        blame(r, "lesson.json: %s", error.text);
        return;
    }
    if (l->fps < 1 || l->fps > 60 || strchr(sound, '/')) {
        blame(r, "lesson.json: fps or sound is wrong");
        return;
    }
    l->sound = g_build_filename(r->folder, sound, NULL);
    read_cards(r, cards);
    read_sprites(r, sprites);
    read_actors(r, actors);
    read_strip(r, strip);
    read_clock(r, clock);
    if (strlen(mouth) < (size_t)l->frames) {
        blame(r, "lesson.json: mouth is shorter than the cards");
    }
    l->mouth = g_strdup(mouth);
}

struct lesson *lesson_read(const char *folder, char **cause)
{
    g_autofree char *path = g_build_filename(folder, "lesson.json", NULL);
    struct reader r = {.folder = folder, .lesson = g_new0(struct lesson, 1)};
    json_error_t error;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (json) {
        read_all(&r, json);
        json_decref(json);
    } else {
        blame(&r, "cannot read the demo lesson %s: %s (tools/make-demo-lesson makes it)", path,
              error.text);
    }
    if (!r.cause) {
        return r.lesson;
    }
    lesson_free(r.lesson);
    *cause = r.cause;
    return NULL;
}

void lesson_free(struct lesson *l)
{
    for (int i = 0; i < l->card_count; i++) {
        g_free(l->cards[i].pixels);
    }
    for (int i = 0; i < l->sprite_count; i++) {
        for (int k = 0; k < l->sprites[i].count; k++) {
            g_free(l->sprites[i].images[k].pixels);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(l->digits); i++) {
        g_free(l->digits[i].pixels);
    }
    g_free(l->strip.pixels);
    g_free(l->mouth);
    g_free(l->sound);
    g_free(l);
}

/* `at` brought into [from, from + span). */
static int wrap(double at, double from, double span)
{
    double turned = fmod(at - from, span);
    return (int)floor(from + (turned < 0 ? turned + span : turned));
}

static void draw_actor(const struct lesson *l, const struct actor *a, guint64 number,
                       struct canvas *picture)
{
    const struct sprite *s = &l->sprites[a->sprite];
    const struct canvas *image = &s->images[0];
    if (a->every > 0) {
        image = &s->images[number / (guint64)a->every % (guint64)s->count];
    } else {
        int open = l->mouth[number % (guint64)l->frames] - '0';
        image = &s->images[CLAMP(open, 0, s->count - 1)];
    }
    double t = (double)number;
    int x = wrap(a->x + a->dx * t, -image->width, l->width + image->width);
    int y = wrap(a->y + a->dy * t, a->top, a->bottom - a->top);
    canvas_put(picture, image, x, y);
}

static void draw_clock(const struct lesson *l, gint64 wall_us, struct canvas *picture)
{
    time_t seconds = (time_t)(wall_us / G_USEC_PER_SEC) + SHANGHAI_S;
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    snprintf(text, sizeof(text), "%02d:%02d:%02d.%02d", tm.tm_hour % 24, tm.tm_min % 60,
             tm.tm_sec % 61, (int)(wall_us / 10000 % 100));
    int x = l->clock_x;
    for (const char *c = text; *c; c++) {
        int index = *c == ':' ? 10 : *c == '.' ? 11 : *c - '0';
        const struct canvas *image = &l->digits[index];
        canvas_put(picture, image, x, l->clock_y);
        x += image->width;
    }
}

void lesson_draw(const struct lesson *l, guint64 number, gint64 wall_us, struct canvas *picture)
{
    int at = (int)(number % (guint64)l->frames);
    int card = 0;
    while (at >= l->card_until[card]) {
        card++;
    }
    memcpy(picture->pixels, l->cards[card].pixels, canvas_bytes(l->width, l->height, false));
    canvas_scroll(picture, &l->strip,
                  (int)(number * (guint64)l->strip_step % (guint64)l->strip.width), l->strip_y);
    for (int i = 0; i < l->actor_count; i++) {
        draw_actor(l, &l->actors[i], number, picture);
    }
    draw_clock(l, wall_us, picture);
}
