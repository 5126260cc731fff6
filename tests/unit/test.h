#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A tiny harness for unit tests
 *
 * Each check that fails prints where it stands, the row it belongs to, and both sides; the program
 * goes on. main() ends with `return test_end();`, which prints "NAME: N passed, N failed".
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/macro.h"

typedef struct TestCount {
        const char *row; /* the name of the row that is being checked, or NULL */
        unsigned passed, failed;
} TestCount;

static TestCount test_count _unused_;

/* Names the row that the checks from now on belong to. */
static inline void test_row(const char *name) {
        test_count.row = name;
}

/* Counts one check; returns whether it was good. */
static inline bool test_report(bool good, const char *file, int line) {
        if (good) {
                test_count.passed++;
                return true;
        }
        test_count.failed++;
        printf("%s:%d: %s%sfailed\n", file, line, test_count.row ? test_count.row : "",
                        test_count.row ? ": " : "");
        return false;
}

static inline bool test_true(bool got, const char *text, const char *file, int line) {
        if (test_report(got, file, line))
                return true;
        printf("  %s\n", text);
        return false;
}

static inline bool test_int(int64_t want,
                int64_t got,
                const char *text,
                const char *file,
                int line) {
        if (test_report(want == got, file, line))
                return true;
        printf("  %s\n  want: %lld\n  got:  %lld\n", text, (long long) want, (long long) got);
        return false;
}

static inline bool test_string(const char *want,
                const char *got,
                const char *text,
                const char *file,
                int line) {
        if (test_report(want && got ? strcmp(want, got) == 0 : want == got, file, line))
                return true;
        printf("  %s\n  want: %s\n  got:  %s\n", text, want ? want : "(null)",
                        got ? got : "(null)");
        return false;
}

/*
 * Each of these is true where the check was good, so that a test can stop where going on makes no
 * sense.
 */
#define ASSERT_TRUE(x)          test_true((x), #x, __FILE__, __LINE__)
#define ASSERT_FALSE(x)         test_true(!(x), "not " #x, __FILE__, __LINE__)
#define ASSERT_EQ(want, got)    test_int((int64_t) (want), (int64_t) (got), #got, __FILE__, __LINE__)
#define ASSERT_OK(got)          test_int(0, (int64_t) (got), #got, __FILE__, __LINE__)
#define ASSERT_STREQ(want, got) test_string((want), (got), #got, __FILE__, __LINE__)

static inline int test_end(void) {
        printf("%s: %u passed, %u failed\n", program_invocation_short_name, test_count.passed,
                        test_count.failed);
        return test_count.failed > 0 || test_count.passed == 0;
}
