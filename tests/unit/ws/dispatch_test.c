/* The table of messages, with handlers that only say that they were called. */

#include "signaling/ws/ws_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct tk_ws ws;
static struct tk_ws_conn conns[2];
static char handled[32];
static int handled_count;
static json_t *sent[2]; /* the last to each */

void tk_ws_send(struct tk_ws_conn *c, json_t *message, bool droppable)
{
    json_decref(sent[c - conns]);
    sent[c - conns] = message;
}

struct tk_ws_conn *tk_ws_conn_find(struct tk_ws *w, uint64_t id)
{
    return id >= 1 && id <= 2 ? &conns[id - 1] : NULL;
}

#define HANDLER(f)                                                                                 \
    void f(struct tk_ws_conn *c, const char *op, const json_t *m)                                  \
    {                                                                                              \
        strcpy(handled, #f);                                                                       \
        handled_count++;                                                                           \
    }

HANDLER(tk_ws_on_hello)
HANDLER(tk_ws_on_bye)
HANDLER(tk_ws_on_offer)
HANDLER(tk_ws_on_restart)
HANDLER(tk_ws_on_media_close)
HANDLER(tk_ws_on_progress)
HANDLER(tk_ws_on_start)
HANDLER(tk_ws_on_release)
HANDLER(tk_ws_on_end)
HANDLER(tk_ws_on_board_add)
HANDLER(tk_ws_on_board_ink)
HANDLER(tk_ws_on_board_laser)
HANDLER(tk_ws_on_class)
HANDLER(tk_ws_on_class_once)
HANDLER(tk_ws_on_check)

static int setup(void **state)
{
    memset(&ws, 0, sizeof(ws));
    memset(conns, 0, sizeof(conns));
    ws.ops = tk_ops_create();
    for (int i = 0; i < 2; i++) {
        conns[i].ws = &ws;
        conns[i].id = (uint64_t)i + 1;
        strcpy(conns[i].who, "a1");
        sent[i] = NULL;
    }
    handled[0] = '\0';
    handled_count = 0;
    return 0;
}

static int teardown(void **state)
{
    json_decref(sent[0]);
    json_decref(sent[1]);
    tk_ops_destroy(ws.ops);
    return 0;
}

static void dispatch(struct tk_ws_conn *c, const char *text)
{
    json_t *m = json_loads(text, 0, NULL);
    assert_non_null(m);
    tk_ws_dispatch(c, m);
    json_decref(m);
}

static void assert_error(int i, const char *code)
{
    assert_string_equal(json_string_value(json_object_get(sent[i], "type")), "error");
    assert_string_equal(json_string_value(json_object_get(sent[i], "code")), code);
    assert_int_equal(handled_count, 0);
}

static void hello_comes_first_and_once(void **state)
{
    dispatch(&conns[0], "{\"type\":\"lesson.start\",\"op\":\"1\"}");
    assert_error(0, "bad_request");
    conns[0].page = TK_WS_TEACH;
    dispatch(&conns[0], "{\"type\":\"hello\"}");
    assert_error(0, "bad_request");
    conns[0].page = (enum tk_ws_page)0;
    dispatch(&conns[0], "{\"type\":\"hello\"}");
    assert_string_equal(handled, "tk_ws_on_hello");
}

static void a_page_sends_only_what_it_may(void **state)
{
    conns[0].page = TK_WS_ROOM;
    dispatch(&conns[0], "{\"type\":\"lesson.end\",\"op\":\"1\"}");
    assert_error(0, "forbidden");
    assert_string_equal(json_string_value(json_object_get(sent[0], "op")), "1");
    dispatch(&conns[0], "{\"type\":\"progress\"}");
    assert_string_equal(handled, "tk_ws_on_progress");
}

/* Which role may send which of them, the classroom decides: each page is answered by it. */
static void the_lesson_is_a_conversation(void **state)
{
    conns[0].page = TK_WS_ROOM;
    dispatch(&conns[0], "{\"type\":\"floor.give\",\"room\":1}");
    assert_error(0, "bad_field");
    dispatch(&conns[0], "{\"type\":\"floor.give\",\"room\":1,\"op\":\"1\"}");
    assert_string_equal(handled, "tk_ws_on_class_once");
    dispatch(&conns[0], "{\"type\":\"floor.give\",\"room\":1,\"op\":\"1\"}");
    assert_int_equal(handled_count, 1);
    dispatch(&conns[0], "{\"type\":\"hand.raise\"}");
    assert_string_equal(handled, "tk_ws_on_class");
    handled_count = 0;
    dispatch(&conns[0], "{\"type\":\"check.start\",\"room\":1}");
    assert_error(0, "forbidden");
    conns[0].page = TK_WS_COTEACH;
    dispatch(&conns[0], "{\"type\":\"check.start\",\"room\":1}");
    assert_string_equal(handled, "tk_ws_on_check");
}

static void nonsense_is_refused_by_name(void **state)
{
    conns[0].page = TK_WS_ROOM;
    dispatch(&conns[0], "{\"type\":\"no.such\"}");
    assert_error(0, "bad_request");
    dispatch(&conns[0], "{\"type\":7}");
    assert_error(0, "bad_request");
    dispatch(&conns[0], "{}");
    assert_error(0, "bad_request");
    dispatch(&conns[0], "{\"type\":\"bye\",\"op\":7}");
    assert_error(0, "bad_field");
    dispatch(&conns[0], "{\"type\":\"bye\",\"op\":\"1234567890123456789012345678901234567\"}");
    assert_error(0, "bad_field");
    assert_int_equal(ws.stats.malformed, 5);
}

static void an_act_is_done_once_and_answered_again(void **state)
{
    conns[0].page = conns[1].page = TK_WS_TEACH;
    dispatch(&conns[0], "{\"type\":\"lesson.end\",\"op\":\"x\"}");
    assert_int_equal(handled_count, 1);
    dispatch(&conns[1], "{\"type\":\"lesson.end\",\"op\":\"x\"}");
    assert_int_equal(handled_count, 1);
    assert_null(sent[1]);
    tk_ws_answer_op(&ws, "a1", "x", NULL);
    assert_null(sent[0]);
    assert_string_equal(json_string_value(json_object_get(sent[1], "type")), "ok");
    dispatch(&conns[0], "{\"type\":\"lesson.end\",\"op\":\"x\"}");
    assert_int_equal(handled_count, 1);
    assert_string_equal(json_string_value(json_object_get(sent[0], "op")), "x");
}

static void others_may_use_the_same_op(void **state)
{
    conns[0].page = conns[1].page = TK_WS_TEACH;
    strcpy(conns[1].who, "a2");
    dispatch(&conns[0], "{\"type\":\"lesson.end\",\"op\":\"x\"}");
    dispatch(&conns[1], "{\"type\":\"lesson.end\",\"op\":\"x\"}");
    assert_int_equal(handled_count, 2);
}

static void the_oldest_op_is_forgotten(void **state)
{
    const json_t *answer;
    char op[16];
    for (int i = 0; i <= TK_OPS_MAX; i++) {
        snprintf(op, sizeof(op), "%d", i);
        assert_int_equal(tk_ops_begin(ws.ops, "a1", op, 1, &answer), TK_OP_NEW);
    }
    assert_int_equal(tk_ops_begin(ws.ops, "a1", "1", 1, &answer), TK_OP_UNDERWAY);
    assert_int_equal(tk_ops_begin(ws.ops, "a1", "0", 1, &answer), TK_OP_NEW);
    assert_int_equal(tk_ops_answer(ws.ops, "a1", "1", NULL), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(hello_comes_first_and_once),
        T(a_page_sends_only_what_it_may),
        T(the_lesson_is_a_conversation),
        T(nonsense_is_refused_by_name),
        T(an_act_is_done_once_and_answered_again),
        T(others_may_use_the_same_op),
        T(the_oldest_op_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
