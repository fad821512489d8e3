/* A pipeline that does not keep to the protocol, in the way that the lesson's name says. */

#include "streamer/pipes/pipe_proto.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t packet[] = {TK_PIPE_VIDEO, 0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x41, 0};

static void say(const void *message, size_t len)
{
    send(TK_PIPE_FD, message, len, MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
    uint8_t message[2048] = {0};
    const char *manner = argc > 1 ? argv[1] : "";
    recv(TK_PIPE_FD, message, sizeof(message), 0);
    memset(message, 0, sizeof(message));
    if (strcmp(manner, "unknown") == 0) {
        say("?", 1);
    } else if (strcmp(manner, "short-rtp") == 0) {
        say(packet, 5);
    } else if (strcmp(manner, "not-rtp") == 0) {
        message[0] = TK_PIPE_AUDIO;
        say(message, 20);
    } else if (strcmp(manner, "long-rtp") == 0) {
        memcpy(message, packet, sizeof(packet));
        say(message, sizeof(message));
    } else if (strcmp(manner, "short-clock") == 0) {
        say("CV123", 5);
    } else if (strcmp(manner, "bad-mode") == 0) {
        say("M\7", 2);
    } else if (strcmp(manner, "odd-text") == 0) {
        say("Ebad \xff\xfe \n\"text\"", 16);
        return 0;
    } else if (strcmp(manner, "dies") == 0) {
        say(packet, sizeof(packet));
        return 7;
    } else if (strcmp(manner, "stays") == 0) {
        say(packet, sizeof(packet));
        shutdown(TK_PIPE_FD, SHUT_WR);
        pause();
    } else if (strcmp(manner, "falls-silent") == 0) {
        say(packet, sizeof(packet));
    }
    while (recv(TK_PIPE_FD, message, sizeof(message), 0) > 0) {
    }
    return 0;
}
