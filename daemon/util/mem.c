/* SPDX-License-Identifier: Apache-2.0 */

/* Growing arrays, and memory that must not outlive its use. */

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>

#include "util/mem.h"

/* Larger than the chunks of an arena, which come and go with each page of a listing; smaller than
 * any array of some thousand shares. */
#define LARGE_BLOCK (256 * 1024)

/* Kept for the next page rather than given back and asked for again. */
#define KEPT_FREE (16 * 1024 * 1024)

void mem_init(void) {
        (void) mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
        (void) mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
}

void mem_give_back(void) {
        (void) malloc_trim(0);
}

int array_reserve(void **array, size_t *capacity, size_t want, size_t size) {
        size_t grown;
        void *p;

        if (want <= *capacity)
                return 0;

        grown = MAX(want, *capacity + *capacity / 2);
        grown = MAX(grown, (size_t) 8);
        if (grown > SIZE_MAX / size)
                return -ENOMEM;

        p = realloc(*array, grown * size);
        if (!p)
                return -ENOMEM;

        *array = p;
        *capacity = grown;
        return 0;
}

void erase(void *p, size_t n) {
        if (p)
                explicit_bzero(p, n);
}

void wipe_free(void *p) {
        erase(p, p ? malloc_usable_size(p) : 0);
        free(p);
}
