#include "signaling/media/gallery.h"

#include <errno.h>
#include <string.h>

struct room {
    int64_t id;
    int tile;        /* 0: none */
    int last_tile;   /* for one that comes back */
    int64_t dark_ms; /* no picture arrives since; 0: it does */
    struct tk_gallery_seen told;
};

static const struct {
    const char *name;
    int layer;
} slots[TK_GALLERY_SLOTS] = {
    [TK_GALLERY_FLOOR_AUDIO] = {"floor.audio", -1},
    [TK_GALLERY_FLOOR_VIDEO] = {"floor.video", TK_GALLERY_LAYERS - 1},
    [TK_GALLERY_LARGE_VIDEO] = {"large.video", TK_GALLERY_LAYERS - 1},
    [TK_GALLERY_TILE_1] = {"room1.video", 0},
    [TK_GALLERY_TILE_1 + 1] = {"room2.video", 0},
    [TK_GALLERY_TILE_1 + 2] = {"room3.video", 0},
    [TK_GALLERY_TILE_1 + 3] = {"room4.video", 0},
    [TK_GALLERY_TILE_1 + 4] = {"room5.video", 0},
    [TK_GALLERY_TILE_1 + 5] = {"room6.video", 0},
    [TK_GALLERY_TILE_1 + 6] = {"room7.video", 0},
    [TK_GALLERY_TILE_1 + 7] = {"room8.video", 0},
};

const char *tk_gallery_slot_name(enum tk_gallery_slot slot)
{
    return slots[slot].name;
}

int tk_gallery_slot_layer(enum tk_gallery_slot slot)
{
    return slots[slot].layer;
}

static const char *const tracks[TK_STAGE_KINDS] = {
    [TK_STAGE_VIDEO] = TK_GALLERY_TRACK_VIDEO,
    [TK_STAGE_AUDIO] = TK_GALLERY_TRACK_AUDIO,
};

bool tk_gallery_track_parse(const char *track, enum tk_stage_kind *ret)
{
    for (int k = 0; k < TK_STAGE_KINDS; k++) {
        if (strcmp(tracks[k], track) == 0) {
            *ret = (enum tk_stage_kind)k;
            return true;
        }
    }
    return false;
}

static void clear_feeds(struct tk_gallery *g)
{
    memset(g->fed, 0, sizeof(g->fed));
    for (int i = 0; i < TK_GALLERY_SLOTS; i++) {
        g->fed[i].track = "";
    }
}

void tk_gallery_init(struct tk_gallery *g)
{
    memset(g, 0, sizeof(*g));
    g->peers = g_array_new(FALSE, TRUE, sizeof(struct tk_gallery_peer));
    g->rooms = g_array_new(FALSE, TRUE, sizeof(struct room));
    clear_feeds(g);
}

void tk_gallery_finish(struct tk_gallery *g)
{
    g_array_unref(g->peers);
    g_array_unref(g->rooms);
}

/* ---- sessions and rooms ---- */

static struct tk_gallery_peer *peer_at(const struct tk_gallery *g, guint i)
{
    return &g_array_index(g->peers, struct tk_gallery_peer, i);
}

static struct room *room_at(const struct tk_gallery *g, guint i)
{
    return &g_array_index(g->rooms, struct room, i);
}

static struct tk_gallery_peer *find_peer(const struct tk_gallery *g, const char *id)
{
    for (guint i = 0; i < g->peers->len; i++) {
        if (strcmp(peer_at(g, i)->id, id) == 0) {
            return peer_at(g, i);
        }
    }
    return NULL;
}

static struct room *find_room(const struct tk_gallery *g, int64_t id)
{
    for (guint i = 0; i < g->rooms->len; i++) {
        if (room_at(g, i)->id == id) {
            return room_at(g, i);
        }
    }
    return NULL;
}

static struct room *room_of_tile(const struct tk_gallery *g, int tile)
{
    for (guint i = 0; i < g->rooms->len; i++) {
        if (room_at(g, i)->tile == tile) {
            return room_at(g, i);
        }
    }
    return NULL;
}

static bool sends(const struct tk_gallery_peer *p)
{
    return p->has[TK_STAGE_VIDEO] || p->has[TK_STAGE_AUDIO];
}

