/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A pool of strings, each kept once
 *
 * Text lies in blocks that never move; an open-addressing table finds the id of a text. The hash is
 * keyed with a random number of the process, so that nobody who writes comments can make the table
 * slow.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"
#include "util/mem.h"
#include "util/strings.h"

#define BLOCK_SIZE ((size_t) 64 * 1024)

typedef struct Block {
        struct Block *next;
        size_t used, size;
        char data[];
} Block;

struct Strings {
        Block *blocks;
        const char **texts; /* by id - 1 */
        size_t count, capacity;
        StringId *table; /* a power of two, at most half full */
        size_t table_size;
        size_t bytes, limit;
};

int strings_new(size_t limit, Strings **ret) {
        Strings *strings = calloc(1, sizeof(Strings));

        if (!strings)
                return -ENOMEM;
        strings->limit = limit;
        *ret = strings;
        return 0;
}

Strings *strings_free(Strings *strings) {
        if (!strings)
                return NULL;

        for (Block *block = strings->blocks, *next; block; block = next) {
                next = block->next;
                free(block);
        }
        free(strings->texts);
        free(strings->table);
        free(strings);
        return NULL;
}

static int store(Strings *strings, const char *text, size_t length, const char **ret) {
        Block *block = strings->blocks;
        char *copy;

        if (strings->bytes + length > strings->limit)
                return -EFBIG;

        if (!block || block->size - block->used < length + 1) {
                size_t size = MAX(BLOCK_SIZE, length + 1);

                block = malloc(sizeof(Block) + size);
                if (!block)
                        return -ENOMEM;
                *block = (Block){ .next = strings->blocks, .size = size };
                strings->blocks = block;
        }

        copy = block->data + block->used;
        memcpy(copy, text, length);
        copy[length] = '\0';
        block->used += length + 1;
        strings->bytes += length + 1;
        *ret = copy;
        return 0;
}

/* The slot that holds text, or the empty one where it belongs. */
static size_t find_slot(const Strings *strings, const char *text, size_t length) {
        size_t mask = strings->table_size - 1, slot = hash_bytes(text, length) & mask;

        for (; strings->table[slot] != 0; slot = (slot + 1) & mask) {
                const char *other = strings->texts[strings->table[slot] - 1];

                if (strncmp(other, text, length) == 0 && other[length] == '\0')
                        break;
        }
        return slot;
}

static int grow_table(Strings *strings) {
        size_t size = MAX((size_t) 64, strings->table_size * 2);
        StringId *table;

        if (strings->count * 2 < strings->table_size)
                return 0;

        table = calloc(size, sizeof(StringId));
        if (!table)
                return -ENOMEM;
        free(strings->table);
        strings->table = table;
        strings->table_size = size;

        for (size_t i = 0; i < strings->count; i++)
                table[find_slot(strings, strings->texts[i], strlen(strings->texts[i]))] =
                                (StringId) (i + 1);
        return 0;
}

int strings_add_n(Strings *strings, const char *text, size_t length, StringId *ret) {
        size_t slot;
        int r;

        assert(!memchr(text, '\0', length));

        r = grow_table(strings);
        if (r < 0)
                return r;

        slot = find_slot(strings, text, length);
        if (strings->table[slot] == 0) {
                r = ARRAY_RESERVE(strings->texts, strings->capacity, strings->count + 1);
                if (r < 0)
                        return r;
                r = store(strings, text, length, &strings->texts[strings->count]);
                if (r < 0)
                        return r;
                strings->table[slot] = (StringId) ++strings->count;
        }

        *ret = strings->table[slot];
        return 0;
}

int strings_add(Strings *strings, const char *text, StringId *ret) {
        if (!text) {
                *ret = 0;
                return 0;
        }
        return strings_add_n(strings, text, strlen(text), ret);
}

size_t strings_count(const Strings *strings) {
        return strings->count;
}

const char *strings_get(const Strings *strings, StringId id) {
        if (id == 0)
                return NULL;
        assert(id <= strings->count);
        return strings->texts[id - 1];
}
