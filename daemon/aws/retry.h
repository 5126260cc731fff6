#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Retries: the standard mode of the AWS SDKs, as a pure function
 *
 * A RetryQuota is shared by all calls of a source; a RetryState belongs to one call. Random number
 * and delays are parameters and results: nothing here sleeps or asks a clock.
 */

#include <stdbool.h>
#include <stdint.h>

#include "aws/api-error.h"

/* The numbers: retry_standard is aws.md's; retry_classic those before 2026 (base 1 s, cost 5, 10
 * for timeouts). */
typedef struct RetryNumbers {
        unsigned max_attempts;
        unsigned tokens; /* the quota's capacity */
        unsigned cost_transient, cost_throttling, cost_timeout;
        int64_t base_transient_usec, base_throttling_usec;
        int64_t max_backoff_usec;
} RetryNumbers;

extern const RetryNumbers retry_standard;
extern const RetryNumbers retry_classic;

typedef struct RetryQuota {
        unsigned tokens, capacity;
} RetryQuota;

typedef struct RetryState {
        unsigned attempts; /* made so far, the first one counted */
        unsigned last_cost; /* tokens held by the latest retry */
} RetryState;

/* What an attempt came to. */
typedef struct RetryAnswer {
        RetryClass class;
        bool success;
        bool timeout; /* the transport timed out */
        int64_t retry_after_usec; /* from Retry-After or x-amz-retry-after; TIME_UNKNOWN: not given
                                   */
} RetryAnswer;

typedef enum RetryVerdict {
        RETRY_SUCCESS,
        RETRY_AGAIN, /* after the delay */
        RETRY_FAIL, /* not retryable */
        RETRY_MAX_ATTEMPTS,
        RETRY_QUOTA_EXCEEDED,
        RETRY_VERDICT_MAX
} RetryVerdict;

/*
 * Takes note of one attempt's answer. `random` is from [0, 1]; ret_delay_usec is how long to wait
 * for RETRY_AGAIN, else 0. Only RETRY_AGAIN takes tokens; success gives back what the latest retry
 * took, or one.
 */
RetryVerdict retry_next(const RetryNumbers *numbers,
                RetryQuota *quota,
                RetryState *state,
                const RetryAnswer *answer,
                double random,
                int64_t *ret_delay_usec);

/* Retry-After (whole seconds) and x-amz-retry-after (milliseconds); TIME_UNKNOWN where absent or
 * not to be read. */
int64_t retry_after_parse(const char *retry_after, const char *x_amz_retry_after);