static const struct tk_gallery_peer *newest(const struct tk_gallery *g, int64_t room_id,
                                            bool (*is)(const struct tk_gallery_peer *p))
{
    for (guint i = g->peers->len; room_id && i-- > 0;) {
        const struct tk_gallery_peer *p = peer_at(g, i);
        if (p->room_id == room_id && sends(p) && is(p)) {
            return p;
        }
    }
    return NULL;
}

static bool is_seen(const struct tk_gallery_peer *p)
{
    return p->live[TK_STAGE_VIDEO];
}

static bool is_heard(const struct tk_gallery_peer *p)
{
    return p->live[TK_STAGE_AUDIO];
}

static const struct tk_gallery_peer *sender(const struct tk_gallery *g, int64_t room_id)
{
    const struct tk_gallery_peer *p = newest(g, room_id, is_seen);
    p = p ? p : newest(g, room_id, is_heard);
    return p ? p : newest(g, room_id, sends);
}

/* Picture and sound are of one session where it has both, so that they belong together. */
static const struct tk_gallery_peer *sender_of(const struct tk_gallery *g, int64_t room_id,
                                               enum tk_stage_kind kind)
{
    const struct tk_gallery_peer *p = sender(g, room_id);
    if (kind == TK_STAGE_AUDIO && p && !p->live[kind]) {
        const struct tk_gallery_peer *other = newest(g, room_id, is_heard);
        p = other ? other : p;
    }
    return p && p->has[kind] ? p : NULL;
}

static bool arrives(const struct tk_gallery *g, int64_t room_id, enum tk_stage_kind kind)
{
    const struct tk_gallery_peer *p = sender_of(g, room_id, kind);
    return p && p->live[kind];
}

/* ---- tiles ---- */

static bool is_vacant(const struct room *r, int64_t now_ms)
{
    return r->tile && r->dark_ms && now_ms - r->dark_ms >= TK_GALLERY_HOLD_MS;
}

static int free_tile(const struct tk_gallery *g, int preferred)
{
    if (preferred && !room_of_tile(g, preferred)) {
        return preferred;
    }
    for (int tile = 1; tile <= TK_GALLERY_TILES; tile++) {
        if (!room_of_tile(g, tile)) {
            return tile;
        }
    }
    return 0;
}

static struct room *vacant(const struct tk_gallery *g, int64_t now_ms)
{
    for (guint i = 0; i < g->rooms->len; i++) {
        if (is_vacant(room_at(g, i), now_ms)) {
            return room_at(g, i);
        }
    }
    return NULL;
}

static int64_t large_room(const struct tk_gallery *g)
{
    if (g->large || g->floor) {
        return g->large ? g->large : g->floor;
    }
    for (int tile = 1; tile <= TK_GALLERY_TILES; tile++) {
        const struct room *r = room_of_tile(g, tile);
        if (r && arrives(g, r->id, TK_STAGE_VIDEO)) {
            return r->id;
        }
    }
    return 0;
}

static void take_tile(struct room *to, struct room *from)
{
    to->tile = to->last_tile = from->tile;
    from->tile = 0;
}

static void give_tile(struct tk_gallery *g, struct room *r, int64_t now_ms)
{
    int tile = free_tile(g, r->last_tile);
    struct room *other = vacant(g, now_ms);
    if (tile) {
        r->tile = r->last_tile = tile;
    } else if (other) {
        take_tile(r, other);
    } else if (r->id == g->floor && r->id != large_room(g)) {
        for (int victim = TK_GALLERY_TILES; victim > 0; victim--) {
            other = room_of_tile(g, victim);
            if (other && other->id != g->large) {
                take_tile(r, other);
                return;
            }
        }
    }
}

/* Everything that follows from the state at this time; when it may change by time alone. */
int64_t tk_gallery_on_time(struct tk_gallery *g, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (guint i = 0; i < g->rooms->len; i++) {
        struct room *r = room_at(g, i);
        bool video = arrives(g, r->id, TK_STAGE_VIDEO);
        r->dark_ms = video ? 0 : r->dark_ms ? r->dark_ms : now_ms;
        if (is_vacant(r, now_ms) && !sender(g, r->id)) {
            r->tile = 0;
        }
    }
    for (guint i = 0; i < g->rooms->len; i++) {
        struct room *r = room_at(g, i);
        if (!r->tile && !r->dark_ms) {
            give_tile(g, r, now_ms);
        }
        if (r->tile && r->dark_ms && !is_vacant(r, now_ms)) {
            next = MIN(next, r->dark_ms + TK_GALLERY_HOLD_MS);
        }
    }
    g->place = free_tile(g, 0) || vacant(g, now_ms);
    return next;
}

