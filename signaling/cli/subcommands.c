#include "signaling/cli/subcommands.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, TK_OPTION_FLAG, false, NULL, NULL                                                    \
    }

/* clang-format off */
static const struct tk_option none[] = {END};

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

static const struct tk_option token[] = {
    {"lesson", TK_OPTION_TEXT, true, "ID", "the lesson that it opens"},
    {"publish", TK_OPTION_FLAG, false, NULL, "for WHIP: send picture and sound"},
    {"watch", TK_OPTION_FLAG, false, NULL, "for WHEP: receive them"},
    {"room", TK_OPTION_TEXT, false, "ROOM", "with --watch: on behalf of this room"},
    {"hours", TK_OPTION_INT, false, "N", "how long it is valid; 24 if not given"},
    END};

static const struct tk_option backup[] = {
    {"to", TK_OPTION_WORD, false, "FILE", "if not named, tongke-DATE-TIME.db in the data folder's backups"},
    END};

static const struct tk_option restore[] = {
    {"from", TK_OPTION_WORD, true, "FILE", "a file that tongke backup made"},
    END};

const struct tk_command tk_commands[] = {
    {"check-config", "reads the settings and tells what is wrong with them, by line", check_config, TK_PLACE_HERE, tk_here_check_config, NULL},
    {"user list", "lists the accounts", none, TK_PLACE_STORE, NULL, tk_user_list},
    {"user add", "makes an account and prints its generated password", user_add, TK_PLACE_STORE, NULL, tk_user_add},
    {"user password", "sets a new generated password and ends the account's sessions", user_one, TK_PLACE_STORE, NULL, tk_user_password},
    {"user disable", "lets an account log in no more, and ends its sessions", user_disable, TK_PLACE_STORE, NULL, tk_user_disable},
    {"room list", "lists the rooms", none, TK_PLACE_STORE, NULL, tk_room_list},
    {"room add", "makes a room", room_add, TK_PLACE_STORE, NULL, tk_room_add},
    {"room enrol", "prints a six-digit code that makes a machine the room's, once", room_one, TK_PLACE_STORE, NULL, tk_room_enrol},
    {"room devices", "lists the machines that were enrolled", none, TK_PLACE_STORE, NULL, tk_room_devices},
    {"room revoke", "takes a machine's enrolment away", room_revoke, TK_PLACE_STORE, NULL, tk_room_revoke},
    {"room kiosk", "prints Chromium's policy and the autostart entry of a room's PC", room_kiosk, TK_PLACE_HERE, tk_here_kiosk, NULL},
    {"token", "prints a bearer token for WHIP or WHEP", token, TK_PLACE_STORE, NULL, tk_token_command},
    {"backup", "copies the database while the server runs, and checks the copy", backup, TK_PLACE_HERE, tk_here_backup, NULL},
    {"restore", "puts a backup in the database's place; the server must not run", restore, TK_PLACE_HERE, tk_here_restore, NULL},
    {"verify-audit", "recomputes the audit's chain of hashes", none, TK_PLACE_HERE, tk_here_verify_audit, NULL},
    {"version", "prints the version", none, TK_PLACE_HERE, tk_here_version, NULL},
    {NULL, NULL, NULL, TK_PLACE_HERE, NULL, NULL},
};
/* clang-format on */
