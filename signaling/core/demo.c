#include "signaling/core/demo.h"

#include <errno.h>
#include <string.h>

#include "signaling/core/lesson_state.h"

#define MINUTE_MS 60000LL

enum {
    GAOTAI,
    MALIUPU,
    XIANTAIBA,
    PLACES,
};

static const struct {
    const char *school;
    const char *school_en;
    bool poor_village;
    const char *room;
    const char *room_en;
} places[PLACES] = {
    [GAOTAI] = {"高台小学", "Gaotai Primary School", false, "录播教室", "Recording room"},
    [MALIUPU] = {"麻柳铺小学", "Maliupu Primary School", true, "同步课堂教室", "Shared classroom"},
    [XIANTAIBA] = {"仙台坝小学", "Xiantaiba Primary School", true, "同步课堂教室",
                   "Shared classroom"},
};

static const struct {
    const char *login;
    enum tk_role role;
    const char *name;
    const char *name_en;
    int school; /* -1: the county's education bureau */
} people[TK_DEMO_ACCOUNTS] = {
    {"teacher", TK_ROLE_TEACHER, "陈雅琴", "Chen Yaqin", GAOTAI},
    {"maliupu", TK_ROLE_COTEACHER, "王秀兰", "Wang Xiulan", MALIUPU},
    {"xiantaiba", TK_ROLE_COTEACHER, "李建国", "Li Jianguo", XIANTAIBA},
    {"admin", TK_ROLE_ADMIN, "赵文博", "Zhao Wenbo", -1},
    {"auditor", TK_ROLE_AUDITOR, "孙立新", "Sun Lixin", -1},
};

/* The town school's other teachers: of the week's lessons, and in the training. */
static const struct {
    const char *name;
    const char *name_en;
    int school;
} teachers[] = {
    {"刘婷婷", "Liu Tingting", GAOTAI},    {"周海燕", "Zhou Haiyan", GAOTAI},
    {"杨志远", "Yang Zhiyuan", MALIUPU},   {"何春梅", "He Chunmei", MALIUPU},
    {"张德明", "Zhang Deming", XIANTAIBA},
};

enum {
    ENGLISH = -1, /* the demo's teacher */
    MUSIC = 0,    /* of `teachers` */
    ART = 1,
};

/* School hours in Shaanxi: two lessons before noon, two after, 40 minutes each. */
static const struct {
    int day; /* 0: Monday */
    int minute;
    int teacher;
    const char *subject;
    const char *title;
    const char *title_en;
} week[] = {
    {0, 8 * 60 + 30, ENGLISH, "英语", "三年级英语 Unit 5：Let's eat!",
     "Grade 3 English, Unit 5: Let's eat!"},
    {0, 14 * 60 + 30, MUSIC, "音乐", "四年级音乐：茉莉花", "Grade 4 music: Jasmine Flower"},
    {1, 9 * 60 + 20, ART, "美术", "三年级美术：剪纸窗花", "Grade 3 fine arts: paper-cut windows"},
    {1, 14 * 60 + 30, ENGLISH, "英语", "四年级英语 Unit 3：My friends",
     "Grade 4 English, Unit 3: My friends"},
    {2, 8 * 60 + 30, ENGLISH, "英语", "三年级英语 Unit 5：Story time",
     "Grade 3 English, Unit 5: Story time"},
    {2, 10 * 60 + 30, MUSIC, "音乐", "三年级音乐：小小音乐家", "Grade 3 music: Little musicians"},
    {3, 9 * 60 + 20, ENGLISH, "英语", "四年级英语 Unit 3：Read and write",
     "Grade 4 English, Unit 3: Read and write"},
    {3, 14 * 60 + 30, ART, "美术", "四年级美术：家乡的山", "Grade 4 fine arts: the hills of home"},
    {4, 8 * 60 + 30, MUSIC, "音乐", "四年级音乐：合唱练习", "Grade 4 music: choir practice"},
    {4, 10 * 60 + 30, ENGLISH, "英语", "三年级英语：复习与游戏",
     "Grade 3 English: revision and games"},
};

