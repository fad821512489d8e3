#include "signaling/core/evidence.h"

#include <string.h>

static const struct {
    const char *kind;
    enum tk_evidence_class class;
} kinds[] = {
    {TK_EVIDENCE_CONNECTION_LOST, TK_EVIDENCE_TROUBLE}, {TK_EVIDENCE_NO_MEDIA, TK_EVIDENCE_TROUBLE},
    {TK_EVIDENCE_HIGH_LOSS, TK_EVIDENCE_TROUBLE},       {TK_EVIDENCE_PAGE_LEFT, TK_EVIDENCE_LEFT},
    {TK_EVIDENCE_PAGE_CLOSED, TK_EVIDENCE_LEFT},        {TK_EVIDENCE_REVOKED, TK_EVIDENCE_NOTE},
};

enum tk_evidence_class tk_evidence_class(const char *kind)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            return kinds[i].class;
        }
    }
    return TK_EVIDENCE_NOTE;
}
