/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Header lines of an answer, as libcurl hands them over
 *
 * What is kept is the first of its name, short and printable; what Retry-After and Date then make
 * us wait and believe stays within bounds.
 */

#include <strings.h>

#include "aws/http-answer.h"
#include "aws/retry.h"
#include "aws/skew.h"
#include "fuzz.h"

#define VALUE_MAX  1024
#define NOW        (INT64_C(1795355579) * USEC_PER_SEC)
#define YEARS(n)   ((n) *366 * USEC_PER_DAY)
#define WITHIN_MAX (NOW + YEARS(10000))

static const char *const names[] = { "x-amzn-errortype", "x-amzn-requestid", "date", "retry-after",
        "x-amz-retry-after" };

static void kept_values(const HttpAnswer *answer, const char *ret[static ELEMENTSOF(names)]) {
        ret[0] = answer->error_type;
        ret[1] = answer->request_id;
        ret[2] = answer->date;
        ret[3] = answer->retry_after;
        ret[4] = answer->x_amz_retry_after;
}

static bool is_named(const char *line, size_t length, const char *name) {
        size_t n = strlen(name);

        return length > n && line[n] == ':' && strncasecmp(line, name, n) == 0;
}

/* One line changes one value at most: the one it names, and only from nothing. */
static void keep(HttpAnswer *answer, const char *line, size_t length) {
        const char *before[ELEMENTSOF(names)], *after[ELEMENTSOF(names)];

        kept_values(answer, before);
        if (http_answer_keep_header(answer, line, length) < 0)
                return;
        kept_values(answer, after);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                CHECK(!before[i] || after[i] == before[i]);
                CHECK(before[i] || !after[i] || is_named(line, length, names[i]));
                if (!after[i])
                        continue;
                CHECK(strlen(after[i]) <= VALUE_MAX && fuzz_is_printable(after[i]));
                CHECK(*after[i] != ' ' && (!*after[i] || after[i][strlen(after[i]) - 1] != ' '));
        }
}

static void check_meaning(const HttpAnswer *answer) {
        int64_t usec = retry_after_parse(answer->retry_after, answer->x_amz_retry_after), skew = 0;

        CHECK(usec == TIME_UNKNOWN || (usec >= 0 && usec <= USEC_PER_HOUR));
        if (skew_learn(answer->date, NOW, NOW, &skew) == SKEW_LEARNT) {
                CHECK(answer->date && skew < WITHIN_MAX && skew > -WITHIN_MAX);
                CHECK(skew > SKEW_MIN || skew < -SKEW_MIN);
                CHECK(skew_learn(answer->date, NOW, NOW, &skew) == SKEW_KNOWN);
        } else
                CHECK(skew == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *line = (const char *) data, *end = line + size, *feed;
        HttpAnswer answer = { 0 };

        for (; line < end; line = feed) {
                feed = memchr(line, '\n', (size_t) (end - line));
                feed = feed ? feed + 1 : end;
                keep(&answer, line, (size_t) (feed - line));
        }
        check_meaning(&answer);
        http_answer_forget_headers(&answer);
        return 0;
}
