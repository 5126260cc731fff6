/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A growing list of shares, each of which may stand in it once
 *
 * An open-addressing table of indices finds the twin. A slot keeps the hash too, so that neither a
 * probe nor growing the table has to look at shares all over memory. The number that belongs to a
 * share is not stored with it, but found by its place among the spans, when all else is equal.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "desired/share-list.h"
#include "util/hash.h"
#include "util/mem.h"

static uint32_t number_of(const ShareList *list, size_t index) {
        size_t low = 0, high = list->n_spans;

        /* The last span that begins at or before the index. */
        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;

                if (list->spans[middle].first <= index)
                        low = middle;
                else
                        high = middle;
        }
        return list->spans[low].number;
}

/* An account's Regions come one after another, and lie side by side. */
static uint32_t hash_share(Recipient recipient, uint32_t number) {
        const uint64_t key[] = { recipient_account(recipient), number };

        return (uint32_t) hash_bytes(key, sizeof(key)) + recipient_region(recipient);
}

static bool is_share(const ShareList *list, size_t index, Recipient recipient, uint32_t number) {
        return list->shares[index].recipient == recipient && number_of(list, index) == number;
}

static size_t find_slot(const ShareList *list,
                uint32_t hash,
                Recipient recipient,
                uint32_t number) {
        size_t mask = list->n_slots - 1, slot = hash & mask;

        for (; list->slots[slot].share != 0; slot = (slot + 1) & mask)
                if (list->slots[slot].hash == hash
                                && is_share(list, list->slots[slot].share - 1, recipient, number))
                        break;
        return slot;
}

static int grow_slots(ShareList *list) {
        size_t n = MAX((size_t) 64, list->n_slots * 2);
        ShareSlot *slots;

        if (list->n_shares * 2 < list->n_slots)
                return 0;

        slots = calloc(n, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < list->n_slots; i++) {
                size_t slot = list->slots[i].hash & (n - 1);

                if (list->slots[i].share == 0)
                        continue;
                while (slots[slot].share != 0)
                        slot = (slot + 1) & (n - 1);
                slots[slot] = list->slots[i];
        }

        free(list->slots);
        list->slots = slots;
        list->n_slots = n;
        return 0;
}

int share_list_begin(ShareList *list, uint32_t number) {
        /* A span without shares gives its place to the next, so that each index has one span. */
        if (list->n_spans > 0 && list->spans[list->n_spans - 1].first == list->n_shares) {
                list->spans[list->n_spans - 1].number = number;
                return 0;
        }

        if (ARRAY_RESERVE(list->spans, list->spans_capacity, list->n_spans + 1) < 0)
                return -ENOMEM;
        list->spans[list->n_spans++] = (ShareSpan){ number, list->n_shares };
        return 0;
}

static int append(ShareList *list, const DesiredShare *share, Position position) {
        if (list->n_shares >= SHARES_MAX)
                return -EFBIG;
        if (ARRAY_RESERVE(list->shares, list->shares_capacity, list->n_shares + 1) < 0
                        || ARRAY_RESERVE(list->positions, list->positions_capacity,
                                           list->n_shares + 1)
                                        < 0)
                return -ENOMEM;
        list->shares[list->n_shares] = *share;
        list->positions[list->n_shares++] = position;
        return 0;
}

int share_list_add(ShareList *list,
                const DesiredShare *share,
                Position position,
                Position *ret_first) {
        uint32_t number, hash;
        size_t slot;
        int r;

        assert(list->n_spans > 0);
        static_assert(SHARES_MAX < UINT32_MAX / 4, "index and hash of a slot have bits to spare");

        r = grow_slots(list);
        if (r < 0)
                return r;
        number = list->spans[list->n_spans - 1].number;
        hash = hash_share(share->recipient, number);
        slot = find_slot(list, hash, share->recipient, number);
        if (list->slots[slot].share != 0) {
                *ret_first = list->positions[list->slots[slot].share - 1];
                return 1;
        }

        r = append(list, share, position);
        if (r < 0)
                return r;
        list->slots[slot] = (ShareSlot){ (uint32_t) list->n_shares, hash };
        return 0;
}

void share_list_done(ShareList *list) {
        free(list->shares);
        free(list->positions);
        free(list->spans);
        free(list->slots);
        *list = (ShareList){ .n_shares = 0 };
}
