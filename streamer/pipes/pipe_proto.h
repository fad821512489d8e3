#ifndef TK_STREAMER_PIPES_PIPE_PROTO_H
#define TK_STREAMER_PIPES_PIPE_PROTO_H

/*
 * What tongke-streamer and tongke-pipeline say to each other: datagrams of a SOCK_SEQPACKET pair,
 * the first byte is the type, numbers are big-endian, texts are UTF-8 without a final zero.
 *
 *   streamer                                  pipeline
 *      │ SOURCE  what to play                    │   once, the first message
 *      │────────────────────────────────────────▶│
 *      │         MODE    passed through or not   │   before the first picture
 *      │         CLOCK   a track's timestamp     │   before its first packet, then each second
 *      │         VIDEO, AUDIO  one RTP packet    │
 *      │◀────────────────────────────────────────│
 *      │ KEYFRAME  make one now                  │
 *      │────────────────────────────────────────▶│
 *      │         NOTE    a line for the log      │
 *      │         ENCODE, FAILED, OVER: the last  │   then it exits
 *      │◀────────────────────────────────────────│
 *
 * Either side ends by closing the socket.
 */

#include <stdint.h>

enum tk_pipe_type {
    TK_PIPE_SOURCE = 'S',   /* JSON: Source of signaling/PROTOCOL.md, with `data` and `encode` */
    TK_PIPE_KEYFRAME = 'K', /* nothing follows */

    TK_PIPE_VIDEO = 'V', /* an RTP packet */
    TK_PIPE_AUDIO = 'A', /* an RTP packet */
    TK_PIPE_CLOCK = 'C', /* VIDEO or AUDIO, u32 RTP timestamp, i64 CLOCK_MONOTONIC in µs */
    TK_PIPE_MODE = 'M',  /* one byte, 1: H.264 is passed through */
    TK_PIPE_NOTE = 'N',  /* text */
    TK_PIPE_ENCODE =
        'T', /* text: why its H.264 cannot be passed through; start again with `encode` */
    TK_PIPE_FAILED = 'E', /* text: why it cannot go on */
    TK_PIPE_OVER = 'O',   /* the file has come to its end and is not to be played again */
};

#define TK_PIPE_FD 3             /* the pipeline's end */
#define TK_PIPE_TEXT_MAX 400     /* bytes of a text */
#define TK_PIPE_SOURCE_MAX 16384 /* bytes of the JSON */
#define TK_PIPE_PACKET_MAX 1400  /* bytes of an RTP packet */
#define TK_PIPE_CLOCK_BYTES (1 + 1 + 4 + 8)

#endif
