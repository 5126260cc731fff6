#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From declared frameworks to listed ones
 *
 * A name that is missing or ambiguous keeps the id that memory knows for it: what it declares is
 * still declared.
 */

#include "reconcile/plan.h"

/* The framework of this id, or NULL. The observation is sorted. */
const Framework *find_listed_framework(const Observation *observation, const Uuid *id);

/* Fills ret[i] for each declared framework of the source. Pure. 0 or -ENOMEM. */
int resolve_frameworks(const PlanInput *input, ResolvedFramework *ret);
