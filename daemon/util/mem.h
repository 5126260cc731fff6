#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Growing arrays, freeing locals, wiping secrets. */

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "util/macro.h"

/*
 * Makes room for `want` elements of `size` bytes in *array, growing by half again so that appending
 * is linear. 0, or -ENOMEM with the array as it was.
 */
int array_reserve(void **array, size_t *capacity, size_t want, size_t size);

/* ARRAY_RESERVE(v->items, v->capacity, v->count + 1): the same, with the element's size filled in.
 */
#define ARRAY_RESERVE(array, capacity, want)                                                       \
        array_reserve((void **) &(array), &(capacity), (want), sizeof(*(array)))

/* Overwrites memory in a way the compiler may not drop. */
void erase(void *p, size_t n);

/* As free(), and overwrites all of the block: for libraries that copy what they are given. */
void wipe_free(void *p);

static inline void freep(void *p) {
        free(*(void **) p);
}

#define _cleanup_free_ _cleanup_(freep)
