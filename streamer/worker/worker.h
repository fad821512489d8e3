#ifndef TK_STREAMER_WORKER_WORKER_H
#define TK_STREAMER_WORKER_WORKER_H

/* The streamer's loop: waits for the seam, the sockets, the pipelines, signals and the time. */

/*
 * Runs until the seam's socket `seam_fd` ends, tongke says stop or SIGTERM comes; says goodbye to
 * all peers. The process's exit status.
 */
int tk_worker_run(int seam_fd);

#endif