#define LESSON_MINUTES 40
#define TRAINING_DAY 2
#define TRAINING_MINUTE (16 * 60 + 30)
#define TRAINING_MINUTES 90

struct making {
    struct tk_now now;
    int64_t monday_ms;
    int64_t schools[PLACES];
    int64_t rooms[PLACES];
    int64_t persons[TK_DEMO_ACCOUNTS];
    int64_t teachers[G_N_ELEMENTS(teachers)];
    bool found;
};

static int make_places(struct making *m, struct tk_db *db)
{
    int r = 0;
    for (int i = 0; r == 0 && i < PLACES; i++) {
        struct tk_school school = {.poor_village = places[i].poor_village};
        g_strlcpy(school.name, places[i].school, sizeof(school.name));
        g_strlcpy(school.name_en, places[i].school_en, sizeof(school.name_en));
        r = tk_school_row_add(db, &school, m->now.wall_ms, &m->schools[i]);
        if (r == 0) {
            r = tk_room_row_add(db, m->schools[i], places[i].room, places[i].room_en,
                                m->now.wall_ms, &m->rooms[i]);
        }
    }
    return r;
}

static int make_people(struct making *m, struct tk_db *db)
{
    int r = 0;
    for (int i = 0; r == 0 && i < TK_DEMO_ACCOUNTS; i++) {
        int64_t school = people[i].school < 0 ? 0 : m->schools[people[i].school];
        r = tk_person_row_add(db, school, people[i].name, people[i].name_en, NULL, m->now.wall_ms,
                              &m->persons[i]);
    }
    for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(teachers); i++) {
        r = tk_person_row_add(db, m->schools[teachers[i].school], teachers[i].name,
                              teachers[i].name_en, NULL, m->now.wall_ms, &m->teachers[i]);
    }
    return r;
}

static int add_lesson(const struct making *m, struct tk_db *db, struct tk_lesson_row *row)
{
    struct tk_room rooms[] = {{.id = m->rooms[MALIUPU]}, {.id = m->rooms[XIANTAIBA]}};
    row->main_room.id = m->rooms[GAOTAI];
    if (row->persons_count == 0) {
        row->rooms = rooms;
        row->rooms_count = G_N_ELEMENTS(rooms);
    }
    return tk_lesson_row_add(db, row, m->now.wall_ms);
}

static int make_demo_lesson(const struct making *m, struct tk_db *db)
{
    struct tk_lesson_row row = {
        .id = TK_DEMO_LESSON,
        .title = "三年级英语：同步课堂演示课",
        .title_en = "Grade 3 English: demo lesson",
        .subject = "英语",
        .teacher.id = m->persons[0],
        .start_ms = tk_shanghai_midnight(m->now.wall_ms),
        .source = (char *)"{\"kind\":\"demo\"}",
        .reopens = true,
    };
    row.end_ms = row.start_ms + TK_DAY_MS;
    return add_lesson(m, db, &row);
}

static int make_week(const struct making *m, struct tk_db *db)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(week); i++) {
        struct tk_lesson_row row = {.source = (char *)"{\"kind\":\"none\"}"};
        g_snprintf(row.id, sizeof(row.id), "week-%zu", i + 1);
        g_strlcpy(row.title, week[i].title, sizeof(row.title));
        g_strlcpy(row.title_en, week[i].title_en, sizeof(row.title_en));
        g_strlcpy(row.subject, week[i].subject, sizeof(row.subject));
        row.teacher.id = week[i].teacher == ENGLISH ? m->persons[0] : m->teachers[week[i].teacher];
        row.start_ms = m->monday_ms + week[i].day * TK_DAY_MS + week[i].minute * MINUTE_MS;
        row.end_ms = row.start_ms + LESSON_MINUTES * MINUTE_MS;
        r = add_lesson(m, db, &row);
    }
    return r;
}

