#include "signaling/media/gallery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define T0 1000000
#define HOLD TK_GALLERY_HOLD_MS

static struct tk_gallery g;

static int setup(void **state)
{
    tk_gallery_init(&g);
    return 0;
}

static int teardown(void **state)
{
    tk_gallery_finish(&g);
    return 0;
}

/* ---- what happens ---- */

static int add(const char *id, int64_t room, bool video, bool audio, int64_t now)
{
    struct tk_gallery_peer p = {.room_id = room, .sees_floor = true, .has = {video, audio}};
    g_strlcpy(p.id, id, sizeof(p.id));
    return tk_gallery_add(&g, &p, now);
}

static void add_teacher(void)
{
    struct tk_gallery_peer p = {.id = "teacher", .sees_floor = true, .sees_large = true};
    assert_int_equal(tk_gallery_add(&g, &p, T0), 0);
}

static void live(const char *peer, const char *kind, bool is, int64_t now)
{
    char track[16];
    snprintf(track, sizeof(track), "room.%s", kind);
    tk_gallery_track(&g, peer, track, is, now);
}

/* A room's only session, with picture and sound. */
static void join(const char *peer, int64_t room, int64_t now)
{
    assert_int_equal(add(peer, room, true, true, now), 0);
    live(peer, "audio", true, now);
    live(peer, "video", true, now);
}

/* ---- what follows: the newest of each, as the changes tell it ---- */

static struct {
    struct tk_stage_feed fed[TK_GALLERY_SLOTS];
    struct tk_gallery_seen seen[32]; /* by room */
    struct tk_gallery_want wants[64];
    int want_count;
    int changes;
} told;

static void drain(void)
{
    enum tk_gallery_slot slot;
    struct tk_stage_feed feed;
    struct tk_gallery_want want;
    struct tk_gallery_seen seen;
    told.changes = 0;
    for (; tk_gallery_next_feed(&g, &slot, &feed); told.changes++) {
        told.fed[slot] = feed;
    }
    for (; tk_gallery_next_seen(&g, &seen); told.changes++) {
        told.seen[seen.room_id] = seen;
    }
    for (; tk_gallery_next_want(&g, &want); told.changes++) {
        int i = 0;
        while (i < told.want_count && strcmp(told.wants[i].peer, want.peer) != 0) {
            i++;
        }
        told.want_count = MAX(told.want_count, i + 1);
        told.wants[i] = want;
    }
}

static int reset_told(void **state)
{
    memset(&told, 0, sizeof(told));
    return setup(state);
}

static void assert_fed(enum tk_gallery_slot slot, const char *from)
{
    drain();
    assert_string_equal(told.fed[slot].from, from);
    if (*from) {
        assert_string_equal(told.fed[slot].track,
                            slot == TK_GALLERY_FLOOR_AUDIO ? "room.audio" : "room.video");
    }
}

static void assert_tile(int64_t room, int tile)
{
    drain();
    assert_int_equal(told.seen[room].tile, tile);
}

static void assert_sends(const char *peer, int layers, bool audio)
{
    drain();
    for (int i = 0; i < told.want_count; i++) {
        if (strcmp(told.wants[i].peer, peer) == 0) {
            assert_int_equal(told.wants[i].layers, layers);
            assert_int_equal(told.wants[i].audio, audio);
            return;
        }
    }
    fail_msg("%s was told nothing", peer);
}

/* No slot at all carries sound of a room, but floor.audio of `peer` ("": none). */
static void assert_heard(const char *peer)
{
    drain();
    for (int i = 0; i < TK_GALLERY_SLOTS; i++) {
        bool sound = told.fed[i].track && strcmp(told.fed[i].track, "room.audio") == 0;
        assert_true(sound == (i == TK_GALLERY_FLOOR_AUDIO && *peer));
    }
    assert_string_equal(told.fed[TK_GALLERY_FLOOR_AUDIO].from, peer);
}

/* ---- the floor ---- */

