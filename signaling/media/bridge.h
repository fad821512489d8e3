#ifndef TK_SIGNALING_MEDIA_BRIDGE_H
#define TK_SIGNALING_MEDIA_BRIDGE_H

/*
 * Joins core's lessons, the classroom and media: open lessons, their sources and who has the floor
 * go to the streamer, what happens there comes back as facts for the rules. Loop thread.
 */

#include "signaling/classroom/classroom.h"
#include "signaling/core/lesson.h"
#include "signaling/media/media.h"

struct tk_media_bridge;

struct tk_media_bridge_config {
    struct tk_media *media;
    struct tk_lessons *lessons;
    struct tk_classroom *classroom;
    struct tk_now (*now)(void);
    /* as tk_media_handlers.on_failed; may be NULL */
    void (*on_failed)(void *ctx, const char *text);
    void *ctx;
};

/* Takes the handlers of `media` and listens to `lessons` and `classroom`. */
struct tk_media_bridge *tk_media_bridge_create(const struct tk_media_bridge_config *config);

/* Before lessons, classroom and media. NULL is fine. */
void tk_media_bridge_destroy(struct tk_media_bridge *b);

#endif
