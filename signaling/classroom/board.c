/* Boards in memory: which lesson's, of which epoch; what readers are given. */

#include "signaling/classroom/board.h"

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/classroom/board_state.h"
#include "signaling/store/board_rows.h"

/* Logs in memory: beyond this those that were not used for longest are read again when needed. */
#define LOGS_BYTES_MAX ((size_t)128 << 20)
/* Boards whose epoch is remembered, so that a new one is told. */
#define BOARDS_MAX 4096

/* ---- boards in memory ---- */

void tk_board_unload(struct tk_board *b)
{
    if (b->loaded) {
        tk_board_log_finish(&b->log);
        b->loaded = false;
    }
}

static void board_free(gpointer data)
{
    tk_board_unload(data);
    g_free(data);
}

static int64_t epoch_of(const struct tk_lesson *lesson)
{
    return MAX(1, lesson->sitting.number);
}

static bool is_idle(const struct tk_board *b)
{
    return !b->writing && b->waiting.length == 0;
}

static struct tk_board *oldest_but(struct tk_boards *bs, const struct tk_board *but, bool loaded)
{
    struct tk_board *oldest = NULL;
    GHashTableIter i;
    gpointer value;
    g_hash_table_iter_init(&i, bs->by_lesson);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        struct tk_board *b = value;
        if (b != but && is_idle(b) && (b->loaded || !loaded) &&
            (!oldest || b->used < oldest->used)) {
            oldest = b;
        }
    }
    return oldest;
}

static size_t bytes_of_all(struct tk_boards *bs)
{
    size_t bytes = 0;
    GHashTableIter i;
    gpointer value;
    g_hash_table_iter_init(&i, bs->by_lesson);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        const struct tk_board *b = value;
        bytes += b->loaded ? tk_board_log_bytes(&b->log) : 0;
    }
    return bytes;
}

static void forget_logs(struct tk_boards *bs, const struct tk_board *but)
{
    struct tk_board *oldest;
    while (bytes_of_all(bs) > LOGS_BYTES_MAX && (oldest = oldest_but(bs, but, true))) {
        tk_board_unload(oldest);
    }
}

static void make_room(struct tk_boards *bs)
{
    struct tk_board *oldest;
    if (g_hash_table_size(bs->by_lesson) >= BOARDS_MAX && (oldest = oldest_but(bs, NULL, false))) {
        g_hash_table_remove(bs->by_lesson, oldest->lesson_id);
    }
}

struct tk_board *tk_board_of(struct tk_boards *bs, const struct tk_lesson *lesson)
{
    struct tk_board *b = g_hash_table_lookup(bs->by_lesson, lesson->row.id);
    if (!b) {
        make_room(bs);
        b = g_new0(struct tk_board, 1);
        b->boards = bs;
        g_strlcpy(b->lesson_id, lesson->row.id, sizeof(b->lesson_id));
        b->epoch = epoch_of(lesson);
        g_queue_init(&b->waiting);
        g_hash_table_insert(bs->by_lesson, b->lesson_id, b);
    }
    b->used = ++bs->uses;
    return b;
}

static int load_entry(void *ctx, const char *text)
{
    return tk_board_log_load(ctx, text) ? 0 : -EBADMSG;
}

int tk_board_load(struct tk_board *b)
{
    if (b->loaded) {
        return 0;
    }
    tk_board_log_init(&b->log);
    int r = tk_board_rows(tk_store_reader(b->boards->store), b->lesson_id, b->epoch, load_entry,
                          &b->log);
    if (r < 0) {
        tk_log_error("a board cannot be read", "lesson=%s epoch=%lld why=\"%s\"", b->lesson_id,
                     (long long)b->epoch, strerror(-r));
        tk_board_log_finish(&b->log);
        return r;
    }
    b->loaded = true;
    forget_logs(b->boards, b);
    return 0;
}

/* ---- reading ---- */

