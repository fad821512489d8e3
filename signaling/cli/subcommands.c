#include "signaling/cli/subcommands.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, TK_OPTION_FLAG, false, NULL, NULL                                                    \
    }

/* clang-format off */
static const struct tk_option none[] = {END};

static const struct tk_option init[] = {
    {"demo", TK_OPTION_FLAG, false, NULL, "three schools, their people, a week of lessons and the lesson demo"},
    END};

static const struct tk_option check_config[] = {
    {"file", TK_OPTION_WORD, false, "FILE", "a settings file; if not named, what the server would read"},
    END};

static const struct tk_option user_add[] = {
    {"login", TK_OPTION_WORD, true, "LOGIN", "a-z 0-9 . _ -, 2 to 40"},
    {"role", TK_OPTION_TEXT, true, "ROLE", "teacher, coteacher, admin or auditor"},
    {"name", TK_OPTION_TEXT, false, "NAME", "the person's; if not given, the login"},
    {"name-en", TK_OPTION_TEXT, false, "NAME", "the person's in English"},
    {"school", TK_OPTION_TEXT, false, "SCHOOL", "its name in either language"},
    END};

static const struct tk_option user_one[] = {
    {"login", TK_OPTION_WORD, true, "LOGIN", "whose account"},
    END};

static const struct tk_option user_disable[] = {
    {"login", TK_OPTION_WORD, true, "LOGIN", "whose account"},
    {"enable", TK_OPTION_FLAG, false, NULL, "let it log in again"},
    END};

static const struct tk_option room_add[] = {
    {"school", TK_OPTION_WORD, true, "SCHOOL", "name of the school, which is made when it is new"},
    {"name", TK_OPTION_WORD, true, "NAME", "name of the room"},
    {"school-en", TK_OPTION_TEXT, false, "NAME", "the school's in English"},
    {"name-en", TK_OPTION_TEXT, false, "NAME", "the room's in English"},
    {"poor-village", TK_OPTION_FLAG, false, NULL, "the new school is one of a poor village"},
    END};

static const struct tk_option room_one[] = {
    {"room", TK_OPTION_WORD, true, "ROOM", "number, name, or its school's name"},
    END};

static const struct tk_option room_revoke[] = {
    {"device", TK_OPTION_WORD, true, "NUMBER", "of the device, as tongke room devices tells"},
    END};

static const struct tk_option room_kiosk[] = {
    {"host", TK_OPTION_TEXT, false, "HOST", "name or address by which the room's PC finds this server"},
    {"out", TK_OPTION_TEXT, false, "FOLDER", "write the files there instead of printing them"},
    END};

static const struct tk_option lesson_list[] = {
    {"from", TK_OPTION_TEXT, false, "DATE", "first day, 2026-11-25; today if not given"},
    {"to", TK_OPTION_TEXT, false, "DATE", "last day; the first one if not given"},
    {"state", TK_OPTION_TEXT, false, "STATE", "scheduled, open, live, interrupted, ended or cancelled"},
    END};

static const struct tk_option lesson_one[] = {
    {"lesson", TK_OPTION_WORD, true, "LESSON", "the lesson's id"},
    END};

#define LESSON_FIELDS                                                                              \
    {"title-en", TK_OPTION_TEXT, false, "TEXT", "the title in English"},                           \
    {"subject", TK_OPTION_TEXT, false, "TEXT", "the subject"},                                     \
    {"teacher", TK_OPTION_TEXT, false, "LOGIN", "who teaches"},                                    \
    {"room", TK_OPTION_LIST, false, "ROOM", "a room that is expected"},                            \
    {"person", TK_OPTION_LIST, false, "LOGIN", "who is enrolled in a training"},                   \
    {"end", TK_OPTION_TEXT, false, "TIME", "when it ends"}

