#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The shares of one framework in a plan, and which of them are alike
 *
 * All are added first; then each is asked for, in the same order, whether it has a line of its own
 * or is folded into that of its kind.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/plan-words.h"

/* More shares of a kind than this are folded, and so many of them are shown nevertheless. */
#define PLAN_FOLD_OVER  20
#define PLAN_FOLD_SHOWN 5

typedef struct RegionCount {
        RegionId region;
        uint32_t count;
} RegionCount;

typedef struct PlanKind {
        PlanShare share; /* the first one; once some are folded, with the times of those */
        uint32_t count, shown, folded;
        RegionCount *regions; /* of the folded ones */
        size_t n_regions, regions_capacity;
} PlanKind;

typedef struct PlanGroup {
        PlanKind *kinds; /* in the order of their first shares */
        size_t n_kinds, kinds_capacity;
        bool unfolded; /* each has its line */
} PlanGroup;

/* 0 or -ENOMEM. */
int plan_group_add(PlanGroup *group, const PlanShare *share);

/* 1 where the share has a line, 0 where it is folded; -ENOMEM. */
int plan_group_take(PlanGroup *group, const PlanShare *share);

/* The shares of the group with the condition and the reason of this one. */
uint32_t plan_group_alike(const PlanGroup *group, const PlanShare *share);

/* Puts the Regions with the most shares first. */
void plan_kind_sort_regions(PlanKind *kind);

void plan_group_done(PlanGroup *group);

#define _cleanup_plan_group_ _cleanup_(plan_group_done)
