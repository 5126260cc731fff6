/* SPDX-License-Identifier: Apache-2.0 */

/* Random numbers from the kernel; getrandom(2) does not fail for small requests once the machine
 * has booted. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/mem.h"
#include "util/random.h"

/* Up to 256 bytes come whole, and never wait. */
#define POOL_SIZE 256

static void ask_kernel(void *p, size_t n) {
        unsigned char *at = p;

        while (n > 0) {
                ssize_t got = getrandom(at, n, 0);

                if (got < 0 && errno != EINTR)
                        abort();
                if (got > 0) {
                        at += got;
                        n -= (size_t) got;
                }
        }
}

/* Asked for a few at a time, each given once; none of this program's children goes on without
 * exec(), which would begin anew. */
void random_bytes(void *p, size_t n) {
        static unsigned char kept[POOL_SIZE];
        static size_t left;

        if (n > sizeof(kept)) {
                ask_kernel(p, n);
                return;
        }
        if (n > left) {
                ask_kernel(kept, sizeof(kept));
                left = sizeof(kept);
        }
        left -= n;
        memcpy(p, kept + left, n);
        erase(kept + left, n);
}

uint64_t random_u64(void) {
        uint64_t value;

        random_bytes(&value, sizeof(value));
        return value;
}

double random_unit(void) {
        return (double) (random_u64() >> 11) * 0x1.0p-53;
}
