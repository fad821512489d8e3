#ifndef TK_SIGNALING_CLI_LOOKUP_H
#define TK_SIGNALING_CLI_LOOKUP_H

/* What a person calls a room, an account, a moment: looked up for the commands. Loop thread. */

#include "signaling/cli/command.h"
#include "signaling/core/account.h"
#include "signaling/core/device.h"

/* By number, name, or school when it has one room. False after ending the reply with why not. */
bool tk_lookup_room(struct tk_reply *r, const char *text, struct tk_room *ret);

/* By login or number. As tk_lookup_room. */
bool tk_lookup_account(struct tk_reply *r, const char *text, struct tk_account *ret);

/*
 * "2026-11-25 14:05" or "14:05" (today) of Asia/Shanghai, "now", "+30" (minutes from now). 0 or
 * -EINVAL.
 */
int tk_lookup_time(const char *text, int64_t now_ms, int64_t *ret_ms);

/* "2026-11-25", "today": its first millisecond in Asia/Shanghai. 0 or -EINVAL. */
int tk_lookup_date(const char *text, int64_t now_ms, int64_t *ret_ms);

/* "2026-11-25 14:05" of Asia/Shanghai. */
#define TK_TIME_TEXT 24
const char *tk_time_text(int64_t ms, char out[TK_TIME_TEXT]);

/* Columns of a text table, padded by their width on a terminal: Chinese characters take two. */
void tk_column(GString *out, const char *text, int width);

#endif
