/* SPDX-License-Identifier: Apache-2.0 */

/* The shares of one framework in a plan, and which of them are alike. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/plan-group.h"
#include "util/mem.h"
#include "util/time.h"

/* There are few kinds, whatever the number of shares. */
static PlanKind *find_kind(const PlanGroup *group, const PlanShare *share) {
        for (size_t i = 0; i < group->n_kinds; i++)
                if (plan_share_is_alike(&group->kinds[i].share, share))
                        return &group->kinds[i];
        return NULL;
}

int plan_group_add(PlanGroup *group, const PlanShare *share) {
        PlanKind *kind = find_kind(group, share);
        int r;

        if (!kind) {
                r = ARRAY_RESERVE(group->kinds, group->kinds_capacity, group->n_kinds + 1);
                if (r < 0)
                        return r;
                kind = &group->kinds[group->n_kinds++];
                *kind = (PlanKind){ .share = *share };
        }
        kind->count++;
        return 0;
}

static int count_region(PlanKind *kind, RegionId region) {
        size_t i = 0;
        int r;

        while (i < kind->n_regions && kind->regions[i].region != region)
                i++;
        if (i == kind->n_regions) {
                r = ARRAY_RESERVE(kind->regions, kind->regions_capacity, i + 1);
                if (r < 0)
                        return r;
                kind->regions[kind->n_regions++] = (RegionCount){ .region = region };
        }
        kind->regions[i].count++;
        return 0;
}

static int fold(PlanKind *kind, const PlanShare *share) {
        if (kind->folded++ == 0)
                kind->share = *share;
        if (share->from_usec != TIME_UNKNOWN) {
                kind->share.from_usec = MIN(kind->share.from_usec, share->from_usec);
                kind->share.to_usec = MAX(kind->share.to_usec, share->to_usec);
        }
        return count_region(kind, recipient_region(share->view.recipient));
}

int plan_group_take(PlanGroup *group, const PlanShare *share) {
        PlanKind *kind = find_kind(group, share);
        int r;

        assert(kind);
        if (group->unfolded || kind->count <= PLAN_FOLD_OVER || kind->shown < PLAN_FOLD_SHOWN) {
                kind->shown++;
                return 1;
        }
        r = fold(kind, share);
        return r < 0 ? r : 0;
}

uint32_t plan_group_alike(const PlanGroup *group, const PlanShare *share) {
        uint32_t n = 0;

        for (size_t i = 0; i < group->n_kinds; i++)
                if (group->kinds[i].share.view.condition == share->view.condition
                                && group->kinds[i].share.view.reason == share->view.reason)
                        n += group->kinds[i].count;
        return n;
}

static int compare_regions(const void *a, const void *b) {
        const RegionCount *x = a, *y = b;

        if (x->count != y->count)
                return x->count < y->count ? 1 : -1;
        return strcmp(region_name(x->region), region_name(y->region));
}

void plan_kind_sort_regions(PlanKind *kind) {
        if (kind->n_regions > 1)
                qsort(kind->regions, kind->n_regions, sizeof(RegionCount), compare_regions);
}

void plan_group_done(PlanGroup *group) {
        for (size_t i = 0; i < group->n_kinds; i++)
                free(group->kinds[i].regions);
        free(group->kinds);
        *group = (PlanGroup){ 0 };
}
