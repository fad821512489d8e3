/*
 * The tables, in the words of the domain. Times are integers, milliseconds UTC. A migration that
 * was released is never changed: a new one is added at the end.
 */

#include "signaling/store/schema.h"

#include <stddef.h>

static const char people[] =
    "CREATE TABLE school ("
    "  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, name_en TEXT NOT NULL DEFAULT '',"
    "  county TEXT NOT NULL DEFAULT '', poor_village INTEGER NOT NULL DEFAULT 0"
    "    CHECK (poor_village IN (0, 1)),"
    "  created_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE room ("
    "  id INTEGER PRIMARY KEY, school_id INTEGER NOT NULL REFERENCES school (id),"
    "  name TEXT NOT NULL, name_en TEXT NOT NULL DEFAULT '', created_ms INTEGER NOT NULL,"
    "  retired_ms INTEGER, UNIQUE (school_id, name)) STRICT;"

    "CREATE TABLE person ("
    "  id INTEGER PRIMARY KEY, school_id INTEGER REFERENCES school (id), name TEXT NOT NULL,"
    "  name_en TEXT NOT NULL DEFAULT '', staff_number TEXT UNIQUE, created_ms INTEGER NOT NULL,"
    "  retired_ms INTEGER) STRICT;"
    "CREATE INDEX person_school ON person (school_id);"

    "CREATE TABLE account ("
    "  id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id),"
    "  login TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    "  role TEXT NOT NULL CHECK (role IN ('teacher', 'coteacher', 'admin', 'auditor')),"
    "  password_salt BLOB NOT NULL, password_hash BLOB NOT NULL, scrypt_n INTEGER NOT NULL,"
    "  scrypt_r INTEGER NOT NULL, scrypt_p INTEGER NOT NULL, password_set_ms INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL, disabled_ms INTEGER) STRICT;"
    "CREATE INDEX account_person ON account (person_id);"
    /* who administers must not become who audits */
    "CREATE TRIGGER account_role_stays BEFORE UPDATE OF role ON account"
    "  WHEN new.role <> old.role"
    "  BEGIN SELECT RAISE (ABORT, 'the role of an account never changes'); END;"

    "CREATE TABLE session ("
    "  id INTEGER PRIMARY KEY, token_hash BLOB NOT NULL UNIQUE,"
    "  account_id INTEGER NOT NULL REFERENCES account (id), ip TEXT,"
    "  created_ms INTEGER NOT NULL, last_used_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX session_account ON session (account_id);"

    "CREATE TABLE signin_link ("
    "  id INTEGER PRIMARY KEY, token_hash BLOB NOT NULL UNIQUE,"
    "  account_id INTEGER REFERENCES account (id), room_id INTEGER REFERENCES room (id),"
    "  page TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    "  used_ms INTEGER, CHECK ((account_id IS NULL) <> (room_id IS NULL))) STRICT;"

    "CREATE TABLE device ("
    "  id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL REFERENCES room (id),"
    "  key TEXT NOT NULL UNIQUE, token_hash BLOB NOT NULL UNIQUE,"
    "  name TEXT NOT NULL DEFAULT '', created_ms INTEGER NOT NULL, last_seen_ms INTEGER,"
    "  revoked_ms INTEGER) STRICT;"
    "CREATE INDEX device_room ON device (room_id);"

    "CREATE TABLE enrol_code ("
    "  id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL REFERENCES room (id),"
    "  code_hash BLOB NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    "  ended_ms INTEGER, device_id INTEGER REFERENCES device (id)) STRICT;"
    /* a code that still works names one room */
    "CREATE UNIQUE INDEX enrol_code_live ON enrol_code (code_hash) WHERE ended_ms IS NULL;";

