#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Intents: what memory says of a call before, and what becomes of that after
 *
 * Pure: changes one ShareMemory, and can take the change back.
 */

#include <stdint.h>

#include "model/outcome.h"
#include "model/share-memory.h"
#include "reconcile/plan.h"

typedef struct Intent {
        ActionKind action;
        ShareMemory before; /* a copy; what it points to still belongs to the record */
        UnsettledMemory before_unsettled; /* the same of that */
} Intent;

/* Notes in memory that the entry's action is about to be sent; `declaration` and
 * `framework_updated_usec` are what it sends. 0; or -ENOMEM with nothing changed. */
int intent_declare(ShareMemory *memory,
                const PlanEntry *entry,
                uint32_t declaration,
                int64_t framework_updated_usec,
                int64_t now_usec,
                int64_t mono_usec,
                Intent *ret);

/* The call goes out now, perhaps long after the first of its batch: settle counts from here. */
void intent_send(const Intent *intent, ShareMemory *memory, int64_t now_usec, int64_t mono_usec);

/* The call was certainly not processed: memory is as if it had never been meant. */
void intent_take_back(const Intent *intent, ShareMemory *memory);

/* The outcome is not known: memory says so, and when it was sent by the clock as it is now. */
void intent_leave_unknown(const Intent *intent,
                ShareMemory *memory,
                int64_t now_usec,
                int64_t mono_usec);

/*
 * The service refused the call: memory keeps why, for whom and until when, and the entry gets its
 * new condition.
 */
void intent_refuse(const Intent *intent,
                ShareMemory *memory,
                PlanEntry *entry,
                Reason reason,
                uint32_t declaration,
                int64_t framework_updated_usec,
                int64_t now_usec);

/* What a refusal of this kind means for the share; REASON_NONE where it is none (the source is at
 * fault, or the network). */
Reason intent_refusal(ActionKind action, OutcomeKind kind);