static void nobody_is_heard_without_the_floor(void **state)
{
    add_teacher();
    join("a", 1, T0);
    join("b", 2, T0);
    assert_heard("");
    tk_gallery_large(&g, 2, T0);
    assert_heard("");
    tk_gallery_floor(&g, 1, true, T0);
    assert_heard("a");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "a");
    tk_gallery_floor(&g, 2, true, T0);
    assert_heard("b");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "b");
    tk_gallery_floor(&g, 2, false, T0); /* choral */
    assert_heard("");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "b");
    tk_gallery_floor(&g, 0, true, T0);
    assert_heard("");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "");
}

static void whatever_happens_only_the_floor_is_heard(void **state)
{
    /* a long walk through joins, ends, tracks and floors: the rule holds after each step */
    guint seed = 7;
    char peer[16];
    add_teacher();
    for (int step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        int64_t room = (seed >> 8) % 12 + 1;
        int64_t now = T0 + step * 500;
        snprintf(peer, sizeof(peer), "p%lld.%u", (long long)room, (seed >> 16) % 3);
        switch ((seed >> 24) % 8) {
        case 0:
            tk_gallery_gone(&g, peer, now);
            assert_int_equal(add(peer, room, (seed >> 20) % 4 > 0, true, now), 0);
            break;
        case 1:
            tk_gallery_gone(&g, peer, now);
            break;
        case 2:
            tk_gallery_floor(&g, (seed >> 20) % 3 ? room : 0, (seed >> 22) % 3 > 0, now);
            break;
        case 3:
            tk_gallery_large(&g, (seed >> 20) % 2 ? room : 0, now);
            break;
        case 4:
            live(peer, "video", (seed >> 20) % 3 > 0, now);
            break;
        case 5:
            live(peer, "audio", (seed >> 20) % 3 > 0, now);
            break;
        default:
            tk_gallery_on_time(&g, now);
        }
        drain();
        const char *heard = told.fed[TK_GALLERY_FLOOR_AUDIO].from;
        assert_heard(heard);
        if (*heard) {
            assert_true(g.sound);
            snprintf(peer, sizeof(peer), "p%lld.", (long long)g.floor);
            assert_int_equal(strncmp(heard, peer, strlen(peer)), 0);
        }
        for (int64_t a = 1; a <= 12; a++) {
            for (int64_t b = a + 1; b <= 12; b++) {
                assert_true(!told.seen[a].tile || told.seen[a].tile != told.seen[b].tile);
            }
        }
        drain();
        assert_int_equal(told.changes, 0);
    }
}

static void the_floor_may_be_given_before_its_room_sends(void **state)
{
    tk_gallery_floor(&g, 1, true, T0);
    assert_heard("");
    add("a", 1, true, true, T0);
    assert_heard("a");
    tk_gallery_gone(&g, "a", T0);
    assert_heard("");
    add("a2", 1, true, true, T0);
    assert_heard("a2");
}

static void a_room_without_a_camera_is_heard_alone(void **state)
{
    add("a", 1, false, true, T0);
    live("a", "audio", true, T0);
    tk_gallery_floor(&g, 1, true, T0);
    assert_heard("a");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "");
    assert_tile(1, 0);
    assert_true(told.seen[1].audio);
    assert_false(told.seen[1].video);
    assert_sends("a", 0, true);
}

/* ---- who of a room sends ---- */

static void a_new_session_takes_over_when_its_picture_arrives(void **state)
{
    join("a", 1, T0);
    tk_gallery_floor(&g, 1, true, T0);
    assert_heard("a");
    add("a2", 1, true, true, T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "a");
    live("a2", "audio", true, T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "a");
    assert_heard("a");
    live("a2", "video", true, T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "a2");
    assert_heard("a2");
    assert_fed(TK_GALLERY_TILE_1, "a2");
    tk_gallery_gone(&g, "a", T0);
    assert_int_equal(told.changes, 0);
    assert_tile(1, 1);
}

static void the_one_that_stands_by_goes_on(void **state)
{
    join("a", 1, T0);
    join("a2", 1, T0);
    tk_gallery_floor(&g, 1, true, T0);
    assert_heard("a2");
    live("a2", "video", false, T0);
    live("a2", "audio", false, T0);
    assert_heard("a");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "a");
    tk_gallery_gone(&g, "a2", T0);
    assert_true(told.seen[1].video);
}

