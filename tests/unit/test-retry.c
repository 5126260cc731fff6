/* SPDX-License-Identifier: Apache-2.0 */

/* Retries: each row is one attempt of a call, in order; a call's first row says so. */

#include "aws/retry.h"
#include "test.h"
#include "util/time.h"

#define S  USEC_PER_SEC
#define MS USEC_PER_MSEC

static const RetryAnswer success = { .success = true, .retry_after_usec = TIME_UNKNOWN };
static const RetryAnswer failed = { .class = RETRY_CLASS_NONE, .retry_after_usec = TIME_UNKNOWN };
static const RetryAnswer transient = { .class = RETRY_CLASS_TRANSIENT,
        .retry_after_usec = TIME_UNKNOWN };
static const RetryAnswer throttled = { .class = RETRY_CLASS_THROTTLING,
        .retry_after_usec = TIME_UNKNOWN };
static const RetryAnswer timed_out = { .class = RETRY_CLASS_TRANSIENT,
        .timeout = true,
        .retry_after_usec = TIME_UNKNOWN };

typedef struct Step {
        const char *name;
        bool first; /* of a new call */
        const RetryAnswer *answer;
        RetryVerdict verdict;
        int64_t delay;
        unsigned tokens;
} Step;

static void play(const RetryNumbers *numbers,
                unsigned tokens,
                double random,
                const Step *steps,
                size_t n) {
        RetryQuota quota = { tokens, tokens };
        RetryState state = { 0 };

        for (size_t i = 0; i < n; i++) {
                int64_t delay = -1;

                test_row(steps[i].name);
                if (steps[i].first)
                        state = (RetryState){ 0 };
                ASSERT_EQ(steps[i].verdict,
                                retry_next(numbers, &quota, &state, steps[i].answer, random,
                                                &delay));
                ASSERT_EQ(steps[i].delay, delay);
                ASSERT_EQ(steps[i].tokens, quota.tokens);
        }
}

static void test_standard(void) {
        static const Step steps[] = {
                { "a good first attempt leaves a full bucket full", true, &success, RETRY_SUCCESS,
                                0, 500 },
                { "transient", true, &transient, RETRY_AGAIN, 50 * MS, 486 },
                { "transient again", false, &transient, RETRY_AGAIN, 100 * MS, 472 },
                { "three attempts and no more", false, &transient, RETRY_MAX_ATTEMPTS, 0, 472 },
                { "throttled", true, &throttled, RETRY_AGAIN, 1 * S, 467 },
                { "throttled again", false, &throttled, RETRY_AGAIN, 2 * S, 462 },
                { "what the latest retry took comes back", false, &success, RETRY_SUCCESS, 0, 467 },
                { "mixed", true, &throttled, RETRY_AGAIN, 1 * S, 462 },
                { "mixed, second", false, &transient, RETRY_AGAIN, 100 * MS, 448 },
                { "mixed, good in the end", false, &success, RETRY_SUCCESS, 0, 462 },
                { "one for a first success", true, &success, RETRY_SUCCESS, 0, 463 },
                { "final", true, &failed, RETRY_FAIL, 0, 463 },
                { "timeout costs as any", true, &timed_out, RETRY_AGAIN, 50 * MS, 449 },
        };

        play(&retry_standard, 500, 1, steps, ELEMENTSOF(steps));
}

static void test_classic(void) {
        static const Step steps[] = {
                { "transient", true, &transient, RETRY_AGAIN, 1 * S, 7 },
                { "timeout is too dear", false, &timed_out, RETRY_QUOTA_EXCEEDED, 0, 7 },
                { "throttled", true, &throttled, RETRY_AGAIN, 1 * S, 2 },
                { "no tokens", false, &throttled, RETRY_QUOTA_EXCEEDED, 0, 2 },
                { "success gives back", true, &success, RETRY_SUCCESS, 0, 3 },
        };

        play(&retry_classic, 12, 1, steps, ELEMENTSOF(steps));
}

static void test_backoff(void) {
        RetryNumbers patient = retry_classic;
        RetryQuota quota = { 500, 500 };
        RetryState state = { 0 };
        int64_t delay, want[] = { 1 * S, 2 * S, 4 * S, 8 * S, 16 * S, 20 * S, 20 * S };

        patient.max_attempts = 1000;
        test_row("doubling up to the cap");
        for (size_t i = 0; i < ELEMENTSOF(want); i++) {
                ASSERT_EQ(RETRY_AGAIN, retry_next(&patient, &quota, &state, &transient, 1, &delay));
                ASSERT_EQ(want[i], delay);
        }

        test_row("full jitter");
        state = (RetryState){ .attempts = 2 };
        (void) retry_next(&patient, &quota, &state, &transient, 0.25, &delay);
        ASSERT_EQ(1 * S, delay);
        (void) retry_next(&patient, &quota, &state, &transient, 0, &delay);
        ASSERT_EQ(0, delay);

        test_row("the cap holds before the jitter");
        state = (RetryState){ .attempts = 50 };
        (void) retry_next(&patient, &quota, &state, &transient, 0.5, &delay);
        ASSERT_EQ(10 * S, delay);
}

static const struct {
        const char *name;
        int64_t asked, want;
} waits[] = {
        { "less than computed", 500 * MS, 1 * S },
        { "more than computed", 2 * S, 2 * S },
        { "just within five seconds more", 6 * S, 6 * S },
        { "beyond five seconds more", 60 * S, 6 * S },
        { "none", 0, 1 * S },
        { "not given", TIME_UNKNOWN, 1 * S },
};

static void test_retry_after(void) {
        for (size_t i = 0; i < ELEMENTSOF(waits); i++) {
                RetryAnswer answer = { .class = RETRY_CLASS_THROTTLING,
                        .retry_after_usec = waits[i].asked };
                RetryQuota quota = { 500, 500 };
                RetryState state = { 0 };
                int64_t delay;

                test_row(waits[i].name);
                ASSERT_EQ(RETRY_AGAIN,
                                retry_next(&retry_standard, &quota, &state, &answer, 1, &delay));
                ASSERT_EQ(waits[i].want, delay);
        }
}

static const struct {
        const char *name, *retry_after, *x_amz;
        int64_t want;
} headers[] = {
        { "none", NULL, NULL, TIME_UNKNOWN },
        { "seconds", "3", NULL, 3 * S },
        { "milliseconds", NULL, "1500", 1500 * MS },
        { "the precise one first", "3", "1500", 1500 * MS },
        { "the other where that is no number", "3", "soon", 3 * S },
        { "a date", "Wed, 21 Oct 2026 07:28:00 GMT", NULL, TIME_UNKNOWN },
        { "negative", "-1", NULL, TIME_UNKNOWN },
        { "empty", "", "", TIME_UNKNOWN },
        { "zero", "0", NULL, 0 },
        { "more than anybody waits", "99999999999999999999", NULL, USEC_PER_HOUR },
        { "a day", "86400", NULL, USEC_PER_HOUR },
};

static void test_parse(void) {
        for (size_t i = 0; i < ELEMENTSOF(headers); i++) {
                test_row(headers[i].name);
                ASSERT_EQ(headers[i].want,
                                retry_after_parse(headers[i].retry_after, headers[i].x_amz));
        }
}

int main(void) {
        test_standard();
        test_classic();
        test_backoff();
        test_retry_after();
        test_parse();
        return test_end();
}
