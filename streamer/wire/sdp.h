#ifndef TK_STREAMER_WIRE_SDP_H
#define TK_STREAMER_WIRE_SDP_H

/*
 * A session description (RFC 8866) as WebRTC uses it (RFC 8829, 8839, 8843), or the fragment that
 * carries ICE credentials (RFC 8840). Reads what a media server needs and steps over the rest.
 * Everything points into the caller's text. Any thread.
 */

#include "streamer/wire/codec.h"
#include "streamer/wire/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SDP_MAX_BYTES (32 * 1024)
#define TK_SDP_MAX_MEDIA 32
#define TK_SDP_MAX_CODECS 64 /* of an m-line; what is over is not looked at */
#define TK_SDP_MAX_EXTS 24
#define TK_SDP_MAX_SSRCS 8
#define TK_SDP_MAX_MID 32
#define TK_SDP_MAX_RIDS 8
#define TK_SDP_MAX_RID 16 /* a longer one is not looked at */
#define TK_SDP_MAX_LAYERS 3

enum tk_sdp_kind {
    TK_SDP_AUDIO,
    TK_SDP_VIDEO,
    TK_SDP_OTHER,
};

/* Directions as the writer of the description sees them. */
#define TK_SDP_SEND 1
#define TK_SDP_RECV 2

enum tk_sdp_setup {
    TK_SDP_SETUP_NONE,
    TK_SDP_ACTPASS,
    TK_SDP_ACTIVE,
    TK_SDP_PASSIVE,
};

#define TK_SDP_FB_NACK 1
#define TK_SDP_FB_PLI 2
#define TK_SDP_FB_FIR 4
#define TK_SDP_FB_REMB 8

struct tk_sdp_codec {
    uint8_t pt;
    bool rtx;     /* then apt is set and codec is none */
    uint8_t apt;  /* RFC 4588 section 8.6 */
    uint8_t mode; /* H.264's packetization-mode */
    uint8_t feedback;
    enum tk_codec codec;
    uint32_t profile_level; /* H.264's profile-level-id; 0x420010 if not said (RFC 6184 8.1) */
};

struct tk_sdp_ext {
    uint8_t id;
    struct tk_text uri;
};

struct tk_sdp_ice {
    struct tk_text ufrag, pwd, fingerprint; /* "sha-256 AB:…" */
    enum tk_sdp_setup setup;
};

struct tk_sdp_media {
    enum tk_sdp_kind kind;
    int line;
    uint16_t port;
    bool bundle_only, bundled, rtcp_mux;
    uint8_t dir;
    struct tk_text name, proto, formats, mid;
    struct tk_sdp_ice ice; /* the session's where the m-line has none of its own */
    size_t codec_count, ext_count, ssrc_count;
    struct tk_sdp_codec codecs[TK_SDP_MAX_CODECS]; /* in the order of preference */
    struct tk_sdp_ext exts[TK_SDP_MAX_EXTS];
    uint32_t ssrcs[TK_SDP_MAX_SSRCS];
    uint32_t rtx_of[TK_SDP_MAX_SSRCS]; /* the SSRC that ssrcs[i] repairs, 0 none (RFC 5576 FID) */
    size_t rid_count, layer_count;
    struct tk_text rids[TK_SDP_MAX_RIDS];     /* that it sends (RFC 8851) */
    struct tk_text simulcast;                 /* the list of what it sends (RFC 8853) */
    struct tk_text layers[TK_SDP_MAX_LAYERS]; /* the rids of that list, in its order */
};

struct tk_sdp {
    struct tk_text bundle; /* the mids of the BUNDLE group */
    struct tk_sdp_ice ice;
    size_t media_count;
    struct tk_sdp_media media[TK_SDP_MAX_MEDIA];
};

struct tk_sdp_error {
    int line; /* 0: none in particular */
    const char *what;
};

/* A whole description. 0, or -EBADMSG with `err`. `text` must outlive `ret` (about 40 KiB). */
int tk_sdp_parse(const char *text, size_t len, struct tk_sdp *ret, struct tk_sdp_error *err);

/* A fragment: credentials are in ret->ice or the first m-line's. */
int tk_sdp_parse_fragment(const char *text, size_t len, struct tk_sdp *ret,
                          struct tk_sdp_error *err);

/* The number that the m-line gives to the header extension `uri`; 0: it has none of that. */
uint8_t tk_sdp_ext(const struct tk_sdp_media *m, const char *uri);

/* Writes lines; what doesn't fit sets `failed`. Always ends in NUL when cap > 0. */
struct tk_sdp_writer {
    char *buf;
    size_t cap, len;
    bool failed;
};

void tk_sdp_print(struct tk_sdp_writer *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
