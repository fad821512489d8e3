#include "signaling/media/stage.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

static const struct {
    const char *name;
    enum tk_stage_group group;
    enum tk_stage_kind kind;
} tracks[] = {
    {"people.video", TK_STAGE_PEOPLE, TK_STAGE_VIDEO},
    {"people.audio", TK_STAGE_PEOPLE, TK_STAGE_AUDIO},
    {"board.video", TK_STAGE_BOARD, TK_STAGE_VIDEO},
};

static const struct {
    const char *name;
    enum tk_stage_group group;
    enum tk_stage_kind kind;
} slots[TK_STAGE_SLOTS] = {
    [TK_STAGE_LESSON_VIDEO] = {"lesson.video", TK_STAGE_PEOPLE, TK_STAGE_VIDEO},
    [TK_STAGE_LESSON_AUDIO] = {"lesson.audio", TK_STAGE_PEOPLE, TK_STAGE_AUDIO},
    [TK_STAGE_BOARD_VIDEO] = {"board.video", TK_STAGE_BOARD, TK_STAGE_VIDEO},
};

const char *tk_stage_slot_name(enum tk_stage_slot slot)
{
    return slots[slot].name;
}

bool tk_stage_track_parse(const char *track, enum tk_stage_group *ret_group,
                          enum tk_stage_kind *ret_kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tracks); i++) {
        if (strcmp(tracks[i].name, track) == 0) {
            *ret_group = tracks[i].group;
            *ret_kind = tracks[i].kind;
            return true;
        }
    }
    return false;
}

static const char *const source_tracks[TK_STAGE_KINDS] = {
    [TK_STAGE_VIDEO] = "source.video",
    [TK_STAGE_AUDIO] = "source.audio",
};

static const char *track_name(enum tk_stage_group group, enum tk_stage_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tracks); i++) {
        if (tracks[i].group == group && tracks[i].kind == kind) {
            return tracks[i].name;
        }
    }
    return "";
}

void tk_stage_init(struct tk_stage *s)
{
    memset(s, 0, sizeof(*s));
}

static void close_sender(struct tk_stage *s, struct tk_stage_sender *sender)
{
    if (*sender->peer) {
        assert(s->closing_count < TK_STAGE_CLOSING_MAX); /* drained after each call */
        g_strlcpy(s->closing[s->closing_count++], sender->peer, TK_PEER_TEXT);
    }
    memset(sender, 0, sizeof(*sender));
}

bool tk_stage_next_closing(struct tk_stage *s, char ret_peer[TK_PEER_TEXT])
{
    while (s->closing_count > 0) {
        const char *peer = s->closing[--s->closing_count];
        bool in_use = false; /* superseded as people but not as board, say */
        for (int g = 0; g < TK_STAGE_GROUPS; g++) {
            const struct tk_stage_publisher *p = &s->publishers[g];
            in_use |= strcmp(p->now.peer, peer) == 0 || strcmp(p->old.peer, peer) == 0;
        }
        if (!in_use) {
            g_strlcpy(ret_peer, peer, TK_PEER_TEXT);
            return true;
        }
    }
    return false;
}

static bool any_live(const struct tk_stage_sender *sender)
{
    return sender->live[TK_STAGE_VIDEO] || sender->live[TK_STAGE_AUDIO];
}

/* When the sender can go on air: 0 now, INT64_MAX not before something arrives. */
static int64_t ready_at(const struct tk_stage_sender *sender)
{
    if (sender->live[TK_STAGE_VIDEO]) {
        return 0;
    }
    if (sender->live[TK_STAGE_AUDIO]) {
        return sender->has[TK_STAGE_VIDEO] ? sender->sound_since_ms + TK_STAGE_ALONE_MS : 0;
    }
    return INT64_MAX;
}

static bool may_go_on_air(const struct tk_stage *s, enum tk_stage_group group)
{
    return group == TK_STAGE_BOARD || s->started || s->publishers[group].started;
}

/* Who feeds on behalf of the publisher. */
static const struct tk_stage_sender *sender_of(const struct tk_stage_publisher *p)
{
    return *p->old.peer ? &p->old : &p->now;
}

static bool source_plays(const struct tk_stage *s)
{
    return s->source_live[TK_STAGE_VIDEO] || s->source_live[TK_STAGE_AUDIO];
}

