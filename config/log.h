#ifndef TK_CONFIG_LOG_H
#define TK_CONFIG_LOG_H

/*
 * The one logger: a line of `time level program: message key=value …` on standard error, with
 * GLib's own messages in the same form. Callers that decide log; wire, flow, core and store return
 * errors instead. Any thread. Never pass a password, token, cookie or SDP.
 */

#include <stdbool.h>

enum tk_log_level {
    TK_LOG_ERROR,
    TK_LOG_WARNING,
    TK_LOG_INFO,
    TK_LOG_DEBUG,
};

/* `program` must outlive the process's logging; an unknown `level` means info. */
void tk_log_init(const char *program, const char *level);

/* Parses error, warning, info, debug. */
bool tk_log_level_parse(const char *name, enum tk_log_level *ret_level);

/* One event: a fixed `message`, then printf-formatted "key=value key=value" (may be NULL). */
void tk_log(enum tk_log_level level, const char *message, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define tk_log_error(message, ...) tk_log(TK_LOG_ERROR, message, __VA_ARGS__)
#define tk_log_warning(message, ...) tk_log(TK_LOG_WARNING, message, __VA_ARGS__)
#define tk_log_info(message, ...) tk_log(TK_LOG_INFO, message, __VA_ARGS__)
#define tk_log_debug(message, ...) tk_log(TK_LOG_DEBUG, message, __VA_ARGS__)

#endif
