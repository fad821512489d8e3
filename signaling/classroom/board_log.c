#include "signaling/classroom/board_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As this program writes a stroke, the bulk of every log. */
#define STROKE_HEAD "{\"k\":\"stroke\",\"id\":\""

#define KEY_BYTES (TK_ENTRY_ID_MAX + 2)
/* A key, its place in the table and in `ends`: what an entry takes beside its text. */
#define ENTRY_BYTES 80

enum known {
    THERE = 1,
    GONE = 2, /* a page that was dropped */
};

void tk_board_log_init(struct tk_board_log *log)
{
    log->text = g_string_new(NULL);
    tk_board_pack_init(&log->pack);
    log->ends = g_array_new(FALSE, FALSE, sizeof(size_t));
    log->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void tk_board_log_finish(struct tk_board_log *log)
{
    g_string_free(log->text, TRUE);
    tk_board_pack_finish(&log->pack);
    g_array_unref(log->ends);
    g_hash_table_unref(log->known);
}

int64_t tk_board_log_n(const struct tk_board_log *log)
{
    return log->ends->len;
}

size_t tk_board_log_bytes(const struct tk_board_log *log)
{
    return log->text->allocated_len + log->pack.bytes + (size_t)log->ends->len * ENTRY_BYTES;
}

static void key_of(enum tk_entry_kind kind, const char *id, char out[KEY_BYTES])
{
    snprintf(out, KEY_BYTES, "%c%s", 'a' + (int)kind, id);
}

static enum known look_up(const struct tk_board_log *log, enum tk_entry_kind kind, const char *id)
{
    char key[KEY_BYTES];
    key_of(kind, id, key);
    return (enum known)GPOINTER_TO_INT(g_hash_table_lookup(log->known, key));
}

static void set(struct tk_board_log *log, enum tk_entry_kind kind, const char *id, enum known value,
                GArray *changes)
{
    char key[KEY_BYTES];
    key_of(kind, id, key);
    if (changes) {
        struct tk_board_change change = {g_strdup(key), g_hash_table_lookup(log->known, key)};
        g_array_append_val(changes, change);
    }
    g_hash_table_replace(log->known, g_strdup(key), GINT_TO_POINTER(value));
}

/* What becomes of the log by an entry that fits. */
static void note(struct tk_board_log *log, const struct tk_entry *e, GArray *changes)
{
    if (e->id) {
        set(log, e->kind, e->id, THERE, changes);
    }
    if (e->kind == TK_ENTRY_DROP) {
        set(log, TK_ENTRY_PAGE, e->p, GONE, changes);
    }
}

bool tk_board_log_load(struct tk_board_log *log, const char *text)
{
    size_t len = strlen(text);
    if (g_str_has_prefix(text, STROKE_HEAD)) { /* without parsing thousands of them */
        char id[TK_ENTRY_ID_MAX + 1];
        const char *from = text + strlen(STROKE_HEAD);
        g_strlcpy(id, from, MIN(strcspn(from, "\"") + 1, sizeof(id)));
        set(log, TK_ENTRY_STROKE, id, THERE, NULL);
    } else {
        struct tk_entry e;
        json_t *json = json_loadb(text, len, 0, NULL);
        int r = tk_entry_parse(json, 0, &e, NULL);
        json_decref(json);
        if (r < 0) {
            return false;
        }
        note(log, &e, NULL);
        tk_entry_clear(&e);
    }
    tk_board_log_append(log, text, len);
    return true;
}

static int refuse(struct tk_problem *problem, enum tk_problem_code code, size_t index,
                  const char *field, const char *id, const char *what)
{
    return tk_problem_set(problem, code, "entries", "entries[%zu].%s: %s '%s' %s", index, field,
                          strcmp(field, "ids") == 0 ? "stroke" : "page", id, what);
}

static int check_page(const struct tk_board_log *log, const char *id, size_t index,
                      const char *field, struct tk_problem *problem)
{
    switch (look_up(log, TK_ENTRY_PAGE, id)) {
    case THERE:
        return 0;
    case GONE:
        return refuse(problem, TK_PROBLEM_CONFLICT, index, field, id, "is gone");
    }
    return refuse(problem, TK_PROBLEM_BAD_FIELD, index, field, id, "never was");
}

static int check_strokes(const struct tk_board_log *log, const json_t *ids, size_t index,
                         struct tk_problem *problem)
{
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (!look_up(log, TK_ENTRY_STROKE, id)) {
            return refuse(problem, TK_PROBLEM_BAD_FIELD, index, "ids", id, "never was");
        }
    }
    return 0;
}

int tk_board_log_apply(struct tk_board_log *log, const struct tk_entry *e, size_t index,
                       GArray *changes, struct tk_problem *problem)
{
    bool dropped = e->kind == TK_ENTRY_DROP && look_up(log, TK_ENTRY_PAGE, e->p) == GONE;
    int r = 0;
    if ((e->id && look_up(log, e->kind, e->id)) || dropped) {
        return 0;
    }
    if (e->p) {
        r = check_page(log, e->p, index, "p", problem);
    }
    if (r == 0 && e->after) {
        r = check_page(log, e->after, index, "after", problem);
    }
    if (r == 0 && e->ids) {
        r = check_strokes(log, e->ids, index, problem);
    }
    if (r < 0) {
        return r;
    }
    note(log, e, changes);
    return 1;
}

void tk_board_log_undo(struct tk_board_log *log, GArray *changes, guint from)
{
    for (guint i = changes->len; i > from; i--) {
        struct tk_board_change *change = &g_array_index(changes, struct tk_board_change, i - 1);
        if (change->before) {
            g_hash_table_replace(log->known, g_strdup(change->key), change->before);
        } else {
            g_hash_table_remove(log->known, change->key);
        }
    }
    g_array_set_size(changes, from);
}

void tk_board_log_append(struct tk_board_log *log, const char *text, size_t len)
{
    g_string_append_len(log->text, text, (gssize)len);
    g_string_append_c(log->text, ',');
    size_t end = log->text->len;
    g_array_append_val(log->ends, end);
}

size_t tk_board_log_offset(const struct tk_board_log *log, int64_t after)
{
    if (after <= 0 || log->ends->len == 0) {
        return 0;
    }
    return g_array_index(log->ends, size_t, MIN(after, (int64_t)log->ends->len) - 1);
}

static void change_clear(gpointer data)
{
    g_free(((struct tk_board_change *)data)->key);
}

GArray *tk_board_changes_new(void)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct tk_board_change));
    g_array_set_clear_func(changes, change_clear);
    return changes;
}
