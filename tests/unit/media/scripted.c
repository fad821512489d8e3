#include "tests/unit/media/scripted.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static json_t *heeded; /* what it was told, as counters */

static void heed(json_t *key, json_int_t value)
{
    heeded = heeded ? heeded : json_object();
    json_object_set_new(heeded, json_string_value(key), json_integer(value));
    json_decref(key);
    say(json_pack("{s:s, s:O}", "type", "stats.streamer", "counters", heeded));
}

static void heed_feed(const json_t *c)
{
    const json_t *layer = json_object_get(c, "layer");
    heed(json_sprintf("%s<%s:%s", json_string_value(json_object_get(c, "slot")),
                      json_string_value(json_object_get(c, "from")),
                      json_string_value(json_object_get(c, "track"))),
         layer ? json_integer_value(layer) : -1);
}

/* Everybody whose sound it ever had spoke for 600 ms of the last second. */
static json_t *voices;

static void add_voice(const char *from, const char *track)
{
    voices = voices ? voices : json_array();
    json_array_append_new(
        voices, json_pack("{s:s, s:s, s:i}", "from", from, "track", track, "voice_ms", 600));
}

static void say_voices(const char *lesson)
{
    say(json_pack("{s:s, s:s, s:O, s:i}", "type", "stats.voice", "lesson", lesson, "tracks", voices,
                  "span_ms", 1000));
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
    const char *mid;
    json_t *track;
    json_object_foreach(json_object_get(c, "tracks"), mid, track)
    {
        say_live(lesson, peer, json_string_value(track));
        add_voice(peer, json_string_value(track));
    }
    const char *group = json_string_value(json_object_get(c, "group"));
    if (group) {
        heed(json_sprintf("%s in %s", peer, group), 1);
    }
    if (strcmp(offer, "speak") == 0) {
        say_voices(lesson);
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
        add_voice("source", "source.audio");
    } else if (strcmp(type, "slot.feed") == 0) {
        heed_feed(c);
    } else if (strcmp(type, "peer.create") == 0) {
        act_peer(c);
    }
}

int scripted_streamer(void)
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
    json_decref(heeded);
    json_decref(voices);
    return 0;
}

/* ---- the world ---- */

struct scripted_world w;

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

static void on_room_media(void *ctx, const char *lesson, int64_t room_id, bool video, bool audio,
                          int tile)
{
    w.rooms[room_id].video = video;
    w.rooms[room_id].audio = audio;
    w.rooms[room_id].tile = tile;
    if (room_id == w.loses_floor && !video && !audio) {
        tk_media_lesson_floor(w.media, lesson, 0, true);
    }
}

static void on_voice(void *ctx, const char *lesson, int64_t room_id, int64_t voice_ms,
                     int64_t span_ms)
{
    assert_int_equal(span_ms, 1000);
    w.rooms[room_id].voice_ms += voice_ms;
}

static void on_send(void *ctx, const char *peer, int layers, bool audio)
{
    w.layers = layers;
    w.audio = audio;
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

int scripted_setup(void **state)
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
                                                  .on_room_media = on_room_media,
                                                  .on_voice = on_voice,
                                                  .on_failed = on_failed}};
    assert_int_equal(tk_media_create(&config, &w.media, err, sizeof(err)), 0);
    g_free(self);
    return 0;
}

int scripted_teardown(void **state)
{
    tk_media_destroy(w.media);
    return 0;
}

int scripted_create(const char *offer, const char *key, char peer[TK_PEER_TEXT])
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

void scripted_open_demo(void)
{
    json_t *source = json_pack("{s:s}", "kind", "demo");
    tk_media_lesson_open(w.media, "demo");
    assert_int_equal(tk_media_lesson_source(w.media, "demo", source), 0);
    json_decref(source);
    UNTIL(w.main_live && strcmp(w.source_state, "live") == 0);
}

int scripted_create_of(int64_t room, const char *tracks, char peer[TK_PEER_TEXT],
                       struct tk_problem *problem)
{
    static const struct tk_peer_owner owner = {
        .ctx = &w, .on_answer = on_answer, .on_gone = on_gone, .on_send = on_send};
    json_t *map = json_loads(tracks, 0, NULL);
    json_t *slots = json_pack("{s:s}", "0", "floor.video");
    struct tk_peer_config c = {.lesson = "demo",
                               .offer = "v=0",
                               .owner = &owner,
                               .tracks = map,
                               .slots = slots,
                               .room_id = room,
                               .publisher_key = "account:1"};
    int r = tk_media_peer_create(w.media, &c, peer, problem);
    json_decref(map);
    json_decref(slots);
    return r;
}
