#ifndef TK_SIGNALING_CLI_SUBCOMMANDS_H
#define TK_SIGNALING_CLI_SUBCOMMANDS_H

/* What each subcommand does, for the table in subcommands.c. One file an area. Loop thread. */

#include "signaling/cli/command.h"

/* user.c */
void tk_user_list(struct tk_reply *r);
void tk_user_add(struct tk_reply *r);
void tk_user_password(struct tk_reply *r);
void tk_user_disable(struct tk_reply *r);

/* room.c */
void tk_room_list(struct tk_reply *r);
void tk_room_add(struct tk_reply *r);
void tk_room_enrol(struct tk_reply *r);
void tk_room_devices(struct tk_reply *r);
void tk_room_revoke(struct tk_reply *r);

/* token.c */
void tk_token_command(struct tk_reply *r);

/* lesson.c */
void tk_lesson_list_command(struct tk_reply *r);
void tk_lesson_show_command(struct tk_reply *r);
void tk_lesson_create_command(struct tk_reply *r);
void tk_lesson_change_command(struct tk_reply *r);
void tk_lesson_end_command(struct tk_reply *r);
void tk_lesson_cancel_command(struct tk_reply *r);

/* source.c, report.c, pages.c */
void tk_source_set_command(struct tk_reply *r);
void tk_source_set_before(json_t *args);
void tk_source_show_command(struct tk_reply *r);
int tk_here_report_list(const struct tk_here *here);
void tk_report_command(struct tk_reply *r);
void tk_pages_command(struct tk_reply *r);

/* serve.c, init.c, here.c, kiosk.c, backup.c: in this process */
int tk_here_serve(const struct tk_here *here);
int tk_here_init(const struct tk_here *here);
int tk_here_version(const struct tk_here *here);
int tk_here_check_config(const struct tk_here *here);
int tk_here_kiosk(const struct tk_here *here);
int tk_here_backup(const struct tk_here *here);
int tk_here_restore(const struct tk_here *here);
int tk_here_verify_audit(const struct tk_here *here);

#endif
