/* SPDX-License-Identifier: Apache-2.0 */

/* In which order the writes of a plan are done. */

#include <errno.h>
#include <stdlib.h>

#include "reconcile/plan.h"
#include "util/mem.h"

typedef struct Ranked {
        uint32_t entry;
        uint32_t rank;
        Seconds expires;
} Ranked;

static bool writes(const PlanEntry *entry) {
        return action_is_write((ActionKind) entry->action);
}

/* An invitation that is running out cannot wait; one that was never sent comes next. */
static uint32_t rank(const PlanEntry *entry) {
        if (entry->action == ACTION_RESEND && entry->reason == REASON_EXPIRING)
                return 0;
        return entry->action == ACTION_START && entry->request == PLAN_NO_INDEX ? 1 : 2;
}

static int compare_ranked(const void *a, const void *b) {
        const Ranked *x = a, *y = b;

        if (x->rank != y->rank)
                return x->rank < y->rank ? -1 : 1;
        if (x->rank == 0 && x->expires != y->expires)
                return x->expires < y->expires ? -1 : 1;
        return (x->entry > y->entry) - (x->entry < y->entry);
}

int plan_order(const Plan *plan, const MemoryTable *memory, uint32_t **ret, size_t *ret_n) {
        size_t n = (size_t) plan_sends(plan) + plan_withdrawals(plan), at = 0;
        _cleanup_free_ Ranked *ranked = calloc(n + 1, sizeof(Ranked));
        _cleanup_free_ uint32_t *order = calloc(n + 1, sizeof(uint32_t));

        if (!ranked || !order)
                return -ENOMEM;

        for (size_t i = 0; i < plan->n_entries && at < n; i++)
                if (writes(&plan->entries[i]))
                        ranked[at++] = (Ranked){
                                .entry = (uint32_t) i,
                                .rank = rank(&plan->entries[i]),
                                .expires = memory->items[plan->entries[i].memory].expires,
                        };
        qsort(ranked, at, sizeof(Ranked), compare_ranked);
        for (size_t i = 0; i < at; i++)
                order[i] = ranked[i].entry;

        *ret = TAKE_PTR(order);
        *ret_n = at;
        return 0;
}
