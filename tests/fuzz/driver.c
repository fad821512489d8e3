/*
 * Runs a fuzz target without libFuzzer: all files of the folder that is told, then changed forms of
 * them, always the same ones. With clang the targets are linked with libFuzzer instead.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 65536
#define CHANGES 3000 /* of each file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_random(void)
{
    static uint32_t x = 2463534242u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

/* In memory of exactly its size, so that a read past it is seen. */
static void run(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void run_changed(const uint8_t *data, size_t len)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff};
    static uint8_t buf[INPUT_MAX];
    memcpy(buf, data, len);
    for (uint32_t n = 1 + next_random() % 4; n > 0 && len > 0; n--) {
        size_t at = next_random() % len;
        switch (next_random() % 4) {
        case 0:
            buf[at] ^= (uint8_t)(1 << next_random() % 8);
            break;
        case 1:
            buf[at] = telling[next_random() % sizeof(telling)];
            break;
        case 2:
            buf[at] = (uint8_t)next_random();
            break;
        default:
            len = at;
            break;
        }
    }
    run(buf, len);
}

static int run_file(const char *folder, const char *name)
{
    static uint8_t buf[INPUT_MAX];
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    size_t len = fread(buf, 1, sizeof(buf), f);
    fclose(f);
    run(buf, len);
    for (int i = 0; i < CHANGES; i++) {
        run_changed(buf, len);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0, files = 0;
    DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
    if (!d) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] != '.') {
            failed |= run_file(argv[1], e->d_name);
            files++;
        }
    }
    closedir(d);
    return failed || !files;
}
