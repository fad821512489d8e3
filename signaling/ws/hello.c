/* hello and bye: who a page is, and that it goes. */

#include <stdio.h>
#include <string.h>

#include "config/log.h"
#include "signaling/ws/ws_state.h"

#define ROLE(r) (1u << (r))
#define ROLES_ALL                                                                                  \
    (ROLE(TK_ROLE_TEACHER) | ROLE(TK_ROLE_COTEACHER) | ROLE(TK_ROLE_ADMIN) | ROLE(TK_ROLE_AUDITOR))

static const struct {
    const char *name;
    enum tk_ws_page page;
    unsigned roles; /* of whom it is; 0: a device's */
    bool lesson;    /* it names its lesson */
    bool room;      /* and a room of it */
} pages[] = {
    {"room", TK_WS_ROOM, 0, false, false},
    {"teach", TK_WS_TEACH, ROLE(TK_ROLE_TEACHER), true, false},
    {"admin", TK_WS_ADMIN, ROLE(TK_ROLE_ADMIN) | ROLE(TK_ROLE_AUDITOR), false, false},
    {"watch", TK_WS_WATCH, ROLES_ALL, true, false},
    {"coteach", TK_WS_COTEACH, ROLE(TK_ROLE_COTEACHER), true, true},
};

static const char *text_of(const json_t *m, const char *name)
{
    return json_string_value(json_object_get(m, name));
}

/* 0, or the answer to what is wrong with who asks. */
static int choose_device(struct tk_ws_conn *c, const json_t *m, struct tk_problem *problem)
{
    const struct tk_device *device = tk_credentials_device(c->credentials, text_of(m, "device"));
    if (!device && c->credentials->revoked_device && c->credentials->devices_count == 0) {
        return tk_problem_set(problem, TK_PROBLEM_REVOKED, NULL,
                              "This device may no longer join: enrol it again");
    }
    if (!device) {
        return tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                              c->credentials->devices_count > 1
                                  ? "This browser holds several devices: name one"
                                  : "This device is not enrolled");
    }
    c->device = *device;
    snprintf(c->who, sizeof(c->who), "d%lld", (long long)device->id);
    return 0;
}

static int choose_account(struct tk_ws_conn *c, const json_t *m, unsigned roles,
                          struct tk_problem *problem)
{
    enum tk_role role;
    const char *as = text_of(m, "as");
    if (as && tk_role_parse(as, &role)) {
        roles &= ROLE(role);
    }
    const struct tk_account *account = tk_credentials_account(c->credentials, roles);
    if (!account) {
        return c->credentials->accounts_count > 0
                   ? tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, NULL,
                                    "This login may not open this page")
                   : tk_problem_set(problem, TK_PROBLEM_UNAUTHENTICATED, NULL,
                                    "Please log in again");
    }
    c->account = *account;
    snprintf(c->who, sizeof(c->who), "a%lld", (long long)account->id);
    return 0;
}

static int choose_lesson(struct tk_ws_conn *c, const json_t *m, enum tk_ws_page page, bool required,
                         struct tk_problem *problem)
{
    const char *id = text_of(m, "lesson");
    if (!id || !*id) {
        return required ? tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "lesson",
                                         "This page names its lesson")
                        : 0;
    }
    const struct tk_lesson *lesson = tk_lessons_find(c->ws->config.lessons, id);
    if (!lesson) {
        return tk_problem_set(problem, TK_PROBLEM_NOT_FOUND, "lesson", "There is no lesson '%.40s'",
                              id);
    }
    if (page == TK_WS_TEACH && !tk_lesson_taught_by(lesson, &c->account)) {
        return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "lesson",
                              "This lesson is another teacher's");
    }
    g_strlcpy(c->lesson, lesson->row.id, sizeof(c->lesson));
    return 0;
}

/* A co-teacher's page is for one room of their own school. */
static int choose_room(struct tk_ws_conn *c, const json_t *m, struct tk_problem *problem)
{
    const json_t *room = json_object_get(m, "room");
    const struct tk_lesson *lesson = tk_lessons_find(c->ws->config.lessons, c->lesson);
    if (!json_is_integer(room)) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "room", "This page names its room");
    }
    for (size_t i = 0; i < lesson->row.rooms_count; i++) {
        const struct tk_room *r = &lesson->row.rooms[i];
        if (r->id == json_integer_value(room) && r->school_id == c->account.school_id) {
            c->room_id = r->id;
            return 0;
        }
    }
    return tk_problem_set(problem, TK_PROBLEM_FORBIDDEN, "room",
                          "This is no room of your school in this lesson");
}

