#include "signaling/server/guard.h"

#include <glib.h>

#include "signaling/core/access.h"

struct tk_guard {
    int64_t per_address;
    int64_t in_all;
    int64_t open;
    uint64_t refused;
    GHashTable *counts; /* key of the address → how many */
};

struct tk_guard *tk_guard_create(int64_t per_address, int64_t in_all)
{
    struct tk_guard *g = g_new0(struct tk_guard, 1);
    g->per_address = per_address;
    g->in_all = in_all;
    g->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return g;
}

void tk_guard_destroy(struct tk_guard *g)
{
    if (g) {
        g_hash_table_unref(g->counts);
        g_free(g);
    }
}

static int64_t count_of(const struct tk_guard *g, const char *address, char key[TK_ADDRESS_MAX])
{
    tk_access_address_key(address, key);
    return GPOINTER_TO_SIZE(g_hash_table_lookup(g->counts, key));
}

static void set_count(struct tk_guard *g, const char *key, int64_t count)
{
    if (count > 0) {
        g_hash_table_insert(g->counts, g_strdup(key), GSIZE_TO_POINTER((gsize)count));
    } else {
        g_hash_table_remove(g->counts, key);
    }
}

bool tk_guard_admits(struct tk_guard *g, const char *address)
{
    char key[TK_ADDRESS_MAX];
    if (g->open < g->in_all && count_of(g, address, key) < g->per_address) {
        return true;
    }
    g->refused++;
    return false;
}

void tk_guard_add(struct tk_guard *g, const char *address)
{
    char key[TK_ADDRESS_MAX];
    int64_t count = count_of(g, address, key);
    set_count(g, key, count + 1);
    g->open++;
}

void tk_guard_remove(struct tk_guard *g, const char *address)
{
    char key[TK_ADDRESS_MAX];
    int64_t count = count_of(g, address, key);
    g_assert(count > 0);
    set_count(g, key, count - 1);
    g->open--;
}

int64_t tk_guard_open(const struct tk_guard *g)
{
    return g->open;
}

uint64_t tk_guard_refused(const struct tk_guard *g)
{
    return g->refused;
}
