#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What is done about a share and why, in plain words. */

#include <stdbool.h>
#include <stdint.h>

#include "reconcile/scope.h"
#include "util/buffer.h"

/* "the recipient has not answered yet"; "" for REASON_NONE. */
const char *reason_words(Reason reason);

/* A share of a plan, and what its words say of it. Borrowed from the pass. */
typedef struct PlanShare {
        const Scope *scope;
        const PlanEntry *entry;
        ShareView view;

        /* The time that the words name: its own, or the first and the last of several shares that
         * are alike; TIME_UNKNOWN: they name none. */
        int64_t from_usec, to_usec;
        unsigned number, of; /* "renewal 1 of 2", "attempt 2 of 5", "failed 5 times"; of 0: not
                                counted */
} PlanShare;

PlanShare plan_share(const Scope *scope, const PlanEntry *entry);

/* Whether the words of both are the same, but for the time. */
bool plan_share_is_alike(const PlanShare *a, const PlanShare *b);

/* Appends "resend: expires in 12 days, renewal 1 of 2". */
void plan_words(Buffer *buffer, const PlanShare *share, int64_t now_usec);
