#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Applying the plan of one source
 *
 * Before a call is sent, memory says durably that it will be: one sync for a batch. After that each
 * call has one of three ends: it worked, it certainly did not (and memory forgets the intent), or
 * its outcome is unknown.
 */

#include <stdint.h>

#include "model/outcome.h"
#include "model/share-service.h"
#include "reconcile/scope.h"
#include "util/macro.h"

typedef struct Applier Applier;

typedef struct ApplyCounts {
        uint32_t planned, done;
        uint32_t started, resent, revoked, failed;
} ApplyCounts;

/*
 * `ended` is called once, possibly before applier_new() returns, and may free the applier;
 * stop_reason is NULL where every write was tried, else why the rest was not (with the outcome that
 * stopped it, or NULL). `progress` (may be NULL) is called after each write.
 */
typedef struct ApplyCallbacks {
        void (*ended)(const char *stop_reason, const ApiOutcome *outcome, void *userdata);
        void (*progress)(void *userdata);
        void *userdata;
} ApplyCallbacks;

/*
 * Begins. `scope` and `plan` are borrowed; the plan's entries are brought up to date as calls end.
 * 0, or a negative errno with nothing begun.
 */
int applier_new(const Scope *scope,
                Plan *plan,
                ShareService *service,
                const ApplyCallbacks *callbacks,
                Applier **ret);

/* Sends nothing more; `ended` is called when what is in flight has ended. */
void applier_stop(Applier *applier);

/* Ends at once: what is in flight is dropped, and its outcome unknown. `ended` is not called. */
void applier_abort(Applier *applier);

const ApplyCounts *applier_counts(const Applier *applier);

/* Aborts where it has not ended. */
Applier *applier_free(Applier *applier);

DEFINE_CLEANUP(Applier, applier_free)
