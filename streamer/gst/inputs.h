#ifndef TK_STREAMER_GST_INPUTS_H
#define TK_STREAMER_GST_INPUTS_H

/*
 * What can be played, one start function for each kind of source. A start returns at once; what it
 * started ends the process by a last word of link.h.
 */

#include <jansson.h>

void demo_start(const json_t *source);
void demo_keyframe(void);

void file_start(const json_t *source);
void file_keyframe(void);

void camera_start(const json_t *source);
void camera_keyframe(void);

void capture_start(const json_t *source);
void capture_keyframe(void);

#endif
