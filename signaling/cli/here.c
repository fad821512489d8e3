/* tongke version, check-config, verify-audit: what needs no server and changes nothing. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/log.h"
#include "signaling/cli/folder.h"
#include "signaling/cli/subcommands.h"
#include "signaling/store/audit_rows.h"

int tk_here_version(const struct tk_here *here)
{
    return tk_here_ok(
        here, json_pack("{s:s, s:i}", "version", TK_VERSION, "database", tk_store_version()),
        "tongke %s (database %d)", TK_VERSION, tk_store_version());
}

static void print_setting(json_t *data, GString *text, const struct tk_settings *s,
                          const struct tk_setting *d)
{
    const char *at = (const char *)s + d->offset;
    if (d->type == TK_SETTING_INT) {
        int64_t value;
        memcpy(&value, at, sizeof(value));
        json_object_set_new(data, d->key, json_integer(value));
        g_string_append_printf(text, "%s = %lld%s%s\n", d->key, (long long)value,
                               *d->unit ? " " : "", d->unit);
        return;
    }
    bool secret = strcmp(d->key, "metrics_token") == 0 && *at;
    json_object_set_new(data, d->key, json_string(secret ? "(set)" : at));
    g_string_append_printf(text, "%s = %s\n", d->key, secret ? "(set)" : at);
}

/* What the table alone cannot see: names of levels, files, pairs. */
static int check_values(const struct tk_settings *s, char *err, size_t cap)
{
    enum tk_log_level level;
    struct stat st;
    if (!tk_log_level_parse(s->log_level, &level)) {
        snprintf(err, cap, "log_level: '%.40s' is not one of error, warning, info, debug",
                 s->log_level);
        return -1;
    }
    if ((*s->tls_certificate != '\0') != (*s->tls_key != '\0')) {
        snprintf(err, cap, "tls_certificate and tls_key are set together or not at all");
        return -1;
    }
    const char *files[] = {s->tls_certificate, s->tls_key, s->web_dir, s->streamer_program};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        if (*files[i] && stat(files[i], &st) < 0) {
            snprintf(err, cap, "%.400s: no such file or not readable", files[i]);
            return -1;
        }
    }
    if (s->partial_percent > s->attended_percent) {
        snprintf(err, cap, "partial_percent (%lld) is above attended_percent (%lld)",
                 (long long)s->partial_percent, (long long)s->attended_percent);
        return -1;
    }
    return 0;
}

int tk_here_check_config(const struct tk_here *here)
{
    struct tk_settings named;
    const struct tk_settings *s = here->settings;
    const char *file = tk_arg_text(here->args, "file");
    char err[TK_SETTINGS_TEXT + 128];
    if (file) {
        tk_settings_defaults(&named);
        if (tk_settings_read(&named, file, err, sizeof(err)) < 0) {
            return tk_here_fail(here, "%s", err);
        }
        s = &named;
    } else if (!tk_here_settings(here)) {
        return 1;
    }
    if (check_values(s, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    json_t *data = json_object();
    GString *text = g_string_new(NULL);
    size_t count;
    const struct tk_setting *table = tk_settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        print_setting(data, text, s, &table[i]);
    }
    int status = tk_here_ok(here, data, "%s", text->str);
    g_string_free(text, TRUE);
    return status;
}

int tk_here_verify_audit(const struct tk_here *here)
{
    const struct tk_settings *s = tk_here_settings(here);
    struct tk_audit_check check;
    struct tk_db *db = NULL;
    char path[TK_FOLDER_PATH];
    char err[TK_FOLDER_PATH + 128];
    if (!s) {
        return 1;
    }
    tk_folder_path(s, "tongke.db", path);
    if (tk_db_open(&db, path, TK_DB_READ, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    int r = tk_audit_verify(db, &check);
    int status;
    if (r < 0) {
        status = tk_here_fail(here, "%s: %s", path, tk_db_error(db));
    } else if (check.bad_seq != 0) {
        status = tk_here_fail(here, "%s: the audit is broken at entry %lld: %s", path,
                              (long long)check.bad_seq, check.what);
    } else {
        status = tk_here_ok(here,
                            json_pack("{s:I, s:s}", "entries", (json_int_t)check.entries,
                                      "last_hash", check.last_hash),
                            "%lld entries, unbroken; the last hash is %s", (long long)check.entries,
                            check.last_hash);
    }
    tk_db_close(db);
    return status;
}
