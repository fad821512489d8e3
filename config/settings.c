#include "config/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INT(name, lo, hi, unit_, def, help_)                                                       \
    {                                                                                              \
#name, TK_SETTING_INT, offsetof(struct tk_settings, name), lo, hi, unit_, def, help_       \
    }
#define TEXT(name, def, help_)                                                                     \
    {                                                                                              \
#name, TK_SETTING_TEXT, offsetof(struct tk_settings, name), 0, 0, "", def, help_           \
    }

/* clang-format off */
static const struct tk_setting table[] = {
    TEXT(data_dir, "./var", "Folder of the database, certificates and recordings. TONGKE_DATA overrides."),
    TEXT(hosts, "", "Names and addresses announced to pages and media peers, separated by commas; empty: every "
                    "address that this machine has. TONGKE_HOST overrides."),
    INT(port, 1, 65533, "", "8443", "TCP for HTTPS and UDP for media; the next port is for media over TCP, the one "
                                    "after for plain HTTP on loopback. TONGKE_PORT overrides."),
    TEXT(tls_certificate, "", "PEM file of a real certificate chain; empty: one from our own authority."),
    TEXT(tls_key, "", "PEM file of its private key."),
    TEXT(web_dir, "", "Folder of the built pages; empty: beside the program."),
    TEXT(streamer_program, "", "Path of tongke-streamer; empty: beside the program."),
    TEXT(log_level, "info", "error, warning, info or debug."),
    TEXT(metrics_token, "", "Bearer token that may read /metrics from elsewhere; empty: loopback only."),

    INT(session_hours, 1, 720, "h", "12", "A login ends after so long without use."),
    INT(login_attempts, 1, 100, "", "5", "Wrong passwords for a login before it has to wait; an address has four times as many."),
    INT(connections_per_address, 8, 100000, "", "400", "Open connections from one address (a school is one NAT)."),
    INT(connections, 64, 100000, "", "4000", "Open connections in all."),
    INT(peers, 1, 100000, "", "2000", "Media sessions in all."),
    INT(consent_s, 5, 120, "s", "30", "A media peer without an authenticated check for so long is gone (RFC 7675)."),
    INT(stats_ms, 500, 10000, "ms", "2000", "How often the streamer reports what it measured."),

    INT(join_before_min, 0, 120, "min", "10", "A room may join so long before the lesson."),
    INT(overrun_min, 0, 240, "min", "15", "A lesson that nobody ends is ended so long after its planned end."),
    INT(interrupted_after_ms, 1000, 60000, "ms", "3000", "No picture and no sound from the main side for so long: interrupted."),
    INT(demo_reopen_s, 1, 86400, "s", "60", "The lesson demo opens again so long after it was ended."),

    INT(report_gap_s, 6, 60, "s", "15", "A longer gap between two media reports of a room starts a new interval."),
    INT(bridge_gap_s, 0, 600, "s", "120", "Gaps of at most this length are bridged."),
    INT(bridge_share_percent, 0, 100, "%", "20", "At most this share of the lesson is bridged."),
    INT(attended_percent, 1, 100, "%", "80", "Coverage from which a room attended."),
    INT(partial_percent, 0, 100, "%", "50", "Coverage from which it attended in part."),
    INT(log_keep_days, 183, 3650, "d", "200", "Network logs are kept so long (six months at least)."),
};
/* clang-format on */

const struct tk_setting *tk_settings_table(size_t *count)
{
    *count = sizeof(table) / sizeof(table[0]);
    return table;
}

static const struct tk_setting *find(const char *key)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].key, key) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int set_int(struct tk_settings *s, const struct tk_setting *d, const char *value,
                   const char *where, char *err, size_t cap)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (errno || end == value || *end) {
        snprintf(err, cap, "%s: %s: '%.80s' is not a whole number", where, d->key, value);
        return -EBADMSG;
    }
    if (v < d->min || v > d->max) {
        snprintf(err, cap, "%s: %s: %lld is outside %lld to %lld%s%s", where, d->key, v,
                 (long long)d->min, (long long)d->max, *d->unit ? " " : "", d->unit);
        return -EBADMSG;
    }
    int64_t stored = v;
    memcpy((char *)s + d->offset, &stored, sizeof(stored));
    return 0;
}

