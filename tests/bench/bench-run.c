/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs a program and says what it cost
 *
 *     bench-run RESULT COMMAND [ARGUMENT...]
 *
 * Small on purpose: the peak memory that the kernel accounts to a program begins with that of the
 * process it was started from, and Python's would hide ours. Writes
 * {"wall", "cpu", "mb", "status"} to RESULT; wall from before fork to after wait, the rest from
 * wait4(), children that were waited for among it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval time) {
        return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

static double now(void) {
        struct timespec time;

        (void) clock_gettime(CLOCK_MONOTONIC, &time);
        return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int write_result(const char *path, double wall, const struct rusage *usage, int status) {
        FILE *file = fopen(path, "we");

        if (!file)
                return EXIT_FAILURE;
        (void) fprintf(file, "{\"wall\": %.6f, \"cpu\": %.6f, \"mb\": %.3f, \"status\": %d}\n",
                        wall, seconds_of(usage->ru_utime) + seconds_of(usage->ru_stime),
                        (double) usage->ru_maxrss / 1024,
                        WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
        return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
        struct rusage usage;
        double begun = now();
        int status;
        pid_t pid;

        if (argc < 3)
                return EXIT_FAILURE;
        pid = fork();
        if (pid == 0) {
                (void) execvp(argv[2], argv + 2);
                _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
                return EXIT_FAILURE;
        return write_result(argv[1], now() - begun, &usage, status);
}
