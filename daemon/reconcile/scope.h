#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The scope of one source in one pass: what planning, applying and reporting share
 *
 * All borrowed; the pass owns it.
 *
 * Plan and memory go by the service's clock: what it lists of its own times is compared with when
 * we sent, and no step of this host's clock makes a send seem settled, or another's request ours.
 * What leaves for people and timers is by this host's.
 */

#include "model/desired-state.h"
#include "model/memory-table.h"
#include "model/observation.h"
#include "model/settings.h"
#include "reconcile/plan.h"
#include "record/memory.h"
#include "record/share-json.h"

typedef struct Scope {
        const char *pass_id;
        const Settings *settings;
        uint32_t source;
        const DesiredState *desired;
        const Observation *observation;
        const Plan *plan;
        MemoryTable *table;
        Memory *memory; /* NULL: nothing is stored and nothing is said (a plan by a person) */
        const char *memory_key; /* "ACCOUNT/REGION" */
        int64_t skew_usec; /* what the service's clock, by which plan and memory go, is ahead of
                              this host's */
} Scope;

const Source *scope_source(const Scope *scope);

/* What the entry's share is called: as declared, else as listed, else as remembered; NULL where it
 * has no known name. */
const char *scope_framework_name(const Scope *scope, const PlanEntry *entry);

/* The name of the effective request's status, also one that we do not know; NULL where nothing was
 * ever seen. */
const char *scope_status_name(const Scope *scope, const PlanEntry *entry);

/* The comment that a send of the entry carries, or NULL. */
const char *scope_comment(const Scope *scope, const PlanEntry *entry);

/* Everything that is said of the entry's share. */
ShareView scope_view(const Scope *scope, const PlanEntry *entry);

/* The same from memory alone, for a source that could not be listed. */
ShareView scope_view_remembered(const Scope *scope, const ShareMemory *memory);
