/*
 * The supervision, against a scripted streamer: this program itself, started with --seam-fd. What
 * it does depends on the offer it gets: "die", "hang", "garbage", "bad", "codec", else it answers.
 */

#include "signaling/media/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "signaling/media/streamer.h"
#include "streamer/seam.h"

/* ---- the scripted streamer ---- */

static void say(json_t *event)
{
    char err[256] = "";
    if (tk_seam_send(3, TK_SEAM_EVENT, event, err, sizeof(err)) < 0) {
        abort();
    }
    json_decref(event);
}

static void say_live(const char *lesson, const char *from, const char *track)
{
    say(json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", "track.state", "lesson", lesson, "from",
                  from, "track", track, "live", 1));
}

static void flood(const char *message)
{
    while (send(3, message, strlen(message), MSG_NOSIGNAL) >= 0 || errno == EAGAIN) {
        poll(&(struct pollfd){.fd = 3, .events = POLLOUT}, 1, -1);
    }
}

static void act_peer(const json_t *c)
{
    const char *offer = json_string_value(json_object_get(c, "offer"));
    const char *peer = json_string_value(json_object_get(c, "peer"));
    const char *lesson = json_string_value(json_object_get(c, "lesson"));
    json_int_t id = json_integer_value(json_object_get(c, "id"));
    if (strcmp(offer, "die") == 0) {
        raise(SIGKILL);
    } else if (strcmp(offer, "hang") == 0) {
        raise(SIGSTOP);
    } else if (strcmp(offer, "garbage") == 0) {
        send(3, "{\"type\":\"pong\"}", 15, 0);
        send(3, "\xff\x00", 2, 0);
        send(3, "{\"type\":\"no.such\"}", 18, 0);
    } else if (strcmp(offer, "nonsense") == 0) {
        flood("{\"type\":\"no.such\"}");
    } else if (strcmp(offer, "flood") == 0) {
        flood("{\"type\":\"pong\",\"id\":1}");
    } else if (strcmp(offer, "bad") == 0 || strcmp(offer, "codec") == 0) {
        say(json_pack("{s:s, s:I, s:s, s:s}", "type", "error", "id", id, "code",
                      offer[0] == 'b' ? "sdp" : "codec", "text", "line 3"));
        return;
    }
    say(json_pack("{s:s, s:I, s:s, s:s}", "type", "peer.answer", "id", id, "peer", peer, "sdp",
                  "v=0"));
    if (json_object_size(json_object_get(c, "tracks")) > 0) {
        say_live(lesson, peer, "people.video");
    }
}

static void act(const json_t *c)
{
    const char *type = json_string_value(json_object_get(c, "type"));
    if (strcmp(type, "hello") == 0) {
        say(json_pack("{s:s, s:O, s:i, s:O, s:[], s:b, s:i}", "type", "ready", "id",
                      json_object_get(c, "id"), "version", TK_SEAM_VERSION, "udp_port",
                      json_object_get(c, "udp_port"), "addresses", "ipv6", 0, "pid",
                      (int)getpid()));
    } else if (strcmp(type, "ping") == 0) {
        say(json_pack("{s:s, s:O}", "type", "pong", "id", json_object_get(c, "id")));
    } else if (strcmp(type, "source.set") == 0) {
        const char *lesson = json_string_value(json_object_get(c, "lesson"));
        say(json_pack("{s:s, s:s, s:s, s:s}", "type", "source.state", "lesson", lesson, "kind",
                      "demo", "state", "live"));
        say_live(lesson, "source", "source.video");
    } else if (strcmp(type, "peer.create") == 0) {
        act_peer(c);
    }
}

static int streamer(void)
{
    static char buf[TK_SEAM_MAX_BYTES];
    char err[256];
    ssize_t n;
    while ((n = recv(3, buf, sizeof(buf), 0)) > 0 || (n < 0 && errno == EAGAIN)) {
        if (n < 0) {
            poll(&(struct pollfd){.fd = 3, .events = POLLIN}, 1, -1);
            continue;
        }
        json_t *c = tk_seam_parse(TK_SEAM_COMMAND, buf, (size_t)n, err, sizeof(err));
        if (!c) {
            abort();
        }
        act(c);
        json_decref(c);
    }
    return 0;
}

/* ---- the tests ---- */

