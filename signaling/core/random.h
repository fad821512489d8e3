#ifndef TK_SIGNALING_CORE_RANDOM_H
#define TK_SIGNALING_CORE_RANDOM_H

/* Unguessable bytes and texts from OpenSSL's generator. Any thread. */

#include <stddef.h>

/* Aborts when the generator fails: nothing may go on with guessable secrets. */
void tk_random_bytes(void *out, size_t n);

/* `chars` characters of a-z 2-7, then the end: `out` has room for chars + 1. */
void tk_random_base32(char *out, size_t chars);

/* Decimal digits, each equally likely, then the end. */
void tk_random_digits(char *out, size_t digits);

/* A password that people can copy: four groups of four, 79 bits; `cap` ≥ 20. */
void tk_random_password(char *out, size_t cap);

#endif
