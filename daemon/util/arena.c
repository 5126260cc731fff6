/* SPDX-License-Identifier: Apache-2.0 */

/* Memory for many small things that end together. */

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/arena.h"

/* The first chunk is small, for the many answers that are; each next one twice as large, so that a
 * large answer takes few. */
#define CHUNK_MIN ((size_t) 16 * 1024)
#define CHUNK_MAX ((size_t) 128 * 1024)

struct ArenaChunk {
        ArenaChunk *before;
        size_t size;
        alignas(max_align_t) char data[];
};

static bool add_chunk(Arena *arena, size_t size) {
        size_t wanted = arena->chunks ? MIN(2 * arena->chunks->size, CHUNK_MAX) : CHUNK_MIN;
        ArenaChunk *chunk;

        wanted = MAX(wanted, size);
        chunk = malloc(sizeof(ArenaChunk) + wanted);
        if (!chunk)
                return false;
        chunk->before = arena->chunks;
        chunk->size = wanted;
        arena->chunks = chunk;
        arena->next = chunk->data;
        arena->end = chunk->data + wanted;
        return true;
}

void *arena_allocate(Arena *arena, size_t size) {
        char *p;

        if (size > PTRDIFF_MAX - alignof(max_align_t))
                return NULL;
        size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
        if (size > (size_t) (arena->end - arena->next) && !add_chunk(arena, size))
                return NULL;
        p = arena->next;
        arena->next += size;
        return p;
}

void arena_done(Arena *arena) {
        for (ArenaChunk *chunk = arena->chunks, *before; chunk; chunk = before) {
                before = chunk->before;
                free(chunk);
        }
        *arena = (Arena){ 0 };
}