void tk_board_head(struct tk_boards *bs, const char *lesson_id, int64_t *ret_epoch, int64_t *ret_n)
{
    const struct tk_lesson *lesson = tk_lessons_find(bs->lessons, lesson_id);
    *ret_epoch = 1;
    *ret_n = 0;
    if (!lesson) {
        return;
    }
    const struct tk_board *b = tk_board_of(bs, lesson);
    *ret_epoch = b->epoch;
    *ret_n = b->loaded ? tk_board_log_n(&b->log)
                       : tk_board_rows_last(tk_store_reader(bs->store), lesson_id, b->epoch);
}

static GBytes *join_plain(const char *head, const GString *text, size_t from, const char *tail)
{
    GString *out = g_string_sized_new(strlen(head) + text->len - from + strlen(tail) + 1);
    g_string_append(out, head);
    if (from < text->len) { /* without the last comma */
        g_string_append_len(out, text->str + from, (gssize)(text->len - from - 1));
    }
    g_string_append(out, tail);
    return g_string_free_to_bytes(out);
}

GBytes *tk_board_log(struct tk_boards *bs, const char *lesson_id, int64_t epoch, int64_t after,
                     bool gzip)
{
    char head[96];
    const struct tk_lesson *lesson = tk_lessons_find(bs->lessons, lesson_id);
    struct tk_board *b = lesson ? tk_board_of(bs, lesson) : NULL;
    if (!b || tk_board_load(b) < 0) {
        return NULL;
    }
    size_t from = tk_board_log_offset(&b->log, epoch == b->epoch ? after : 0);
    g_snprintf(head, sizeof(head), "{\"epoch\":%lld,\"n\":%lld,\"entries\":[", (long long)b->epoch,
               (long long)tk_board_log_n(&b->log));
    return gzip ? tk_board_pack_join(&b->log.pack, head, b->log.text, from, "]}")
                : join_plain(head, b->log.text, from, "]}");
}

/* ---- epochs ---- */

static void start_epoch(struct tk_board *b, int64_t epoch)
{
    GArray *listeners = b->boards->listeners;
    b->epoch = epoch;
    tk_board_unload(b);
    for (guint i = 0; i < listeners->len; i++) {
        const struct tk_board_listener *l = &g_array_index(listeners, struct tk_board_listener, i);
        if (l->on_epoch) {
            l->on_epoch(l->ctx, b->lesson_id, epoch);
        }
    }
}

static void on_lesson(void *ctx, const struct tk_lesson *lesson)
{
    struct tk_boards *bs = ctx;
    struct tk_board *b = g_hash_table_lookup(bs->by_lesson, lesson->row.id);
    if (b && b->epoch != epoch_of(lesson)) {
        start_epoch(b, epoch_of(lesson));
    }
}

/* ---- life ---- */

struct tk_boards *tk_boards_create(struct tk_store *store, struct tk_lessons *lessons)
{
    struct tk_boards *bs = g_new0(struct tk_boards, 1);
    bs->store = store;
    bs->lessons = lessons;
    bs->by_lesson = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, board_free);
    bs->listeners = g_array_new(FALSE, FALSE, sizeof(struct tk_board_listener));
    bs->rate = tk_rate_create(TK_BOARD_BURST, TK_BOARD_STROKES_PER_S);
    tk_lessons_listen(lessons, &(struct tk_lessons_listener){.ctx = bs, .on_lesson = on_lesson});
    return bs;
}

void tk_boards_destroy(struct tk_boards *bs)
{
    if (!bs) {
        return;
    }
    tk_lessons_unlisten(bs->lessons, bs);
    g_array_set_size(bs->listeners, 0);
    bs->closing = true;
    while (bs->writes > 0) { /* what waits goes with the next write */
        tk_store_wait(bs->store, 1000);
    }
    g_hash_table_unref(bs->by_lesson);
    g_array_unref(bs->listeners);
    tk_rate_destroy(bs->rate);
    g_free(bs);
}

void tk_boards_listen(struct tk_boards *bs, const struct tk_board_listener *listener)
{
    g_array_append_vals(bs->listeners, listener, 1);
}

void tk_boards_unlisten(struct tk_boards *bs, const void *ctx)
{
    for (guint i = bs->listeners->len; i > 0; i--) {
        if (g_array_index(bs->listeners, struct tk_board_listener, i - 1).ctx == ctx) {
            g_array_remove_index(bs->listeners, i - 1);
        }
    }
}
