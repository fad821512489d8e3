#include "signaling/ws/tap.h"

#include <dlfcn.h>
#include <glib.h>
#include <sys/socket.h>
#include <sys/types.h>

struct tap {
    void (*read)(void *ctx, const void *bytes, size_t len);
    void *ctx;
};

/* of the loop thread; other threads that read sockets find none */
static __thread GHashTable *taps;

int SSL_read(void *ssl, void *buf, int num);

static gpointer key_of(int fd, const void *ssl)
{
    return ssl ? (gpointer)(guintptr)ssl : GINT_TO_POINTER(fd);
}

void tk_tap_add(int fd, const void *ssl, void (*read)(void *ctx, const void *bytes, size_t len),
                void *ctx)
{
    struct tap *tap = g_new0(struct tap, 1);
    tap->read = read;
    tap->ctx = ctx;
    if (!taps) {
        taps = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    }
    g_hash_table_replace(taps, key_of(fd, ssl), tap);
}

void tk_tap_remove(int fd, const void *ssl)
{
    if (taps) {
        g_hash_table_remove(taps, key_of(fd, ssl));
    }
}

static void show(gpointer key, const void *bytes, ssize_t len)
{
    const struct tap *tap = taps && len > 0 ? g_hash_table_lookup(taps, key) : NULL;
    if (tap) {
        tap->read(tap->ctx, bytes, (size_t)len);
    }
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    static ssize_t (*real)(int, void *, size_t, int);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "recv");
    }
    ssize_t n = real(fd, buf, len, flags);
    show(key_of(fd, NULL), buf, n);
    return n;
}

int SSL_read(void *ssl, void *buf, int num)
{
    static int (*real)(void *, void *, int);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "SSL_read");
    }
    int n = real(ssl, buf, num);
    show(key_of(0, ssl), buf, n);
    return n;
}
