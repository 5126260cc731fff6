#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The plan of one source: desired x observed x memory x policy x now -> one decision per share
 *
 * Pure but for the memory, into which the observation is taken. A sorted merge of what is declared
 * with what is listed; no allocation per share.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/desired-state.h"
#include "model/memory-table.h"
#include "model/observation.h"
#include "model/settings.h"
#include "reconcile/decide.h"
#include "util/macro.h"

#define PLAN_NO_INDEX UINT32_MAX

/* Indices into what the plan was made from; PLAN_NO_INDEX where there is none. */
typedef struct PlanEntry {
        uint32_t framework; /* DesiredState.frameworks; none: not declared */
        uint32_t share; /* DesiredState.shares */
        uint32_t request; /* Observation.requests: the effective one */
        uint32_t memory; /* MemoryTable.items: always there */
        int64_t next_usec;
        uint8_t action, condition, reason, old_status, interrupted_action;
        bool renewal, lifted, warn;
        bool changed; /* the status changed since it was last seen */
        bool interrupted; /* the service was killed during a call for this share */
        bool several; /* several live requests */
        bool unresolved; /* declared by a name that no framework has: its key is a stand-in, not an
                            id */
} PlanEntry;

/* How a declared framework was found among those listed. */
typedef struct ResolvedFramework {
        Uuid id;
        FrameworkState state;
        int64_t updated_usec;
        StringId listed_name; /* in the observation's pool; 0 where missing */
        bool stand_in; /* no id is known; `id` is made from the name */
} ResolvedFramework;

typedef struct PlanCounts {
        uint32_t actions[ACTION_MAX];
        uint32_t conditions[CONDITION_MAX];
        uint32_t declared;
} PlanCounts;

typedef struct Plan {
        PlanEntry *entries; /* sorted by key */
        size_t n_entries, capacity;
        ResolvedFramework *frameworks; /* by index of DesiredState.frameworks; only those of the
                                          source are filled in */
        PlanCounts counts;
} Plan;

typedef struct PlanInput {
        const Settings *settings;
        uint32_t source; /* index into settings->sources */
        const DesiredState *desired;
        const Observation *observation; /* sorted */
        MemoryTable *memory;
        int64_t now_usec;
        int64_t mono_usec; /* CLOCK_MONOTONIC */
        int64_t quiet_usec; /* nothing is sent before: memory was lost, and a send of ours may not
                               be listed yet */
} PlanInput;

/* 0 or a negative errno. Free with plan_free(). */
int plan_new(const PlanInput *input, Plan **ret);
Plan *plan_free(Plan *plan);

/* Starts and resends, and revokes and deletes, that the plan would do now. */
uint32_t plan_sends(const Plan *plan);
uint32_t plan_withdrawals(const Plan *plan);

/*
 * The entries that write, in the order in which they are to be applied: expiring first (the nearest
 * first), then missing, then the rest. A new array of indices that the caller frees. 0 or -ENOMEM.
 */
int plan_order(const Plan *plan, const MemoryTable *memory, uint32_t **ret, size_t *ret_n);

DEFINE_CLEANUP(Plan, plan_free)
