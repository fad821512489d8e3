/* The board's log: order, numbers, what is passed over, refused and lost; what its codecs take. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zlib.h>

#include "signaling/classroom/board.h"
#include "signaling/classroom/board_log.h"
#include "signaling/classroom/ink.h"
#include "signaling/classroom/picture.h"
#include "tests/unit/core/lesson_fixture.h"

/* Two points: 1,2,3 and 1,2,4. */
#define POINTS "AgQGAAAC"

struct board {
    struct fixture *f;
    struct tk_boards *boards;
    int answers;
    int limited;
    char code[24];
    char field[24];
    char detail[256];
    int64_t n;
    int told;
    int64_t told_first;
    size_t told_count;
    int64_t epoch;
};

static struct board board;

static void on_entries(void *ctx, const char *lesson_id, int64_t epoch, int64_t first,
                       const json_t *entries, int64_t account_id)
{
    struct board *b = ctx;
    b->told++;
    b->told_first = first;
    b->told_count = json_array_size(entries);
}

static void on_epoch(void *ctx, const char *lesson_id, int64_t epoch)
{
    ((struct board *)ctx)->epoch = epoch;
}

static void open_boards(struct fixture *f)
{
    board = (struct board){.f = f, .boards = tk_boards_create(f->store, f->lessons)};
    tk_boards_listen(
        board.boards,
        &(struct tk_board_listener){.ctx = &board, .on_entries = on_entries, .on_epoch = on_epoch});
}

static int set_up(void **state)
{
    setup(state);
    open_boards(*state);
    return 0;
}

static int tear_down(void **state)
{
    tk_boards_destroy(board.boards);
    return teardown(state);
}

static void on_answer(void *arg, const struct tk_problem *problem, int64_t n)
{
    struct board *b = arg;
    b->answers++;
    b->limited += problem && strcmp(problem->code, "rate_limited") == 0;
    b->n = n;
    g_strlcpy(b->code, problem ? problem->code : "", sizeof(b->code));
    g_strlcpy(b->field, problem && problem->field ? problem->field : "", sizeof(b->field));
    g_strlcpy(b->detail, problem ? problem->detail : "", sizeof(b->detail));
}

/* `text` is the array with ' for ". */
static void ask(const char *lesson, int64_t epoch, int64_t account, const char *text)
{
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    json_t *entries = json_loads(json, 0, NULL);
    assert_non_null(entries);
    tk_board_add(board.boards, board.f->now, lesson, epoch, account, entries, on_answer, &board);
    json_decref(entries);
}

static void add(const char *text)
{
    int before = board.answers;
    ask("demo", 1, 0, text);
    settle(board.f);
    assert_int_equal(before + 1, board.answers);
}

static void add_well(const char *text, int64_t n)
{
    add(text);
    assert_string_equal("", board.detail);
    assert_int_equal(n, board.n);
}

static char *log_after(int64_t epoch, int64_t after)
{
    g_autoptr(GBytes) log = tk_board_log(board.boards, "demo", epoch, after, false);
    return g_strndup(g_bytes_get_data(log, NULL), g_bytes_get_size(log));
}

static void check_log(int64_t epoch, int64_t after, const char *wanted)
{
    g_autofree char *text = log_after(epoch, after);
    g_autofree char *json = g_strdelimit(g_strdup(wanted), "'", '"');
    assert_string_equal(json, text);
}

#define PAGE "{'k':'page','id':'p1','after':null,'kind':'blank','w':16,'h':9}"
#define STROKE(id) "{'k':'stroke','id':'" id "','p':'p1','t':'pen','c':1,'w':30,'d':'" POINTS "'}"

static void nothing_is_told_before_it_is_on_disk(void **state)
{
    ask("demo", 1, 0, "[" PAGE "," STROKE("s1") "]");
    assert_int_equal(0, board.answers);
    assert_int_equal(0, board.told);
    settle(board.f);
    assert_int_equal(1, board.answers);
    assert_int_equal(2, board.n);
    assert_int_equal(1, board.told);
    assert_int_equal(1, board.told_first);
    assert_int_equal(2, board.told_count);
}