struct world {
    struct tk_settings settings;
    struct tk_media *media;
    int ups;
    int downs;
    bool main_live;
    int failed;
    char publisher[64];
    char source_state[16];
    int answers;
    char code[32];
    int gone;
    char reason[32];
};

static struct world w;

static void on_up(void *ctx, bool up)
{
    w.ups += up;
    w.downs += !up;
}

static void on_main_media(void *ctx, const char *lesson, bool live, int64_t ago_ms)
{
    w.main_live = live;
}

static void on_source_status(void *ctx, const char *lesson, const json_t *status)
{
    g_strlcpy(w.source_state, json_string_value(json_object_get(status, "state")),
              sizeof(w.source_state));
}

static void on_publisher(void *ctx, const char *lesson, const struct tk_publisher *p)
{
    g_strlcpy(w.publisher, p ? p->name : "", sizeof(w.publisher));
}

static void on_failed(void *ctx, const char *text)
{
    w.failed++;
}

static void on_answer(void *ctx, void *arg, const struct tk_problem *problem, const char *peer,
                      const char *sdp)
{
    w.answers++;
    g_strlcpy(w.code, problem ? problem->code : "", sizeof(w.code));
}

static void on_gone(void *ctx, const char *peer, const char *reason)
{
    w.gone++;
    g_strlcpy(w.reason, reason, sizeof(w.reason));
}

static int setup(void **state)
{
    char err[256];
    char *self = g_file_read_link("/proc/self/exe", NULL);
    memset(&w, 0, sizeof(w));
    tk_settings_defaults(&w.settings);
    struct tk_media_config config = {.settings = &w.settings,
                                     .program = self,
                                     .handlers = {.on_up = on_up,
                                                  .on_main_media = on_main_media,
                                                  .on_source_status = on_source_status,
                                                  .on_publisher = on_publisher,
                                                  .on_failed = on_failed}};
    assert_int_equal(tk_media_create(&config, &w.media, err, sizeof(err)), 0);
    g_free(self);
    return 0;
}

static int teardown(void **state)
{
    tk_media_destroy(w.media);
    return 0;
}

/* Runs the loop until it is true; meson's own limit ends a test in which it never is. */
#define UNTIL(what)                                                                                \
    while (!(what)) {                                                                              \
        g_main_context_iteration(NULL, TRUE);                                                      \
    }

static int create(const char *offer, const char *key, char peer[TK_PEER_TEXT])
{
    static const struct tk_peer_owner owner = {
        .ctx = &w, .on_answer = on_answer, .on_gone = on_gone};
    json_t *tracks = json_pack("{s:s}", "video", "people.video");
    struct tk_problem problem = {0};
    struct tk_peer_config c = {.lesson = "demo",
                               .offer = offer,
                               .owner = &owner,
                               .tracks = key ? tracks : NULL,
                               .publisher_key = key,
                               .publisher_name = key,
                               .started = true};
    int r = tk_media_peer_create(w.media, &c, peer, &problem);
    json_decref(tracks);
    return r;
}

static void open_demo(void)
{
    json_t *source = json_pack("{s:s}", "kind", "demo");
    tk_media_lesson_open(w.media, "demo");
    assert_int_equal(tk_media_lesson_source(w.media, "demo", source), 0);
    json_decref(source);
    UNTIL(w.main_live && strcmp(w.source_state, "live") == 0);
}

static void it_starts_and_gets_what_was_opened_before(void **state)
{
    assert_false(tk_media_ready(w.media));
    open_demo();
    assert_true(tk_media_ready(w.media));
    assert_int_equal(w.ups, 1);
    json_t *status = tk_media_source_status(w.media, "demo");
    assert_string_equal(json_string_value(json_object_get(status, "kind")), "demo");
    json_decref(status);
}

static void a_killed_streamer_is_back_with_its_state(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("v=0", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "");
    kill((pid_t)tk_media_stats(w.media).pid, SIGKILL);
    UNTIL(w.downs == 1);
    assert_false(w.main_live);
    UNTIL(w.gone == 1);
    assert_string_equal(w.reason, "streamer");
    assert_false(tk_media_peer_exists(w.media, peer));
    UNTIL(w.main_live);
    assert_int_equal(w.ups, 2);
    assert_int_equal(tk_media_stats(w.media).starts, 2);
    assert_int_equal(w.failed, 0);
}

static void a_question_that_kills_it_is_answered(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("die", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "unavailable");
    UNTIL(w.ups == 2);
}

