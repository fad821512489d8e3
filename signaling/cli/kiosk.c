/* tongke room kiosk: what makes a room's PC open /room by itself, full screen, without questions.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "signaling/cli/folder.h"
#include "signaling/cli/subcommands.h"

#define POLICY_PLACE "/etc/chromium/policies/managed/tongke.json"
#define AUTOSTART_PLACE "/etc/xdg/autostart/tongke-room.desktop"

/* The base64 of the authority in one line, as CACertificates wants it; NULL: no authority yet. */
static char *authority(const struct tk_settings *s)
{
    char path[TK_FOLDER_PATH];
    g_autofree char *pem = NULL;
    tk_folder_path(s, "tls/authority.crt", path);
    if (!g_file_get_contents(path, &pem, NULL, NULL)) {
        return NULL;
    }
    const char *begin = strstr(pem, "-----BEGIN CERTIFICATE-----");
    const char *end = strstr(pem, "-----END CERTIFICATE-----");
    if (!begin || !end || end < begin) {
        return NULL;
    }
    GString *out = g_string_new(NULL);
    for (const char *p = begin + strlen("-----BEGIN CERTIFICATE-----"); p < end; p++) {
        if (!g_ascii_isspace(*p)) {
            g_string_append_c(out, *p);
        }
    }
    return g_string_free(out, FALSE);
}

static json_t *policy(const char *origin, const char *ca)
{
    json_t *p = json_pack("{s:[s], s:[s], s:[s], s:b, s:b, s:b, s:i}", "AutoplayAllowlist", origin,
                          "AudioCaptureAllowedUrls", origin, "VideoCaptureAllowedUrls", origin,
                          "PasswordManagerEnabled", 0, "TranslateEnabled", 0,
                          "BackgroundModeEnabled", 0, "DefaultNotificationsSetting", 2);
    if (ca) {
        json_object_set_new(p, "CACertificates", json_pack("[s]", ca));
    }
    return p;
}

static char *autostart(const char *origin)
{
    return g_strdup_printf("[Desktop Entry]\n"
                           "Type=Application\n"
                           "Name=Tongke room\n"
                           "Exec=chromium --kiosk --no-first-run --disable-session-crashed-bubble "
                           "--autoplay-policy=no-user-gesture-required %s/room\n"
                           "X-GNOME-Autostart-enabled=true\n",
                           origin);
}

/* The name by which other machines find this one. */
static char *host_of(const struct tk_here *here, const struct tk_settings *s)
{
    const char *named = tk_arg_text(here->args, "host");
    if (named) {
        return g_strdup(named);
    }
    g_auto(GStrv) hosts = g_strsplit(s->hosts, ",", 2);
    return g_strdup(hosts[0] && *g_strstrip(hosts[0]) ? hosts[0] : g_get_host_name());
}

static int write_file(const char *folder, const char *name, const char *text, char *err, size_t cap)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_file_set_contents(path, text, -1, &error)) {
        snprintf(err, cap, "%s", error->message);
        return -EIO;
    }
    return 0;
}

static int write_both(const struct tk_here *here, const char *folder, const char *policy_text,
                      const char *autostart_text)
{
    char err[512];
    if (g_mkdir_with_parents(folder, 0755) < 0) {
        return tk_here_fail(here, "%s: %s", folder, strerror(errno));
    }
    if (write_file(folder, "tongke.json", policy_text, err, sizeof(err)) < 0 ||
        write_file(folder, "tongke-room.desktop", autostart_text, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    return tk_here_ok(here, json_pack("{s:s}", "folder", folder),
                      "%s/tongke.json belongs to %s, %s/tongke-room.desktop to %s", folder,
                      POLICY_PLACE, folder, AUTOSTART_PLACE);
}

int tk_here_kiosk(const struct tk_here *here)
{
    const struct tk_settings *s = tk_here_settings(here);
    const char *folder = tk_arg_text(here->args, "out");
    if (!s) {
        return 1;
    }
    g_autofree char *host = host_of(here, s);
    bool v6 = strchr(host, ':') && *host != '[';
    g_autofree char *origin = g_strdup_printf("https://%s%s%s:%lld", v6 ? "[" : "", host,
                                              v6 ? "]" : "", (long long)s->port);
    g_autofree char *ca = authority(s);
    g_autofree char *desktop = autostart(origin);
    json_t *p = policy(origin, ca);
    char *text = json_dumps(p, JSON_INDENT(2));
    int status;
    if (!ca && !*s->tls_certificate) {
        fprintf(stderr, "tongke: there is no authority yet, so the policy does not name it; start "
                        "the server once\n");
    }
    if (folder) {
        status = write_both(here, folder, text, desktop);
    } else {
        status = tk_here_ok(here, json_pack("{s:O, s:s}", "policy", p, "autostart", desktop),
                            "# %s\n%s\n\n# %s\n%s", POLICY_PLACE, text, AUTOSTART_PLACE, desktop);
    }
    free(text);
    json_decref(p);
    return status;
}