static const struct tk_option lesson_create[] = {
    {"title", TK_OPTION_TEXT, true, "TEXT", "the title"},
    {"start", TK_OPTION_TEXT, true, "TIME", "\"2026-11-25 14:05\", 14:05 (today), now or +30 (minutes)"},
    {"minutes", TK_OPTION_INT, false, "N", "how long; 40 if neither this nor --end is given"},
    {"kind", TK_OPTION_TEXT, false, "KIND", "lesson or training"},
    LESSON_FIELDS,
    END};

static const struct tk_option lesson_change[] = {
    {"lesson", TK_OPTION_WORD, true, "LESSON", "the lesson's id"},
    {"title", TK_OPTION_TEXT, false, "TEXT", "the title"},
    {"start", TK_OPTION_TEXT, false, "TIME", "\"2026-11-25 14:05\", 14:05 (today), now or +30 (minutes)"},
    LESSON_FIELDS,
    END};

static const struct tk_option lesson_cancel[] = {
    {"lesson", TK_OPTION_WORD, true, "LESSON", "the lesson's id"},
    {"reason", TK_OPTION_TEXT, true, "TEXT", "why, for those who wait for it"},
    END};

static const struct tk_option source_set[] = {
    {"lesson", TK_OPTION_WORD, true, "LESSON", "the lesson's id"},
    {"kind", TK_OPTION_WORD, true, "KIND", "demo, file, rtsp, v4l2 or none"},
    {"where", TK_OPTION_WORD, false, "WHERE", "path of the file, address of the camera (- reads it from standard input), device"},
    {"once", TK_OPTION_FLAG, false, NULL, "file: do not begin again at its end"},
    {"user", TK_OPTION_TEXT, false, "NAME", "rtsp: who asks"},
    {"password", TK_OPTION_TEXT, false, "TEXT", "rtsp: better - , which reads it from standard input"},
    {"alsa", TK_OPTION_TEXT, false, "DEVICE", "v4l2: the microphone, hw:1"},
    END};

static const struct tk_option report[] = {
    {"name", TK_OPTION_WORD, false, "NAME", "which report"},
    {"list", TK_OPTION_FLAG, false, NULL, "names the reports"},
    {"from", TK_OPTION_TEXT, false, "DATE", "first day, 2026-11-25; today if not given"},
    {"to", TK_OPTION_TEXT, false, "DATE", "last day, included; today if not given"},
    {"format", TK_OPTION_TEXT, false, "FORMAT", "csv (if not given) or json"},
    {"lesson", TK_OPTION_TEXT, false, "ID", "of this lesson only"},
    END};

static const struct tk_option pages[] = {
    {"wait", TK_OPTION_FLAG, false, NULL, "until the server answers, a minute at most"},
    {"of", TK_OPTION_INT, false, "PID", "of that server process only; stops waiting when it ends"},
    END};

static const struct tk_option token[] = {
    {"lesson", TK_OPTION_TEXT, true, "ID", "the lesson that it opens"},
    {"publish", TK_OPTION_FLAG, false, NULL, "for WHIP: send picture and sound"},
    {"watch", TK_OPTION_FLAG, false, NULL, "for WHEP: receive them"},
    {"room", TK_OPTION_TEXT, false, "ROOM", "with --watch: on behalf of this room"},
    {"hours", TK_OPTION_INT, false, "N", "how long it is valid; 24 if not given"},
    END};

static const struct tk_option backup[] = {
    {"to", TK_OPTION_WORD, false, "FILE", "if not named, tongke-DATE-TIME.db in the data folder's backups; slides' pictures go to files/ beside it"},
    END};

static const struct tk_option restore[] = {
    {"from", TK_OPTION_WORD, true, "FILE", "a file that tongke backup made; slides' pictures come from files/ beside it"},
    END};