/* ---- what happens ---- */

/* A room of which nothing is left to remember but the tile it had. */
static bool drop_a_room(struct tk_gallery *g)
{
    for (guint i = 0; i < g->rooms->len; i++) {
        const struct room *r = room_at(g, i);
        if (!r->tile && !sender(g, r->id) && !r->told.tile && !r->told.video && !r->told.audio) {
            g_array_remove_index(g->rooms, i);
            return true;
        }
    }
    return false;
}

static int need_room(struct tk_gallery *g, int64_t room_id, int64_t now_ms)
{
    if (find_room(g, room_id)) {
        return 0;
    }
    if (g->rooms->len >= TK_GALLERY_ROOMS_MAX && !drop_a_room(g)) {
        return -ENOSPC;
    }
    struct room r = {.id = room_id, .dark_ms = now_ms, .told = {.room_id = room_id}};
    g_array_append_val(g->rooms, r);
    return 0;
}

/* Its session lives on, as one that only receives. */
static void drop_oldest_sender(struct tk_gallery *g, int64_t room_id)
{
    struct tk_gallery_peer *oldest = NULL;
    unsigned count = 0;
    for (guint i = 0; i < g->peers->len; i++) {
        struct tk_gallery_peer *p = peer_at(g, i);
        if (p->room_id == room_id && sends(p)) {
            count++;
            oldest = !oldest && p != sender(g, room_id) ? p : oldest;
        }
    }
    if (oldest && count >= TK_GALLERY_SENDERS_MAX) {
        memset(oldest->has, 0, sizeof(oldest->has));
        memset(oldest->live, 0, sizeof(oldest->live));
    }
}

int tk_gallery_add(struct tk_gallery *g, const struct tk_gallery_peer *peer, int64_t now_ms)
{
    struct tk_gallery_peer p = *peer;
    if (sends(&p)) {
        int r = need_room(g, p.room_id, now_ms);
        if (r < 0) {
            return r;
        }
        drop_oldest_sender(g, p.room_id);
    }
    memset(p.live, 0, sizeof(p.live));
    p.told_layers = -1;
    p.told_audio = false;
    g_array_append_val(g->peers, p);
    tk_gallery_on_time(g, now_ms);
    return 0;
}

void tk_gallery_gone(struct tk_gallery *g, const char *peer, int64_t now_ms)
{
    const struct tk_gallery_peer *p = find_peer(g, peer);
    if (p) {
        g_array_remove_index(g->peers, (guint)(p - peer_at(g, 0)));
        tk_gallery_on_time(g, now_ms);
    }
}

void tk_gallery_track(struct tk_gallery *g, const char *peer, const char *track, bool live,
                      int64_t now_ms)
{
    enum tk_stage_kind kind;
    struct tk_gallery_peer *p = find_peer(g, peer);
    if (p && tk_gallery_track_parse(track, &kind) && p->has[kind]) {
        p->live[kind] = live;
        tk_gallery_on_time(g, now_ms);
    }
}

void tk_gallery_reset(struct tk_gallery *g, int64_t now_ms)
{
    g_array_set_size(g->peers, 0);
    clear_feeds(g);
    tk_gallery_on_time(g, now_ms);
}

void tk_gallery_floor(struct tk_gallery *g, int64_t room_id, bool sound, int64_t now_ms)
{
    g->floor = room_id;
    g->sound = sound;
    tk_gallery_on_time(g, now_ms);
}

void tk_gallery_large(struct tk_gallery *g, int64_t room_id, int64_t now_ms)
{
    g->large = room_id;
    tk_gallery_on_time(g, now_ms);
}

/* ---- what follows ---- */

