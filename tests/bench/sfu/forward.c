/*
 * The way of a packet through the sfu: a publisher's and the pipeline's, one to many receivers.
 * To be counted rather than timed; the sum of instructions divided by the packets that it prints:
 *
 *   valgrind --tool=callgrind --toggle-collect=tk_session_on_rtp \
 *            --toggle-collect=tk_sfu_source_rtp build/tests/bench/sfu/forward
 */

#include "tests/unit/sfu/viewer.h"

#include "streamer/wire/bytes.h"

#include <stdio.h>

#define VIEWERS 10
#define FRAMES 250
#define FRAME_PACKETS 7

static struct viewer viewers[VIEWERS], teacher;
static int in, out;

static void take(void)
{
    uint8_t buf[2048];
    bool rtcp;
    for (int i = 0; i < VIEWERS; i++) {
        while (viewer_take(&viewers[i], buf, &rtcp) > 0) {
            out += !rtcp;
        }
    }
    while (viewer_take(&teacher, buf, &rtcp) > 0) {
    }
}

static void publish(uint16_t seq, uint32_t ts, bool key, bool marker)
{
    uint8_t buf[1200] = {0x80, (uint8_t)((marker ? 0x80 : 0) | 96)};
    tk_put_u16(buf + 2, seq);
    tk_put_u32(buf + 4, ts);
    tk_put_u32(buf + 8, 777);
    buf[12] = key ? 0x65 : 0x41;
    viewer_send_rtp(&teacher, buf, sizeof(buf));
    in++;
}

static void play(void)
{
    struct packet sound = {.ssrc = 5, .seq = 100};
    uint16_t seq = 500;
    for (int i = 0; i < FRAMES; i++) {
        for (int k = 0; k < FRAME_PACKETS; k++) {
            publish(seq++, (uint32_t)i * 3600, i == 0, k == FRAME_PACKETS - 1);
        }
        for (int k = 0; k < 2; k++, sound.seq++, sound.ts += 960, in++) {
            stage_source(&sound);
        }
        stage_run(40);
        take();
    }
}

int main(void)
{
    stage_set_up(NULL);
    stage_feed("lesson.video", "teacher", "people.video", TK_SFU_ALL_LAYERS);
    for (int i = 0; i < VIEWERS; i++) {
        char id[16];
        snprintf(id, sizeof(id), "room%d", i);
        viewer_join(&viewers[i], id, false);
    }
    viewer_join(&teacher, "teacher", true);
    play();
    printf("%d packets came, %d went out to %d receivers\n", in, out, VIEWERS);
    for (int i = 0; i < VIEWERS; i++) {
        viewer_leave(&viewers[i]);
    }
    viewer_leave(&teacher);
    return stage_tear_down(NULL);
}
