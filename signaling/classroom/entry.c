#include "signaling/classroom/entry.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/classroom/board.h"
#include "signaling/classroom/ink.h"

#define TITLE_BYTES_MAX 240
#define COLOUR_MAX 7
#define WIDTH_MAX 400
#define SIDE_MAX 20000
/* A page's height in units is within what a point can say, and more than a line. */
#define HEIGHT_UNITS_MIN 1000

/* A message, or an entry of one, that is read and written anew field by field. */
struct form {
    const json_t *from;
    json_t *to;
    int index; /* of the entry; -1: a message of its own */
    struct tk_problem *problem;
    bool wrong;
};

static void refuse(struct form *f, const char *field, const char *what)
{
    if (f->wrong) {
        return;
    }
    f->wrong = true;
    if (f->index < 0) {
        tk_problem_set(f->problem, TK_PROBLEM_BAD_FIELD, field, "%s %s", field, what);
    } else {
        tk_problem_set(f->problem, TK_PROBLEM_BAD_FIELD, "entries", "entries[%d].%s %s", f->index,
                       field, what);
    }
}

static void keep(struct form *f, const char *name, const json_t *value)
{
    json_object_set(f->to, name, (json_t *)(uintptr_t)value);
}

static bool is_id(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = text ? json_string_length(value) : 0;
    return len >= 1 && len <= TK_ENTRY_ID_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static bool is_absent(const json_t *value)
{
    return !value || json_is_null(value);
}

static void take_id(struct form *f, const char *name)
{
    const json_t *value = json_object_get(f->from, name);
    if (!is_id(value)) {
        refuse(f, name, "must be 1 to 16 characters of A-Za-z0-9_-");
        return;
    }
    keep(f, name, value);
}

static void take_choice(struct form *f, const char *name, const char *const *choices,
                        const char *what)
{
    const json_t *value = json_object_get(f->from, name);
    const char *text = json_string_value(value);
    if (!text || !g_strv_contains(choices, text)) {
        refuse(f, name, what);
        return;
    }
    keep(f, name, value);
}

static void take_int(struct form *f, const char *name, int64_t min, int64_t max)
{
    const json_t *value = json_object_get(f->from, name);
    int64_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < min || n > max) {
        char what[80];
        g_snprintf(what, sizeof(what), "must be a whole number from %lld to %lld", (long long)min,
                   (long long)max);
        refuse(f, name, what);
        return;
    }
    keep(f, name, value);
}

static void take_title(struct form *f)
{
    const json_t *value = json_object_get(f->from, "title");
    const char *text = json_string_value(value);
    if (is_absent(value)) {
        return;
    }
    bool fits = text && json_string_length(value) <= TITLE_BYTES_MAX;
    for (const char *c = fits ? text : ""; *c; c++) {
        fits = fits && (unsigned char)*c >= 0x20 && *c != 0x7f;
    }
    if (!fits) {
        refuse(f, "title", "must be a text of at most 240 bytes without control characters");
        return;
    }
    keep(f, "title", value);
}

static void take_points(struct form *f, int points_max, bool piece)
{
    const char *why = "must be a text";
    const json_t *value = json_object_get(f->from, "d");
    if (!json_is_string(value) || tk_ink_check(json_string_value(value), json_string_length(value),
                                               points_max, piece, &why) < 0) {
        refuse(f, "d", why);
        return;
    }
    keep(f, "d", value);
}

static void take_pen(struct form *f)
{
    static const char *const tools[] = {"pen", "marker", NULL};
    take_choice(f, "t", tools, "must be pen or marker");
    take_int(f, "c", 0, COLOUR_MAX);
    take_int(f, "w", 1, WIDTH_MAX);
}

static void take_ids(struct form *f)
{
    const json_t *ids = json_object_get(f->from, "ids");
    size_t count = json_array_size(ids);
    bool ok = count >= 1 && count <= TK_ENTRY_IDS_MAX;
    for (size_t i = 0; ok && i < count; i++) {
        ok = is_id(json_array_get(ids, i));
    }
    if (!ok) {
        refuse(f, "ids", "must be 1 to 500 ids of strokes");
        return;
    }
    keep(f, "ids", ids);
}

static void take_after(struct form *f)
{
    const json_t *after = json_object_get(f->from, "after");
    if (is_absent(after)) {
        json_object_set_new(f->to, "after", json_null());
    } else {
        take_id(f, "after");
    }
}

static bool is_file(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = text ? json_string_length(value) : 0;
    return len >= 1 && len <= TK_ENTRY_FILE_MAX && strspn(text, "0123456789abcdef") == len;
}

static void take_file(struct form *f)
{
    const json_t *file = json_object_get(f->from, "file");
    const char *kind = json_string_value(json_object_get(f->to, "kind"));
    bool slide = kind && strcmp(kind, "slide") == 0;
    if (slide ? !is_file(file) : !is_absent(file)) {
        refuse(f, "file", "must be the id of an uploaded picture on a slide, and nothing else");
    } else if (slide) {
        keep(f, "file", file);
    }
}

