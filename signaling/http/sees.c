#include "signaling/http/sees.h"

#include "signaling/core/lesson.h"

static const struct tk_lesson *find(struct tk_request *r)
{
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    if (!lesson) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "There is no such lesson");
    }
    return lesson;
}

static bool has_school(const struct tk_lesson *lesson, int64_t school_id)
{
    for (size_t i = 0; i < lesson->row.rooms_count; i++) {
        if (school_id != 0 && lesson->row.rooms[i].school_id == school_id) {
            return true;
        }
    }
    return false;
}

static bool account_sees(const struct tk_lesson *lesson, const struct tk_account *account)
{
    switch (account->role) {
    case TK_ROLE_ADMIN:
    case TK_ROLE_AUDITOR:
        return true;
    case TK_ROLE_TEACHER:
        return tk_lesson_taught_by(lesson, account);
    case TK_ROLE_COTEACHER:
        return has_school(lesson, account->school_id);
    }
    return false;
}

bool tk_http_sees_lesson(struct tk_request *r)
{
    const struct tk_credentials *c = &r->credentials;
    const struct tk_lesson *lesson = find(r);
    if (!lesson) {
        return false;
    }
    for (int i = 0; i < c->accounts_count; i++) {
        if (account_sees(lesson, &c->accounts[i])) {
            r->account = &c->accounts[i];
            return true;
        }
    }
    for (int i = 0; i < c->devices_count; i++) {
        if (tk_lesson_expects_room(lesson, c->devices[i].room.id)) {
            return true;
        }
    }
    tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "This lesson is not yours to see");
    return false;
}

bool tk_http_teaches_lesson(struct tk_request *r)
{
    const struct tk_lesson *lesson = find(r);
    const struct tk_account *teacher = tk_credentials_account(&r->credentials, TK_WHO_TEACHER);
    if (lesson && !(teacher && tk_lesson_taught_by(lesson, teacher))) {
        tk_http_fail(r, TK_PROBLEM_FORBIDDEN, NULL, "Only the lesson's own teacher may do this");
        return false;
    }
    return lesson != NULL;
}
