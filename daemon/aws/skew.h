#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Clock skew: what AWS's clock is ahead of ours
 *
 * A correction that is added to the time that is signed, and to the time by which the reconciler
 * remembers what it did (reconcile/scope.h). Pure.
 */

#include <stdint.h>

#include "util/time.h"

/* AWS accepts signatures of five minutes ago; clocks nearer than this are not what it complains of.
 */
#define SKEW_MIN (4 * USEC_PER_MINUTE)

typedef enum SkewVerdict {
        SKEW_NONE, /* the signing time was right, or nobody can tell */
        SKEW_KNOWN, /* it was wrong, and the correction has been made since */
        SKEW_LEARNT, /* it was wrong, and the correction is another one now */
        SKEW_VERDICT_MAX
} SkewVerdict;

/*
 * Looks at the Date header of an answer (NULL: none) to a request that was signed with signed_usec,
 * and corrects *skew_usec. now: this host's clock, uncorrected.
 */
SkewVerdict skew_learn(const char *date, int64_t signed_usec, int64_t now, int64_t *skew_usec);
