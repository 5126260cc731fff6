/* SPDX-License-Identifier: Apache-2.0 */

/* Random numbers from the kernel; getrandom(2) does not fail for small requests once the machine
 * has booted. */

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "util/random.h"

void random_bytes(void *p, size_t n) {
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

uint64_t random_u64(void) {
        uint64_t value;

        random_bytes(&value, sizeof(value));
        return value;
}

double random_unit(void) {
        return (double) (random_u64() >> 11) * 0x1.0p-53;
}
