#ifndef TK_SIGNALING_CORE_EVIDENCE_H
#define TK_SIGNALING_CORE_EVIDENCE_H

/* The kinds of evidence, and what each speaks for: one table. */

#include "signaling/core/attendance.h"

#define TK_EVIDENCE_CONNECTION_LOST "connection_lost" /* link or power: no bye came */
#define TK_EVIDENCE_NO_MEDIA "no_media"               /* the page is there and nothing plays */
#define TK_EVIDENCE_HIGH_LOSS "high_loss"             /* measured by the server */
#define TK_EVIDENCE_PAGE_LEFT "left"                  /* somebody left the lesson */
#define TK_EVIDENCE_PAGE_CLOSED "closed"              /* the page was closed */
#define TK_EVIDENCE_REVOKED "revoked"

/* An unknown kind is a note. */
enum tk_evidence_class tk_evidence_class(const char *kind);

#endif
