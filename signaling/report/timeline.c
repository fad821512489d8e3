#include "signaling/report/timeline.h"

#include <errno.h>
#include <glib.h>

#include "signaling/store/sitting_rows.h"

double tk_speaking_share(int64_t spoke_ms, int64_t all_ms)
{
    return all_ms > 0 ? (double)spoke_ms / (double)all_ms : -1;
}

static json_t *room_json(const struct tk_room *r)
{
    return r->id == 0
               ? json_null()
               : json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)r->id, "name", r->name,
                           "name_en", r->name_en, "school", r->school, "school_en", r->school_en);
}

static int add_event(void *ctx, const struct tk_timeline_row *row)
{
    json_t *data = json_loads(row->data, 0, NULL);
    json_t *by = *row->by.role ? json_pack("{s:s, s:s, s:s}", "role", row->by.role, "name",
                                           row->by.name, "name_en", row->by.name_en)
                               : json_null();
    return json_array_append_new(ctx, json_pack("{s:I, s:s, s:o, s:o, s:o}", "at_ms",
                                                (json_int_t)row->at_ms, "kind", row->kind, "room",
                                                room_json(&row->room), "by", by, "data",
                                                data ? data : json_object()));
}

static int take_speech(void *ctx, const struct tk_speech_row *row)
{
    g_array_append_val((GArray *)ctx, *row);
    return 0;
}

static int speaking(struct tk_db *db, int64_t sitting_id, json_t *out)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct tk_speech_row));
    int64_t all_ms = 0;
    bool measured = true;
    int r = tk_speech_rows(db, sitting_id, take_speech, rows);
    for (guint i = 0; i < rows->len; i++) {
        int64_t spoke_ms = g_array_index(rows, struct tk_speech_row, i).spoke_ms;
        measured = measured && spoke_ms >= 0;
        all_ms += spoke_ms;
    }
    for (guint i = 0; i < rows->len; i++) {
        const struct tk_speech_row *row = &g_array_index(rows, struct tk_speech_row, i);
        double share = measured ? tk_speaking_share(row->spoke_ms, all_ms) : -1;
        json_t *spoke = row->spoke_ms < 0 ? json_null() : json_integer(row->spoke_ms);
        json_array_append_new(
            out, json_pack("{s:o, s:I, s:I, s:o, s:o}", "room", room_json(&row->room), "turns",
                           (json_int_t)row->turns, "floor_ms", (json_int_t)row->floor_ms,
                           "spoke_ms", spoke, "share", share < 0 ? json_null() : json_real(share)));
    }
    return r;
}

static int add_live(void *ctx, const struct tk_live_row *row)
{
    *(int64_t *)ctx += row->last_ms - row->started_ms;
    return 0;
}

struct reading {
    struct tk_db *db;
    json_t *out;
};

static int add_sitting(void *ctx, const struct tk_sitting_row *s)
{
    struct reading *reading = ctx;
    struct tk_db *db = reading->db;
    json_t *events = json_array();
    json_t *shares = json_array();
    int64_t live_ms = 0;
    int64_t count = 0;
    int r = tk_live_rows(db, s->id, add_live, &live_ms);
    if (r == 0) {
        r = tk_timeline_rows_count(db, s->id, &count);
    }
    if (r == 0) {
        r = tk_timeline_rows(db, s->id, TK_TIMELINE_EVENTS_MAX, add_event, events);
    }
    if (r == 0) {
        r = speaking(db, s->id, shares);
    }
    json_array_append_new(reading->out,
                          json_pack("{s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:o}", "id",
                                    (json_int_t)s->id, "number", (json_int_t)s->number, "opened_ms",
                                    (json_int_t)s->opened_ms, "ended_ms",
                                    s->ended_ms ? json_integer(s->ended_ms) : json_null(),
                                    "live_total_ms", (json_int_t)live_ms, "left_out",
                                    MAX((json_int_t)0, count - TK_TIMELINE_EVENTS_MAX), "events",
                                    events, "speaking", shares));
    return r;
}

int tk_timeline_sittings(struct tk_db *db, const char *lesson_id, int64_t sitting_id, json_t **ret)
{
    struct reading reading = {db, json_array()};
    struct tk_sitting_row one;
    char of[TK_LESSON_ID_MAX + 1];
    int r;
    if (sitting_id == 0) {
        r = tk_sitting_rows(db, lesson_id, TK_TIMELINE_SITTINGS_MAX, add_sitting, &reading);
    } else {
        r = tk_sitting_row(db, sitting_id, &one, of);
        if (r == 0 && g_strcmp0(of, lesson_id) == 0) {
            r = add_sitting(&reading, &one);
        }
    }
    if (r < 0 && r != -ENOENT) {
        json_decref(reading.out);
        return r;
    }
    *ret = reading.out;
    return 0;
}
