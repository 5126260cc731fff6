/* SPDX-License-Identifier: Apache-2.0 */

/* Clock skew. */

#include <stdlib.h>

#include "aws/skew.h"

SkewVerdict skew_learn(const char *date, int64_t signed_usec, int64_t now, int64_t *skew_usec) {
        int64_t theirs, skew;

        if (!date || time_parse_http(date, &theirs) < 0 || llabs(theirs - signed_usec) <= SKEW_MIN)
                return SKEW_NONE;

        /* Calls that were under way bring the same news once more. */
        skew = theirs - now;
        if (llabs(skew - *skew_usec) <= SKEW_MIN)
                return SKEW_KNOWN;

        *skew_usec = skew;
        return SKEW_LEARNT;
}
