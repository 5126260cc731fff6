#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Taking an observation of one share into its memory
 *
 * Pure but for the memory it is given. Finds the effective request, notices a change of status
 * exactly once, finds out what became of a send whose outcome was unknown, counts, and adopts what
 * is declared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/share-memory.h"
#include "model/share.h"

/* What we take for AWS's clock may differ from it by this much before we take a request for an
 * older one than our send: AWS refuses what is signed with a clock that is further off, and then
 * the difference is known (aws/skew.h). */
#define ABSORB_CLOCK_SLACK (5 * USEC_PER_MINUTE)

typedef struct AbsorbInput {
        int64_t now_usec;
        int64_t mono_usec; /* CLOCK_MONOTONIC, to go with ShareMemory.sent_mono_usec */
        int64_t settle_usec;
        bool declared;
        const ShareRequest *requests; /* all of this share, sorted by share_request_compare() */
        size_t n_requests;
} AbsorbInput;

typedef struct Absorbed {
        const ShareRequest *request; /* the effective one, or NULL */
        unsigned n_pending;
        bool pending_ours;
        bool changed; /* the status changed, or was seen for the first time */
        ShareStatus old_status;
        bool interrupted; /* a call had been announced, and its outcome never written: the service
                             was killed */
        ActionKind interrupted_action;
} Absorbed;

/*
 * 0 or -ENOMEM. `memory` is marked dirty where it changed. The caller stores the name of an unknown
 * status, which belongs to another pool.
 */
int absorb(const AbsorbInput *input, ShareMemory *memory, Absorbed *ret);

/* Takes in what the answer to a write says, as if it had been listed; of_send: to a start or
 * resend, so that the request is ours. 0 or -ENOMEM. */
int absorb_answer(const ShareRequest *answer,
                bool of_send,
                int64_t now_usec,
                ShareMemory *memory,
                Absorbed *ret);
