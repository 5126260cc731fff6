#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Growing arrays, freeing locals, wiping secrets, what the process keeps of what it freed. */

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

/*
 * How this process gets its memory, once, at its start. Large blocks come from the kernel one by
 * one and go back to it when they are freed, and an array that grows by a million elements is moved
 * without a copy beside it (mallopt(3): glibc's own threshold goes up with the first such block).
 */
void mem_init(void);

/* Gives what was freed back to the kernel: after work that took much of it and for which none is
 * needed for a while. */
void mem_give_back(void);

static inline void freep(void *p) {
        free(*(void **) p);
}

#define _cleanup_free_ _cleanup_(freep)