static void an_offer_before_the_streamer_runs_waits_for_it(void **state)
{
    char peer[TK_PEER_TEXT];
    tk_media_lesson_open(w.media, "demo");
    assert_int_equal(tk_media_stats(w.media).pid, 0);
    assert_int_equal(create("v=0", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_string_equal(w.code, "");
}

static void a_hung_streamer_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("hang", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).hung, 1);
}

static void malformed_events_are_counted_and_dropped(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("garbage", NULL, peer), 0);
    UNTIL(w.answers == 1);
    assert_int_equal(tk_media_stats(w.media).malformed, 3);
    assert_string_equal(w.code, "");
    assert_int_equal(w.downs, 0);
}

static void a_streamer_that_sends_nonsense_without_end_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("nonsense", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).malformed, TK_STREAMER_MALFORMED_MAX + 1);
    UNTIL(strcmp(w.source_state, "live") == 0);
}

static void a_streamer_that_floods_is_replaced(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    assert_int_equal(create("flood", NULL, peer), 0);
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).malformed, 0);
    assert_int_equal(tk_media_stats(w.media).hung, 0);
}

static void errors_become_problems_in_the_contracts_order(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    create("v=0", "token:1", peer);
    UNTIL(w.answers == 1);
    assert_string_equal(w.publisher, "token:1");
    create("bad", "token:2", peer);
    UNTIL(w.answers == 2);
    assert_string_equal(w.code, "bad_request");
    create("codec", "token:2", peer);
    UNTIL(w.answers == 3);
    assert_string_equal(w.code, "codec");
    create("v=0", "token:2", peer);
    UNTIL(w.answers == 4);
    assert_string_equal(w.code, "conflict");
    assert_false(tk_media_peer_exists(w.media, peer));
    create("v=0", "token:1", peer);
    UNTIL(w.answers == 5);
    assert_string_equal(w.code, "");
    UNTIL(w.gone == 1);
    assert_string_equal(w.reason, "replaced");
}

static void a_full_queue_restarts_the_streamer(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    kill((pid_t)tk_media_stats(w.media).pid, SIGSTOP);
    int n = 0;
    while (create("v=0", NULL, peer) == 0) {
        assert_true(++n < 100000);
    }
    UNTIL(w.ups == 2);
    assert_int_equal(tk_media_stats(w.media).overflows, 1);
    assert_int_equal(w.answers, n);
    assert_string_equal(w.code, "unavailable");
}

static void closing_a_lesson_ends_its_sessions(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    create("v=0", "token:1", peer);
    UNTIL(w.answers == 1);
    tk_media_lesson_close(w.media, "demo", "ended");
    assert_int_equal(w.gone, 1);
    assert_string_equal(w.reason, "lesson");
    assert_string_equal(w.publisher, "");
    assert_int_equal(create("v=0", NULL, peer), -ENOENT);
}

static void a_closed_session_answers_what_waits(void **state)
{
    char peer[TK_PEER_TEXT];
    open_demo();
    create("v=0", NULL, peer);
    tk_media_peer_close(w.media, peer, "closed");
    assert_int_equal(w.answers, 1);
    assert_string_equal(w.code, "not_found");
    create("v=0", NULL, peer);
    tk_media_disown(w.media, &w, "closed");
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.gone, 0);
}

static void no_program_is_said_at_once(void **state)
{
    struct tk_media *m = NULL;
    char err[256];
    struct tk_media_config config = {.settings = &w.settings, .program = "/nonexistent/streamer"};
    assert_int_equal(tk_media_create(&config, &m, err, sizeof(err)), -ENOENT);
    assert_non_null(strstr(err, "/nonexistent/streamer"));
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seam-fd") == 0) {
        return streamer();
    }
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(it_starts_and_gets_what_was_opened_before),
        T(a_killed_streamer_is_back_with_its_state),
        T(a_question_that_kills_it_is_answered),
        T(an_offer_before_the_streamer_runs_waits_for_it),
        T(a_hung_streamer_is_replaced),
        T(malformed_events_are_counted_and_dropped),
        T(a_streamer_that_sends_nonsense_without_end_is_replaced),
        T(a_streamer_that_floods_is_replaced),
        T(errors_become_problems_in_the_contracts_order),
        T(a_full_queue_restarts_the_streamer),
        T(closing_a_lesson_ends_its_sessions),
        T(a_closed_session_answers_what_waits),
        T(no_program_is_said_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