static void take_size(struct form *f)
{
    take_int(f, "w", 1, SIDE_MAX);
    take_int(f, "h", 1, SIDE_MAX);
    int64_t w = json_integer_value(json_object_get(f->to, "w"));
    int64_t h = json_integer_value(json_object_get(f->to, "h"));
    if (!f->wrong && (10000 * h < HEIGHT_UNITS_MIN * w || 10000 * h > TK_INK_COORDINATE_MAX * w)) {
        refuse(f, "h", "must be a tenth of w to twice w");
    }
}

static void take_page(struct form *f)
{
    static const char *const kinds[] = {"blank", "slide", NULL};
    take_id(f, "id");
    take_after(f);
    take_choice(f, "kind", kinds, "must be blank or slide");
    take_file(f);
    take_size(f);
    take_title(f);
}

/* These are done once for an id, where the page gives one. */
static void take_optional_id(struct form *f)
{
    if (!is_absent(json_object_get(f->from, "id"))) {
        take_id(f, "id");
    }
}

static void take_of_page(struct form *f)
{
    take_optional_id(f);
    take_id(f, "p");
}

static void take_show(struct form *f)
{
    static const char *const what[] = {"people", "board", "screen", NULL};
    take_optional_id(f);
    take_choice(f, "what", what, "must be people, board or screen");
}

static void take_stroke(struct form *f)
{
    take_id(f, "id");
    take_id(f, "p");
    take_pen(f);
    take_points(f, TK_BOARD_STROKE_POINTS, false);
}

static void take_strokes(struct form *f)
{
    take_optional_id(f);
    take_ids(f);
}

static const struct {
    const char *name;
    void (*take)(struct form *f);
} kinds[] = {
    [TK_ENTRY_PAGE] = {"page", take_page},          [TK_ENTRY_DROP] = {"drop", take_of_page},
    [TK_ENTRY_GOTO] = {"goto", take_of_page},       [TK_ENTRY_SHOW] = {"show", take_show},
    [TK_ENTRY_STROKE] = {"stroke", take_stroke},    [TK_ENTRY_ERASE] = {"erase", take_strokes},
    [TK_ENTRY_RESTORE] = {"restore", take_strokes}, [TK_ENTRY_CLEAR] = {"clear", take_of_page},
};

bool tk_entry_kind_parse(const char *name, enum tk_entry_kind *ret)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret = (enum tk_entry_kind)i;
            return true;
        }
    }
    return false;
}

static void look_into(struct tk_entry *e)
{
    e->id = json_string_value(json_object_get(e->json, "id"));
    e->p = json_string_value(json_object_get(e->json, "p"));
    e->after = json_string_value(json_object_get(e->json, "after"));
    e->file = json_string_value(json_object_get(e->json, "file"));
    e->ids = json_object_get(e->json, "ids");
}

int tk_entry_parse(const json_t *json, size_t index, struct tk_entry *ret,
                   struct tk_problem *problem)
{
    struct form f = {
        .from = json, .to = json_object(), .index = (int)index, .problem = problem, .wrong = false};
    struct tk_entry e = {.json = f.to};
    const json_t *k = json_object_get(json, "k");
    if (!tk_entry_kind_parse(json_string_value(k), &e.kind)) {
        refuse(&f, "k", "must be page, drop, goto, show, stroke, erase, restore or clear");
    } else {
        keep(&f, "k", k);
        kinds[e.kind].take(&f);
    }
    if (!f.wrong) {
        e.text = json_dumps(e.json, JSON_COMPACT);
    }
    if (!e.text) {
        refuse(&f, "k", "cannot be written");
        tk_entry_clear(&e);
        return -EINVAL;
    }
    e.len = strlen(e.text);
    look_into(&e);
    *ret = e;
    return 0;
}

void tk_entry_clear(struct tk_entry *e)
{
    json_decref(e->json);
    free(e->text);
    memset(e, 0, sizeof(*e));
}

static json_t *finish(struct form *f)
{
    if (f->wrong) {
        json_decref(f->to);
        return NULL;
    }
    return f->to;
}

json_t *tk_entry_ink(const json_t *message, struct tk_problem *problem)
{
    struct form f = {.from = message,
                     .to = json_pack("{s:s}", "type", "board.ink"),
                     .index = -1,
                     .problem = problem};
    take_id(&f, "s");
    take_int(&f, "i", 0, TK_BOARD_STROKE_POINTS);
    bool first = json_integer_value(json_object_get(f.to, "i")) == 0;
    if (first) {
        take_id(&f, "p");
        take_pen(&f);
    }
    take_points(&f, TK_INK_PIECE_POINTS, !first);
    return finish(&f);
}

json_t *tk_entry_laser(const json_t *message, struct tk_problem *problem)
{
    struct form f = {.from = message,
                     .to = json_pack("{s:s}", "type", "board.laser"),
                     .index = -1,
                     .problem = problem};
    const json_t *off = json_object_get(message, "off");
    if (json_is_true(off)) {
        keep(&f, "off", off);
        return finish(&f);
    }
    if (!is_absent(off) && !json_is_false(off)) {
        refuse(&f, "off", "must be true or false");
    }
    take_id(&f, "p");
    take_int(&f, "x", 0, TK_INK_COORDINATE_MAX);
    take_int(&f, "y", 0, TK_INK_COORDINATE_MAX);
    return finish(&f);
}
