#ifndef TK_SIGNALING_MEDIA_GALLERY_H
#define TK_SIGNALING_MEDIA_GALLERY_H

/*
 * The rooms of one lesson as they are seen and heard: what feeds floor.audio, floor.video,
 * large.video and room1.video … room8.video, and how much each room is asked to send. State and now
 * in, decisions out. No I/O. Rules:
 *  - a room may have several sessions: its newest with a live picture is its sender, else its
 * newest with live sound, else its newest; the one before feeds on until the newer one's packets
 * arrive;
 *  - a room's sound is forwarded in one case only: it has the floor, with sound, to floor.audio;
 *  - a room gets a place among the small pictures, a tile, when its picture first arrives, and
 * keeps it until it is gone for TK_GALLERY_HOLD_MS; where all are taken, a room without a picture
 * for so long gives its tile to one that has a picture, and any but the large one to the room on
 * the floor, unless that is the large one;
 *  - large is the chosen room, else the floor's, else the one with the lowest tile whose picture
 *    arrives.
 */

#include <glib.h>

#include "signaling/media/stage.h"

#define TK_GALLERY_TILES 8
#define TK_GALLERY_ROOMS_MAX 128 /* with sessions or a tile */
#define TK_GALLERY_SENDERS_MAX 8 /* sessions of one room; beyond, the oldest counts no more */
#define TK_GALLERY_HOLD_MS 60000 /* power cuts and reboots are over by then, or will last */
#define TK_GALLERY_LAYERS 3      /* of room.video, rids q h f */
#define TK_GALLERY_TRACK_VIDEO "room.video"
#define TK_GALLERY_TRACK_AUDIO "room.audio"

enum tk_gallery_slot {
    TK_GALLERY_FLOOR_AUDIO,
    TK_GALLERY_FLOOR_VIDEO,
    TK_GALLERY_LARGE_VIDEO,
    TK_GALLERY_TILE_1,
    TK_GALLERY_SLOTS = TK_GALLERY_TILE_1 + TK_GALLERY_TILES, /* how many */
};

struct tk_gallery_peer {
    char id[TK_PEER_TEXT];
    int64_t room_id;          /* 0: no room's */
    bool has[TK_STAGE_KINDS]; /* that it may send */
    bool sees_floor;          /* receives floor.video */
    bool sees_large;
    /* the gallery's own: */
    bool live[TK_STAGE_KINDS];
    int told_layers; /* -1: nothing yet */
    bool told_audio;
};

/* What is to be told of a room: what arrives of it, and its tile, 1…8, 0 none. */
struct tk_gallery_seen {
    int64_t room_id;
    bool video;
    bool audio;
    int tile;
};

/* What a session is asked to send: layers of its room.video; `audio`: it is heard now. */
struct tk_gallery_want {
    char peer[TK_PEER_TEXT];
    int layers;
    bool audio;
};

struct tk_gallery {
    GArray *peers; /* struct tk_gallery_peer, the newest last */
    GArray *rooms; /* struct of gallery.c, in the order of their coming */
    struct tk_stage_feed fed[TK_GALLERY_SLOTS];
    int64_t floor;
    int64_t large; /* chosen */
    bool sound;
    bool place; /* a room that has no tile could get one */
};

void tk_gallery_init(struct tk_gallery *g);
void tk_gallery_finish(struct tk_gallery *g);

/* A session that sends room.* or receives floor.video or large.video; its own fields are set here.
 * -ENOSPC: too many rooms. */
int tk_gallery_add(struct tk_gallery *g, const struct tk_gallery_peer *peer, int64_t now_ms);
void tk_gallery_gone(struct tk_gallery *g, const char *peer, int64_t now_ms);

/* Packets of a session's track arrive, or no longer. */
void tk_gallery_track(struct tk_gallery *g, const char *peer, const char *track, bool live,
                      int64_t now_ms);

/* The streamer ended: no session is left and no slot is fed. Floor, large and tiles stay. */
void tk_gallery_reset(struct tk_gallery *g, int64_t now_ms);

/* 0: nobody. */
void tk_gallery_floor(struct tk_gallery *g, int64_t room_id, bool sound, int64_t now_ms);
void tk_gallery_large(struct tk_gallery *g, int64_t room_id, int64_t now_ms);

/* Carries out what is due; when to be called next, INT64_MAX: no need. */
int64_t tk_gallery_on_time(struct tk_gallery *g, int64_t now_ms);

/* Each takes out one change that was not told yet; false: there is no more. */
bool tk_gallery_next_feed(struct tk_gallery *g, enum tk_gallery_slot *ret_slot,
                          struct tk_stage_feed *ret);
bool tk_gallery_next_want(struct tk_gallery *g, struct tk_gallery_want *ret);
bool tk_gallery_next_seen(struct tk_gallery *g, struct tk_gallery_seen *ret);

const char *tk_gallery_slot_name(enum tk_gallery_slot slot);
/* The highest layer that a slot forwards; -1: it is of sound. */
int tk_gallery_slot_layer(enum tk_gallery_slot slot);

/* Kind of "room.video", "room.audio"; false: another. */
bool tk_gallery_track_parse(const char *track, enum tk_stage_kind *ret);

/* How many rooms something arrives of. */
unsigned tk_gallery_live_rooms(const struct tk_gallery *g);

#endif
