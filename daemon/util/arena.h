#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Memory for many small things that end together. A zero-initialised Arena is an empty one. */

#include <stddef.h>

#include "util/macro.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
        ArenaChunk *chunks; /* the one in use first */
        char *next, *end; /* what is left of it */
} Arena;

/* As malloc(), for as long as the arena lives. */
void *arena_allocate(Arena *arena, size_t size);

/* Frees all of it. */
void arena_done(Arena *arena);

#define _cleanup_arena_ _cleanup_(arena_done)
