#include "streamer/sfu/parts.h"

#define ENTRIES_A_MESSAGE 100
/* A receiver that is silent for so long gets nothing any more; of sound some tell each 5 s only. */
#define VIDEO_OLD_US 4000000
#define AUDIO_OLD_US 12000000

struct sums {
    uint64_t in, out, nacks, resent, plis;
    double fps, loss, jitter_ms;
    int width, height;
    const struct tk_inbound *of; /* whose fps, width and height these are; NULL: a slot's */
};

static double share_pct(uint8_t share)
{
    return share * 100.0 / 256;
}

/* Frames that went out, less the share that its reports say was lost. */
static void add_slot(struct sums *sum, struct tk_slot *slot, double span_s, int64_t now_us)
{
    double loss = share_pct(slot->lost_share);
    int64_t old_us = slot->video ? VIDEO_OLD_US : AUDIO_OLD_US;
    int64_t heard_us = MAX(slot->reported_us, slot->joined_us);
    if (slot->packets && slot->sent_us > heard_us && now_us - heard_us > old_us) {
        loss = 100; /* of a track that is silent nothing is lost */
    }
    if (slot->video && slot->feed && sum->width == 0) {
        sum->fps = (double)slot->frames / span_s * (100 - loss) / 100;
        sum->width = slot->feed->width;
        sum->height = slot->feed->height;
    }
    sum->loss = slot->feed ? MAX(sum->loss, loss) : sum->loss;
    sum->jitter_ms = MAX(sum->jitter_ms, slot->jitter * 1000.0 / slot->rewrite.hz);
    sum->out += slot->bytes;
    sum->nacks += slot->nacks;
    sum->resent += slot->resent;
    sum->plis += slot->plis;
    slot->bytes = slot->frames = slot->nacks = slot->resent = slot->plis = 0;
}

/* Of several layers the rate of the fastest and the size of the track are the picture's. */
static void add_stream(struct sums *sum, struct tk_stream *stream, double span_s)
{
    const struct tk_inbound *in = stream->inbound;
    if (in->video && (sum->width == 0 || sum->of == in)) {
        sum->of = in;
        sum->fps = MAX(sum->fps, (double)stream->frames / span_s);
        sum->width = in->track->width;
        sum->height = in->track->height;
    }
    sum->loss = MAX(sum->loss, share_pct(stream->lost_share));
    sum->jitter_ms = MAX(sum->jitter_ms, (stream->stat.jitter_16 >> 4) * 1000.0 / stream->stat.hz);
    sum->in += stream->bytes;
    sum->nacks += stream->nacks;
    stream->bytes = stream->frames = stream->nacks = 0;
}

static json_t *peer_stats(struct tk_session *s, int64_t now_us)
{
    struct sums sum = {0};
    double span_s = (double)MAX(now_us - s->stats_us, 1000) / 1e6;
    for (size_t i = 0; i < s->slot_count; i++) {
        add_slot(&sum, s->slots[i], span_s, now_us);
    }
    for (size_t i = 0; i < s->stream_count; i++) {
        add_stream(&sum, s->streams[i], span_s);
    }
    s->stats_us = now_us;
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:i, s:f, s:I, s:I, s:I, s:i, s:i}", "peer", s->id,
                     "in_kbps", (double)sum.in * 8 / 1000 / span_s, "out_kbps",
                     (double)sum.out * 8 / 1000 / span_s, "fps", sum.fps, "loss_pct", sum.loss,
                     "rtt_ms", s->rtt_ms, "jitter_ms", sum.jitter_ms, "nacks",
                     (json_int_t)sum.nacks, "resent", (json_int_t)sum.resent, "plis",
                     (json_int_t)sum.plis, "w", sum.width, "h", sum.height);
}

/* Entries of one lesson on their way to `each`, in messages that are not too long. */
struct batch {
    const char *lesson;
    json_t *entries;
    void (*each)(void *ctx, const char *lesson, json_t *entries);
    void *ctx;
};

static void send_batch(struct batch *b)
{
    if (json_array_size(b->entries) > 0) {
        b->each(b->ctx, b->lesson, b->entries);
        json_array_clear(b->entries);
    }
}

static void add_entry(struct batch *b, json_t *entry /* stolen */)
{
    json_array_append_new(b->entries, entry);
    if (json_array_size(b->entries) == ENTRIES_A_MESSAGE) {
        send_batch(b);
    }
}

static void peers_of(struct tk_lesson *lesson, struct batch *b, int64_t now_us)
{
    for (guint i = 0; i < lesson->sessions->len; i++) {
        struct tk_session *s = g_ptr_array_index(lesson->sessions, i);
        if (s->connected) {
            add_entry(b, peer_stats(s, now_us));
        }
    }
}

static void voices_of(struct tk_lesson *lesson, struct batch *b, int64_t span_ms)
{
    for (guint i = 0; i < lesson->tracks->len; i++) {
        struct tk_track *t = g_ptr_array_index(lesson->tracks, i);
        int64_t voice_ms = tk_speaker_take(&t->speaker);
        if (t->live && t->speaker.has_levels) {
            add_entry(b, json_pack("{s:s, s:s, s:I}", "from", t->from, "track", t->name, "voice_ms",
                                   (json_int_t)MIN(voice_ms, span_ms)));
        }
    }
}

static void each_lesson(struct tk_sfu *sfu,
                        void (*collect)(struct tk_lesson *lesson, struct batch *b, int64_t arg),
                        int64_t arg, struct batch *b)
{
    GHashTableIter iter;
    void *value;
    b->entries = json_array();
    g_hash_table_iter_init(&iter, sfu->lessons);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        b->lesson = ((struct tk_lesson *)value)->id;
        collect(value, b, arg);
        send_batch(b);
    }
    json_decref(b->entries);
}

void tk_sfu_stats(struct tk_sfu *sfu, int64_t now_us,
                  void (*each)(void *ctx, const char *lesson, json_t *peers), void *ctx)
{
    struct batch b = {.each = each, .ctx = ctx};
    each_lesson(sfu, peers_of, now_us, &b);
}

void tk_sfu_voice(struct tk_sfu *sfu, int64_t span_ms,
                  void (*each)(void *ctx, const char *lesson, json_t *tracks), void *ctx)
{
    struct batch b = {.each = each, .ctx = ctx};
    each_lesson(sfu, voices_of, span_ms, &b);
}
