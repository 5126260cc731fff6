/* SPDX-License-Identifier: Apache-2.0 */

/* Clock skew: what a Date header says about the time that was signed. */

#include "aws/skew.h"
#include "test.h"

/* 2026-01-02T03:04:05Z, the time that was signed in each row. */
#define SIGNED (INT64_C(1767323045) * USEC_PER_SEC)

static const struct {
        const char *name, *date;
        int64_t passed_sec; /* since it was signed, by our clock */
        int64_t known_sec; /* the correction so far, with which it may have been signed */
        SkewVerdict verdict;
        int64_t skew_sec;
} rows[] = {
        { "no date", NULL, 0, 0, SKEW_NONE, 0 },
        { "no time", "yesterday", 0, 0, SKEW_NONE, 0 },
        { "right", "Fri, 02 Jan 2026 03:04:05 GMT", 0, 0, SKEW_NONE, 0 },
        { "four minutes", "Fri, 02 Jan 2026 03:08:05 GMT", 0, 0, SKEW_NONE, 0 },
        { "over four minutes", "Fri, 02 Jan 2026 03:08:06 GMT", 0, 0, SKEW_LEARNT, 241 },
        { "behind", "Fri, 02 Jan 2026 02:04:05 GMT", 0, 0, SKEW_LEARNT, -3600 },
        { "a slow answer", "Fri, 02 Jan 2026 04:04:15 GMT", 10, 0, SKEW_LEARNT, 3600 },
        { "known since", "Fri, 02 Jan 2026 04:04:05 GMT", 0, 3590, SKEW_KNOWN, 3590 },
        { "known otherwise", "Fri, 02 Jan 2026 04:04:05 GMT", 0, -60, SKEW_LEARNT, 3600 },
};

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int64_t skew_usec = rows[i].known_sec * USEC_PER_SEC;

                test_row(rows[i].name);
                ASSERT_EQ(rows[i].verdict,
                                skew_learn(rows[i].date, SIGNED,
                                                SIGNED + rows[i].passed_sec * USEC_PER_SEC,
                                                &skew_usec));
                ASSERT_EQ(rows[i].skew_sec * USEC_PER_SEC, skew_usec);
        }
        return test_end();
}