static int64_t room_in(const struct tk_gallery *g, enum tk_gallery_slot slot)
{
    switch (slot) {
    case TK_GALLERY_FLOOR_AUDIO:
        return g->sound ? g->floor : 0;
    case TK_GALLERY_FLOOR_VIDEO:
        return g->floor;
    case TK_GALLERY_LARGE_VIDEO:
        return large_room(g);
    default:
        break;
    }
    const struct room *r = room_of_tile(g, (int)(slot - TK_GALLERY_TILE_1) + 1);
    return r ? r->id : 0;
}

bool tk_gallery_next_feed(struct tk_gallery *g, enum tk_gallery_slot *ret_slot,
                          struct tk_stage_feed *ret)
{
    for (int i = 0; i < TK_GALLERY_SLOTS; i++) {
        enum tk_gallery_slot slot = (enum tk_gallery_slot)i;
        enum tk_stage_kind kind = slots[i].layer < 0 ? TK_STAGE_AUDIO : TK_STAGE_VIDEO;
        const struct tk_gallery_peer *p = sender_of(g, room_in(g, slot), kind);
        if (strcmp(g->fed[i].from, p ? p->id : "") != 0) {
            g_strlcpy(g->fed[i].from, p ? p->id : "", sizeof(g->fed[i].from));
            g->fed[i].track = p ? tracks[kind] : "";
            *ret_slot = slot;
            *ret = g->fed[i];
            return true;
        }
    }
    return false;
}

/* Somebody else than the room itself receives this of it. */
static bool is_watched(const struct tk_gallery *g, int64_t room_id)
{
    bool large = large_room(g) == room_id;
    bool floor = g->floor == room_id;
    for (guint i = 0; i < g->peers->len; i++) {
        const struct tk_gallery_peer *p = peer_at(g, i);
        if (p->room_id != room_id && ((large && p->sees_large) || (floor && p->sees_floor))) {
            return true;
        }
    }
    return false;
}

/*
 * Tiles are wanted even where nobody looks just now: then the teacher's page has them at once, and
 * everybody knows that the room's camera works.
 */
static int layers_of(const struct tk_gallery *g, const struct tk_gallery_peer *p)
{
    const struct room *r = find_room(g, p->room_id);
    if (!p->has[TK_STAGE_VIDEO] || !r) {
        return 0;
    }
    if (p == sender_of(g, p->room_id, TK_STAGE_VIDEO) && is_watched(g, p->room_id)) {
        return TK_GALLERY_LAYERS;
    }
    /* also one that stands by for the sender */
    return r->tile || g->place || is_watched(g, p->room_id) ? 1 : 0;
}

bool tk_gallery_next_want(struct tk_gallery *g, struct tk_gallery_want *ret)
{
    for (guint i = 0; i < g->peers->len; i++) {
        struct tk_gallery_peer *p = peer_at(g, i);
        int layers = layers_of(g, p);
        bool audio = g->sound && g->floor == p->room_id && p->has[TK_STAGE_AUDIO];
        if (sends(p) && (layers != p->told_layers || audio != p->told_audio)) {
            p->told_layers = layers;
            p->told_audio = audio;
            *ret = (struct tk_gallery_want){.layers = layers, .audio = audio};
            g_strlcpy(ret->peer, p->id, sizeof(ret->peer));
            return true;
        }
    }
    return false;
}

static struct tk_gallery_seen seen_of(const struct tk_gallery *g, const struct room *r)
{
    return (struct tk_gallery_seen){.room_id = r->id,
                                    .video = arrives(g, r->id, TK_STAGE_VIDEO),
                                    .audio = arrives(g, r->id, TK_STAGE_AUDIO),
                                    .tile = r->tile};
}

bool tk_gallery_next_seen(struct tk_gallery *g, struct tk_gallery_seen *ret)
{
    for (guint i = 0; i < g->rooms->len; i++) {
        struct room *r = room_at(g, i);
        struct tk_gallery_seen now = seen_of(g, r);
        if (now.video != r->told.video || now.audio != r->told.audio || now.tile != r->told.tile) {
            r->told = now;
            *ret = now;
            return true;
        }
    }
    return false;
}

unsigned tk_gallery_live_rooms(const struct tk_gallery *g)
{
    unsigned count = 0;
    for (guint i = 0; i < g->rooms->len; i++) {
        count += room_at(g, i)->told.video || room_at(g, i)->told.audio;
    }
    return count;
}
