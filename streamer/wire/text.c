#include "streamer/wire/text.h"

#include <string.h>
#include <strings.h>

bool tk_text_same(struct tk_text a, struct tk_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool tk_text_equal(struct tk_text a, const char *b)
{
    return tk_text_same(a, (struct tk_text){b, strlen(b)});
}

bool tk_text_equal_nocase(struct tk_text a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.at, b, a.len) == 0;
}

struct tk_text tk_text_take(struct tk_text *rest, char sep)
{
    struct tk_text word = *rest;
    const char *end = rest->len ? memchr(rest->at, sep, rest->len) : NULL;
    if (end) {
        word.len = (size_t)(end - rest->at);
        rest->at = end + 1;
        rest->len -= word.len + 1;
    } else {
        rest->at += rest->len;
        rest->len = 0;
    }
    return word;
}

struct tk_text tk_text_word(struct tk_text *rest)
{
    while (rest->len && *rest->at == ' ') {
        rest->at++;
        rest->len--;
    }
    return tk_text_take(rest, ' ');
}

bool tk_text_number(struct tk_text t, uint64_t max, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] < '0' || t.at[i] > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(t.at[i] - '0');
        if (v > max) {
            return false;
        }
    }
    *ret = v;
    return t.len > 0;
}

bool tk_text_hex24(struct tk_text t, uint32_t *ret)
{
    uint32_t v = 0;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            return false;
        }
        v = v << 4 | digit;
    }
    *ret = v;
    return t.len == 6;
}

bool tk_text_is_printable(struct tk_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] <= ' ' || t.at[i] > '~') {
            return false;
        }
    }
    return t.len > 0;
}
