#include "config/log.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char *program_name = "tongke";
static enum tk_log_level threshold = TK_LOG_INFO;

bool tk_log_level_parse(const char *name, enum tk_log_level *ret_level)
{
    for (size_t i = 0; i < G_N_ELEMENTS(level_names); i++) {
        if (strcmp(level_names[i], name) == 0) {
            *ret_level = (enum tk_log_level)i;
            return true;
        }
    }
    return false;
}

static void write_line(enum tk_log_level level, const char *message, const char *details)
{
    struct timespec now;
    struct tm tm;
    char line[LINE_MAX_BYTES];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &tm);
    int m = snprintf(line + n, sizeof(line) - n - 1, ".%03ldZ %s %s: %s%s%s", now.tv_nsec / 1000000,
                     level_names[level], program_name, message, details ? " " : "",
                     details ? details : "");
    n = MIN(n + (size_t)MAX(m, 0), sizeof(line) - 2);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)line[i] < 0x20) {
            line[i] = ' '; /* one event, one line, whatever a peer wrote */
        }
    }
    line[n++] = '\n';
    /* one write: lines of parent and children do not mix */
    if (write(STDERR_FILENO, line, n) < 0) {
        return;
    }
}

static GLogWriterOutput on_glib(GLogLevelFlags flags, const GLogField *fields, gsize n_fields,
                                gpointer ctx)
{
    const char *message = "";
    const char *domain = "glib";
    for (gsize i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].key, "MESSAGE") == 0) {
            message = fields[i].value;
        } else if (strcmp(fields[i].key, "GLIB_DOMAIN") == 0 && fields[i].value) {
            domain = fields[i].value;
        }
    }
    enum tk_log_level level = TK_LOG_DEBUG;
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) {
        level = TK_LOG_ERROR;
    } else if (flags & G_LOG_LEVEL_WARNING) {
        level = TK_LOG_WARNING;
    }
    tk_log(level, message, "domain=%s", domain);
    return G_LOG_WRITER_HANDLED;
}

void tk_log_init(const char *program, const char *level)
{
    program_name = program;
    if (!tk_log_level_parse(level, &threshold)) {
        threshold = TK_LOG_INFO;
    }
    g_log_set_writer_func(on_glib, NULL, NULL);
}

void tk_log(enum tk_log_level level, const char *message, const char *fmt, ...)
{
    if (level > threshold) {
        return;
    }
    if (!fmt) {
        write_line(level, message, NULL);
        return;
    }
    char details[LINE_MAX_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(details, sizeof(details), fmt, ap);
    va_end(ap);
    write_line(level, message, details);
}
