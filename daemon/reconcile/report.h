#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reporting on shares: each thing that is worth an event becomes one event, once
 *
 * What was said is remembered before it is said: a process that is killed in between may lose the
 * line, but never says it twice.
 */

#include "model/outcome.h"
#include "reconcile/scope.h"
#include "record/journal.h"

/* How far a plan has been gone through. */
typedef struct PlanReport {
        size_t entry; /* of the plan, and then: */
        size_t share; /* of the table, for what is remembered without being said */
        int error; /* the first */
} PlanReport;

/*
 * Goes through the plan: status changes, interrupted calls, held and stalled shares; until
 * CLOCK_MONOTONIC says so, or a little longer. 1: there is more to do. 0 or a negative errno
 * (memory) once all of it is done; nothing may be sent before. Between two calls all that was said
 * is remembered.
 */
int report_plan(const Scope *scope, PlanReport *report, int64_t until_usec);

/* The status of one share changed by our own doing. */
int report_status(const Scope *scope, const PlanEntry *entry, ShareStatus old_status);

/* Its condition is what the entry says now; an event where that is worth one. */
int report_condition(const Scope *scope, const PlanEntry *entry);

/* A write worked; a write failed for good; the outcome of a write is unknown. */
int report_applied(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome);
int report_failed(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome);
int report_unknown(const Scope *scope,
                const PlanEntry *entry,
                ActionKind action,
                const ApiOutcome *outcome);

/* A source could not be observed, or its plan not be applied; `text` says why. */
void report_source_refused(const char *pass_id,
                const Source *source,
                const char *text,
                const ApiOutcome *outcome);
