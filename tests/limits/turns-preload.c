/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Measures the turns of an event loop, as LD_PRELOAD
 *
 * A turn is what happens between two calls of epoll_wait(): for so long nobody else is heard. It is
 * measured in CPU time of the thread, which does not depend on who else is on the machine, and in
 * real time, of which a disk may take a part. While a turn lasts, a timer on that same CPU clock
 * notes now and then where the program is, so that a long turn says what it was spent on.
 *
 * What begins before the first epoll_wait() is no turn. TURNS_FILE is written when the program
 * exits:
 *
 *     total CPU_USEC TURNS
 *     turn CPU_USEC WALL_USEC          one for each of the longest
 *     at OBJECT+0xOFFSET ...           innermost first, one line for each time it was looked
 */

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define TURNS_KEPT    256
#define SAMPLES_KEPT  64
#define FRAMES_KEPT   32
#define SAMPLE_MSEC   5
#define FRAMES_OF_US  2 /* the handler, and what the kernel calls it through */
#define NSEC_PER_USEC 1000
#define NSEC_PER_SEC  INT64_C(1000000000)
#define NSEC_PER_MSEC 1000000

typedef struct Sample {
        void *frames[FRAMES_KEPT];
        int n;
} Sample;

typedef struct Turn {
        int64_t cpu_usec, wall_usec;
        Sample samples[SAMPLES_KEPT];
        size_t n_samples;
} Turn;

static Turn turns[TURNS_KEPT], current;
static size_t n_turns, n_all;
static int64_t began_cpu_usec, began_wall_usec, total_usec;
static bool within; /* a turn is under way */
static size_t n_ticks, stride = 1; /* of the sampler, within the turn */
static timer_t sampler;
static int (*next_epoll_wait)(int, struct epoll_event *, int, int);

static int64_t clock_usec(clockid_t clock) {
        struct timespec t;

        (void) clock_gettime(clock, &t);
        return (t.tv_sec * NSEC_PER_SEC + t.tv_nsec) / NSEC_PER_USEC;
}

/* Room for more of a turn that goes on: every other one goes, and half as many come. */
static void thin_out(void) {
        for (size_t i = 0; i < SAMPLES_KEPT / 2; i++)
                current.samples[i] = current.samples[2 * i + 1];
        current.n_samples = SAMPLES_KEPT / 2;
        stride *= 2;
}

static void on_sample(int number) {
        Sample *sample;

        (void) number;
        if (!within || ++n_ticks % stride != 0)
                return;
        if (current.n_samples == SAMPLES_KEPT)
                thin_out();
        sample = &current.samples[current.n_samples++];
        sample->n = backtrace(sample->frames, FRAMES_KEPT);
}

static void set_sampler(long interval_nsec) {
        struct itimerspec when = { .it_value.tv_nsec = interval_nsec,
                .it_interval.tv_nsec = interval_nsec };

        (void) timer_settime(sampler, 0, &when, NULL);
}

/* By the thread of the loop: its clock is the one that counts. */
static void set_up(void) {
        struct sigaction action = { .sa_handler = on_sample, .sa_flags = SA_RESTART };
        struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF };
        void *frames[1];

        event._sigev_un._tid = gettid();
        (void) backtrace(frames, 1); /* which loads a library, and may not do so in a handler */
        if (sigaction(SIGPROF, &action, NULL) < 0
                        || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &sampler) < 0)
                abort();
}

/* In the place of the shortest that is kept, where that was shorter. */
static void keep(void) {
        size_t shortest = 0;

        if (n_turns < TURNS_KEPT) {
                turns[n_turns++] = current;
                return;
        }
        for (size_t i = 1; i < TURNS_KEPT; i++)
                if (turns[i].cpu_usec < turns[shortest].cpu_usec)
                        shortest = i;
        if (turns[shortest].cpu_usec < current.cpu_usec)
                turns[shortest] = current;
}

static void end_turn(void) {
        within = false;
        set_sampler(0);
        current.cpu_usec = clock_usec(CLOCK_THREAD_CPUTIME_ID) - began_cpu_usec;
        current.wall_usec = clock_usec(CLOCK_MONOTONIC) - began_wall_usec;
        total_usec += current.cpu_usec;
        n_all++;
        keep();
}

static void begin_turn(void) {
        current.n_samples = n_ticks = 0;
        stride = 1;
        began_wall_usec = clock_usec(CLOCK_MONOTONIC);
        began_cpu_usec = clock_usec(CLOCK_THREAD_CPUTIME_ID);
        within = true;
        set_sampler(SAMPLE_MSEC * NSEC_PER_MSEC);
}

int epoll_wait(int fd, struct epoll_event *events, int n, int timeout_msec) {
        int r;

        if (!next_epoll_wait) {
                *(void **) &next_epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
                set_up();
        }
        if (within)
                end_turn();
        r = next_epoll_wait(fd, events, n, timeout_msec);
        begin_turn();
        return r;
}

static void write_frame(FILE *file, const void *frame) {
        Dl_info info;

        if (dladdr(frame, &info) != 0)
                (void) fprintf(file, " %s+0x%tx", info.dli_fname,
                                (const char *) frame - (const char *) info.dli_fbase);
        else
                (void) fprintf(file, " ?");
}

static void write_turn(FILE *file, const Turn *turn) {
        (void) fprintf(file, "turn %lld %lld\n", (long long) turn->cpu_usec,
                        (long long) turn->wall_usec);
        for (size_t i = 0; i < turn->n_samples; i++) {
                (void) fprintf(file, "at");
                for (int j = FRAMES_OF_US; j < turn->samples[i].n; j++)
                        write_frame(file, turn->samples[i].frames[j]);
                (void) fputc('\n', file);
        }
}

__attribute__((constructor)) static void begin(void) {
        /* What the program starts has a loop of its own, if any. */
        (void) unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
        const char *path = getenv("TURNS_FILE");
        FILE *file = path && n_all > 0 ? fopen(path, "we") : NULL;

        if (!file)
                return;
        within = false;
        (void) fprintf(file, "total %lld %zu\n", (long long) total_usec, n_all);
        for (size_t i = 0; i < n_turns; i++)
                write_turn(file, &turns[i]);
        (void) fclose(file);
}
