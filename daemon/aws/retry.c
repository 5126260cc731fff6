/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Retries
 *
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html. A bucket of tokens
 * keeps a fleet from hammering a service that is down: each retry takes some, only success gives
 * some back.
 */

#include <assert.h>
#include <errno.h>

#include "aws/retry.h"
#include "util/macro.h"
#include "util/string-util.h"
#include "util/time.h"

/* A service may ask for more patience than we computed, by this much and no more. */
#define RETRY_AFTER_EXTRA (5 * USEC_PER_SEC)

/* An hour: whatever a header says, no wait is longer. */
#define RETRY_AFTER_MAX USEC_PER_HOUR

const RetryNumbers retry_standard = {
        .max_attempts = 3,
        .tokens = 500,
        .cost_transient = 14,
        .cost_throttling = 5,
        .cost_timeout = 14,
        .base_transient_usec = 50 * USEC_PER_MSEC,
        .base_throttling_usec = USEC_PER_SEC,
        .max_backoff_usec = 20 * USEC_PER_SEC,
};

const RetryNumbers retry_classic = {
        .max_attempts = 3,
        .tokens = 500,
        .cost_transient = 5,
        .cost_throttling = 5,
        .cost_timeout = 10,
        .base_transient_usec = USEC_PER_SEC,
        .base_throttling_usec = USEC_PER_SEC,
        .max_backoff_usec = 20 * USEC_PER_SEC,
};

static unsigned cost_of(const RetryNumbers *numbers, const RetryAnswer *answer) {
        if (answer->timeout)
                return numbers->cost_timeout;
        return answer->class == RETRY_CLASS_THROTTLING ? numbers->cost_throttling
                                                       : numbers->cost_transient;
}

static void give_back(RetryQuota *quota, const RetryState *state) {
        unsigned back = state->last_cost > 0 ? state->last_cost : 1;

        quota->tokens += MIN(back, quota->capacity - MIN(quota->tokens, quota->capacity));
}

/* Full jitter over base * 2^i, where i counts the retries before this one. */
static int64_t backoff(const RetryNumbers *numbers,
                const RetryState *state,
                const RetryAnswer *answer,
                double random) {
        int64_t ceiling = answer->class == RETRY_CLASS_THROTTLING ? numbers->base_throttling_usec
                                                                  : numbers->base_transient_usec;

        for (unsigned i = 1; i < state->attempts && ceiling < numbers->max_backoff_usec; i++)
                ceiling *= 2;
        return (int64_t) (random * (double) MIN(ceiling, numbers->max_backoff_usec) + 0.5);
}

static int64_t delay_of(const RetryNumbers *numbers,
                const RetryState *state,
                const RetryAnswer *answer,
                double random) {
        int64_t computed = backoff(numbers, state, answer, random);

        if (answer->retry_after_usec == TIME_UNKNOWN)
                return computed;
        return MAX(computed, MIN(answer->retry_after_usec, computed + RETRY_AFTER_EXTRA));
}

RetryVerdict retry_next(const RetryNumbers *numbers,
                RetryQuota *quota,
                RetryState *state,
                const RetryAnswer *answer,
                double random,
                int64_t *ret_delay_usec) {
        unsigned cost = cost_of(numbers, answer);

        assert(random >= 0 && random <= 1);

        *ret_delay_usec = 0;
        state->attempts++;

        if (answer->success) {
                give_back(quota, state);
                return RETRY_SUCCESS;
        }
        if (answer->class == RETRY_CLASS_NONE)
                return RETRY_FAIL;
        if (state->attempts >= numbers->max_attempts)
                return RETRY_MAX_ATTEMPTS;
        if (quota->tokens < cost)
                return RETRY_QUOTA_EXCEEDED;

        quota->tokens -= cost;
        state->last_cost = cost;
        *ret_delay_usec = delay_of(numbers, state, answer, random);
        return RETRY_AGAIN;
}

static int64_t parse_scaled(const char *text, int64_t unit) {
        uint64_t value;
        int r;

        r = text ? parse_uint(text, (uint64_t) (RETRY_AFTER_MAX / unit), &value) : -EINVAL;
        if (r == -ERANGE)
                return RETRY_AFTER_MAX;
        return r < 0 ? TIME_UNKNOWN : (int64_t) value * unit;
}

int64_t retry_after_parse(const char *retry_after, const char *x_amz_retry_after) {
        int64_t usec = parse_scaled(x_amz_retry_after, USEC_PER_MSEC);

        return usec != TIME_UNKNOWN ? usec : parse_scaled(retry_after, USEC_PER_SEC);
}
