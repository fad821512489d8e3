#include "signaling/classroom/entry.h"
#include "signaling/classroom/ink.h"
#include "signaling/classroom/picture.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was taken is taken again as it was written: the log can be read back. */
static void check_entry(const json_t *json)
{
    struct tk_problem problem;
    struct tk_entry e;
    struct tk_entry again;
    if (tk_entry_parse(json, 0, &e, &problem) < 0) {
        return;
    }
    if (tk_entry_parse(e.json, 0, &again, &problem) < 0 || strcmp(e.text, again.text) != 0) {
        __builtin_trap();
    }
    tk_entry_clear(&e);
    tk_entry_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    struct tk_picture picture;
    struct tk_problem problem;
    if (tk_picture_parse(data, size, &picture, &why) == 0 &&
        (picture.w > TK_PICTURE_SIDE_MAX || picture.h > TK_PICTURE_SIDE_MAX || picture.w == 0 ||
         picture.w * picture.h > TK_PICTURE_PIXELS_MAX)) {
        __builtin_trap();
    }
    int points = tk_ink_check((const char *)data, size, 4096, false, &why);
    if (points > 4096 || points == 0 || (points < 0) != (why != NULL)) {
        __builtin_trap();
    }
    json_t *json = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
    if (json) {
        check_entry(json);
        json_decref(tk_entry_ink(json, &problem));
        json_decref(tk_entry_laser(json, &problem));
        json_decref(json);
    }
    return 0;
}
