#ifndef TK_CONFIG_SETTINGS_H
#define TK_CONFIG_SETTINGS_H

/*
 * Every setting of Tongke: one const table (key, type, unit, range, default, help) that reads
 * config/tongke.conf and the environment. Knows nothing of lessons or media. Read once at start;
 * afterwards read-only, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_SETTINGS_TEXT 512

struct tk_settings {
    char data_dir[TK_SETTINGS_TEXT];
    char hosts[TK_SETTINGS_TEXT]; /* announced names and addresses, comma separated; empty: ours */
    int64_t port;                 /* HTTPS and UDP; +1 ICE-TCP; +2 plain HTTP on loopback */
    char tls_certificate[TK_SETTINGS_TEXT];
    char tls_key[TK_SETTINGS_TEXT];
    char web_dir[TK_SETTINGS_TEXT];
    char streamer_program[TK_SETTINGS_TEXT];
    char log_level[TK_SETTINGS_TEXT];
    char metrics_token[TK_SETTINGS_TEXT];

    int64_t session_hours;
    int64_t login_attempts;
    int64_t connections_per_address;
    int64_t connections;
    int64_t peers;
    int64_t consent_s;
    int64_t stats_ms;

    int64_t join_before_min;
    int64_t overrun_min;
    int64_t interrupted_after_ms;
    int64_t demo_reopen_s;

    int64_t report_gap_s;
    int64_t bridge_gap_s;
    int64_t bridge_share_percent;
    int64_t attended_percent;
    int64_t partial_percent;
    int64_t log_keep_days;
};

enum tk_setting_type {
    TK_SETTING_INT,
    TK_SETTING_TEXT,
};

struct tk_setting {
    const char *key;
    enum tk_setting_type type;
    size_t offset; /* into struct tk_settings */
    int64_t min;
    int64_t max;
    const char *unit; /* empty for none */
    const char *fallback;
    const char *help;
};

/* The table, for check-config and the tests of the sample file. */
const struct tk_setting *tk_settings_table(size_t *count);

/* Sets every key to its default. */
void tk_settings_defaults(struct tk_settings *s);

/*
 * Reads `path` over the values in `s`. 0; -ENOENT when there is no such file; -EBADMSG with
 * "file:line: what is wrong and what to do" in `err`. On error `s` keeps the lines already read.
 */
int tk_settings_read(struct tk_settings *s, const char *path, char *err, size_t err_cap);

/* Takes TONGKE_DATA, TONGKE_PORT and TONGKE_HOST over what the file says. As tk_settings_read. */
int tk_settings_environment(struct tk_settings *s, char *err, size_t err_cap);

/*
 * Defaults, then TONGKE_CONFIG (must exist) or `<data>/tongke.conf` (may be missing), then the
 * environment. As tk_settings_read.
 */
int tk_settings_load(struct tk_settings *s, char *err, size_t err_cap);

#endif