static void the_log_is_what_was_added_and_a_server_that_is_killed_has_it_again(void **state)
{
    struct fixture *f = *state;
    check_log(1, 0, "{'epoch':1,'n':0,'entries':[]}");
    add_well("[" PAGE ",{'k':'goto','p':'p1','extra':1}]", 2);
    add_well("[" STROKE("s1") "]", 3);
    const char *whole = "{'epoch':1,'n':3,'entries':[{'k':'page','id':'p1','after':null,"
                        "'kind':'blank','w':16,'h':9},{'k':'goto','p':'p1'}," STROKE("s1") "]}";
    check_log(1, 0, whole);
    check_log(1, 2, "{'epoch':1,'n':3,'entries':[" STROKE("s1") "]}");
    check_log(1, 3, "{'epoch':1,'n':3,'entries':[]}");
    check_log(1, 99, "{'epoch':1,'n':3,'entries':[]}");
    check_log(7, 2, whole);
    tk_boards_destroy(board.boards);
    kill_server(f);
    start_server(f);
    open_boards(f);
    int64_t epoch;
    int64_t n;
    tk_board_head(board.boards, "demo", &epoch, &n);
    assert_int_equal(1, epoch);
    assert_int_equal(3, n);
    check_log(1, 0, whole);
    add_well("[" STROKE("s1") "," STROKE("s2") "]", 4);
}

static void what_is_sent_again_is_passed_over(void **state)
{
    add_well("[" PAGE "," STROKE("s1") "]", 2);
    add_well("[" PAGE "," STROKE("s1") "]", 2);
    add_well("[{'k':'erase','id':'e1','ids':['s1']}]", 3);
    add_well("[{'k':'restore','id':'e1','ids':['s1']}]", 4);
    add_well("[{'k':'erase','id':'e1','ids':['s1']},{'k':'erase','ids':['s1']}]", 5);
    add_well("[{'k':'drop','p':'p1'}]", 6);
    add_well("[{'k':'drop','p':'p1'}]", 6);
    assert_int_equal(5, board.told);
    /* the same twice while the first is being written: answered when that is on disk */
    ask("demo", 1, 0, "[{'k':'show','id':'x','what':'board'}]");
    ask("demo", 1, 0, "[{'k':'show','id':'x','what':'board'}]");
    int before = board.answers;
    settle(board.f);
    assert_int_equal(before + 2, board.answers);
    assert_int_equal(7, board.n);
}

static void all_of_a_message_or_none(void **state)
{
    add_well("[" PAGE "]", 1);
    add("[" STROKE("s1") ",{'k':'goto','p':'p2'}]");
    assert_string_equal("bad_field", board.code);
    assert_string_equal("entries", board.field);
    assert_non_null(strstr(board.detail, "entries[1].p: page 'p2' never was"));
    add("[{'k':'erase','ids':['s1']}]");
    assert_string_equal("bad_field", board.code);
    add("[{'k':'drop','p':'p1'},{'k':'clear','p':'p1'}]");
    assert_string_equal("conflict", board.code);
    add_well("[" STROKE("s1") "]", 2); /* the page is not gone */
}

static void a_write_that_fails_leaves_no_gap(void **state)
{
    add_well("[" PAGE "]", 1);
    ask("demo", 1, 999, "[" STROKE("s1") ",{'k':'drop','p':'p1'}]"); /* nobody has this account */
    ask("demo", 1, 0, "[" STROKE("s2") "]");                         /* waits for it */
    settle(board.f);
    settle(board.f);
    assert_int_equal(3, board.answers);
    assert_string_equal("", board.detail);
    assert_int_equal(2, board.n);
    assert_int_equal(2, board.told_first);
    add_well("[" STROKE("s1") "]", 3); /* it was not noted as there */
    check_log(1, 1, "{'epoch':1,'n':3,'entries':[" STROKE("s2") "," STROKE("s1") "]}");
}

static void many_at_once_are_written_together_and_numbered_in_order(void **state)
{
    struct fixture *f = *state;
    add_well("[" PAGE "]", 1);
    uint64_t before = tk_store_stats(f->store).jobs;
    for (int i = 0; i < 100; i++) {
        g_autofree char *text = g_strdup_printf(
            "[{'k':'stroke','id':'m%d','p':'p1','t':'pen','c':1,'w':30,'d':'" POINTS "'}]", i);
        ask("demo", 1, 0, text);
    }
    settle(f);
    settle(f);
    assert_int_equal(101, board.answers);
    assert_int_equal(101, board.n);
    assert_in_range(tk_store_stats(f->store).jobs - before, 2, 20);
}