static int set(struct tk_settings *s, const struct tk_setting *d, const char *value,
               const char *where, char *err, size_t cap)
{
    if (d->type == TK_SETTING_INT) {
        return set_int(s, d, value, where, err, cap);
    }
    size_t len = strlen(value);
    if (len >= TK_SETTINGS_TEXT) {
        snprintf(err, cap, "%s: %s: longer than %d bytes", where, d->key, TK_SETTINGS_TEXT - 1);
        return -EBADMSG;
    }
    memcpy((char *)s + d->offset, value, len + 1);
    return 0;
}

void tk_settings_defaults(struct tk_settings *s)
{
    char err[128];
    memset(s, 0, sizeof(*s));
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (set(s, &table[i], table[i].fallback, "default", err, sizeof(err)) < 0) {
            abort(); /* the table contradicts itself */
        }
    }
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1])) {
        text[--n] = '\0';
    }
    return text;
}

static int read_line(struct tk_settings *s, char *line, const char *where, bool *seen, char *err,
                     size_t cap)
{
    char *text = trim(line);
    if (*text == '\0' || *text == '#') {
        return 0;
    }
    char *equals = strchr(text, '=');
    if (!equals) {
        snprintf(err, cap, "%s: '%.80s' is not of the form key = value", where, text);
        return -EBADMSG;
    }
    *equals = '\0';
    const char *key = trim(text);
    const struct tk_setting *d = find(key);
    if (!d) {
        snprintf(err, cap, "%s: unknown key '%.80s'; config/tongke.conf lists all keys", where,
                 key);
        return -EBADMSG;
    }
    if (seen[d - table]) {
        snprintf(err, cap, "%s: '%s' is set twice; delete one of the lines", where, key);
        return -EBADMSG;
    }
    seen[d - table] = true;
    return set(s, d, trim(equals + 1), where, err, cap);
}

int tk_settings_read(struct tk_settings *s, const char *path, char *err, size_t err_cap)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        int r = -errno;
        snprintf(err, err_cap, "%s: %s", path, strerror(-r));
        return r;
    }
    bool seen[sizeof(table) / sizeof(table[0])] = {false};
    char line[1024];
    char where[TK_SETTINGS_TEXT + 32];
    int r = 0;
    for (int number = 1; r == 0 && fgets(line, sizeof(line), f); number++) {
        snprintf(where, sizeof(where), "%s:%d", path, number);
        if (!strchr(line, '\n') && !feof(f)) {
            snprintf(err, err_cap, "%s: line is longer than %zu bytes", where, sizeof(line) - 2);
            r = -EBADMSG;
            break;
        }
        r = read_line(s, line, where, seen, err, err_cap);
    }
    fclose(f);
    return r;
}

int tk_settings_environment(struct tk_settings *s, char *err, size_t err_cap)
{
    static const char *const names[][2] = {
        {"TONGKE_DATA", "data_dir"}, {"TONGKE_PORT", "port"}, {"TONGKE_HOST", "hosts"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i][0]);
        if (value && *value) {
            int r = set(s, find(names[i][1]), value, names[i][0], err, err_cap);
            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

int tk_settings_load(struct tk_settings *s, char *err, size_t err_cap)
{
    tk_settings_defaults(s);
    const char *file = getenv("TONGKE_CONFIG");
    const char *data = getenv("TONGKE_DATA");
    char path[TK_SETTINGS_TEXT + 16];
    snprintf(path, sizeof(path), "%s/tongke.conf", data && *data ? data : s->data_dir);
    int r = tk_settings_read(s, file && *file ? file : path, err, err_cap);
    if (r < 0 && !(r == -ENOENT && !(file && *file))) {
        return r;
    }
    return tk_settings_environment(s, err, err_cap);
}
