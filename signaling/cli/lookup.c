#include "signaling/cli/lookup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Asia/Shanghai has had no summer time since 1991. */
#define SHANGHAI_MS (8 * 3600000LL)
#define DAY_MS 86400000LL
#define MINUTE_MS 60000LL

struct room_search {
    const char *text;
    struct tk_room found;
    int count;
};

static int match_room(void *ctx, const struct tk_room *room)
{
    struct room_search *s = ctx;
    if (strcmp(s->text, room->name) == 0 || strcmp(s->text, room->name_en) == 0 ||
        strcmp(s->text, room->school) == 0 || strcmp(s->text, room->school_en) == 0) {
        s->found = *room;
        s->count++;
    }
    return 0;
}

static bool number(const char *text, int64_t *ret)
{
    char *end = NULL;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

bool tk_lookup_room(struct tk_reply *r, const char *text, struct tk_room *ret)
{
    int64_t id;
    struct room_search s = {.text = text};
    if (number(text, &id)) {
        s.count = tk_room_find(r->ctx->access, id, &s.found) == 0;
    } else {
        tk_room_each(r->ctx->access, match_room, &s);
    }
    if (s.count == 1) {
        *ret = s.found;
        return true;
    }
    tk_reply_fail(r, 1, s.count ? "conflict" : "not_found",
                  s.count ? "several rooms are called '%.80s'; give the number (tongke room list)"
                          : "there is no room '%.80s'; tongke room list names them",
                  text);
    return false;
}

bool tk_lookup_account(struct tk_reply *r, const char *text, struct tk_account *ret)
{
    int64_t id;
    if (tk_account_find_login(r->ctx->access, text, ret) == 0 ||
        (number(text, &id) && tk_account_find(r->ctx->access, id, ret) == 0)) {
        return true;
    }
    tk_reply_fail(r, 1, "not_found", "there is no account '%.80s'; tongke user list names them",
                  text);
    return false;
}

static int64_t day_of(int64_t ms)
{
    return (ms + SHANGHAI_MS) / DAY_MS;
}

/* Days since 1970 of a date that exists; -1 otherwise. */
static int64_t days_from_date(int year, int month, int day)
{
    if (year < 1970 || year > 9999 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year)) {
        return -1;
    }
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return (int64_t)g_date_get_julian(&date) - 719163; /* 1 January 1970 */
}

int tk_lookup_date(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    int year;
    int month;
    int day;
    int end = 0;
    if (strcmp(text, "today") == 0) {
        *ret_ms = day_of(now_ms) * DAY_MS - SHANGHAI_MS;
        return 0;
    }
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] || day < 1 ||
        month < 1) {
        return -EINVAL;
    }
    int64_t days = days_from_date(year, month, day);
    if (days < 0) {
        return -EINVAL;
    }
    *ret_ms = days * DAY_MS - SHANGHAI_MS;
    return 0;
}

int tk_lookup_time(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    int64_t minutes;
    int hour;
    int minute;
    int end = 0;
    if (strcmp(text, "now") == 0) {
        *ret_ms = now_ms;
        return 0;
    }
    if (*text == '+' && number(text + 1, &minutes) && minutes >= 0 && minutes < 1000000) {
        *ret_ms = now_ms + minutes * MINUTE_MS;
        return 0;
    }
    const char *space = strpbrk(text, " T");
    g_autofree char *date = space ? g_strndup(text, (size_t)(space - text)) : g_strdup("today");
    const char *clock = space ? space + 1 : text;
    if (tk_lookup_date(date, now_ms, ret_ms) < 0 ||
        sscanf(clock, "%2d:%2d%n", &hour, &minute, &end) != 2 || clock[end] || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59) {
        return -EINVAL;
    }
    *ret_ms += (hour * 60 + minute) * MINUTE_MS;
    return 0;
}

const char *tk_time_text(int64_t ms, char out[TK_TIME_TEXT])
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc((ms + SHANGHAI_MS) / 1000);
    g_autofree char *text = utc ? g_date_time_format(utc, "%Y-%m-%d %H:%M") : NULL;
    g_strlcpy(out, text ? text : "", TK_TIME_TEXT);
    return out;
}

void tk_column(GString *out, const char *text, int width)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        width -= g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    }
    g_string_append(out, text);
    for (int i = 0; i < MAX(width, 0) + 2; i++) {
        g_string_append_c(out, ' ');
    }
}
