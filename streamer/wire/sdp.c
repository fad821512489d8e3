/* Long because the table of attributes and their handlers, a few lines each, stay together. */

#include "streamer/wire/sdp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROFILE_LEVEL_UNSAID 0x420010

struct parser {
    struct tk_sdp *sdp;
    struct tk_sdp_media *media; /* NULL: the session's part */
    const char *problem;
    int line;
    bool fragment;
};

/* RFC 8839 section 5.4: ufrag of 4 to 256, password of 22 to 256 ice-chars. */
static bool is_ice(struct tk_text t, size_t min)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        /* '-', '_' and '=' are not ice-chars, but clients in use send them */
        if (!letter && !(c >= '0' && c <= '9') && !memchr("+/-_=", c, 5)) {
            return false;
        }
    }
    return t.len >= min && t.len <= 256;
}

static struct tk_sdp_ice *ice_of(struct parser *p)
{
    return p->media ? &p->media->ice : &p->sdp->ice;
}

static void on_group(struct parser *p, struct tk_text v)
{
    if (!p->media && tk_text_equal_nocase(tk_text_word(&v), "BUNDLE")) {
        p->sdp->bundle = v;
    }
}

static void on_ufrag(struct parser *p, struct tk_text v)
{
    if (!is_ice(v, 4)) {
        p->problem = "ice-ufrag is not 4 to 256 ice-chars";
    }
    ice_of(p)->ufrag = v;
}

static void on_pwd(struct parser *p, struct tk_text v)
{
    if (!is_ice(v, 22)) {
        p->problem = "ice-pwd is not 22 to 256 ice-chars";
    }
    ice_of(p)->pwd = v;
}

static void on_fingerprint(struct parser *p, struct tk_text v)
{
    struct tk_text rest = v, digest;
    struct tk_text hash = tk_text_word(&rest);
    digest = tk_text_word(&rest);
    if (!tk_text_is_printable(hash) || digest.len < 2 || digest.len > 200) {
        p->problem = "fingerprint is not a hash function and a digest";
    }
    /* RFC 8122 section 5: of several, one that can be computed; sha-256 is what everybody has */
    if (!ice_of(p)->fingerprint.at || tk_text_equal_nocase(hash, "sha-256")) {
        ice_of(p)->fingerprint = v;
    }
}

static void on_setup(struct parser *p, struct tk_text v)
{
    enum tk_sdp_setup setup = tk_text_equal(v, "actpass")   ? TK_SDP_ACTPASS
                              : tk_text_equal(v, "active")  ? TK_SDP_ACTIVE
                              : tk_text_equal(v, "passive") ? TK_SDP_PASSIVE
                                                            : TK_SDP_SETUP_NONE;
    if (setup == TK_SDP_SETUP_NONE) {
        p->problem = "setup is not actpass, active or passive";
    }
    ice_of(p)->setup = setup;
}

static void on_mid(struct parser *p, struct tk_text v)
{
    if (!p->media) {
        return;
    }
    if (!tk_text_is_printable(v) || v.len > TK_SDP_MAX_MID) {
        p->problem = "mid is not a token of at most 32 characters";
        return;
    }
    for (size_t i = 0; i < p->sdp->media_count; i++) {
        if (tk_text_same(p->sdp->media[i].mid, v)) {
            p->problem = "mid is there twice";
        }
    }
    p->media->mid = v;
}

static void on_rtcp_mux(struct parser *p, struct tk_text v)
{
    if (p->media) {
        p->media->rtcp_mux = true;
    }
}

static void on_bundle_only(struct parser *p, struct tk_text v)
{
    if (p->media) {
        p->media->bundle_only = true;
    }
}

static void set_dir(struct parser *p, uint8_t dir)
{
    if (p->media) {
        p->media->dir = dir;
    }
}

static void on_sendrecv(struct parser *p, struct tk_text v)
{
    set_dir(p, TK_SDP_SEND | TK_SDP_RECV);
}

