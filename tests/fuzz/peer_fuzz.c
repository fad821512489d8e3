/* What comes from a checked address before there are keys: length, datagram, length, datagram … */

#include "streamer/transport/dtls.h"
#include "streamer/transport/ice.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *ctx, const uint8_t *buf, size_t len)
{
}

static void read_ice(const uint8_t *data, size_t size)
{
    struct tk_ice ice;
    struct tk_ice_result result;
    struct tk_path path = {.remote = {.family = 4, .port = 9}};
    uint8_t answer[TK_ICE_ANSWER_MAX];
    char ufrag[TK_PEER_UFRAG_MAX + 1];
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, data, size);
    tk_ice_init(&ice, "them", 0);
    tk_ice_receive(&ice, &path, copy, size, 1, answer, &result);
    tk_ice_whose(data, size, ufrag);
    tk_ice_refuse(data, size, answer);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tk_dtls_identity *identity;
    struct tk_drops drops = {{0}};
    struct tk_dtls *dtls = NULL;
    struct tk_reader r;
    if (!identity && tk_dtls_identity_create(&identity) < 0) {
        abort();
    }
    tk_dtls_create(identity, tk_dtls_identity_fingerprint(identity), size % 2, ignore, NULL, &dtls);
    tk_dtls_start(dtls, 0);
    tk_reader_init(&r, data, size);
    while (tk_reader_left(&r) > 2 && !r.failed) {
        size_t len = tk_read_u16(&r);
        const uint8_t *datagram = tk_read_bytes(&r, len);
        if (datagram) {
            tk_dtls_receive(dtls, datagram, len, 1, &drops);
            read_ice(datagram, len);
        }
    }
    tk_dtls_destroy(dtls);
    return 0;
}
