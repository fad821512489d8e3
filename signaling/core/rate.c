#include "signaling/core/rate.h"

#include <glib.h>

struct bucket {
    int64_t milli; /* tokens in thousandths */
    int64_t at_ms;
};

struct tk_rate {
    int64_t burst;
    int64_t per_s; /* as tokens a second it is milli-tokens a millisecond */
    GHashTable *buckets;
};

struct tk_rate *tk_rate_create(unsigned burst, unsigned per_s)
{
    struct tk_rate *rate = g_new0(struct tk_rate, 1);
    rate->burst = burst;
    rate->per_s = per_s;
    rate->buckets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rate;
}

void tk_rate_destroy(struct tk_rate *rate)
{
    if (rate) {
        g_hash_table_unref(rate->buckets);
        g_free(rate);
    }
}

static void fill(const struct tk_rate *rate, struct bucket *b, int64_t mono_ms)
{
    /* a long pause may not overflow */
    int64_t pause_ms = MIN(mono_ms - b->at_ms, rate->burst * 1000);
    b->milli = MIN(rate->burst * 1000, b->milli + pause_ms * rate->per_s);
    b->at_ms = mono_ms;
}

struct forgetting {
    const struct tk_rate *rate;
    int64_t mono_ms;
};

static gboolean is_full(gpointer key, gpointer value, gpointer ctx)
{
    const struct forgetting *f = ctx;
    struct bucket *b = value;
    fill(f->rate, b, f->mono_ms);
    return b->milli == f->rate->burst * 1000;
}

bool tk_rate_take(struct tk_rate *rate, const char *key, unsigned cost, int64_t mono_ms)
{
    struct bucket *b = g_hash_table_lookup(rate->buckets, key);
    if (!b) {
        if (g_hash_table_size(rate->buckets) >= TK_RATE_KEYS_MAX) {
            struct forgetting f = {rate, mono_ms};
            g_hash_table_foreach_remove(rate->buckets, is_full, &f);
        }
        if (g_hash_table_size(rate->buckets) >= TK_RATE_KEYS_MAX) {
            return false;
        }
        b = g_new0(struct bucket, 1);
        b->milli = rate->burst * 1000;
        b->at_ms = mono_ms;
        g_hash_table_insert(rate->buckets, g_strdup(key), b);
    }
    fill(rate, b, mono_ms);
    if (b->milli < (int64_t)cost * 1000) {
        return false;
    }
    b->milli -= (int64_t)cost * 1000;
    return true;
}