static const char lessons[] =
    /* source: JSON of PROTOCOL.md's Source; reopens_ms: when an ended lesson opens again */
    "CREATE TABLE lesson ("
    "  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 40),"
    "  kind TEXT NOT NULL CHECK (kind IN ('lesson', 'training')),"
    "  title TEXT NOT NULL, title_en TEXT NOT NULL DEFAULT '', subject TEXT NOT NULL DEFAULT '',"
    "  teacher_id INTEGER REFERENCES person (id), main_room_id INTEGER REFERENCES room (id),"
    "  state TEXT NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'open', 'live',"
    "    'interrupted', 'ended', 'cancelled')),"
    "  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),"
    "  source TEXT NOT NULL DEFAULT '{\"kind\":\"none\"}' CHECK (json_valid(source)),"
    "  reopens INTEGER NOT NULL DEFAULT 0 CHECK (reopens IN (0, 1)), reopens_ms INTEGER,"
    "  replaces_lesson_id TEXT REFERENCES lesson (id), cancel_reason TEXT,"
    "  version INTEGER NOT NULL DEFAULT 1, created_ms INTEGER NOT NULL,"
    "  updated_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX lesson_start ON lesson (start_ms);"

    "CREATE TABLE lesson_room ("
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), room_id INTEGER NOT NULL"
    "    REFERENCES room (id), PRIMARY KEY (lesson_id, room_id)) STRICT;"
    "CREATE INDEX lesson_room_room ON lesson_room (room_id);"

    /* the enrolled of a training; the school is that of the day of enrolment */
    "CREATE TABLE lesson_person ("
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), person_id INTEGER NOT NULL"
    "    REFERENCES person (id), school_id INTEGER REFERENCES school (id),"
    "  enrolled_ms INTEGER NOT NULL, PRIMARY KEY (lesson_id, person_id)) STRICT;"
    "CREATE INDEX lesson_person_person ON lesson_person (person_id);"

    "CREATE TABLE bearer_token ("
    "  id INTEGER PRIMARY KEY, token_hash BLOB NOT NULL UNIQUE,"
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id),"
    "  act TEXT NOT NULL CHECK (act IN ('watch', 'publish')),"
    "  room_id INTEGER REFERENCES room (id), created_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL, revoked_ms INTEGER) STRICT;"

    /*
     * One opening of a lesson; ended_ms NULL while it goes on. Its times and those of its spans,
     * presence and evidence are of one steady clock, set by the wall clock when the sitting opens
     * or a new run of the server takes it up, and running on whatever the wall clock does.
     */
    "CREATE TABLE sitting ("
    "  id INTEGER PRIMARY KEY, lesson_id TEXT NOT NULL REFERENCES lesson (id),"
    "  number INTEGER NOT NULL, opened_ms INTEGER NOT NULL, live_ms INTEGER,"
    /* since when the teacher's tracks are to feed it; NULL: the source does */
    "  started_ms INTEGER, ended_ms INTEGER, end_reason TEXT, UNIQUE (lesson_id, number)) STRICT;"
    "CREATE INDEX sitting_opened ON sitting (opened_ms);"
    "CREATE INDEX sitting_going_on ON sitting (lesson_id) WHERE ended_ms IS NULL;"

    /* the main side was live; until last_ms at least, and no further once closed */
    "CREATE TABLE live_span ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  started_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0"
    "    CHECK (closed IN (0, 1)), cause TEXT, CHECK (last_ms >= started_ms)) STRICT;"
    "CREATE INDEX live_span_sitting ON live_span (sitting_id);"

    /* one run of the server; between last_beat_ms and the next started_ms it was down */
    "CREATE TABLE server_run ("
    "  id INTEGER PRIMARY KEY, started_ms INTEGER NOT NULL, last_beat_ms INTEGER NOT NULL,"
    "  stopped_ms INTEGER, version TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX server_run_started ON server_run (started_ms);"

    "CREATE TABLE health (id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL) STRICT;";