/* The co-teachers and the villages' teachers, each before an own screen. */
static int make_training(const struct making *m, struct tk_db *db)
{
    struct tk_person enrolled[] = {{.id = m->persons[1]},
                                   {.id = m->persons[2]},
                                   {.id = m->teachers[2]},
                                   {.id = m->teachers[3]},
                                   {.id = m->teachers[4]}};
    struct tk_lesson_row row = {
        .id = "training-1",
        .kind = TK_LESSON_TRAINING,
        .title = "教师培训：同步课堂的组织与互动",
        .title_en = "Teacher training: running a shared lesson",
        .subject = "教师培训",
        .teacher.id = m->persons[0],
        .start_ms = m->monday_ms + TRAINING_DAY * TK_DAY_MS + TRAINING_MINUTE * MINUTE_MS,
        .source = (char *)"{\"kind\":\"demo\"}",
        .persons = enrolled,
        .persons_count = G_N_ELEMENTS(enrolled),
    };
    row.end_ms = row.start_ms + TRAINING_MINUTES * MINUTE_MS;
    return add_lesson(m, db, &row);
}

static int count_school(void *ctx, const struct tk_school *school)
{
    ++*(int *)ctx;
    return 0;
}

static int find_person(void *ctx, const struct tk_person *person)
{
    struct making *m = ctx;
    for (int i = 0; i < TK_DEMO_ACCOUNTS; i++) {
        if (m->persons[i] == 0 && strcmp(people[i].name, person->name) == 0) {
            m->persons[i] = person->id;
        }
    }
    return 0;
}

/* What an earlier start made; a renamed person is found no more and gets no account. */
static int find_all(struct making *m, struct tk_db *db, const struct tk_lesson_row *demo)
{
    m->found = true;
    m->rooms[GAOTAI] = demo->main_room.id;
    for (size_t i = 0; i < demo->rooms_count && i < 2; i++) {
        m->rooms[MALIUPU + i] = demo->rooms[i].id;
    }
    return tk_person_rows(db, 0, find_person, m);
}

static int make_job(void *arg, struct tk_db *db)
{
    struct making *m = arg;
    struct tk_lesson_row demo;
    int schools = 0;
    int r = tk_lesson_row(db, TK_DEMO_LESSON, &demo);
    if (r == 0) {
        r = find_all(m, db, &demo);
        tk_lesson_row_clear(&demo);
        return r;
    }
    r = tk_school_rows(db, count_school, &schools);
    if (r == 0 && schools > 0) {
        return -EEXIST;
    }
    int (*const steps[])(struct making *, struct tk_db *) = {make_places, make_people};
    int (*const lessons[])(const struct making *, struct tk_db *) = {make_demo_lesson, make_week,
                                                                     make_training};
    for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(steps); i++) {
        r = steps[i](m, db);
    }
    for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(lessons); i++) {
        r = lessons[i](m, db);
    }
    return r;
}

/* Monday of this week in Shanghai; of the next one at a weekend. 1970-01-05 was a Monday. */
static int64_t monday(int64_t at_ms)
{
    int64_t midnight = tk_shanghai_midnight(at_ms);
    int64_t day = (midnight + 8 * 3600000LL) / TK_DAY_MS; /* since 1970-01-01, a Thursday */
    int64_t weekday = (day + 3) % 7;
    return midnight + (weekday >= 5 ? 7 - weekday : -weekday) * TK_DAY_MS;
}

int tk_demo_make(struct tk_store *store, struct tk_now now, struct tk_demo *ret)
{
    struct making m = {.now = now, .monday_ms = monday(now.wall_ms)};
    int r = tk_store_run(store, make_job, &m);
    if (r < 0) {
        return r;
    }
    memset(ret, 0, sizeof(*ret));
    ret->made = !m.found;
    ret->main_room_id = m.rooms[GAOTAI];
    ret->room_ids[0] = m.rooms[MALIUPU];
    ret->room_ids[1] = m.rooms[XIANTAIBA];
    for (int i = 0; i < TK_DEMO_ACCOUNTS; i++) {
        ret->accounts[i] = (struct tk_demo_account){people[i].login, people[i].role, m.persons[i]};
    }
    return 0;
}
