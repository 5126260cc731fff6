/* SPDX-License-Identifier: Apache-2.0 */

/* Points in time as people give them: what is read, in which zone, and what is refused. */

#include <stdlib.h>
#include <time.h>

#include "test.h"
#include "util/since.h"
#include "util/time.h"

#define S USEC_PER_SEC

/* 2026-11-22T19:30:15.5Z */
#define NOW (INT64_C(1795375815) * S + 500000)

/* Without rules of its own, and with those of central Europe: as strings, so that no zone file is
 * needed. */
#define UTC    "UTC0"
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEPAL  "NPT-5:45"

static const struct {
        const char *name, *zone, *text;
        int64_t seconds;
} good[] = {
        { "date", UTC, "2026-11-01", 1793491200 },
        { "date in winter", BERLIN, "2026-11-01", 1793487600 },
        { "date in summer", BERLIN, "2026-07-01", 1782856800 },
        { "date, east by a quarter", NEPAL, "2026-11-01", 1793470500 },
        { "leap day", UTC, "2024-02-29", 1709164800 },
        { "minutes", UTC, "2026-11-01 12:00", 1793534400 },
        { "seconds", UTC, "2026-11-01 12:00:01", 1793534401 },
        { "seconds in winter", BERLIN, "2026-11-01 12:00:01", 1793530801 },
        { "with a T", UTC, "2026-11-01T12:00:01", 1793534401 },
        { "the last second", UTC, "2026-11-01 23:59:59", 1793577599 },
        { "RFC 3339", BERLIN, "2026-11-01T12:00:00Z", 1793534400 },
        { "RFC 3339 with an offset", BERLIN, "2026-11-01T12:00:00+05:45", 1793513700 },
        { "RFC 3339 with a blank", BERLIN, "2026-11-01 12:00:00Z", 1793534400 },
        { "an hour that is left out", BERLIN, "2026-03-29 02:30", 1774747800 },
        { "clock", UTC, "12:00", 1795348800 },
        { "clock with seconds", UTC, "12:00:30", 1795348830 },
        { "clock of today where it is tomorrow", NEPAL, "00:30", 1795373100 },
        { "today", UTC, "today", 1795305600 },
        { "today in Berlin", BERLIN, "today", 1795302000 },
        { "today in Nepal is tomorrow", NEPAL, "today", 1795371300 },
        { "yesterday", UTC, "yesterday", 1795219200 },
        { "epoch", BERLIN, "@1700000000", 1700000000 },
        { "epoch of nothing", UTC, "@0", 0 },
        { "before the epoch", UTC, "1969-12-31", -86400 },
};

static void test_good(void) {
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                int64_t usec = 0;

                test_row(good[i].name);
                (void) setenv("TZ", good[i].zone, 1);
                tzset();
                ASSERT_OK(since_parse(good[i].text, NOW, &usec));
                ASSERT_EQ(good[i].seconds * S, usec);
        }
}

static const struct {
        const char *name, *text;
        int64_t ago_usec;
} spans[] = {
        { "now", "now", 0 },
        { "hours", "-2h", 2 * USEC_PER_HOUR },
        { "hours ago", "2h ago", 2 * USEC_PER_HOUR },
        { "hours in words", "2 hours ago", 2 * USEC_PER_HOUR },
        { "a day", "-1 day", USEC_PER_DAY },
        { "a day ago", "1 day ago", USEC_PER_DAY },
        { "two units", "-1h 30min", 90 * USEC_PER_MINUTE },
        { "two units ago", "1h 30min ago", 90 * USEC_PER_MINUTE },
        { "months", "1M ago", 2629800 * S },
        { "half", "-1.5h", 90 * USEC_PER_MINUTE },
        { "nothing", "-0s", 0 },
        { "before the epoch", "100 years ago", INT64_C(3155760000) * S },
};

static void test_spans(void) {
        for (size_t i = 0; i < ELEMENTSOF(spans); i++) {
                int64_t usec = 0;

                test_row(spans[i].name);
                ASSERT_OK(since_parse(spans[i].text, NOW, &usec));
                ASSERT_EQ(NOW - spans[i].ago_usec, usec);
        }
}

static const struct {
        const char *name, *text;
} bad[] = {
        { "empty", "" },
        { "blank", " " },
        { "a word", "lately" },
        { "capitals", "Today" },
        { "in the future", "tomorrow" },
        { "a span ahead", "+2h" },
        { "a span without a side", "2h" },
        { "a bare number", "5" },
        { "a bare number back", "-5" },
        { "a bare number ago", "5 ago" },
        { "ago", "ago" },
        { "ago of nothing", " ago" },
        { "both", "-2h ago" },
        { "a dash", "-" },
        { "two dashes", "--2h" },
        { "no unit", "-2 fortnights" },
        { "too long a span", "-2000 years" },
        { "a span without end", "-1111111111111111111111111111111111111111111111111111111111111h" },
        { "thirteenth month", "2026-13-01" },
        { "month zero", "2026-00-01" },
        { "no such day", "2026-02-30" },
        { "no leap day", "2026-02-29" },
        { "day zero", "2026-11-00" },
        { "one digit", "2026-1-1" },
        { "two digits of a year", "26-11-01" },
        { "five digits of a year", "12026-11-01" },
        { "hour 24", "2026-11-01 24:00" },
        { "minute 60", "2026-11-01 12:60" },
        { "second 60", "2026-11-01 12:00:60" },
        { "an hour alone", "2026-11-01 12" },
        { "an open end", "2026-11-01 12:" },
        { "another open end", "2026-11-01 12:00:" },
        { "a blank at the end", "2026-11-01 " },
        { "something behind", "2026-11-01x" },
        { "something behind the clock", "12:00x" },
        { "something before", " 2026-11-01" },
        { "two blanks", "2026-11-01  12:00" },
        { "an offset without seconds", "2026-11-01 12:00+01:00" },
        { "an epoch that is none", "@" },
        { "a negative epoch", "@-1" },
        { "an epoch with letters", "@1700000000x" },
        { "beyond the calendar", "@253402300800" },
        { "beyond numbers", "@99999999999999999999999" },
        { "a format", "%s%n" },
};

static void test_bad(void) {
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                int64_t usec = 42;

                test_row(bad[i].name);
                ASSERT_EQ(-EINVAL, since_parse(bad[i].text, NOW, &usec));
                ASSERT_EQ(42, usec);
        }
}

/* Each day is 23 to 25 hours after the one before, in a zone that changes its clock. */
static void test_days_follow(void) {
        int64_t last = 0, usec = 0;
        struct tm tm;

        test_row("days");
        (void) setenv("TZ", BERLIN, 1);
        tzset();
        for (int64_t day = 10000; day < 30000; day++) {
                time_t seconds = day * 86400;
                char text[32];

                (void) gmtime_r(&seconds, &tm);
                (void) strftime(text, sizeof(text), "%Y-%m-%d", &tm);
                if (!ASSERT_OK(since_parse(text, NOW, &usec)))
                        return;
                if (last != 0
                                && !ASSERT_TRUE(usec - last >= 23 * USEC_PER_HOUR
                                                && usec - last <= 25 * USEC_PER_HOUR))
                        return;
                last = usec;
        }
}

int main(void) {
        test_good();
        test_spans();
        test_bad();
        test_days_follow();
        return test_end();
}
