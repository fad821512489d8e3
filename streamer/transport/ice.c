#include "streamer/transport/ice.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

static void hmac_sha1(const char *key, const uint8_t *buf, size_t len,
                      uint8_t out[TK_STUN_INTEGRITY_LEN])
{
    unsigned out_len = TK_STUN_INTEGRITY_LEN;
    HMAC(EVP_sha1(), key, (int)strlen(key), buf, len, out, &out_len);
}

/* `len` characters of ice-char (RFC 8839 §5.4), 6 bits each. */
static void random_text(char *out, size_t len)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bits[TK_ICE_PWD_LEN];
    assert(len <= sizeof(bits));
    int ok = RAND_bytes(bits, (int)len);
    assert(ok == 1);
    for (size_t i = 0; i < len; i++) {
        out[i] = chars[bits[i] & 63];
    }
    out[len] = 0;
}

/* RFC 8839 §5.4: 4 to 256 of ice-char. Some clients put more of the printable ones in it. */
static bool ufrag_can_be(const char *ufrag)
{
    size_t n = strlen(ufrag);
    for (size_t i = 0; i < n; i++) {
        if (ufrag[i] <= ' ' || ufrag[i] > '~' || ufrag[i] == ':') {
            return false;
        }
    }
    return n >= 1 && n <= TK_PEER_UFRAG_MAX;
}

static int make_credentials(struct tk_ice_credentials *c, const char *remote_ufrag)
{
    if (!ufrag_can_be(remote_ufrag)) {
        return -EINVAL;
    }
    random_text(c->ufrag, TK_ICE_UFRAG_LEN);
    random_text(c->pwd, TK_ICE_PWD_LEN);
    memcpy(c->remote_ufrag, remote_ufrag, strlen(remote_ufrag) + 1);
    return 0;
}

int tk_ice_init(struct tk_ice *ice, const char *remote_ufrag, int64_t now_us)
{
    memset(ice, 0, sizeof(*ice));
    ice->in_use = -1;
    ice->checked_us = now_us;
    return make_credentials(&ice->now, remote_ufrag);
}

int tk_ice_restart(struct tk_ice *ice, const char *remote_ufrag)
{
    struct tk_ice_credentials made;
    int r = make_credentials(&made, remote_ufrag);
    if (r < 0) {
        return r;
    }
    /* Two restarts without a check between: the old ones stay those that work. */
    if (ice->now_checked || !ice->old.ufrag[0]) {
        ice->old = ice->now;
    }
    ice->now = made;
    ice->now_checked = false;
    return 0;
}

int tk_ice_find(const struct tk_ice *ice, const struct tk_path *path)
{
    for (size_t i = 0; i < ice->path_count; i++) {
        if (tk_path_equal(&ice->paths[i].path, path)) {
            return (int)i;
        }
    }
    return -1;
}

void tk_ice_heard(struct tk_ice *ice, int path, int64_t now_us)
{
    ice->paths[path].heard_us = now_us;
}

static void take_out(struct tk_ice *ice, size_t i)
{
    size_t last = --ice->path_count;
    ice->paths[i] = ice->paths[last];
    if (ice->in_use == (int)i) {
        ice->in_use = -1;
    } else if (ice->in_use == (int)last) {
        ice->in_use = (int)i;
    }
}

void tk_ice_forget(struct tk_ice *ice, const struct tk_path *path)
{
    int i = tk_ice_find(ice, path);
    if (i >= 0) {
        take_out(ice, (size_t)i);
    }
}

static void remove_path(struct tk_ice *ice, size_t i, struct tk_ice_result *ret)
{
    ret->removed[ret->removed_count++] = ice->paths[i].path;
    take_out(ice, i);
}

/* Makes room for one more: the path not in use that was silent longest goes. */
static void remove_oldest(struct tk_ice *ice, struct tk_ice_result *ret)
{
    int oldest = -1;
    for (int i = 0; i < (int)ice->path_count; i++) {
        if (i != ice->in_use &&
            (oldest < 0 || ice->paths[i].heard_us < ice->paths[oldest].heard_us)) {
            oldest = i;
        }
    }
    remove_path(ice, (size_t)oldest, ret);
}