/* One on air that has been silent for long makes way for the source; when it will have to. */
static int64_t update_silence(const struct tk_stage *s, struct tk_stage_publisher *p,
                              int64_t now_ms)
{
    if (!p->on_air || any_live(sender_of(p))) {
        p->silent_ms = 0;
        return INT64_MAX;
    }
    if (!p->silent_ms) {
        p->silent_ms = now_ms - TK_STAGE_SILENT_MS;
    }
    if (p != &s->publishers[TK_STAGE_PEOPLE] || !source_plays(s)) {
        return INT64_MAX; /* there is nothing to show instead */
    }
    if (now_ms < p->silent_ms + TK_STAGE_HOLD_MS) {
        return p->silent_ms + TK_STAGE_HOLD_MS;
    }
    p->on_air = false;
    p->silent_ms = 0;
    return INT64_MAX;
}

/* Everything that follows from the state at this time; when it may change by time alone. */
static int64_t update(struct tk_stage *s, enum tk_stage_group group, int64_t now_ms)
{
    struct tk_stage_publisher *p = &s->publishers[group];
    if (!*p->who.key) {
        return INT64_MAX;
    }
    bool may = may_go_on_air(s, group);
    p->on_air = p->on_air && may;
    if (p->lost_ms) {
        if (now_ms < p->lost_ms + TK_STAGE_HOLD_MS) {
            return p->lost_ms + TK_STAGE_HOLD_MS;
        }
        memset(p, 0, sizeof(*p));
        return INT64_MAX;
    }
    int64_t at = ready_at(&p->now);
    bool ready = at <= now_ms;
    if (ready) {
        close_sender(s, &p->old);
    }
    p->who.live = any_live(&p->now) || any_live(&p->old);
    p->on_air = may && (p->on_air || ready);
    int64_t silent_at = update_silence(s, p, now_ms);
    return ready || !may ? silent_at : MIN(at, silent_at);
}

int64_t tk_stage_on_time(struct tk_stage *s, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        int64_t at = update(s, (enum tk_stage_group)g, now_ms);
        next = at < next ? at : next;
    }
    return next;
}

static void take_over(struct tk_stage *s, struct tk_stage_publisher *p)
{
    if (p->on_air && any_live(&p->now)) {
        close_sender(s, &p->old);
        p->old = p->now;
        memset(&p->now, 0, sizeof(p->now));
    } else {
        close_sender(s, &p->now);
    }
}

static bool wants(const struct tk_stage_claim *c, int group)
{
    return c->has[group][TK_STAGE_VIDEO] || c->has[group][TK_STAGE_AUDIO];
}

int tk_stage_claim(struct tk_stage *s, const struct tk_stage_claim *c, int64_t now_ms,
                   struct tk_problem *problem)
{
    tk_stage_on_time(s, now_ms);
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        const struct tk_stage_publisher *p = &s->publishers[g];
        if (wants(c, g) && *p->who.key && strcmp(p->who.key, c->who->key) != 0) {
            return tk_problem_set(problem, TK_PROBLEM_CONFLICT, NULL,
                                  "%.160s publishes in this lesson already", p->who.name);
        }
    }
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        if (!wants(c, g)) {
            continue;
        }
        struct tk_stage_publisher *p = &s->publishers[g];
        take_over(s, p);
        bool live = p->who.live && *p->old.peer;
        p->who = *c->who;
        p->who.live = live;
        p->started = c->started;
        p->silent_ms = p->lost_ms ? p->lost_ms : p->silent_ms;
        p->lost_ms = 0;
        g_strlcpy(p->now.peer, c->peer, sizeof(p->now.peer));
        memcpy(p->now.has, c->has[g], sizeof(p->now.has));
    }
    tk_stage_on_time(s, now_ms);
    return 0;
}

static void set_live(struct tk_stage_sender *sender, enum tk_stage_kind kind, bool live,
                     int64_t now_ms)
{
    if (kind == TK_STAGE_AUDIO && live && !sender->live[kind]) {
        sender->sound_since_ms = now_ms;
    }
    sender->live[kind] = live;
}