static const char attendance[] =
    /* one interval in which media played, to the last report; page: one load of a page */
    "CREATE TABLE presence ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  room_id INTEGER REFERENCES room (id), person_id INTEGER REFERENCES person (id),"
    "  device_id INTEGER REFERENCES device (id), account_id INTEGER REFERENCES account (id),"
    "  server_run_id INTEGER REFERENCES server_run (id), page TEXT NOT NULL DEFAULT '',"
    "  last_n INTEGER NOT NULL DEFAULT 0, started_ms INTEGER NOT NULL,"
    "  last_report_ms INTEGER NOT NULL, frames INTEGER NOT NULL DEFAULT 0,"
    "  audio_ms INTEGER NOT NULL DEFAULT 0, CHECK (last_report_ms >= started_ms),"
    "  CHECK ((room_id IS NULL) <> (person_id IS NULL))) STRICT;"
    "CREATE INDEX presence_sitting ON presence (sitting_id, page);"

    "CREATE TABLE evidence ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  room_id INTEGER REFERENCES room (id), person_id INTEGER REFERENCES person (id),"
    "  at_ms INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX evidence_sitting ON evidence (sitting_id);"

    "CREATE TABLE rule_set ("
    "  version INTEGER PRIMARY KEY, created_ms INTEGER NOT NULL,"
    "  thresholds TEXT NOT NULL UNIQUE CHECK (json_valid(thresholds))) STRICT;"

    "CREATE TABLE attendance_result ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  room_id INTEGER REFERENCES room (id), person_id INTEGER REFERENCES person (id),"
    "  rule_version INTEGER NOT NULL REFERENCES rule_set (version),"
    /* never 'absent': that is a person's word, in attendance_correction */
    "  status TEXT NOT NULL CHECK (status IN ('attended', 'partial', 'technical',"
    "    'insufficient', 'to_verify')),"
    "  coverage REAL CHECK (coverage BETWEEN 0 AND 1), covered_ms INTEGER NOT NULL,"
    "  bridged_ms INTEGER NOT NULL, live_ms INTEGER NOT NULL,"
    "  intervals TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(intervals)),"
    "  computed_ms INTEGER NOT NULL, provisional INTEGER NOT NULL DEFAULT 0"
    "    CHECK (provisional IN (0, 1)), CHECK ((room_id IS NULL) <> (person_id IS NULL))) STRICT;"
    "CREATE INDEX attendance_result_sitting ON attendance_result (sitting_id);"
    "CREATE TRIGGER attendance_result_keeps BEFORE UPDATE ON attendance_result"
    "  BEGIN SELECT RAISE (ABORT, 'attendance_result is append-only'); END;"
    "CREATE TRIGGER attendance_result_stays BEFORE DELETE ON attendance_result"
    "  BEGIN SELECT RAISE (ABORT, 'attendance_result is append-only'); END;"

    "CREATE TABLE attendance_correction ("
    "  id INTEGER PRIMARY KEY, result_id INTEGER NOT NULL REFERENCES attendance_result (id),"
    "  status TEXT NOT NULL CHECK (status IN ('attended', 'partial', 'technical',"
    "    'insufficient', 'to_verify', 'absent')),"
    "  reason TEXT NOT NULL CHECK (length(reason) > 0), account_id INTEGER"
    "    REFERENCES account (id), at_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX attendance_correction_result ON attendance_correction (result_id);"
    "CREATE TRIGGER attendance_correction_keeps BEFORE UPDATE ON attendance_correction"
    "  BEGIN SELECT RAISE (ABORT, 'attendance_correction is append-only'); END;"
    "CREATE TRIGGER attendance_correction_stays BEFORE DELETE ON attendance_correction"
    "  BEGIN SELECT RAISE (ABORT, 'attendance_correction is append-only'); END;";

static const char audit[] =
    "CREATE TABLE audit ("
    "  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, ip TEXT,"
    "  action TEXT NOT NULL, object TEXT NOT NULL, before TEXT, after TEXT,"
    "  prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),"
    "  hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;"
    "CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit"
    "  BEGIN SELECT RAISE (ABORT, 'audit is append-only'); END;"
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit"
    "  BEGIN SELECT RAISE (ABORT, 'audit is append-only'); END;";

