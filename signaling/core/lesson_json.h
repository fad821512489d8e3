#ifndef TK_SIGNALING_CORE_LESSON_JSON_H
#define TK_SIGNALING_CORE_LESSON_JSON_H

/* Lessons, rosters and attendance as PROTOCOL.md writes them; new references. Loop thread. */

#include "signaling/core/lesson.h"

json_t *tk_lesson_json(const struct tk_lesson *lesson); /* Lesson; null for NULL */
/* The ETag with its quotes, as in the `etag` field: `"7"`. And back: 0 for `*`, -1 for nonsense. */
void tk_lesson_etag(const struct tk_lesson *lesson, char *out, size_t cap);
int64_t tk_lesson_etag_parse(const char *if_match);

json_t *tk_lesson_rooms_json(const struct tk_lesson *lesson);     /* [RoomStatus] of all */
json_t *tk_lesson_source_json(const struct tk_lesson *lesson);    /* SourceStatus */
json_t *tk_lesson_publisher_json(const struct tk_lesson *lesson); /* {name,name_en,live} or null */

/* {id,name,name_en,school,school_en} and {id,name,name_en,school,school_en}. */
json_t *tk_room_json(const struct tk_room *room);
json_t *tk_person_json(const struct tk_person *person);

/* An optional filter of GET /lessons; what it leaves out is today in Asia/Shanghai. */
struct tk_lessons_filter {
    int64_t from_ms;    /* 0 with to_ms 0: today */
    int64_t to_ms;      /* exclusive */
    const char *state;  /* NULL: any */
    int64_t page;       /* from 1; 0: 1 */
    int64_t per_page;   /* 1 to 200; 0: 50 */
    int64_t teacher_id; /* a person; 0: any */
};

/* {lessons,total,page,per_page}; NULL with a problem (bad_field). */
json_t *tk_lessons_list_json(struct tk_lessons *ls, struct tk_now now,
                             const struct tk_lessons_filter *filter, struct tk_problem *problem);

/* GET /live: {lessons:[{lesson,rooms,source,publisher}]} of all that are open. */
json_t *tk_lessons_live_json(struct tk_lessons *ls);

/* GET /lessons/{id}/attendance: {lesson,sittings}; of a sitting that goes on: provisional. */
json_t *tk_attendance_json(struct tk_lessons *ls, struct tk_now now, const char *lesson_id,
                           struct tk_problem *problem);

#endif
