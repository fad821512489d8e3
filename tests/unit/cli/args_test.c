#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "signaling/cli/args.h"

static const struct tk_option options[] = {
    {"lesson", TK_OPTION_WORD, true, "LESSON", "which"},
    {"where", TK_OPTION_WORD, false, "WHERE", "where"},
    {"watch", TK_OPTION_FLAG, false, NULL, "a flag"},
    {"hours", TK_OPTION_INT, false, "N", "a number"},
    {"room", TK_OPTION_LIST, false, "ROOM", "a list"},
    {"title", TK_OPTION_TEXT, false, "TEXT", "a text"},
    {NULL, TK_OPTION_FLAG, false, NULL, NULL},
};

static char err[256];

static int parse(json_t **ret, const char *words)
{
    g_auto(GStrv) split = g_strsplit(words, " ", -1);
    int count = *words ? (int)g_strv_length(split) : 0;
    *err = '\0';
    return tk_args_parse(options, count, (const char *const *)split, ret, err, sizeof(err));
}

static void assert_refused(const char *words, const char *because)
{
    json_t *args = NULL;
    assert_int_equal(parse(&args, words), -EINVAL);
    assert_null(args);
    if (!strstr(err, because)) {
        fail_msg("'%s' does not say '%s'", err, because);
    }
}

static void words_and_options_in_any_order(void **state)
{
    json_t *args = NULL;
    assert_int_equal(parse(&args, "--room 1 demo --hours=-3 --watch here --room 2 --json"), 0);
    assert_string_equal(tk_arg_text(args, "lesson"), "demo");
    assert_string_equal(tk_arg_text(args, "where"), "here");
    assert_true(tk_arg_flag(args, "watch"));
    assert_true(tk_arg_flag(args, "json"));
    assert_int_equal(tk_arg_int(args, "hours", 7), -3);
    assert_int_equal(json_array_size(json_object_get(args, "room")), 2);
    json_decref(args);
}

static void what_is_not_given(void **state)
{
    json_t *args = NULL;
    assert_int_equal(parse(&args, "demo"), 0);
    assert_null(tk_arg_text(args, "where"));
    assert_false(tk_arg_flag(args, "watch"));
    assert_int_equal(tk_arg_int(args, "hours", 7), 7);
    json_decref(args);
}

static void after_two_dashes_only_words(void **state)
{
    json_t *args = NULL;
    assert_int_equal(parse(&args, "-- --watch"), 0);
    assert_string_equal(tk_arg_text(args, "lesson"), "--watch");
    json_decref(args);
}

static void help_needs_nothing_else(void **state)
{
    json_t *args = NULL;
    assert_int_equal(parse(&args, "--help"), 0);
    assert_true(tk_arg_flag(args, "help"));
    json_decref(args);
    g_autofree char *help = tk_args_help("x", "does x", options);
    assert_non_null(strstr(help, "usage: tongke x LESSON [WHERE] [--watch] [--hours N]"));
    assert_non_null(strstr(help, "--json"));
}

static void wrong_use_says_what(void **state)
{
    assert_refused("", "LESSON is missing");
    assert_refused("demo here there", "one word too many");
    assert_refused("demo --nothing", "--nothing");
    assert_refused("demo --hours", "needs a value");
    assert_refused("demo --hours 3x", "not a whole number");
    assert_refused("demo --hours 99999999999999999999", "not a whole number");
    assert_refused("demo --watch=1", "takes no value");
    assert_refused("demo --title a --title b", "twice");
    assert_refused("demo --title \xff", "UTF-8");
}

static void over_a_socket_types_are_checked(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"lesson\":1}",
        "{\"lesson\":\"a\",\"watch\":\"yes\"}",
        "{\"lesson\":\"a\",\"hours\":\"1\"}",
        "{\"lesson\":\"a\",\"hours\":1.5}",
        "{\"lesson\":\"a\",\"room\":\"1\"}",
        "{\"lesson\":\"a\",\"room\":[1]}",
        "{\"lesson\":\"a\",\"more\":1}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        json_t *args = json_loads(wrong[i], 0, NULL);
        assert_int_equal(tk_args_check(options, args, err, sizeof(err)), -EINVAL);
        json_decref(args);
    }
    json_t *args = json_loads("{\"lesson\":\"a\",\"room\":[\"1\"],\"hours\":2}", 0, NULL);
    assert_int_equal(tk_args_check(options, args, err, sizeof(err)), 0);
    json_decref(args);
}

static void a_dash_reads_a_line(void **state)
{
    json_t *args = NULL;
    char input[] = "first secret\nsecond\n";
    FILE *f = fmemopen(input, strlen(input), "r");
    assert_int_equal(parse(&args, "demo --title -"), 0);
    assert_int_equal(tk_args_read_dashes(args, f, err, sizeof(err)), 0);
    assert_string_equal(tk_arg_text(args, "title"), "first secret");
    assert_string_equal(tk_arg_text(args, "lesson"), "demo");
    fclose(f);
    json_decref(args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_options_in_any_order),
        cmocka_unit_test(what_is_not_given),
        cmocka_unit_test(after_two_dashes_only_words),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(wrong_use_says_what),
        cmocka_unit_test(over_a_socket_types_are_checked),
        cmocka_unit_test(a_dash_reads_a_line),
    };
    return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
