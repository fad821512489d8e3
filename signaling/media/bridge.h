#ifndef TK_SIGNALING_MEDIA_BRIDGE_H
#define TK_SIGNALING_MEDIA_BRIDGE_H

/*
 * Joins core's lessons and media: open lessons and their sources go to the streamer, what happens
 * there comes back as facts for the rules. Loop thread.
 */

#include "signaling/core/lesson.h"
#include "signaling/media/media.h"

struct tk_media_bridge;

struct tk_media_bridge_config {
    struct tk_media *media;
    struct tk_lessons *lessons;
    struct tk_now (*now)(void);
    /* as tk_media_handlers.on_failed; may be NULL */
    void (*on_failed)(void *ctx, const char *text);
    void *ctx;
};

/* Takes the handlers of `media` and listens to `lessons`. */
struct tk_media_bridge *tk_media_bridge_create(const struct tk_media_bridge_config *config);

/* Before lessons and media. NULL is fine. */
void tk_media_bridge_destroy(struct tk_media_bridge *b);

#endif