static void on_sendonly(struct parser *p, struct tk_text v)
{
    set_dir(p, TK_SDP_SEND);
}

static void on_recvonly(struct parser *p, struct tk_text v)
{
    set_dir(p, TK_SDP_RECV);
}

static void on_inactive(struct parser *p, struct tk_text v)
{
    set_dir(p, 0);
}

/* The codec whose payload type stands at the front of `v`; NULL: not one of the m-line's. */
static struct tk_sdp_codec *codec_at(struct parser *p, struct tk_text *v)
{
    uint64_t pt;
    if (!p->media || !tk_text_number(tk_text_word(v), 127, &pt)) {
        return NULL;
    }
    for (size_t i = 0; i < p->media->codec_count; i++) {
        if (p->media->codecs[i].pt == pt) {
            return &p->media->codecs[i];
        }
    }
    return NULL;
}

static enum tk_codec codec_by_name(enum tk_sdp_kind kind, struct tk_text name)
{
    for (enum tk_codec c = TK_CODEC_OPUS; c < TK_CODEC_COUNT; c++) {
        bool fits = (c == TK_CODEC_OPUS) == (kind == TK_SDP_AUDIO);
        if (fits && tk_text_equal_nocase(name, tk_codec_name(c))) {
            return c;
        }
    }
    return TK_CODEC_NONE;
}

static void on_rtpmap(struct parser *p, struct tk_text v)
{
    struct tk_sdp_codec *c = codec_at(p, &v);
    if (!c) {
        return;
    }
    struct tk_text encoding = tk_text_word(&v);
    struct tk_text name = tk_text_take(&encoding, '/');
    struct tk_text clock = tk_text_take(&encoding, '/');
    uint64_t hz;
    if (!name.len || !tk_text_number(clock, UINT32_MAX, &hz)) {
        p->problem = "rtpmap is not name/clock";
        return;
    }
    enum tk_codec codec = codec_by_name(p->media->kind, name);
    c->rtx = tk_text_equal_nocase(name, "rtx");
    c->codec = codec != TK_CODEC_NONE && hz == tk_codec_clock(codec) ? codec : TK_CODEC_NONE;
}

static void on_fmtp(struct parser *p, struct tk_text v)
{
    struct tk_sdp_codec *c = codec_at(p, &v);
    while (c && v.len) {
        struct tk_text value = tk_text_take(&v, ';');
        while (value.len && *value.at == ' ') {
            value.at++;
            value.len--;
        }
        struct tk_text key = tk_text_take(&value, '=');
        uint64_t n;
        uint32_t hex;
        if (tk_text_equal_nocase(key, "apt") && tk_text_number(value, 127, &n)) {
            c->apt = (uint8_t)n;
        } else if (tk_text_equal_nocase(key, "packetization-mode") &&
                   tk_text_number(value, 2, &n)) {
            c->mode = (uint8_t)n;
        } else if (tk_text_equal_nocase(key, "profile-level-id") && tk_text_hex24(value, &hex)) {
            c->profile_level = hex;
        }
    }
}

static uint8_t feedback_of(struct tk_text v)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } known[] = {
        {"nack", TK_SDP_FB_NACK},
        {"nack pli", TK_SDP_FB_PLI},
        {"ccm fir", TK_SDP_FB_FIR},
        {"goog-remb", TK_SDP_FB_REMB},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (tk_text_equal(v, known[i].name)) {
            return known[i].bit;
        }
    }
    return 0;
}

static void on_rtcp_fb(struct parser *p, struct tk_text v)
{
    if (p->media && v.len > 2 && v.at[0] == '*' && v.at[1] == ' ') {
        v.at += 2;
        v.len -= 2;
        for (size_t i = 0; i < p->media->codec_count; i++) {
            p->media->codecs[i].feedback |= feedback_of(v);
        }
        return;
    }
    struct tk_sdp_codec *c = codec_at(p, &v);
    if (c) {
        c->feedback |= feedback_of(v);
    }
}

