#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The memory of one source, in memory: a table of ShareMemory by key
 *
 * Indices are stable until memory_table_compact(); pointers until the next memory_table_obtain().
 * record/memory.h stores it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/share-memory.h"
#include "util/macro.h"
#include "util/strings.h"

#define MEMORY_NOT_FOUND UINT32_MAX

/* With its hash, so that hardly any record but the one looked for is touched: they are far apart.
 */
typedef struct MemorySlot {
        uint32_t number; /* index + 1; 0 is empty */
        uint32_t hash;
} MemorySlot;

typedef struct MemoryTable {
        ShareMemory *items;
        size_t count, capacity;
        MemorySlot *slots; /* open addressing; NULL at rest */
        size_t n_slots;
        Strings *strings; /* framework names, unknown statuses */
} MemoryTable;

int memory_table_init(MemoryTable *table);
void memory_table_done(MemoryTable *table);

/* The index of a key, or MEMORY_NOT_FOUND. */
uint32_t memory_table_find(const MemoryTable *table, const ShareKey *key);

/* As find, adding an empty record where there is none. 0, -ENOMEM, -EFBIG. */
int memory_table_obtain(MemoryTable *table, const ShareKey *key, uint32_t *ret);

/* Makes room for n records at once. 0 or -ENOMEM. */
int memory_table_reserve(MemoryTable *table, size_t n);

/* Drops the records marked as forgotten; indices change. */
void memory_table_compact(MemoryTable *table);

/* Frees what only looking up by key needs, until the next memory_table_obtain(). */
void memory_table_rest(MemoryTable *table);

#define _cleanup_memory_table_ _cleanup_(memory_table_done)
