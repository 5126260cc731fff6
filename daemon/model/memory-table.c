/* SPDX-License-Identifier: Apache-2.0 */

/* The memory of one source as a table. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory-table.h"
#include "util/hash.h"
#include "util/mem.h"

#define TEXT_MAX ((size_t) 64 * 1024 * 1024)

int memory_table_init(MemoryTable *table) {
        *table = (MemoryTable){ 0 };
        return strings_new(TEXT_MAX, &table->strings);
}

void memory_table_done(MemoryTable *table) {
        for (size_t i = 0; i < table->count; i++)
                share_memory_done(&table->items[i]);
        free(table->items);
        free(table->slots);
        (void) strings_free(table->strings);
        *table = (MemoryTable){ 0 };
}

static uint32_t key_hash(const ShareKey *key) {
        return (uint32_t) hash_bytes(key, sizeof(*key));
}

static bool holds(const MemoryTable *table,
                const MemorySlot *slot,
                const ShareKey *key,
                uint32_t hash) {
        return slot->hash == hash
                        && share_key_compare(&table->items[slot->number - 1].key, key) == 0;
}

/* The slot that holds the key, or the empty one where it belongs. */
static MemorySlot *find_slot(const MemoryTable *table, const ShareKey *key, uint32_t hash) {
        size_t mask = table->n_slots - 1, i = hash & mask;

        while (table->slots[i].number != 0 && !holds(table, &table->slots[i], key, hash))
                i = (i + 1) & mask;
        return &table->slots[i];
}

static uint32_t find_at_rest(const MemoryTable *table, const ShareKey *key) {
        for (size_t i = 0; i < table->count; i++)
                if (share_key_compare(&table->items[i].key, key) == 0)
                        return (uint32_t) i;
        return MEMORY_NOT_FOUND;
}

uint32_t memory_table_find(const MemoryTable *table, const ShareKey *key) {
        if (table->n_slots == 0)
                return find_at_rest(table, key);
        /* An empty slot is 0, and 0 - 1 is MEMORY_NOT_FOUND. */
        return find_slot(table, key, key_hash(key))->number - 1;
}

static void fill_slots(MemoryTable *table) {
        size_t mask = table->n_slots - 1;

        memset(table->slots, 0, table->n_slots * sizeof(*table->slots));
        for (size_t n = 0; n < table->count; n++) {
                uint32_t hash = key_hash(&table->items[n].key);
                size_t i = hash & mask;

                /* No key is there twice. */
                while (table->slots[i].number != 0)
                        i = (i + 1) & mask;
                table->slots[i] = (MemorySlot){ (uint32_t) n + 1, hash };
        }
}

int memory_table_reserve(MemoryTable *table, size_t n) {
        size_t n_slots = MAX(table->n_slots, (size_t) 64);
        MemorySlot *slots;
        int r;

        r = ARRAY_RESERVE(table->items, table->capacity, n);
        if (r < 0)
                return r;

        while (n_slots < n + n / 4)
                n_slots *= 2;
        if (n_slots == table->n_slots)
                return 0;

        slots = malloc(n_slots * sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        free(table->slots);
        table->slots = slots;
        table->n_slots = n_slots;
        fill_slots(table);
        return 0;
}

int memory_table_obtain(MemoryTable *table, const ShareKey *key, uint32_t *ret) {
        uint32_t hash = key_hash(key);
        MemorySlot *slot;
        int r;

        if (table->count >= UINT32_MAX - 1)
                return -EFBIG;
        r = memory_table_reserve(table, table->count + 1);
        if (r < 0)
                return r;

        slot = find_slot(table, key, hash);
        if (slot->number == 0) {
                ShareMemory *memory = &table->items[table->count];

                *memory = (ShareMemory){ .key = *key };
                share_memory_clear(memory);
                *slot = (MemorySlot){ (uint32_t) ++table->count, hash };
        }
        *ret = slot->number - 1;
        return 0;
}

void memory_table_compact(MemoryTable *table) {
        size_t kept = 0;

        for (size_t i = 0; i < table->count; i++) {
                if (table->items[i].forgotten) {
                        share_memory_done(&table->items[i]);
                        continue;
                }
                table->items[kept++] = table->items[i];
        }
        if (kept == table->count)
                return;
        table->count = kept;
        if (table->slots)
                fill_slots(table);
}

void memory_table_rest(MemoryTable *table) {
        free(table->slots);
        table->slots = NULL;
        table->n_slots = 0;
}