/* After a restart only the path in use and the one just checked are still known to be good. */
static void finish_restart(struct tk_ice *ice, const struct tk_path *path,
                           struct tk_ice_result *ret)
{
    ret->restarted = ice->old.ufrag[0] != 0;
    memset(&ice->old, 0, sizeof(ice->old));
    ice->now_checked = true;
    for (size_t i = ice->path_count; ret->restarted && i-- > 0;) {
        if ((int)i != ice->in_use && !tk_path_equal(&ice->paths[i].path, path)) {
            remove_path(ice, i, ret);
        }
    }
}

static void accept_path(struct tk_ice *ice, const struct tk_path *path, bool nominated,
                        int64_t now_us, struct tk_ice_result *ret)
{
    int i = tk_ice_find(ice, path);
    if (i < 0) {
        if (ice->path_count == TK_ICE_PATHS_MAX) {
            remove_oldest(ice, ret);
        }
        i = (int)ice->path_count++;
        ice->paths[i].path = *path;
        ret->added = true;
    }
    ice->paths[i].heard_us = now_us;
    ice->checked_us = now_us;
    bool silent = ice->in_use < 0 || now_us - ice->paths[ice->in_use].heard_us >= TK_ICE_SILENCE_US;
    if (i != ice->in_use && (nominated || silent)) {
        ice->in_use = i;
        ret->changed = true;
    }
}

static bool username_is(const struct tk_stun *stun, const struct tk_ice_credentials *c)
{
    size_t local = strlen(c->ufrag), remote = strlen(c->remote_ufrag);
    return local > 0 && stun->username_len == local + 1 + remote &&
           memcmp(stun->username, c->ufrag, local) == 0 && stun->username[local] == ':' &&
           memcmp(stun->username + local + 1, c->remote_ufrag, remote) == 0;
}

static bool integrity_is_right(const struct tk_stun *stun, uint8_t *buf, const char *pwd)
{
    uint8_t told_len[2], hmac[TK_STUN_INTEGRITY_LEN];
    memcpy(told_len, buf + 2, 2);
    tk_put_u16(buf + 2, tk_stun_integrity_length(stun));
    hmac_sha1(pwd, buf, stun->integrity_at, hmac);
    memcpy(buf + 2, told_len, 2);
    return CRYPTO_memcmp(hmac, stun->integrity, sizeof(hmac)) == 0;
}

/* Ends an answer; `pwd` NULL: without MESSAGE-INTEGRITY. Its length, never above the request's. */
static size_t finish_answer(struct tk_writer *w, const char *pwd, size_t request_len)
{
    if (pwd) {
        size_t covered = 0;
        uint8_t *hmac = tk_stun_write_integrity(w, &covered);
        if (hmac) {
            hmac_sha1(pwd, w->start, covered, hmac);
        }
    }
    tk_stun_write_fingerprint(w);
    return w->failed || tk_writer_len(w) > request_len ? 0 : tk_writer_len(w);
}

static size_t answer_error(const struct tk_stun *stun, int code, const char *pwd,
                           size_t request_len, uint8_t *answer)
{
    struct tk_writer w;
    tk_writer_init(&w, answer, TK_ICE_ANSWER_MAX);
    tk_stun_write_header(&w, TK_STUN_ERROR, stun);
    tk_stun_write_error(&w, code);
    if (code == 420) {
        tk_stun_write_unknown(&w, stun);
    }
    return finish_answer(&w, pwd, request_len);
}

static size_t answer_success(const struct tk_stun *stun, const struct tk_path *path,
                             const char *pwd, size_t request_len, uint8_t *answer)
{
    struct tk_writer w;
    const struct tk_addr *to = &path->remote;
    tk_writer_init(&w, answer, TK_ICE_ANSWER_MAX);
    tk_stun_write_header(&w, TK_STUN_SUCCESS, stun);
    tk_stun_write_mapped(&w, to->ip, to->family == 4 ? 4 : 16, to->port);
    return finish_answer(&w, pwd, request_len);
}

