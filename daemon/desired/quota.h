#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Which recipient accounts of a source are within its quota: the first ones that are declared. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/identifiers.h"

/* The accounts within the quota. */
typedef struct Quota {
        uint64_t *slots; /* a power of two, at most half full, of account + 1 */
        size_t n_slots;
        size_t count;
        AccountId latest; /* the answer for it is known: recipients of one account stand together */
        bool latest_is_over, has_latest;
} Quota;

/* Asks for an account, in the order of declaration. 0 with the answer, or -ENOMEM. */
int quota_take(Quota *quota, AccountId account, size_t limit, bool *ret_over);

void quota_done(Quota *quota);