static void on_extmap(struct parser *p, struct tk_text v)
{
    struct tk_text first = tk_text_word(&v);
    struct tk_text id = tk_text_take(&first, '/'); /* a direction may follow */
    struct tk_text uri = tk_text_word(&v);
    uint64_t n;
    if (!tk_text_number(id, 4351, &n) || !tk_text_is_printable(uri)) {
        p->problem = "extmap is not a number and a URI";
        return;
    }
    struct tk_sdp_media *m = p->media;
    if (m && n >= 1 && n <= 14 && m->ext_count < TK_SDP_MAX_EXTS) {
        m->exts[m->ext_count++] = (struct tk_sdp_ext){.id = (uint8_t)n, .uri = uri};
    }
}

/* The place of `ssrc` in the m-line, made if new; -1: none. */
static int ssrc_index(struct parser *p, uint32_t ssrc)
{
    struct tk_sdp_media *m = p->media;
    for (size_t i = 0; i < p->sdp->media_count; i++) {
        const struct tk_sdp_media *other = &p->sdp->media[i];
        for (size_t j = 0; j < other->ssrc_count; j++) {
            if (other->ssrcs[j] == ssrc) {
                p->problem = other == m ? p->problem : "ssrc is in two m-lines";
                return other == m ? (int)j : -1;
            }
        }
    }
    if (m->ssrc_count == TK_SDP_MAX_SSRCS) {
        return -1;
    }
    m->ssrcs[m->ssrc_count] = ssrc;
    return (int)m->ssrc_count++;
}

static void on_ssrc(struct parser *p, struct tk_text v)
{
    uint64_t ssrc;
    if (!p->media) {
        return;
    }
    if (!tk_text_number(tk_text_word(&v), UINT32_MAX, &ssrc)) {
        p->problem = "ssrc is not a number of 32 bits";
        return;
    }
    ssrc_index(p, (uint32_t)ssrc);
}

static void on_ssrc_group(struct parser *p, struct tk_text v)
{
    uint64_t first, second;
    if (!p->media || !tk_text_equal(tk_text_word(&v), "FID") ||
        !tk_text_number(tk_text_word(&v), UINT32_MAX, &first) ||
        !tk_text_number(tk_text_word(&v), UINT32_MAX, &second)) {
        return;
    }
    if (first == second) {
        p->problem = "ssrc repairs itself";
        return;
    }
    ssrc_index(p, (uint32_t)first);
    int rtx = ssrc_index(p, (uint32_t)second);
    if (rtx >= 0) {
        p->media->rtx_of[rtx] = (uint32_t)first;
    }
}

static bool is_rid(struct tk_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
    }
    return t.len > 0;
}

static bool has_rid(const struct tk_text *rids, size_t count, struct tk_text rid)
{
    for (size_t i = 0; i < count; i++) {
        if (tk_text_same(rids[i], rid)) {
            return true;
        }
    }
    return false;
}

static void on_rid(struct parser *p, struct tk_text v)
{
    struct tk_sdp_media *m = p->media;
    struct tk_text rid = tk_text_word(&v);
    struct tk_text dir = tk_text_word(&v);
    bool send = tk_text_equal(dir, "send");
    if (!is_rid(rid) || (!send && !tk_text_equal(dir, "recv"))) {
        p->problem = "rid is not an identifier and a direction";
    } else if (m && has_rid(m->rids, m->rid_count, rid)) {
        p->problem = "rid is there twice";
    } else if (m && send && rid.len <= TK_SDP_MAX_RID && m->rid_count < TK_SDP_MAX_RIDS) {
        m->rids[m->rid_count++] = rid;
    }
}

static void on_simulcast(struct parser *p, struct tk_text v)
{
    while (p->media && v.len) {
        struct tk_text dir = tk_text_word(&v);
        struct tk_text list = tk_text_word(&v);
        if (tk_text_equal(dir, "send")) {
            p->media->simulcast = list;
        }
    }
}