static int parse_request(struct tk_stun *stun, const uint8_t *buf, size_t len)
{
    int r = tk_stun_parse(stun, buf, len);
    if (r < 0) {
        return r;
    }
    bool is_request = stun->class == TK_STUN_REQUEST && stun->method == TK_STUN_METHOD_BINDING;
    return is_request ? 0 : -ENOTSUP;
}

/* Whose credentials prove the request; NULL: nobody's, or a lie. */
static const struct tk_ice_credentials *authenticate(const struct tk_ice *ice,
                                                     const struct tk_stun *stun, uint8_t *buf)
{
    const struct tk_ice_credentials *c = NULL;
    if (!stun->username || !stun->integrity) {
        return NULL;
    }
    if (username_is(stun, &ice->now)) {
        c = &ice->now;
    } else if (username_is(stun, &ice->old)) {
        c = &ice->old;
    }
    return c && integrity_is_right(stun, buf, c->pwd) ? c : NULL;
}

/* The error of an authentic request, 0 for none. */
static int error_of(const struct tk_stun *stun)
{
    if (stun->unknown_count) {
        return 420; /* RFC 8489 §6.3.1 */
    }
    if (stun->controlled) {
        return 487; /* RFC 8445 §7.3.1.1: a lite agent stays the controlled one */
    }
    return stun->has_priority ? 0 : 400; /* RFC 8445 §7.1.1: MUST include it */
}

/* RFC 8489 §9.1.3: 400 without the attributes that prove it, 401 for wrong ones. */
static size_t refuse(const struct tk_stun *stun, size_t len, uint8_t *answer)
{
    int code = stun->username && stun->integrity ? 401 : 400;
    return answer_error(stun, code, NULL, len, answer);
}

void tk_ice_receive(struct tk_ice *ice, const struct tk_path *path, uint8_t *buf, size_t len,
                    int64_t now_us, uint8_t *answer, struct tk_ice_result *ret)
{
    struct tk_stun stun;
    memset(ret, 0, sizeof(*ret));
    int r = parse_request(&stun, buf, len);
    if (r < 0) {
        ret->drop = r == -ENOTSUP ? TK_DROP_STUN_IGNORED : TK_DROP_STUN_MALFORMED;
        return;
    }
    const struct tk_ice_credentials *c = authenticate(ice, &stun, buf);
    if (!c) {
        ret->drop = TK_DROP_STUN_UNAUTHENTICATED;
        ret->answer_len = refuse(&stun, len, answer);
        return;
    }
    int code = error_of(&stun);
    if (code) {
        ret->drop = TK_DROP_STUN_IGNORED;
        ret->answer_len = answer_error(&stun, code, c->pwd, len, answer);
        return;
    }
    ret->valid = true;
    ret->answer_len = answer_success(&stun, path, c->pwd, len, answer);
    if (c == &ice->now && !ice->now_checked) {
        finish_restart(ice, path, ret);
    }
    accept_path(ice, path, stun.use_candidate, now_us, ret);
}

int tk_ice_whose(const uint8_t *buf, size_t len, char ufrag[TK_PEER_UFRAG_MAX + 1])
{
    struct tk_stun stun;
    ufrag[0] = 0;
    int r = parse_request(&stun, buf, len);
    if (r < 0) {
        return r;
    }
    const uint8_t *colon = stun.username ? memchr(stun.username, ':', stun.username_len) : NULL;
    size_t n = colon ? (size_t)(colon - stun.username) : 0;
    if (n <= TK_PEER_UFRAG_MAX) {
        memcpy(ufrag, stun.username ? stun.username : buf, n);
        ufrag[n] = 0;
    }
    return 0;
}

size_t tk_ice_refuse(const uint8_t *buf, size_t len, uint8_t *answer)
{
    struct tk_stun stun;
    return parse_request(&stun, buf, len) == 0 ? refuse(&stun, len, answer) : 0;
}