static void a_page_without_camera_lends_its_microphone(void **state)
{
    add("camera", 1, true, true, T0);
    live("camera", "video", true, T0); /* its microphone is off */
    add("phone", 1, false, true, T0);
    live("phone", "audio", true, T0);
    tk_gallery_floor(&g, 1, true, T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "camera");
    assert_heard("phone");
}

static void sessions_of_one_room_are_limited(void **state)
{
    char id[16];
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof(id), "s%d", i);
        assert_int_equal(add(id, 1, true, true, T0), 0);
        if (i == 0) {
            live("s0", "video", true, T0);
        }
    }
    tk_gallery_floor(&g, 1, true, T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "s0"); /* the one that sends is never dropped */
    live("s1", "video", true, T0);
    tk_gallery_gone(&g, "s0", T0);
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "s49"); /* s1 counts no more */
}

static void rooms_are_limited(void **state)
{
    char id[16];
    for (int i = 0; i < TK_GALLERY_ROOMS_MAX; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        assert_int_equal(add(id, 100 + i, true, true, T0), 0);
    }
    assert_int_equal(add("more", 1, true, true, T0), -ENOSPC);
    tk_gallery_gone(&g, "r5", T0);
    assert_int_equal(add("more", 1, true, true, T0), 0);
}

/* ---- tiles and the large picture ---- */

static void a_tile_stays_and_comes_back(void **state)
{
    join("a", 1, T0);
    join("b", 2, T0);
    assert_tile(1, 1);
    assert_tile(2, 2);
    tk_gallery_gone(&g, "a", T0);
    assert_int_equal(tk_gallery_on_time(&g, T0 + 1), T0 + HOLD);
    join("c", 3, T0 + 2);
    assert_tile(3, 3);
    assert_tile(1, 1);
    tk_gallery_on_time(&g, T0 + HOLD);
    assert_tile(1, 0);
    assert_fed(TK_GALLERY_TILE_1, "");
    join("a", 1, T0 + 2 * HOLD);
    assert_tile(1, 1);
    assert_fed(TK_GALLERY_TILE_1, "a");
}

static void join_nine(void)
{
    char id[16];
    add_teacher();
    for (int i = 1; i <= 9; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        join(id, i, T0);
    }
}

static void the_ninth_waits_for_a_tile(void **state)
{
    join_nine();
    assert_tile(8, 8);
    assert_tile(9, 0);
    assert_sends("r9", 0, false);
    assert_sends("r2", 1, false);
    live("r2", "video", false, T0 + 5);
    tk_gallery_on_time(&g, T0 + HOLD);
    assert_tile(9, 0);
    tk_gallery_on_time(&g, T0 + 5 + HOLD); /* its page is here, its camera is not */
    assert_tile(9, 2);
    assert_tile(2, 0);
    assert_fed(TK_GALLERY_TILE_1 + 1, "r9");
    assert_sends("r9", 1, false);
}

static void the_floor_is_large_or_has_a_tile(void **state)
{
    join_nine();
    tk_gallery_floor(&g, 9, true, T0);
    assert_tile(9, 0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "r9");
    tk_gallery_large(&g, 8, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "r8");
    assert_tile(9, 7); /* 8 is looked at */
    assert_tile(8, 8);
    assert_tile(7, 0);
    tk_gallery_floor(&g, 0, true, T0);
    assert_tile(9, 7);
}

static void large_is_the_chosen_the_floor_or_the_first(void **state)
{
    add_teacher();
    assert_fed(TK_GALLERY_LARGE_VIDEO, "");
    join("a", 1, T0);
    join("b", 2, T0);
    join("c", 3, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "a");
    live("a", "video", false, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "b");
    tk_gallery_floor(&g, 3, true, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "c");
    tk_gallery_large(&g, 2, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "b");
    tk_gallery_large(&g, 7, T0); /* not there: its place is kept */
    assert_fed(TK_GALLERY_LARGE_VIDEO, "");
    tk_gallery_large(&g, 0, T0);
    assert_fed(TK_GALLERY_LARGE_VIDEO, "c");
}

