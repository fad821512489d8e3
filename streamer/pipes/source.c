#include "streamer/pipes/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 2048
#define MAX_FIELDS 4

struct field {
    const char *name; /* NULL ends the list */
    json_type type;   /* JSON_TRUE stands for a boolean */
    bool required;
};

struct kind {
    const char *name;
    struct field fields[MAX_FIELDS];
};

static const struct kind kinds[] = {
    {"none", {{NULL, JSON_NULL, false}}},
    {"demo", {{NULL, JSON_NULL, false}}},
    {"file", {{"path", JSON_STRING, true}, {"loop", JSON_TRUE, false}}},
    {"rtsp",
     {{"url", JSON_STRING, true}, {"user", JSON_STRING, false}, {"password", JSON_STRING, false}}},
    {"v4l2", {{"device", JSON_STRING, false}, {"alsa", JSON_STRING, false}}},
};

int tk_source_refuse(char *err, size_t cap, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err, cap, fmt, ap);
    va_end(ap);
    return -EINVAL;
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (name && strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static const struct field *find_field(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < MAX_FIELDS && kind->fields[i].name; i++) {
        if (strcmp(kind->fields[i].name, name) == 0) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

static bool is_set(const json_t *source, const char *name)
{
    return json_string_length(json_object_get(source, name)) > 0;
}

static int check_field(const struct field *f, const json_t *v, char *err, size_t cap)
{
    bool given = v && !json_is_null(v);
    if (!given) {
        return f->required ? tk_source_refuse(err, cap, "the source has no '%s'", f->name) : 0;
    }
    if (f->type == JSON_TRUE ? !json_is_boolean(v) : json_typeof(v) != f->type) {
        return tk_source_refuse(err, cap, "the source's '%s' is not a %s", f->name,
                                f->type == JSON_TRUE ? "boolean" : "string");
    }
    if (f->type != JSON_STRING) {
        return 0;
    }
    if (json_string_length(v) > TEXT_MAX) {
        return tk_source_refuse(err, cap, "the source's '%s' is longer than %d bytes", f->name,
                                TEXT_MAX);
    }
    if (strlen(json_string_value(v)) != json_string_length(v)) {
        return tk_source_refuse(err, cap, "the source's '%s' holds a zero byte", f->name);
    }
    return f->required && json_string_length(v) == 0
               ? tk_source_refuse(err, cap, "the source's '%s' is empty", f->name)
               : 0;
}

static int check_meaning(const char *kind, const json_t *source, char *err, size_t cap)
{
    if (strcmp(kind, "rtsp") == 0) {
        const char *url = json_string_value(json_object_get(source, "url"));
        if (strncmp(url, "rtsp://", 7) != 0 && strncmp(url, "rtsps://", 8) != 0) {
            return tk_source_refuse(err, cap,
                                    "the source's 'url' does not begin with rtsp:// or rtsps://");
        }
    }
    if (strcmp(kind, "v4l2") == 0 && !is_set(source, "device") && !is_set(source, "alsa")) {
        return tk_source_refuse(err, cap, "the source has neither 'device' nor 'alsa'");
    }
    return 0;
}

int tk_source_check(const json_t *source, char *err, size_t err_cap)
{
    if (!json_is_object(source)) {
        return tk_source_refuse(err, err_cap, "the source is not an object");
    }
    const char *name = json_string_value(json_object_get(source, "kind"));
    const struct kind *kind = find_kind(name);
    if (!kind) {
        return tk_source_refuse(err, err_cap,
                                "unknown kind of source '%.32s'; there are demo, file, rtsp, "
                                "v4l2 and none",
                                name ? name : "");
    }
    for (size_t i = 0; i < MAX_FIELDS && kind->fields[i].name; i++) {
        const struct field *f = &kind->fields[i];
        int r = check_field(f, json_object_get(source, f->name), err, err_cap);
        if (r < 0) {
            return r;
        }
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)source, key, value)
    {
        if (strcmp(key, "kind") != 0 && !find_field(kind, key) && !json_is_null(value)) {
            return tk_source_refuse(err, err_cap, "a source of kind %s has no '%.32s'", name, key);
        }
    }
    return check_meaning(name, source, err, err_cap);
}

const char *tk_source_kind(const json_t *source)
{
    return json_string_value(json_object_get(source, "kind"));
}

void tk_source_label(const json_t *source, char *label, size_t cap)
{
    static const char *const names[] = {"path", "device", "alsa"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *v = json_string_value(json_object_get(source, names[i]));
        if (v && v[0]) {
            snprintf(label, cap, "%s", v);
            return;
        }
    }
    const char *url = json_string_value(json_object_get(source, "url"));
    if (!url) {
        snprintf(label, cap, "%s", tk_source_kind(source));
        return;
    }
    /* user:password@ stands before the host, and a password may hold any byte; what follows a
       question mark may be a secret as well */
    const char *at = strrchr(url, '@');
    const char *host = at ? at + 1 : strstr(url, "://") + 3;
    snprintf(label, cap, "rtsp://%.*s", (int)strcspn(host, "?#"), host);
}
