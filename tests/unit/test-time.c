/* SPDX-License-Identifier: Apache-2.0 */

/* Times and spans: what is read, what is refused, and what is written. */

#include "test.h"
#include "util/time.h"

#define S USEC_PER_SEC

static const struct {
        const char *name, *text;
        int r;
        int64_t usec;
        bool whole;
} times[] = {
        { "epoch", "1970-01-01T00:00:00Z", 0, 0, true },
        { "lower case", "1970-01-01t00:00:01z", 0, S, true },
        { "blank", "1970-01-01 00:00:01Z", 0, S, true },
        { "east", "1970-01-01T02:00:00+02:00", 0, 0, true },
        { "west", "1969-12-31T18:30:00-05:30", 0, 0, true },
        { "fraction", "2000-01-01T12:00:00.5Z", 0, INT64_C(946728000500000), false },
        { "a fraction of nothing is one", "2000-01-01T12:00:00.0Z", 0, INT64_C(946728000000000),
                        false },
        { "nanoseconds are cut", "2000-01-01T12:00:00.123456789Z", 0, INT64_C(946728000123456),
                        false },
        { "before the epoch", "1969-12-31T23:59:59.25Z", 0, -750000, false },
        { "leap day", "2024-02-29T00:00:00Z", 0, INT64_C(1709164800) * S, true },
        { "leap day of a century", "2000-02-29T00:00:00Z", 0, INT64_C(951782400) * S, true },
        { "leap second", "2016-12-31T23:59:60Z", 0, INT64_C(1483228800) * S, true },
        { "the last", "9999-12-31T23:59:59Z", 0, INT64_C(253402300799) * S, true },
        { "no leap day", "2023-02-29T00:00:00Z", -EINVAL, 0, false },
        { "no leap day in 1900", "1900-02-29T00:00:00Z", -EINVAL, 0, false },
        { "thirteenth month", "2023-13-01T00:00:00Z", -EINVAL, 0, false },
        { "month zero", "2023-00-01T00:00:00Z", -EINVAL, 0, false },
        { "day zero", "2023-01-00T00:00:00Z", -EINVAL, 0, false },
        { "thirty-first of June", "2023-06-31T00:00:00Z", -EINVAL, 0, false },
        { "hour 24", "2023-01-01T24:00:00Z", -EINVAL, 0, false },
        { "minute 60", "2023-01-01T00:60:00Z", -EINVAL, 0, false },
        { "second 61", "2023-01-01T00:00:61Z", -EINVAL, 0, false },
        { "date alone", "2023-01-01", -EINVAL, 0, false },
        { "no offset", "2023-01-01T00:00:00", -EINVAL, 0, false },
        { "no digits in a fraction", "2023-01-01T00:00:00.Z", -EINVAL, 0, false },
        { "something behind", "2023-01-01T00:00:00Zx", -EINVAL, 0, false },
        { "something before", " 2023-01-01T00:00:00Z", -EINVAL, 0, false },
        { "two digits of a year", "23-01-01T00:00:00Z", -EINVAL, 0, false },
        { "offset without minutes", "2023-01-01T00:00:00+02", -EINVAL, 0, false },
        { "empty", "", -EINVAL, 0, false },
};

static void test_parse(void) {
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                int64_t usec = 0;
                bool whole = false;

                test_row(times[i].name);
                ASSERT_EQ(times[i].r, time_parse(times[i].text, &usec, &whole));
                ASSERT_EQ(times[i].usec, usec);
                ASSERT_EQ(times[i].whole, whole);
        }
}