static void more_than_an_account_may_write_is_refused_for_a_moment(void **state)
{
    add_well("[" PAGE "]", 1);
    for (int i = 0; i < 600; i++) {
        ask("demo", 1, 0, "[" STROKE("s1") "]");
    }
    settle(board.f);
    assert_int_equal(101, board.limited); /* 500 at once, the page among them */
    board.f->now.mono_ms += 1000;
    add_well("[" STROKE("s2") "]", 3);
}

static void a_lesson_that_is_over_can_be_read(void **state)
{
    struct fixture *f = *state;
    add_well("[" PAGE "]", 1);
    tk_lesson_end(f->lessons, &f->actor, f->now, "demo", on_done, f);
    wait_for_answer(f);
    add("[" STROKE("s1") "]");
    assert_string_equal("conflict", board.code);
    check_log(1, 1, "{'epoch':1,'n':1,'entries':[]}");
    pass(f, HOUR_MS); /* it opens again: a new epoch */
    assert_int_equal(2, tk_lessons_find(f->lessons, "demo")->sitting.number);
    assert_int_equal(2, board.epoch);
    check_log(1, 1, "{'epoch':2,'n':0,'entries':[]}");
    check_log(2, 1, "{'epoch':2,'n':0,'entries':[]}"); /* a page that knows more than there is */
    check_log(2, INT64_MAX, "{'epoch':2,'n':0,'entries':[]}");
    add("[" STROKE("s1") "]");
    assert_string_equal("conflict", board.code);
    assert_string_equal("epoch", board.field);
    ask("demo", 2, 0, "[" PAGE "]");
    settle(f);
    assert_string_equal("", board.detail);
    assert_int_equal(1, board.n);
}

static void there_must_be_such_a_lesson(void **state)
{
    ask("nowhere", 1, 0, "[" PAGE "]");
    assert_string_equal("not_found", board.code);
    assert_null(tk_board_log(board.boards, "nowhere", 1, 0, true));
}

