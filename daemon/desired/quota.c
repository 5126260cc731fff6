/* SPDX-License-Identifier: Apache-2.0 */

/* Which recipient accounts are within the quota: a set that stops growing at the limit. */

#include <errno.h>
#include <stdlib.h>

#include "desired/quota.h"
#include "util/hash.h"
#include "util/macro.h"

static size_t find_slot(const Quota *quota, AccountId account) {
        size_t mask = quota->n_slots - 1, slot = hash_bytes(&account, sizeof(account)) & mask;

        while (quota->slots[slot] != 0 && quota->slots[slot] != account + 1)
                slot = (slot + 1) & mask;
        return slot;
}

static int grow(Quota *quota) {
        size_t n = MAX((size_t) 64, quota->n_slots * 2), old = quota->n_slots;
        uint64_t *slots = quota->slots;

        if (quota->count * 2 < quota->n_slots)
                return 0;

        quota->slots = calloc(n, sizeof(*slots));
        if (!quota->slots) {
                quota->slots = slots;
                return -ENOMEM;
        }
        quota->n_slots = n;
        for (size_t i = 0; i < old; i++)
                if (slots[i] != 0)
                        quota->slots[find_slot(quota, slots[i] - 1)] = slots[i];
        free(slots);
        return 0;
}

int quota_take(Quota *quota, AccountId account, size_t limit, bool *ret_over) {
        size_t slot;
        int r;

        if (quota->has_latest && quota->latest == account) {
                *ret_over = quota->latest_is_over;
                return 0;
        }

        r = grow(quota);
        if (r < 0)
                return r;
        slot = find_slot(quota, account);
        *ret_over = quota->slots[slot] == 0 && quota->count >= limit;
        if (quota->slots[slot] == 0 && !*ret_over) {
                quota->slots[slot] = account + 1;
                quota->count++;
        }

        quota->latest = account;
        quota->latest_is_over = *ret_over;
        quota->has_latest = true;
        return 0;
}

void quota_done(Quota *quota) {
        free(quota->slots);
        *quota = (Quota){ .count = 0 };
}