const struct tk_command tk_commands[] = {
    {"serve", "runs the server until SIGTERM or SIGINT", none, TK_PLACE_HERE, tk_here_serve, NULL, NULL},
    {"init", "makes the database and its first accounts", init, TK_PLACE_HERE, tk_here_init, NULL, NULL},
    {"pages", "prints the addresses of the pages, each with a link that signs in once", pages, TK_PLACE_SERVER, NULL, tk_pages_command, NULL},
    {"check-config", "reads the settings and tells what is wrong with them, by line", check_config, TK_PLACE_HERE, tk_here_check_config, NULL, NULL},
    {"user list", "lists the accounts", none, TK_PLACE_STORE, NULL, tk_user_list, NULL},
    {"user add", "makes an account and prints its generated password", user_add, TK_PLACE_STORE, NULL, tk_user_add, NULL},
    {"user password", "sets a new generated password and ends the account's sessions", user_one, TK_PLACE_STORE, NULL, tk_user_password, NULL},
    {"user disable", "lets an account log in no more, and ends its sessions", user_disable, TK_PLACE_STORE, NULL, tk_user_disable, NULL},
    {"room list", "lists the rooms", none, TK_PLACE_STORE, NULL, tk_room_list, NULL},
    {"room add", "makes a room", room_add, TK_PLACE_STORE, NULL, tk_room_add, NULL},
    {"room enrol", "prints a six-digit code that makes a machine the room's, once", room_one, TK_PLACE_STORE, NULL, tk_room_enrol, NULL},
    {"room devices", "lists the machines that were enrolled", none, TK_PLACE_STORE, NULL, tk_room_devices, NULL},
    {"room revoke", "takes a machine's enrolment away", room_revoke, TK_PLACE_STORE, NULL, tk_room_revoke, NULL},
    {"room kiosk", "prints Chromium's policy and the autostart entry of a room's PC", room_kiosk, TK_PLACE_HERE, tk_here_kiosk, NULL, NULL},
    {"lesson list", "lists the lessons of a day or more", lesson_list, TK_PLACE_STORE, NULL, tk_lesson_list_command, NULL},
    {"lesson show", "shows a lesson, its rooms and its source", lesson_one, TK_PLACE_STORE, NULL, tk_lesson_show_command, NULL},
    {"lesson create", "plans a lesson or a training", lesson_create, TK_PLACE_STORE, NULL, tk_lesson_create_command, NULL},
    {"lesson change", "changes what is given", lesson_change, TK_PLACE_STORE, NULL, tk_lesson_change_command, NULL},
    {"lesson end", "ends a lesson that goes on", lesson_one, TK_PLACE_SERVER, NULL, tk_lesson_end_command, NULL},
    {"lesson cancel", "cancels a lesson that has not begun", lesson_cancel, TK_PLACE_STORE, NULL, tk_lesson_cancel_command, NULL},
    {"source set", "changes where a lesson comes from while nobody publishes, also while rooms watch", source_set, TK_PLACE_STORE, NULL, tk_source_set_command, tk_source_set_before},
    {"source show", "shows where it comes from and how that goes", lesson_one, TK_PLACE_STORE, NULL, tk_source_show_command, NULL},
    {"report", "writes a report of a period", report, TK_PLACE_STORE, tk_here_report_list, tk_report_command, NULL},
    {"token", "prints a bearer token for WHIP or WHEP", token, TK_PLACE_STORE, NULL, tk_token_command, NULL},
    {"backup", "copies the database while the server runs, and checks the copy", backup, TK_PLACE_HERE, tk_here_backup, NULL, NULL},
    {"restore", "puts a backup in the database's place; the server must not run", restore, TK_PLACE_HERE, tk_here_restore, NULL, NULL},
    {"verify-audit", "recomputes the audit's chain of hashes", none, TK_PLACE_HERE, tk_here_verify_audit, NULL, NULL},
    {"version", "prints the version", none, TK_PLACE_HERE, tk_here_version, NULL, NULL},
    {NULL, NULL, NULL, TK_PLACE_HERE, NULL, NULL, NULL},
};
/* clang-format on */