/* ---- how much is asked for ---- */

static void all_layers_only_where_somebody_looks(void **state)
{
    add("a", 1, true, true, T0);
    assert_sends("a", 1, false);
    live("a", "video", true, T0);
    assert_sends("a", 1, false);
    tk_gallery_floor(&g, 1, true, T0);
    assert_sends("a", 1, true); /* only itself is here */
    join("b", 2, T0);
    assert_sends("a", 3, true);
    assert_sends("b", 1, false);
    tk_gallery_floor(&g, 1, false, T0);
    assert_sends("a", 3, false);
    tk_gallery_floor(&g, 0, true, T0);
    assert_sends("a", 1, false);
    add_teacher();
    assert_sends("a", 3, false); /* the large one now */
    tk_gallery_large(&g, 2, T0);
    assert_sends("a", 1, false);
    assert_sends("b", 3, false);
    tk_gallery_gone(&g, "teacher", T0);
    assert_sends("b", 1, false);
}

static void who_stands_by_sends_the_smallest(void **state)
{
    add_teacher();
    join("a", 1, T0);
    assert_sends("a", 3, false);
    join("a2", 1, T0);
    assert_sends("a2", 3, false);
    assert_sends("a", 1, false);
}

static void slots_and_layers_are_the_protocols(void **state)
{
    enum tk_stage_kind kind;
    assert_string_equal(tk_gallery_slot_name(TK_GALLERY_TILE_1 + 7), "room8.video");
    assert_int_equal(tk_gallery_slot_layer(TK_GALLERY_TILE_1 + 7), 0);
    assert_int_equal(tk_gallery_slot_layer(TK_GALLERY_LARGE_VIDEO), 2);
    assert_int_equal(tk_gallery_slot_layer(TK_GALLERY_FLOOR_VIDEO), 2);
    assert_int_equal(tk_gallery_slot_layer(TK_GALLERY_FLOOR_AUDIO), -1);
    assert_false(tk_gallery_track_parse("people.video", &kind));
    assert_true(tk_gallery_track_parse("room.audio", &kind));
    assert_int_equal(kind, TK_STAGE_AUDIO);
}

static void a_new_streamer_finds_everything_as_it_was(void **state)
{
    join("a", 1, T0);
    join("b", 2, T0);
    tk_gallery_floor(&g, 2, true, T0);
    assert_heard("b");
    tk_gallery_reset(&g, T0);
    memset(told.fed, 0, sizeof(told.fed)); /* it was told nothing yet */
    drain();
    assert_false(told.seen[2].audio);
    assert_tile(2, 2);
    join("b2", 2, T0 + 1000);
    join("a2", 1, T0 + 1000);
    assert_heard("b2");
    assert_fed(TK_GALLERY_FLOOR_VIDEO, "b2");
    assert_fed(TK_GALLERY_TILE_1, "a2");
    assert_fed(TK_GALLERY_TILE_1 + 1, "b2");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, reset_told, teardown)
    const struct CMUnitTest tests[] = {
        T(nobody_is_heard_without_the_floor),
        T(whatever_happens_only_the_floor_is_heard),
        T(the_floor_may_be_given_before_its_room_sends),
        T(a_room_without_a_camera_is_heard_alone),
        T(a_new_session_takes_over_when_its_picture_arrives),
        T(the_one_that_stands_by_goes_on),
        T(a_page_without_camera_lends_its_microphone),
        T(sessions_of_one_room_are_limited),
        T(rooms_are_limited),
        T(a_tile_stays_and_comes_back),
        T(the_ninth_waits_for_a_tile),
        T(the_floor_is_large_or_has_a_tile),
        T(large_is_the_chosen_the_floor_or_the_first),
        T(all_layers_only_where_somebody_looks),
        T(who_stands_by_sends_the_smallest),
        T(slots_and_layers_are_the_protocols),
        T(a_new_streamer_finds_everything_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
