#ifndef TK_SIGNALING_HTTP_JSON_H
#define TK_SIGNALING_HTTP_JSON_H

/* Rows as PROTOCOL.md shows them. New references; names that are empty are left out as null. */

#include <jansson.h>

#include "signaling/core/device.h"

json_t *tk_json_text(const char *text); /* "" becomes null */
json_t *tk_json_account(const struct tk_account *account);
json_t *tk_json_room(const struct tk_room *room);
json_t *tk_json_device(const struct tk_device *device);

#endif