void tk_stage_track(struct tk_stage *s, const char *from, const char *track, bool live,
                    int64_t now_ms)
{
    enum tk_stage_group group;
    enum tk_stage_kind kind;
    for (int k = 0; strcmp(from, "source") == 0 && k < TK_STAGE_KINDS; k++) {
        if (strcmp(track, source_tracks[k]) == 0) {
            s->source_live[k] = live;
        }
    }
    if (!tk_stage_track_parse(track, &group, &kind)) {
        tk_stage_on_time(s, now_ms);
        return;
    }
    struct tk_stage_publisher *p = &s->publishers[group];
    if (strcmp(p->now.peer, from) == 0) {
        set_live(&p->now, kind, live, now_ms);
    } else if (strcmp(p->old.peer, from) == 0) {
        set_live(&p->old, kind, live, now_ms);
    }
    p->who.live = any_live(&p->now) || any_live(&p->old);
    tk_stage_on_time(s, now_ms);
}

void tk_stage_cause(struct tk_stage *s, const char *from, const char *cause)
{
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        struct tk_stage_publisher *p = &s->publishers[g];
        if (*p->who.key && strcmp(p->now.peer, from) == 0) {
            g_strlcpy(p->who.cause, cause, sizeof(p->who.cause));
        }
    }
}

void tk_stage_start(struct tk_stage *s, bool started, int64_t now_ms)
{
    s->started = started;
    if (!started) { /* a WHIP publisher is taken off the air too */
        s->publishers[TK_STAGE_PEOPLE].started = false;
    }
    tk_stage_on_time(s, now_ms);
}

void tk_stage_gone(struct tk_stage *s, const char *peer, bool held, int64_t now_ms)
{
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        struct tk_stage_publisher *p = &s->publishers[g];
        if (!*p->who.key || !*peer) {
            continue;
        }
        if (strcmp(p->old.peer, peer) == 0) {
            memset(&p->old, 0, sizeof(p->old));
        } else if (strcmp(p->now.peer, peer) == 0) {
            p->now = p->old; /* the newer one failed: the older goes on */
            memset(&p->old, 0, sizeof(p->old));
        } else {
            continue;
        }
        p->who.live = any_live(&p->now) || any_live(&p->old);
        if (*p->now.peer) {
            continue;
        }
        if (held) {
            p->lost_ms = p->silent_ms ? p->silent_ms : now_ms;
        } else {
            memset(p, 0, sizeof(*p));
        }
    }
    tk_stage_on_time(s, now_ms);
}

void tk_stage_reset(struct tk_stage *s, int64_t now_ms)
{
    memset(s->source_live, 0, sizeof(s->source_live));
    s->closing_count = 0;
    for (int g = 0; g < TK_STAGE_GROUPS; g++) {
        struct tk_stage_publisher *p = &s->publishers[g];
        memset(&p->old, 0, sizeof(p->old));
        if (*p->now.peer) {
            memset(&p->now, 0, sizeof(p->now));
            p->who.live = false;
            p->lost_ms = p->silent_ms ? p->silent_ms : now_ms;
        }
    }
    tk_stage_on_time(s, now_ms);
}

void tk_stage_feed(const struct tk_stage *s, enum tk_stage_slot slot, struct tk_stage_feed *ret)
{
    enum tk_stage_group group = slots[slot].group;
    enum tk_stage_kind kind = slots[slot].kind;
    const struct tk_stage_publisher *p = &s->publishers[group];
    memset(ret, 0, sizeof(*ret));
    ret->track = "";
    if (p->on_air) {
        const struct tk_stage_sender *sender = sender_of(p);
        if (*sender->peer && sender->has[kind]) {
            g_strlcpy(ret->from, sender->peer, sizeof(ret->from));
            ret->track = track_name(group, kind);
        }
    } else if (group == TK_STAGE_PEOPLE) {
        g_strlcpy(ret->from, "source", sizeof(ret->from));
        ret->track = source_tracks[kind];
    }
}

bool tk_stage_main_live(const struct tk_stage *s)
{
    const struct tk_stage_publisher *p = &s->publishers[TK_STAGE_PEOPLE];
    if (p->on_air) {
        return any_live(sender_of(p));
    }
    return source_plays(s);
}

int64_t tk_stage_silent_ms(const struct tk_stage *s, int64_t now_ms)
{
    const struct tk_stage_publisher *p = &s->publishers[TK_STAGE_PEOPLE];
    return p->silent_ms ? now_ms - p->silent_ms : 0;
}

const struct tk_publisher *tk_stage_publisher(const struct tk_stage *s, enum tk_stage_group g)
{
    return *s->publishers[g].who.key ? &s->publishers[g].who : NULL;
}
