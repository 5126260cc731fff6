/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Times, spans and "since", as files, headers and people write them
 *
 * What was read, written in our own form and read again, is the same instant or span, and is within
 * what a calendar of four digits can say.
 */

#include <time.h>

#include "ctl/output.h"
#include "fuzz.h"
#include "util/mem.h"
#include "util/since.h"
#include "util/time.h"

#define NOW (INT64_C(1795355579) * USEC_PER_SEC)

/* Around year 0 and year 9999, by the largest offset. */
#define TIME_FIRST ((INT64_C(-62167219200) - 86400) * USEC_PER_SEC)
#define TIME_LAST  ((INT64_C(253402300799) + 86401) * USEC_PER_SEC)

/* Years of three digits are read, and written with three. */
#define YEAR_1000 (INT64_C(-30610224000) * USEC_PER_SEC)
#define YEAR_9999 (INT64_C(253402300799) * USEC_PER_SEC)

/* As systemd.time(7) has a year. */
#define SPAN_MAX (INT64_C(31557600) * USEC_PER_SEC * 1000)

static int64_t second_of(int64_t usec) {
        return usec / USEC_PER_SEC - (usec % USEC_PER_SEC < 0);
}

static void check_instant(int64_t usec) {
        char text[TIME_TEXT_MAX], age[AGE_TEXT_MAX];
        int64_t again;

        CHECK(usec >= TIME_FIRST && usec <= TIME_LAST);
        CHECK(fuzz_is_printable(age_format(usec, NOW, age)));
        if (usec < YEAR_1000 || usec > YEAR_9999)
                return;
        CHECK(time_parse(time_format(usec, text), &again, NULL) >= 0);
        CHECK(again == second_of(usec) * USEC_PER_SEC);
}

static void check_time(const char *text) {
        bool whole = true;
        int64_t usec;

        if (time_parse(text, &usec, &whole) < 0)
                return;
        CHECK(!whole || usec % USEC_PER_SEC == 0);
        check_instant(usec);
}

static void check_http_date(const char *text) {
        int64_t usec;

        if (time_parse_http(text, &usec) < 0)
                return;
        CHECK(usec % USEC_PER_SEC == 0);
        check_instant(usec);
}

/* The two largest units of it, which is a span again. */
static void check_span(const char *text) {
        char written[TIME_TEXT_MAX], twice[TIME_TEXT_MAX];
        int64_t usec, again;

        if (timespan_parse(text, &usec) < 0)
                return;
        CHECK(usec >= 0 && usec <= SPAN_MAX);
        CHECK(timespan_parse(timespan_format(usec, written), &again) >= 0);
        CHECK(again <= usec && usec - again < USEC_PER_DAY);
        CHECK(streq(timespan_format(again, twice), written));
        CHECK(strlen(span_format(usec, written)) <= strlen(twice));
}

static void check_since(const char *text) {
        int64_t usec;

        if (since_parse(text, NOW, &usec) < 0)
                return;
        check_instant(usec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        static bool ready;

        if (!text)
                return 0;
        /* A zone whose clock changes, whatever this host has installed. */
        if (!ready && setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1) == 0)
                tzset();
        ready = true;
        check_time(text);
        check_http_date(text);
        check_span(text);
        check_since(text);
        return 0;
}