static const struct {
    const char *name;
    void (*handle)(struct parser *p, struct tk_text value);
} attributes[] = {
    {"group", on_group},       {"ice-ufrag", on_ufrag},
    {"ice-pwd", on_pwd},       {"fingerprint", on_fingerprint},
    {"setup", on_setup},       {"mid", on_mid},
    {"rtcp-mux", on_rtcp_mux}, {"bundle-only", on_bundle_only},
    {"sendrecv", on_sendrecv}, {"sendonly", on_sendonly},
    {"recvonly", on_recvonly}, {"inactive", on_inactive},
    {"rtpmap", on_rtpmap},     {"fmtp", on_fmtp},
    {"rtcp-fb", on_rtcp_fb},   {"extmap", on_extmap},
    {"ssrc", on_ssrc},         {"ssrc-group", on_ssrc_group},
    {"rid", on_rid},           {"simulcast", on_simulcast},
};

static void parse_attribute(struct parser *p, struct tk_text v)
{
    struct tk_text name = tk_text_take(&v, ':');
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (tk_text_equal(name, attributes[i].name)) {
            attributes[i].handle(p, v);
            return;
        }
    }
}

static void add_formats(struct tk_sdp_media *m)
{
    struct tk_text rest = m->formats;
    uint64_t pt;
    while (rest.len && m->codec_count < TK_SDP_MAX_CODECS) {
        if (tk_text_number(tk_text_word(&rest), 127, &pt)) {
            m->codecs[m->codec_count++] = (struct tk_sdp_codec){
                .pt = (uint8_t)pt,
                .profile_level = PROFILE_LEVEL_UNSAID,
            };
        }
    }
}

static void parse_media(struct parser *p, struct tk_text v)
{
    struct tk_sdp *sdp = p->sdp;
    if (sdp->media_count == TK_SDP_MAX_MEDIA) {
        p->problem = "there are more than 32 m-lines";
        return;
    }
    struct tk_sdp_media *m = &sdp->media[sdp->media_count];
    memset(m, 0, sizeof(*m));
    m->name = tk_text_word(&v);
    struct tk_text port = tk_text_word(&v);
    uint64_t n;
    m->proto = tk_text_word(&v);
    m->formats = v;
    if (!tk_text_number(tk_text_take(&port, '/'), UINT16_MAX, &n) ||
        !tk_text_is_printable(m->name) || !tk_text_is_printable(m->proto) || !v.len) {
        p->problem = "m-line is not 'm=media port protocol formats'";
        return;
    }
    m->port = (uint16_t)n;
    m->line = p->line;
    m->dir = TK_SDP_SEND | TK_SDP_RECV;
    m->kind = tk_text_equal(m->name, "audio")   ? TK_SDP_AUDIO
              : tk_text_equal(m->name, "video") ? TK_SDP_VIDEO
                                                : TK_SDP_OTHER;
    if (m->kind != TK_SDP_OTHER) {
        add_formats(m);
    }
    sdp->media_count++;
    p->media = m;
}

static void parse_line(struct parser *p, struct tk_text line)
{
    if (line.len < 2 || line.at[1] != '=' || line.at[0] < 'a' || line.at[0] > 'z') {
        p->problem = "not of the form 'x=value'";
        return;
    }
    struct tk_text value = {line.at + 2, line.len - 2};
    if (p->line == 1 && !p->fragment && !tk_text_equal(line, "v=0")) {
        p->problem = "does not begin with 'v=0'";
    } else if (line.at[0] == 'm') {
        parse_media(p, value);
    } else if (line.at[0] == 'a') {
        parse_attribute(p, value);
    }
}

static bool group_has(struct tk_text group, struct tk_text mid)
{
    while (mid.len && group.len) {
        if (tk_text_same(tk_text_word(&group), mid)) {
            return true;
        }
    }
    return false;
}