static const struct {
        const char *name, *text;
        int r;
        int64_t usec;
} http_dates[] = {
        { "fixed form", "Sun, 06 Nov 1994 08:49:37 GMT", 0, INT64_C(784111777) * S },
        { "epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0 },
        { "the day's name does not matter", "Mon, 06 Nov 1994 08:49:37 GMT", 0,
                        INT64_C(784111777) * S },
        { "other zone", "Sun, 06 Nov 1994 08:49:37 CET", -EINVAL, 0 },
        { "no zone", "Sun, 06 Nov 1994 08:49:37", -EINVAL, 0 },
        { "old form", "Sunday, 06-Nov-94 08:49:37 GMT", -EINVAL, 0 },
        { "asctime", "Sun Nov  6 08:49:37 1994", -EINVAL, 0 },
        { "month that is none", "Sun, 06 Nox 1994 08:49:37 GMT", -EINVAL, 0 },
        { "day that is none", "Sun, 31 Nov 1994 08:49:37 GMT", -EINVAL, 0 },
        { "empty", "", -EINVAL, 0 },
        { "comma alone", ",", -EINVAL, 0 },
};

static void test_http(void) {
        for (size_t i = 0; i < ELEMENTSOF(http_dates); i++) {
                int64_t usec = 0;

                test_row(http_dates[i].name);
                ASSERT_EQ(http_dates[i].r, time_parse_http(http_dates[i].text, &usec));
                ASSERT_EQ(http_dates[i].usec, usec);
        }
}

static const struct {
        int64_t usec;
        const char *text, *basic;
} formats[] = {
        { 0, "1970-01-01T00:00:00Z", "19700101T000000Z" },
        { INT64_C(1440938160) * S, "2015-08-30T12:36:00Z", "20150830T123600Z" },
        { INT64_C(1440938160) * S + 999999, "2015-08-30T12:36:00Z", "20150830T123600Z" },
        { -1, "1969-12-31T23:59:59Z", "19691231T235959Z" },
        { -S, "1969-12-31T23:59:59Z", "19691231T235959Z" },
        { INT64_C(253402300799) * S, "9999-12-31T23:59:59Z", "99991231T235959Z" },
        { TIME_UNKNOWN, "", "" },
        { TIME_INFINITY, "", "" },
};

static void test_format(void) {
        char text[TIME_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                test_row(formats[i].text);
                ASSERT_STREQ(formats[i].text, time_format(formats[i].usec, text));
                ASSERT_STREQ(formats[i].basic, time_format_basic(formats[i].usec, text));
        }

        test_row("what is written can be read, from the year 1000 on");
        for (int64_t second = -INT64_C(30610224000); second < INT64_C(253402300799);
                        second += INT64_C(86399999)) {
                int64_t back = 0;

                if (!ASSERT_OK(time_parse(time_format(second * S, text), &back, NULL))
                                || !ASSERT_EQ(second * S, back))
                        return;
        }
}

static void test_add(void) {
        test_row("arithmetic at the ends");
        ASSERT_EQ(3, time_add(1, 2));
        ASSERT_EQ(-1, time_add(1, -2));
        ASSERT_EQ(TIME_UNKNOWN, time_add(TIME_UNKNOWN, 1));
        ASSERT_EQ(TIME_UNKNOWN, time_add(TIME_UNKNOWN, -1));
        ASSERT_EQ(TIME_INFINITY, time_add(TIME_INFINITY, -1));
        ASSERT_EQ(TIME_INFINITY, time_add(INT64_MAX - 1, 5));
        ASSERT_EQ(INT64_MIN + 1, time_add(INT64_MIN + 2, -5));
        ASSERT_EQ(TIME_INFINITY, time_add(1, TIME_INFINITY));
}

static const struct {
        const char *text;
        int r;
        int64_t usec;
} spans[] = {
        { "0", 0, 0 },
        { "90", 0, 90 * S },
        { "90s", 0, 90 * S },
        { "5min", 0, 300 * S },
        { "5m", 0, 300 * S },
        { "1h 30min", 0, 5400 * S },
        { "1h30min", 0, 5400 * S },
        { "1.5h", 0, 5400 * S },
        { ".5s", 0, 500000 },
        { "2 days", 0, 2 * USEC_PER_DAY },
        { "1w", 0, 7 * USEC_PER_DAY },
        { "1month", 0, 2629800 * S },
        { "1M", 0, 2629800 * S },
        { "1y", 0, 31557600 * S },
        { "250ms", 0, 250000 },
        { "7us", 0, 7 },
        { "1000y", 0, 31557600 * S * 1000 },
        { " 5 s ", 0, 5 * S },
        { "", -EINVAL, 0 },
        { " ", -EINVAL, 0 },
        { "s", -EINVAL, 0 },
        { "-5s", -EINVAL, 0 },
        { "5 parsecs", -EINVAL, 0 },
        { "5S", -EINVAL, 0 },
        { ".", -EINVAL, 0 },
        { "1001y", -ERANGE, 0 },
        { "99999999999999999999s", -ERANGE, 0 },
        { "1000y 1us", -ERANGE, 0 },
};

static void test_spans(void) {
        for (size_t i = 0; i < ELEMENTSOF(spans); i++) {
                int64_t usec = 0;

                test_row(spans[i].text);
                ASSERT_EQ(spans[i].r, timespan_parse(spans[i].text, &usec));
                ASSERT_EQ(spans[i].usec, usec);
        }
}

static const struct {
        int64_t usec;
        const char *text;
} span_texts[] = {
        { 0, "0ms" },
        { 5 * S, "5s" },
        { 843 * S, "14min 3s" },
        { 5400 * S, "1h 30min" },
        { USEC_PER_DAY, "1d" },
        { 95 * USEC_PER_DAY, "95d" },
        { 250 * USEC_PER_MSEC, "250ms" },
};

static void test_span_texts(void) {
        char text[TIME_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTSOF(span_texts); i++) {
                test_row(span_texts[i].text);
                ASSERT_STREQ(span_texts[i].text, timespan_format(span_texts[i].usec, text));
        }
}

static int64_t fixed_clock(void) {
        return 42;
}

static void test_clock(void) {
        int64_t before = monotonic_usec();

        test_row("clocks");
        ASSERT_TRUE(now_usec() > INT64_C(1700000000) * S);
        ASSERT_TRUE(monotonic_usec() >= before);
        time_set_source(fixed_clock, NULL);
        ASSERT_EQ(42, now_usec());
        time_set_source(NULL, NULL);
        ASSERT_TRUE(now_usec() > 42);
}

static void test_seconds(void) {
        static const struct {
                int64_t usec;
                Seconds seconds;
                int64_t back;
        } rows[] = {
                { TIME_UNKNOWN, 0, TIME_UNKNOWN },
                { -1, 0, TIME_UNKNOWN },
                { S - 1, 0, TIME_UNKNOWN },
                { S, 1, S },
                { 1700000000 * S + 999999, 1700000000, 1700000000 * S },
                { UINT32_MAX * S, UINT32_MAX, UINT32_MAX * S },
                { (UINT32_MAX + INT64_C(1)) * S, UINT32_MAX, UINT32_MAX * S },
                { TIME_INFINITY, UINT32_MAX, UINT32_MAX * S },
        };

        test_row("seconds");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ASSERT_EQ(rows[i].seconds, seconds_from_usec(rows[i].usec));
                ASSERT_EQ(rows[i].back, seconds_to_usec(rows[i].seconds));
        }
}

int main(void) {
        test_parse();
        test_http();
        test_format();
        test_add();
        test_spans();
        test_span_texts();
        test_clock();
        test_seconds();
        return test_end();
}
