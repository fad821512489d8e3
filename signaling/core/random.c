#include "signaling/core/random.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void tk_random_bytes(void *out, size_t n)
{
    if (RAND_bytes(out, (int)n) != 1) {
        abort();
    }
}

/* One character of `alphabet`, each equally likely: bytes beyond the last whole multiple are cast
 * away. */
static char pick(const char *alphabet, size_t count)
{
    uint8_t byte;
    do {
        tk_random_bytes(&byte, 1);
    } while (byte >= 256 - 256 % count);
    return alphabet[byte % count];
}

static void fill(char *out, size_t n, const char *alphabet)
{
    size_t count = strlen(alphabet);
    for (size_t i = 0; i < n; i++) {
        out[i] = pick(alphabet, count);
    }
    out[n] = '\0';
}

void tk_random_base32(char *out, size_t chars)
{
    fill(out, chars, "abcdefghijklmnopqrstuvwxyz234567");
}

void tk_random_digits(char *out, size_t digits)
{
    fill(out, digits, "0123456789");
}

void tk_random_password(char *out, size_t cap)
{
    assert(cap >= 20);
    fill(out, 19, "abcdefghjkmnpqrstuvwxyz23456789"); /* no l, i, o, 0, 1 */
    for (size_t i = 4; i < 19; i += 5) {
        out[i] = '-';
    }
}
