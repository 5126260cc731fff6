/* SPDX-License-Identifier: Apache-2.0 */

/* Walking over the shares of a source. */

#include <errno.h>
#include <stdlib.h>

#include "reconcile/visit.h"
#include "util/mem.h"

static int compare_remembered(const void *a, const void *b, void *userdata) {
        const MemoryTable *table = userdata;

        return share_key_compare(&table->items[*(const uint32_t *) a].key,
                        &table->items[*(const uint32_t *) b].key);
}

static int begin_remembered(ShareVisit *visit) {
        MemoryTable *table = visit->scope.table;

        visit->n = table->count;
        visit->order = calloc(visit->n + 1, sizeof(uint32_t));
        if (!visit->order)
                return -ENOMEM;
        for (uint32_t i = 0; i < visit->n; i++)
                visit->order[i] = i;
        if (visit->n > 1)
                qsort_r(visit->order, visit->n, sizeof(uint32_t), compare_remembered, table);
        return 0;
}

int share_visit_begin(const Pass *pass, size_t source, ShareVisit *ret) {
        const Scope *planned = pass_scope(pass, source);
        ShareVisit visit = { .pass = pass, .source = source };
        int r = 0;

        visit.scope = planned ? *planned : pass_remembered(pass, source);
        if (planned)
                visit.n = planned->plan->n_entries;
        else
                r = begin_remembered(&visit);
        if (r >= 0)
                *ret = visit;
        return r;
}

int share_visit_next(ShareVisit *visit, ShareView *ret) {
        const Scope *scope = &visit->scope;

        /* A plan adds to the memory that it is made from. */
        if (visit->order && pass_scope(visit->pass, visit->source))
                return -ESTALE;
        if (visit->at == visit->n)
                return 0;
        *ret = visit->order ? scope_view_remembered(
                               scope, &scope->table->items[visit->order[visit->at]])
                            : scope_view(scope, &scope->plan->entries[visit->at]);
        visit->at++;
        return 1;
}

void share_visit_done(ShareVisit *visit) {
        free(visit->order);
        *visit = (ShareVisit){ 0 };
}