/* RFC 8853 section 5.1: streams by `;`, of alternatives by `,` the first; `~` begins paused. */
static void find_layers(struct tk_sdp_media *m)
{
    struct tk_text rest = m->simulcast;
    while (rest.len && m->layer_count < TK_SDP_MAX_LAYERS) {
        struct tk_text stream = tk_text_take(&rest, ';');
        struct tk_text rid = tk_text_take(&stream, ',');
        if (rid.len && *rid.at == '~') {
            rid.at++;
            rid.len--;
        }
        if (has_rid(m->rids, m->rid_count, rid) && !has_rid(m->layers, m->layer_count, rid)) {
            m->layers[m->layer_count++] = rid;
        }
    }
}

/* RFC 8866 section 5.13: session-level attributes hold where an m-line says nothing else. */
static void inherit(struct tk_sdp *sdp)
{
    for (size_t i = 0; i < sdp->media_count; i++) {
        struct tk_sdp_media *m = &sdp->media[i];
        if (!m->ice.ufrag.at) {
            m->ice.ufrag = sdp->ice.ufrag;
            m->ice.pwd = sdp->ice.pwd;
        }
        if (!m->ice.fingerprint.at) {
            m->ice.fingerprint = sdp->ice.fingerprint;
        }
        if (!m->ice.setup) {
            m->ice.setup = sdp->ice.setup;
        }
        m->bundled = group_has(sdp->bundle, m->mid);
    }
}

static void finish(struct tk_sdp *sdp)
{
    inherit(sdp);
    for (size_t i = 0; i < sdp->media_count; i++) {
        find_layers(&sdp->media[i]);
    }
}

static int refuse(struct tk_sdp_error *err, int line, const char *what)
{
    err->line = line;
    err->what = what;
    return -EBADMSG;
}

static int parse(struct parser *p, const char *text, size_t len, struct tk_sdp_error *err)
{
    struct tk_text rest = {text, len};
    p->sdp->bundle = (struct tk_text){NULL, 0};
    p->sdp->ice = (struct tk_sdp_ice){0};
    p->sdp->media_count = 0;
    if (len > TK_SDP_MAX_BYTES) {
        return refuse(err, 0, "longer than 32 KiB");
    }
    if (len && memchr(text, 0, len)) {
        return refuse(err, 0, "has a NUL byte");
    }
    while (rest.len) {
        struct tk_text line = tk_text_take(&rest, '\n');
        p->line++;
        if (line.len && line.at[line.len - 1] == '\r') {
            line.len--;
        }
        if (!line.len && !rest.len) {
            break; /* empty lines at the end harm nobody */
        }
        parse_line(p, line);
        if (p->problem) {
            return refuse(err, p->line, p->problem);
        }
    }
    finish(p->sdp);
    return 0;
}

int tk_sdp_parse(const char *text, size_t len, struct tk_sdp *ret, struct tk_sdp_error *err)
{
    struct parser p = {.sdp = ret};
    int r = parse(&p, text, len, err);
    if (r == 0 && p.line == 0) {
        return refuse(err, 0, "is empty");
    }
    return r == 0 && ret->media_count == 0 ? refuse(err, 0, "has no m-line") : r;
}

int tk_sdp_parse_fragment(const char *text, size_t len, struct tk_sdp *ret,
                          struct tk_sdp_error *err)
{
    struct parser p = {.sdp = ret, .fragment = true};
    return parse(&p, text, len, err);
}

uint8_t tk_sdp_ext(const struct tk_sdp_media *m, const char *uri)
{
    for (size_t i = 0; i < m->ext_count; i++) {
        if (tk_text_equal(m->exts[i].uri, uri)) {
            return m->exts[i].id;
        }
    }
    return 0;
}

void tk_sdp_print(struct tk_sdp_writer *w, const char *fmt, ...)
{
    if (w->failed) {
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(w->buf + w->len, w->cap - w->len, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= w->cap - w->len) {
        w->failed = true;
        return;
    }
    w->len += (size_t)n;
}
