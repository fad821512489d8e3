#ifndef TK_SIGNALING_HTTP_SEES_H
#define TK_SIGNALING_HTTP_SEES_H

/* Who may see what is in a lesson: its board and the pictures on it. Loop thread. */

#include "signaling/http/http.h"

#define TK_WHO_SEES                                                                                \
    (TK_WHO_TEACHER | TK_WHO_COTEACHER | TK_WHO_ADMIN | TK_WHO_AUDITOR | TK_WHO_DEVICE)

/*
 * A route's `check`, the lesson's id its first parameter: its teacher, administrators, auditors,
 * co-teachers of a school and devices of a room that is in it. Else it has replied.
 */
bool tk_http_sees_lesson(struct tk_request *r);

/* The same for its teacher alone. */
bool tk_http_teaches_lesson(struct tk_request *r);

#endif
