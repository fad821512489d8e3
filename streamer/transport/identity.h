#ifndef TK_STREAMER_TRANSPORT_IDENTITY_H
#define TK_STREAMER_TRANSPORT_IDENTITY_H

/* The inside of tk_dtls_identity, for dtls.c and identity.c alone. */

#include "streamer/transport/dtls.h"

#include <openssl/ssl.h>

struct tk_dtls_identity {
    SSL_CTX *ctx;
    BIO_METHOD *bio_method;
    struct tk_srtp_ciphers *ciphers;
    char fingerprint[TK_DTLS_FINGERPRINT_TEXT];
};

/* Of dtls.c: how an association reads and writes, and how it looks at the peer's certificate. */
BIO_METHOD *tk_dtls_bio_method(void);
int tk_dtls_verify(X509_STORE_CTX *store, void *arg);

#endif