static bool is_integer_or_absent(const json_t *value)
{
    return !value || json_is_null(value) || json_is_integer(value);
}

/* What names this load of the page: one that does not say is new each time. */
static int choose_load(struct tk_ws_conn *c, const json_t *m, struct tk_problem *problem)
{
    const json_t *joined = json_object_get(m, "joined_ms");
    if (!is_integer_or_absent(joined) || !is_integer_or_absent(json_object_get(m, "resume"))) {
        return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD,
                              is_integer_or_absent(joined) ? "resume" : "joined_ms",
                              "joined_ms and resume are whole numbers");
    }
    snprintf(c->load, sizeof(c->load), "%s:%lld", c->who,
             json_is_integer(joined) ? (long long)json_integer_value(joined)
                                     : (long long)c->ws->config.now().wall_ms);
    return 0;
}

static void add_room(const struct tk_ws_conn *c, json_t *you)
{
    const struct tk_lesson *lesson =
        c->room_id ? tk_lessons_find(c->ws->config.lessons, c->lesson) : NULL;
    for (size_t i = 0; lesson && i < lesson->row.rooms_count; i++) {
        if (lesson->row.rooms[i].id == c->room_id) {
            json_object_set_new(you, "room", tk_room_json(&lesson->row.rooms[i]));
        }
    }
}

static json_t *you_json(const struct tk_ws_conn *c)
{
    if (c->account.id) {
        json_t *you = json_pack("{s:s, s:s, s:s}", "role", tk_role_name(c->account.role), "name",
                                c->account.name, "name_en", c->account.name_en);
        add_room(c, you);
        return you;
    }
    const struct tk_room *r = &c->device.room;
    return json_pack("{s:s, s:s, s:s, s:{s:I, s:s, s:s, s:s, s:s}, s:{s:I, s:s, s:s}}", "role",
                     "device", "name", r->name, "name_en", r->name_en, "room", "id",
                     (json_int_t)r->id, "name", r->name, "name_en", r->name_en, "school", r->school,
                     "school_en", r->school_en, "device", "id", (json_int_t)c->device.id, "key",
                     c->device.key, "name", c->device.name);
}

static void add_rooms(void *ctx, const struct tk_lesson *lesson)
{
    json_t *all = ctx;
    json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o}", "lesson", tk_lesson_json(lesson),
                                         "rooms", tk_lesson_rooms_json(lesson), "source",
                                         tk_lesson_source_json(lesson), "publisher",
                                         tk_lesson_publisher_json(lesson)));
}

/* Everything that the page needs to know: also after a reconnect, so that nothing can be missed. */
static void send_welcome(struct tk_ws_conn *c, const char *op, bool resumed)
{
    struct tk_ws *ws = c->ws;
    const struct tk_lesson *next = tk_ws_next_of(c);
    json_t *next_json = tk_lesson_json(next);
    g_strlcpy(c->told_next, next ? next->row.id : "", sizeof(c->told_next));
    const struct tk_lesson *lesson = tk_ws_lesson_of(c);
    bool sees_rooms = lesson && (c->page & (TK_WS_TEACH | TK_WS_ADMIN));
    json_t *m =
        json_pack("{s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:{s:[]}}", "type",
                  "welcome", "seq", (json_int_t)tk_ws_seq(ws, c->lesson), "server_ms",
                  (json_int_t)ws->config.now().wall_ms, "build", ws->config.build, "you",
                  you_json(c), "lesson", tk_lesson_json(lesson), "next", next_json, "rooms",
                  sees_rooms ? tk_lesson_rooms_json(lesson) : json_array(), "source",
                  lesson ? tk_lesson_source_json(lesson) : json_null(), "publisher",
                  lesson ? tk_lesson_publisher_json(lesson) : json_null(), "peers",
                  tk_ws_peers_json(c), "resumed", resumed, "ice", "servers");
    json_object_set_new(m, "board", tk_ws_board_json(c));
    json_object_set_new(m, "class", tk_ws_class_json(c));
    if (op) {
        json_object_set_new(m, "op", json_string(op));
    }
    if (c->page == TK_WS_ADMIN && !*c->lesson) {
        json_t *all = json_array();
        tk_lessons_each_open(ws->config.lessons, add_rooms, all);
        json_object_set_new(m, "lessons", all);
    }
    tk_ws_send(c, m, false);
}

