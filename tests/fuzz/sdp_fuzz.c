#include "streamer/wire/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tk_sdp sdp;

static size_t sum(struct tk_text t)
{
    volatile size_t n = 0; /* what it points to is there */
    for (size_t i = 0; i < t.len; i++) {
        n += (unsigned char)t.at[i];
    }
    return n;
}

static void look_at_all(void)
{
    size_t n = sum(sdp.bundle) + sum(sdp.ice.ufrag);
    for (size_t i = 0; i < sdp.media_count; i++) {
        const struct tk_sdp_media *m = &sdp.media[i];
        n += sum(m->name) + sum(m->proto) + sum(m->formats) + sum(m->mid) + sum(m->ice.ufrag) +
             sum(m->ice.pwd) + sum(m->ice.fingerprint);
        for (size_t k = 0; k < m->ext_count; k++) {
            n += sum(m->exts[k].uri);
        }
        for (size_t k = 0; k < m->layer_count; k++) {
            n += sum(m->layers[k]);
            if (m->layers[k].len == 0 || m->layers[k].len > TK_SDP_MAX_RID) {
                __builtin_trap();
            }
        }
        if (m->codec_count > TK_SDP_MAX_CODECS || m->ssrc_count > TK_SDP_MAX_SSRCS) {
            __builtin_trap();
        }
    }
    (void)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_sdp_error err = {0, NULL};
    if (tk_sdp_parse((const char *)data, size, &sdp, &err) == 0) {
        look_at_all();
    } else if (!err.what) {
        __builtin_trap();
    }
    if (tk_sdp_parse_fragment((const char *)data, size, &sdp, &err) == 0) {
        look_at_all();
    }
    return 0;
}
