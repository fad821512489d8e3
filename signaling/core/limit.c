#include "signaling/core/limit.h"

#include <glib.h>
#include <stdbool.h>

struct entry {
    int failures;
    int64_t last_ms;
};

struct tk_limit {
    GHashTable *entries; /* key → struct entry */
    int free_attempts;
    int64_t first_wait_ms;
    int64_t max_wait_ms;
};

struct tk_limit *tk_limit_create(int free_attempts, int64_t first_wait_ms, int64_t max_wait_ms)
{
    struct tk_limit *l = g_new0(struct tk_limit, 1);
    l->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    l->free_attempts = free_attempts;
    l->first_wait_ms = first_wait_ms;
    l->max_wait_ms = max_wait_ms;
    return l;
}

void tk_limit_destroy(struct tk_limit *l)
{
    if (l) {
        g_hash_table_destroy(l->entries);
        g_free(l);
    }
}

static bool is_over(const struct tk_limit *l, const struct entry *e, int64_t mono_ms)
{
    return mono_ms - e->last_ms >= 2 * l->max_wait_ms;
}

int64_t tk_limit_wait_ms(struct tk_limit *l, const char *key, int64_t mono_ms)
{
    const struct entry *e = g_hash_table_lookup(l->entries, key);
    if (!e || e->failures < l->free_attempts || is_over(l, e, mono_ms)) {
        return 0;
    }
    int doublings = MIN(e->failures - l->free_attempts, 30);
    int64_t wait_ms = MIN(l->first_wait_ms << doublings, l->max_wait_ms);
    return MAX(e->last_ms + wait_ms - mono_ms, 0);
}

/* Room for another key: the ones that are over, else the one that has been quiet longest. */
static void make_room(struct tk_limit *l, int64_t mono_ms)
{
    GHashTableIter it;
    gpointer key;
    gpointer value;
    const char *oldest = NULL;
    int64_t oldest_ms = INT64_MAX;
    g_hash_table_iter_init(&it, l->entries);
    while (g_hash_table_iter_next(&it, &key, &value)) {
        const struct entry *e = value;
        if (is_over(l, e, mono_ms)) {
            g_hash_table_iter_remove(&it);
        } else if (e->last_ms < oldest_ms) {
            oldest = key;
            oldest_ms = e->last_ms;
        }
    }
    if (oldest && g_hash_table_size(l->entries) >= TK_LIMIT_KEYS_MAX) {
        g_hash_table_remove(l->entries, oldest);
    }
}

void tk_limit_count(struct tk_limit *l, const char *key, int64_t mono_ms)
{
    struct entry *e = g_hash_table_lookup(l->entries, key);
    if (!e) {
        if (g_hash_table_size(l->entries) >= TK_LIMIT_KEYS_MAX) {
            make_room(l, mono_ms);
        }
        e = g_new0(struct entry, 1);
        g_hash_table_insert(l->entries, g_strdup(key), e);
    } else if (is_over(l, e, mono_ms)) {
        e->failures = 0;
    }
    e->failures++;
    e->last_ms = mono_ms;
}

void tk_limit_take_back(struct tk_limit *l, const char *key)
{
    struct entry *e = g_hash_table_lookup(l->entries, key);
    if (e && --e->failures <= 0) {
        g_hash_table_remove(l->entries, key);
    }
}

void tk_limit_forget(struct tk_limit *l, const char *key)
{
    g_hash_table_remove(l->entries, key);
}