static int find_page(const json_t *m, size_t *ret, struct tk_problem *problem)
{
    const char *name = text_of(m, "page");
    for (size_t i = 0; name && i < G_N_ELEMENTS(pages); i++) {
        if (strcmp(pages[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
    }
    return tk_problem_set(problem, TK_PROBLEM_BAD_FIELD, "page",
                          "page: room, teach, admin, watch, coteach");
}

static int identify(struct tk_ws_conn *c, const json_t *m, size_t *ret_page,
                    struct tk_problem *problem)
{
    int r = find_page(m, ret_page, problem);
    if (r < 0) {
        return r;
    }
    size_t i = *ret_page;
    r = pages[i].roles ? choose_account(c, m, pages[i].roles, problem)
                       : choose_device(c, m, problem);
    if (r == 0) {
        r = choose_lesson(c, m, pages[i].page, pages[i].lesson, problem);
    }
    if (r == 0 && pages[i].room) {
        r = choose_room(c, m, problem);
    }
    return r < 0 ? r : choose_load(c, m, problem);
}

static void refuse(struct tk_ws_conn *c, const char *op, const struct tk_problem *problem)
{
    c->ws->stats.refused_who++;
    memset(&c->account, 0, sizeof(c->account));
    memset(&c->device, 0, sizeof(c->device));
    c->who[0] = c->lesson[0] = c->load[0] = '\0';
    c->room_id = 0;
    c->visits = false;
    if (strcmp(problem->code, "revoked") == 0) {
        tk_ws_send(c, json_pack("{s:s}", "type", "revoked"), false);
    }
    tk_ws_answer_problem(c, op, problem);
    tk_ws_conn_close(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, problem->code);
}

void tk_ws_hello_end(struct tk_ws_conn *c, const char *op, bool resumes,
                     const struct tk_problem *problem)
{
    if (problem) {
        refuse(c, op, problem);
        return;
    }
    const char *name = pages[c->hello_page].name;
    c->page = pages[c->hello_page].page;
    c->told_layers = -1;
    if (c->page == TK_WS_ROOM) {
        const struct tk_lesson *now = tk_lessons_room_now(c->ws->config.lessons, c->device.room.id);
        g_strlcpy(c->lesson, now ? now->row.id : "", sizeof(c->lesson));
    }
    tk_log_info("a page is here", "page=%s who=%s lesson=%s resumes=%d", name, c->who, c->lesson,
                resumes);
    tk_ws_presence(c);
    tk_ws_peers_take(c, resumes);
    send_welcome(c, op, resumes);
    tk_ws_tell_send(c);
}

/* Who watches a lesson takes part in it, or visits it. */
static enum tk_watch choose_watch(struct tk_ws_conn *c, struct tk_problem *problem)
{
    const struct tk_lesson *lesson = tk_ws_lesson_of(c);
    if (pages[c->hello_page].page != TK_WS_WATCH) {
        return TK_WATCH_KNOWN;
    }
    return tk_visit_may(lesson, &c->account, problem);
}

void tk_ws_on_hello(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    struct tk_problem problem;
    bool resumes = json_is_integer(json_object_get(m, "resume"));
    if (c->hello_waits) {
        tk_ws_answer_error(c, op, TK_PROBLEM_CONFLICT, NULL, "The first hello is not answered yet");
        return;
    }
    if (identify(c, m, &c->hello_page, &problem) < 0) {
        refuse(c, op, &problem);
        return;
    }
    switch (choose_watch(c, &problem)) {
    case TK_WATCH_REFUSED:
        refuse(c, op, &problem);
        break;
    case TK_WATCH_KNOWN:
        tk_ws_hello_end(c, op, resumes, NULL);
        break;
    case TK_WATCH_VISIT:
        tk_ws_visit_begin(c, op, resumes);
        break;
    }
}

void tk_ws_on_bye(struct tk_ws_conn *c, const char *op, const json_t *m)
{
    const char *reason = text_of(m, "reason");
    c->said_bye = true;
    c->end = reason && strcmp(reason, "left") == 0 ? TK_PAGE_LEFT : TK_PAGE_CLOSED;
    tk_ws_conn_close(c, LWS_CLOSE_STATUS_NORMAL, "bye");
}
