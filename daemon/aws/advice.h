#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Advice: how bad something is, and what to do about it
 *
 * Pure: what was found out about a source → a level and a remedy. One table for each question, so
 * that no failure is without an answer. Remedies are static texts for the person who installs this.
 */

#include <stdbool.h>
#include <stdint.h>

#include "aws/http.h"
#include "model/outcome.h"
#include "util/time.h"

typedef enum AdviceLevel {
        ADVICE_OK,
        ADVICE_NOTE, /* nothing is wrong, and worth knowing */
        ADVICE_SKIPPED, /* depends on something that failed */
        ADVICE_WARNING,
        ADVICE_FAILURE,
        ADVICE_LEVEL_MAX
} AdviceLevel;

typedef struct Advice {
        AdviceLevel level;
        const char *remedy; /* NULL: there is nothing to do */
} Advice;

/* A clock that is this far off is worth a word. From SKEW_MIN on signatures are corrected, and
 * would be refused otherwise. */
#define ADVICE_SKEW_WARNING USEC_PER_MINUTE

/* How a request for an endpoint went. */
typedef struct Reach {
        HttpFailure failure;
        bool has_proxy; /* it went through one */
        bool has_own_bundle; /* ca_bundle or AWS_CA_BUNDLE */
        bool is_configured; /* the endpoint is not AWS's own */
} Reach;

Advice advice_reach(const Reach *reach);

/* skew_usec: what the other clock is ahead of ours; TIME_UNKNOWN: nobody has said. */
Advice advice_clock(int64_t skew_usec);

/* OUTCOME_CREDENTIALS: by the code where AWS answered one, else by what the message is about. */
Advice advice_credentials(const ApiOutcome *outcome);

/* What the source's account says of itself: ACTIVE, INACTIVE, PENDING_ACTIVATION; NULL: nothing. */
Advice advice_account(const char *status);

/* What became of a call that the service will have to make, by someone whose identity is known. */
Advice advice_call(OutcomeKind kind);
