/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Pace
 *
 * A window that slides over the times of the latest requests. A bucket of tokens would let twice
 * the rate through in its first second, which is just what a quota of so many a second refuses.
 */

#include <assert.h>

#include "aws/client-pace.h"
#include "util/macro.h"
#include "util/time.h"

void pace_set(Pace *pace, uint32_t rate, uint32_t concurrency) {
        pace->rate = MIN(rate, (uint32_t) PACE_RATE_MAX);
        pace->concurrency = MAX(concurrency, UINT32_C(1));
}

int64_t pace_wait(const Pace *pace, int64_t now_usec) {
        int64_t oldest;

        if (pace->in_flight >= pace->concurrency)
                return TIME_INFINITY;
        if (pace->rate == 0 || pace->n_sent < pace->rate)
                return 0;

        /* The one that must have left the window before another enters it. */
        oldest = pace->sent_usec[(pace->n_sent - pace->rate) % PACE_RATE_MAX];
        return MAX(oldest + USEC_PER_SEC - now_usec, INT64_C(0));
}

void pace_begin(Pace *pace, int64_t now_usec) {
        pace->sent_usec[pace->n_sent % PACE_RATE_MAX] = now_usec;
        pace->n_sent++;
        pace->in_flight++;
}

void pace_end(Pace *pace) {
        assert(pace->in_flight > 0);
        pace->in_flight--;
}