/* What happens within a lesson: its timeline, floor, board, roll calls, checks and visits. */
static const char conversation[] =
    /* at_ms is of the sitting's steady clock */
    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  at_ms INTEGER NOT NULL, kind TEXT NOT NULL, room_id INTEGER REFERENCES room (id),"
    "  account_id INTEGER REFERENCES account (id), device_id INTEGER REFERENCES device (id),"
    "  data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data))) STRICT;"
    "CREATE INDEX event_sitting ON event (sitting_id, at_ms);"

    /* one room had the floor; until last_ms at least, and no further once ended */
    "CREATE TABLE floor_turn ("
    "  id INTEGER PRIMARY KEY, sitting_id INTEGER NOT NULL REFERENCES sitting (id),"
    "  room_id INTEGER NOT NULL REFERENCES room (id), started_ms INTEGER NOT NULL,"
    "  last_ms INTEGER NOT NULL, ended_ms INTEGER, end_reason TEXT,"
    "  spoke_ms INTEGER NOT NULL DEFAULT 0, CHECK (last_ms >= started_ms)) STRICT;"
    "CREATE INDEX floor_turn_sitting ON floor_turn (sitting_id);"

    /* how long was spoken in the main classroom */
    "CREATE TABLE main_speech ("
    "  sitting_id INTEGER PRIMARY KEY REFERENCES sitting (id), spoke_ms INTEGER NOT NULL,"
    "  last_ms INTEGER NOT NULL) STRICT;"

    /* the board's log; an epoch is one sitting's, entry is PROTOCOL.md's Entry */
    "CREATE TABLE board_entry ("
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), epoch INTEGER NOT NULL,"
    "  n INTEGER NOT NULL, at_ms INTEGER NOT NULL, account_id INTEGER REFERENCES account (id),"
    "  entry TEXT NOT NULL CHECK (json_valid(entry)),"
    "  PRIMARY KEY (lesson_id, epoch, n)) STRICT, WITHOUT ROWID;"

    /* pictures of slides; id is the SHA-256 of the bytes, which are in the data folder */
    "CREATE TABLE lesson_file ("
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), id TEXT NOT NULL, type TEXT NOT NULL,"
    "  bytes INTEGER NOT NULL, w INTEGER NOT NULL, h INTEGER NOT NULL,"
    "  account_id INTEGER REFERENCES account (id), created_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (lesson_id, id)) STRICT;"

    /* marked_ms: when the person pressed, by their clock; op: made once by the page, sent again
       until it is answered; absent: the school's own seat numbers, no names */
    "CREATE TABLE roll_call ("
    "  id INTEGER PRIMARY KEY, op TEXT NOT NULL UNIQUE,"
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), sitting_id INTEGER REFERENCES sitting (id),"
    "  room_id INTEGER NOT NULL REFERENCES room (id), expected INTEGER NOT NULL,"
    "  present INTEGER NOT NULL CHECK (present BETWEEN 0 AND expected),"
    "  absent TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(absent)),"
    "  marked_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,"
    "  account_id INTEGER REFERENCES account (id), device_id INTEGER REFERENCES device (id),"
    "  CHECK ((account_id IS NULL) <> (device_id IS NULL))) STRICT;"
    "CREATE INDEX roll_call_lesson ON roll_call (lesson_id, room_id);"
    "CREATE INDEX roll_call_room ON roll_call (room_id, marked_ms);"
    "CREATE TRIGGER roll_call_keeps BEFORE UPDATE ON roll_call"
    "  BEGIN SELECT RAISE (ABORT, 'roll_call is append-only'); END;"
    "CREATE TRIGGER roll_call_stays BEFORE DELETE ON roll_call"
    "  BEGIN SELECT RAISE (ABORT, 'roll_call is append-only'); END;"

    /* who looks after a room in a lesson, from at_ms on; person_name where it is no person here */
    "CREATE TABLE coteach_duty ("
    "  id INTEGER PRIMARY KEY, op TEXT NOT NULL UNIQUE,"
    "  lesson_id TEXT NOT NULL REFERENCES lesson (id), room_id INTEGER NOT NULL"
    "    REFERENCES room (id), person_id INTEGER REFERENCES person (id),"
    "  person_name TEXT NOT NULL DEFAULT '', by_account_id INTEGER NOT NULL"
    "    REFERENCES account (id), at_ms INTEGER NOT NULL,"
    "  CHECK ((person_id IS NULL) <> (person_name = ''))) STRICT;"
    "CREATE INDEX coteach_duty_lesson ON coteach_duty (lesson_id, room_id);"

    /* the check before the lesson; result is PROTOCOL.md's Check */
    "CREATE TABLE room_check ("
    "  id INTEGER PRIMARY KEY, op TEXT NOT NULL UNIQUE, room_id INTEGER NOT NULL"
    "    REFERENCES room (id), device_id INTEGER NOT NULL REFERENCES device (id),"
    "  lesson_id TEXT REFERENCES lesson (id), asked_by INTEGER REFERENCES account (id),"
    "  at_ms INTEGER NOT NULL,"
    "  verdict TEXT NOT NULL CHECK (verdict IN ('green', 'yellow', 'red')),"
    "  result TEXT NOT NULL CHECK (json_valid(result))) STRICT;"
    "CREATE INDEX room_check_room ON room_check (room_id, at_ms);"

    /* a silent visit; ended_ms NULL: it goes on, or the server was killed: then last_ms tells */
    "CREATE TABLE visit ("
    "  id INTEGER PRIMARY KEY, lesson_id TEXT NOT NULL REFERENCES lesson (id),"
    "  sitting_id INTEGER REFERENCES sitting (id), account_id INTEGER NOT NULL"
    "    REFERENCES account (id), ip TEXT NOT NULL DEFAULT '', started_ms INTEGER NOT NULL,"
    "  last_ms INTEGER NOT NULL, ended_ms INTEGER) STRICT;"
    "CREATE INDEX visit_started ON visit (started_ms);";

static const char *const first[] = {people, lessons, attendance, audit, NULL};
static const char *const second[] = {conversation, NULL};

const char *const *const tk_migrations[] = {first, second};
const int tk_migrations_count = sizeof(tk_migrations) / sizeof(tk_migrations[0]);
