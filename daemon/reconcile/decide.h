#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Decisions: what to do about one share
 *
 * Pure: everything is in DecideInput, and nothing is changed. The rows are behaviour's table, in
 * its order; the first that applies decides. Whatever is not understood is left alone.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/action.h"
#include "model/policy.h"
#include "model/share-memory.h"
#include "model/share.h"

typedef enum FrameworkState {
        FRAMEWORK_FOUND,
        FRAMEWORK_MISSING,
        FRAMEWORK_AMBIGUOUS,
        FRAMEWORK_STATE_MAX
} FrameworkState;

typedef struct DecideInput {
        int64_t now_usec;
        int64_t mono_usec; /* CLOCK_MONOTONIC, to go with ShareMemory.sent_mono_usec */
        int64_t settle_usec;
        PolicyChoice undesired; /* keep, revoke, revoke-and-delete */

        /* Declared: all of this; not declared: `declared` is false and the rest of it does not
         * matter. */
        bool declared;
        bool suspend;
        bool over_quota;
        const Policy *policy;
        int64_t pin_usec; /* TIME_UNKNOWN: none */
        uint32_t declaration;
        FrameworkState framework;
        int64_t framework_updated_usec; /* TIME_UNKNOWN where it was not found */

        /* Observed. */
        const ShareRequest *request; /* the effective one; NULL: nothing observed */
        unsigned n_pending; /* requests in ACTIVE, EXPIRING or REPLICATING */
        bool pending_ours; /* all of them are ours, or superseded by a send of ours */
        bool comment_differs; /* a comment is declared, and it is not the request's */

        /* Remembered, with what was observed already taken in (absorb.h); NULL: nothing. */
        const ShareMemory *memory;
} DecideInput;

typedef struct Decision {
        ActionKind action;
        Condition condition;
        Reason reason;
        int64_t next_usec; /* look again then; TIME_INFINITY: no deadline */
        bool renewal; /* the send counts as a renewal */
        bool lifted; /* what stalled it has changed since: counting begins anew with this send */
        bool warn; /* worth the warning of held and stalled shares: held, stalled, orphaned, long
                      replication */
} Decision;

Decision decide(const DecideInput *input);

/* 15 minutes doubling to 24 hours, up to a tenth longer (never shorter); the same for the same
 * share and count. */
int64_t decide_backoff(const ShareKey *key, unsigned attempts);

#define DECIDE_REPLICATION_WARN (60 * USEC_PER_MINUTE)
