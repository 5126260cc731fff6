#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a test and its tools share, in a file that both map
 *
 * The test says which point is to be disturbed and how; the tool counts, and says where it was. So
 * a service that runs for long can be disturbed again and again.
 */

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
        TORTURE_COUNT, /* only count */
        TORTURE_FAIL, /* the target alone fails */
        TORTURE_FAIL_FROM, /* it does, and all after it */
        TORTURE_KILL, /* the process ends at the target, before the call is made */
};

typedef struct TortureState {
        uint64_t mode;
        uint64_t target; /* counted from 1 */
        uint64_t count; /* of points passed so far */
        uint64_t hits; /* of those that were disturbed */
        uint64_t place; /* of the first that was: an offset in the program, or the system call's
                           number */
        uint64_t pid; /* of who is disturbed */
        uint64_t everywhere; /* allocations of every library count */
        char object[64]; /* the offset is in this one: a library, or empty for the program */
        char only[32]; /* where not empty: only allocations within this function of libc count */
} TortureState;

/* NULL where there is no such file. */
static inline TortureState *torture_state_map(const char *path) {
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *map;

        if (fd < 0)
                return NULL;
        map = mmap(NULL, sizeof(TortureState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void) close(fd);
        return map == MAP_FAILED ? NULL : map;
}

/* Counts one more, and says whether it is to be disturbed. */
static inline int torture_next(TortureState *state, uint64_t place) {
        uint64_t n = ++state->count;
        int hit = (state->mode == TORTURE_FAIL_FROM && n >= state->target)
                        || (state->mode != TORTURE_COUNT && n == state->target);

        if (hit && state->hits++ == 0)
                state->place = place;
        return hit;
}