static void entries_are_checked_field_by_field(void **state)
{
    static const char *const wrong[][2] = {
        {"[]", "1 to 64"},
        {"{}", "1 to 64"},
        {"[1]", "entries[0].k"},
        {"[{'k':'page','id':'','after':null,'kind':'blank','w':1,'h':1}]", "entries[0].id"},
        {"[{'k':'page','id':'12345678901234567','after':null,'kind':'blank','w':1,'h':1}]", ".id"},
        {"[{'k':'page','id':'p','after':1,'kind':'blank','w':1,'h':1}]", ".after"},
        {"[{'k':'page','id':'p','after':null,'kind':'film','w':1,'h':1}]", ".kind"},
        {"[{'k':'page','id':'p','after':null,'kind':'slide','w':1,'h':1}]", ".file"},
        {"[{'k':'page','id':'p','after':null,'kind':'slide','file':'../x','w':1,'h':1}]", ".file"},
        {"[{'k':'page','id':'p','after':null,'kind':'blank','w':1,'h':3}]", ".h"},
        {"[{'k':'page','id':'p','after':null,'kind':'blank','w':1.5,'h':1}]", ".w"},
        {"[{'k':'page','id':'p','after':null,'kind':'blank','w':1,'h':1,'title':7}]", ".title"},
        {"[{'k':'erase','ids':[]}]", ".ids"},
        {"[{'k':'erase','ids':['a b']}]", ".ids"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        add(wrong[i][0]);
        assert_string_equal("bad_field", board.code);
        assert_non_null(strstr(board.detail, wrong[i][1]));
    }
    assert_int_equal(0, board.told);
}

static void points_are_read_within_bounds(void **state)
{
    static const struct {
        const char *text;
        bool piece;
        int points; /* 0: refused */
    } cases[] = {
        {POINTS, false, 2},     {"AAAA", false, 1},
        {"", false, 0},         {"AAA", false, 0}, /* two of three numbers */
        {"AAAAA", false, 0},                       /* a sextet too many */
        {"AAAA=", false, 0},                       /* padding */
        {"AQAA", false, 0},                        /* x −1 */
        {"AQAA", true, 1},                         /* the same as a difference */
        {"gAAAAA", false, 0},                      /* 0 in two bytes */
        {"wLgCAAA", false, 1},                     /* 20,000 */
        {"wrgCAAA", false, 0},                     /* 20,001 */
        {"AAD+Aw", false, 1},                      /* pressure 255 */
        {"AACABA", false, 0},                      /* pressure 256 */
        {"/////w8A", false, 0}, {"A A A", false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *why = NULL;
        int n = tk_ink_check(cases[i].text, strlen(cases[i].text), 4096, cases[i].piece, &why);
        if (cases[i].points != MAX(n, 0)) {
            print_error("%s: %d, %s\n", cases[i].text, n, why);
        }
        assert_int_equal(cases[i].points, MAX(n, 0));
        assert_true((n < 0) == (why != NULL));
    }
    const char *why = NULL;
    assert_true(tk_ink_check(POINTS, strlen(POINTS), 1, false, &why) < 0);
}

static const uint8_t jpeg[] = "\xff\xd8\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00\xff\xda"
                              "\x00\x08\x01\x01\x00\x00\x3f\x00\xaa\xff\xd9";

/* Every beginning of a picture is none; in memory of exactly its size. */
static void a_picture_that_is_cut_off_is_none(void **state)
{
    size_t whole = sizeof(jpeg) - 1;
    for (size_t len = 0; len <= whole; len++) {
        struct tk_picture p = {0};
        const char *why = NULL;
        g_autofree uint8_t *copy = g_memdup2(jpeg, len);
        int r = tk_picture_parse(copy, len, &p, &why);
        assert_true((r == 0) == (len == whole));
        if (r == 0) {
            assert_string_equal("image/jpeg", p.type);
            assert_int_equal(3, p.w);
            assert_int_equal(2, p.h);
        } else {
            assert_non_null(why);
        }
    }
}

/* Whatever of a log is asked for in gzip is what it is without. */
static void a_log_in_gzip_is_the_same_log(void **state)
{
    struct tk_board_log log;
    const size_t at[] = {0, 1, 100, 1500, 2999, 3000};
    tk_board_log_init(&log);
    for (int i = 0; i < 3000; i++) {
        g_autofree char *entry = g_strdup_printf("{\"k\":\"show\",\"id\":\"%d\",\"n\":%d,\"what\":"
                                                 "\"%u\"}",
                                                 i, i * i, (unsigned)i * 2654435761u);
        tk_board_log_append(&log, entry, strlen(entry));
    }
    assert_true(log.text->len > 2 * 65536);
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        size_t from = tk_board_log_offset(&log, (int64_t)at[i]);
        g_autoptr(GBytes) packed = tk_board_pack_join(&log.pack, "[", log.text, from, "]");
        size_t left = log.text->len - from;
        size_t want = 2 + (left > 0 ? left - 1 : 0);
        g_autofree char *out = g_malloc(want + 1);
        z_stream z = {.next_in = (Bytef *)(uintptr_t)g_bytes_get_data(packed, NULL),
                      .avail_in = (uInt)g_bytes_get_size(packed),
                      .next_out = (Bytef *)out,
                      .avail_out = (uInt)want + 1};
        assert_int_equal(Z_OK, inflateInit2(&z, MAX_WBITS + 16)); /* checks CRC and length */
        assert_int_equal(Z_STREAM_END, inflate(&z, Z_FINISH));
        assert_int_equal(want, z.total_out);
        assert_int_equal(0, z.avail_in);
        assert_memory_equal(out + 1, log.text->str + from, want - 2);
        assert_int_equal(']', out[want - 1]);
        inflateEnd(&z);
    }
    tk_board_log_finish(&log);
}

#define B(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        B(nothing_is_told_before_it_is_on_disk),
        B(the_log_is_what_was_added_and_a_server_that_is_killed_has_it_again),
        B(what_is_sent_again_is_passed_over),
        B(all_of_a_message_or_none),
        B(a_write_that_fails_leaves_no_gap),
        B(many_at_once_are_written_together_and_numbered_in_order),
        B(more_than_an_account_may_write_is_refused_for_a_moment),
        B(a_lesson_that_is_over_can_be_read),
        B(there_must_be_such_a_lesson),
        B(entries_are_checked_field_by_field),
        cmocka_unit_test(a_log_in_gzip_is_the_same_log),
        cmocka_unit_test(points_are_read_within_bounds),
        cmocka_unit_test(a_picture_that_is_cut_off_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
