/* Rooms that send: their tracks, the floor, who speaks, as the streamer is told. */

#include "tests/unit/media/scripted.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>

static void join(int64_t room, char peer[TK_PEER_TEXT])
{
    struct tk_problem problem;
    const char *tracks = "{\"1\":\"room.video\", \"2\":\"room.audio\"}";
    assert_int_equal(scripted_create_of(room, tracks, peer, &problem), 0);
    UNTIL(w.rooms[room].video && w.rooms[room].audio);
}

/* The streamer was told to feed this slot from there. */
static bool is_fed(const char *slot, const char *peer, const char *track)
{
    char *key = g_strdup_printf("%s<%s:%s", slot, peer, track);
    bool is = json_object_get(tk_media_counters(w.media), key) != NULL;
    g_free(key);
    return is;
}

static json_int_t layer_of(const char *slot, const char *peer)
{
    char *key = g_strdup_printf("%s<%s:room.video", slot, peer);
    const json_t *layer = json_object_get(tk_media_counters(w.media), key);
    g_free(key);
    assert_non_null(layer);
    return json_integer_value(layer);
}

static void the_floor_feeds_what_everybody_hears(void **state)
{
    char a[TK_PEER_TEXT];
    char b[TK_PEER_TEXT];
    scripted_open_demo();
    join(1, a);
    join(2, b);
    UNTIL(is_fed("room1.video", a, "room.video") && is_fed("room2.video", b, "room.video"));
    assert_int_equal(w.rooms[2].tile, 2);
    assert_false(is_fed("floor.audio", a, "room.audio"));
    tk_media_lesson_floor(w.media, "demo", 1, true);
    assert_int_equal(w.layers, 3); /* told before it returns */
    assert_true(w.audio);
    UNTIL(is_fed("floor.audio", a, "room.audio") && is_fed("floor.video", a, "room.video"));
    assert_int_equal(layer_of("room1.video", a), 0);
    assert_int_equal(layer_of("floor.video", a), 2);
    tk_media_lesson_floor(w.media, "demo", 0, true);
    assert_false(w.audio);
    UNTIL(is_fed("floor.audio", "", "") && is_fed("floor.video", "", ""));
    tk_media_lesson_floor(w.media, "demo", 2, false);
    UNTIL(is_fed("floor.video", b, "room.video"));
    assert_false(is_fed("floor.audio", b, "room.audio"));
    assert_int_equal(tk_media_stats(w.media).floors, 2);
    assert_int_equal(tk_media_stats(w.media).rooms, 2);
}

static void the_large_one_is_chosen(void **state)
{
    char a[TK_PEER_TEXT];
    char b[TK_PEER_TEXT];
    scripted_open_demo();
    join(1, a);
    join(2, b);
    UNTIL(is_fed("large.video", a, "room.video"));
    tk_media_lesson_large(w.media, "demo", 2);
    UNTIL(is_fed("large.video", b, "room.video"));
    assert_int_equal(layer_of("large.video", b), 2);
}

static void a_room_is_one_place_to_the_streamer(void **state)
{
    char a[TK_PEER_TEXT];
    scripted_open_demo();
    join(1, a);
    char *key = g_strdup_printf("%s in room:1", a);
    UNTIL(json_object_get(tk_media_counters(w.media), key));
    g_free(key);
}

static void a_track_of_another_is_refused(void **state)
{
    char peer[TK_PEER_TEXT];
    struct tk_problem problem;
    scripted_open_demo();
    assert_int_equal(scripted_create_of(0, "{\"1\":\"room.audio\"}", peer, &problem), -EINVAL);
    assert_string_equal(problem.code, "forbidden");
    assert_non_null(strstr(problem.detail, "room.audio"));
    assert_int_equal(scripted_create_of(1, "{\"1\":\"people.video\"}", peer, &problem), -EINVAL);
    assert_string_equal(problem.code, "forbidden");
    assert_non_null(strstr(problem.detail, "people.video"));
    assert_int_equal(scripted_create_of(1, "{\"1\":\"room.light\"}", peer, &problem), -EINVAL);
    assert_string_equal(problem.code, "bad_field");
    assert_int_equal(tk_media_stats(w.media).peers, 0);
}

static void a_room_that_drops_out_may_lose_the_floor_at_once(void **state)
{
    char a[TK_PEER_TEXT];
    char a2[TK_PEER_TEXT];
    scripted_open_demo();
    join(1, a);
    tk_media_lesson_floor(w.media, "demo", 1, true);
    UNTIL(is_fed("floor.audio", a, "room.audio"));
    w.loses_floor = 1;
    tk_media_peer_close(w.media, a, "bye");
    assert_false(w.rooms[1].audio);
    UNTIL(is_fed("floor.audio", "", ""));
    join(1, a2);
    UNTIL(is_fed("room1.video", a2, "room.video"));
    assert_false(is_fed("floor.audio", a2, "room.audio"));
}

static void the_floor_outlives_the_streamer(void **state)
{
    char a[TK_PEER_TEXT];
    scripted_open_demo();
    join(2, a);
    tk_media_lesson_floor(w.media, "demo", 2, true);
    UNTIL(is_fed("floor.audio", a, "room.audio"));
    kill((pid_t)tk_media_stats(w.media).pid, SIGKILL);
    UNTIL(w.gone == 1);
    assert_false(w.rooms[2].video || w.rooms[2].audio);
    UNTIL(w.ups == 2);
    join(2, a);
    UNTIL(is_fed("floor.audio", a, "room.audio") && is_fed("floor.video", a, "room.video") &&
          is_fed("room1.video", a, "room.video"));
}

static void a_voice_counts_while_it_is_heard(void **state)
{
    char a[TK_PEER_TEXT];
    char b[TK_PEER_TEXT];
    scripted_open_demo();
    join(1, a);
    join(2, b);
    tk_media_lesson_floor(w.media, "demo", 2, true);
    UNTIL(is_fed("floor.audio", b, "room.audio"));
    scripted_create("speak", NULL, a);
    UNTIL(w.rooms[0].voice_ms > 0 && w.rooms[2].voice_ms > 0);
    assert_int_equal(w.rooms[0].voice_ms, 600);
    assert_int_equal(w.rooms[1].voice_ms, 0);
    tk_media_lesson_floor(w.media, "demo", 2, false);
    scripted_create("speak", NULL, a);
    UNTIL(w.rooms[0].voice_ms == 1200);
    assert_int_equal(w.rooms[2].voice_ms, 600);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seam-fd") == 0) {
        return scripted_streamer();
    }
#define T(f) cmocka_unit_test_setup_teardown(f, scripted_setup, scripted_teardown)
    const struct CMUnitTest tests[] = {
        T(the_floor_feeds_what_everybody_hears),
        T(the_large_one_is_chosen),
        T(a_room_is_one_place_to_the_streamer),
        T(a_track_of_another_is_refused),
        T(a_room_that_drops_out_may_lose_the_floor_at_once),
        T(the_floor_outlives_the_streamer),
        T(a_voice_counts_while_it_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
