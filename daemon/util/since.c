/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Points in time as people give them
 *
 * The forms of systemd.time(7) that look back. Its weekdays, "tomorrow" and "+" are left out: what
 * has not happened yet is in no journal.
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/macro.h"
#include "util/since.h"
#include "util/string-util.h"
#include "util/time.h"

/* 9999-12-31, the last day that time_parse() can write. */
#define SECONDS_MAX UINT64_C(253402300799)

static int local_time(int64_t usec, struct tm *ret) {
        time_t seconds = (time_t) (usec / USEC_PER_SEC);

        return localtime_r(&seconds, ret) ? 0 : -EINVAL;
}

/* The instant of a local time; in the hour that a change of the clock leaves out, that hour later.
 */
static int from_local(struct tm tm, int64_t *ret_usec) {
        time_t seconds;

        tm.tm_isdst = -1;
        errno = 0;
        seconds = mktime(&tm);
        if (seconds == (time_t) -1 && errno != 0)
                return -EINVAL;
        *ret_usec = (int64_t) seconds * USEC_PER_SEC;
        return 0;
}

/* Local midnight, some days before today. */
static int day_begin(int64_t now_usec, int days_ago, int64_t *ret_usec) {
        struct tm tm;
        int r;

        r = local_time(now_usec, &tm);
        if (r < 0)
                return r;
        tm.tm_mday -= days_ago;
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        return from_local(tm, ret_usec);
}

static bool read_number(const char **p, int digits, int *ret) {
        *ret = 0;
        for (int i = 0; i < digits; i++, (*p)++) {
                if (!isdigit((unsigned char) **p))
                        return false;
                *ret = *ret * 10 + (**p - '0');
        }
        return true;
}

static bool read_sign(const char **p, char sign) {
        if (**p != sign)
                return false;
        (*p)++;
        return true;
}

/* "12:00" or "12:00:00", to the end. */
static bool read_clock(const char *p, struct tm *tm) {
        tm->tm_sec = 0;
        return read_number(&p, 2, &tm->tm_hour) && read_sign(&p, ':')
                        && read_number(&p, 2, &tm->tm_min)
                        && (*p == '\0' || (read_sign(&p, ':') && read_number(&p, 2, &tm->tm_sec)))
                        && *p == '\0' && tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* Whether the calendar has that day. */
static bool is_day(const struct tm *tm) {
        struct tm same = *tm;

        same.tm_isdst = 0;
        (void) timegm(&same);
        return same.tm_mday == tm->tm_mday && same.tm_mon == tm->tm_mon
                        && same.tm_year == tm->tm_year;
}

/* "2026-11-01", then nothing, or a blank (or T) and a clock. */
static bool read_date(const char *p, struct tm *tm) {
        int year, month;

        if (!read_number(&p, 4, &year) || !read_sign(&p, '-') || !read_number(&p, 2, &month)
                        || !read_sign(&p, '-') || !read_number(&p, 2, &tm->tm_mday))
                return false;
        tm->tm_year = year - 1900;
        tm->tm_mon = month - 1;
        if (month < 1 || month > 12 || !is_day(tm))
                return false;
        return *p == '\0' || ((read_sign(&p, ' ') || read_sign(&p, 'T')) && read_clock(p, tm));
}

/* "2h ago", "-2h". */
static int read_ago(const char *text, int64_t now_usec, int64_t *ret_usec) {
        static const char ending[] = " ago";
        size_t length = strlen(text), n = strlen(ending);
        const char *begin = text;
        char copy[64];
        int64_t span;

        if (*text == '-')
                begin++;
        else if (length > n && streq(text + length - n, ending))
                length -= n;
        else
                return -EINVAL;
        length -= (size_t) (begin - text);
        if (length >= sizeof(copy))
                return -EINVAL;
        (void) snprintf(copy, sizeof(copy), "%.*s", (int) length, begin);
        /* A bare number would be seconds, which nobody means by "-5". */
        if (copy[strcspn(copy, "abcdefghijklmnopqrstuvwxyzM")] == '\0'
                        || timespan_parse(copy, &span) < 0)
                return -EINVAL;
        *ret_usec = time_add(now_usec, -span);
        return 0;
}

static int read_epoch(const char *text, int64_t *ret_usec) {
        uint64_t seconds;

        if (parse_uint(text, SECONDS_MAX, &seconds) < 0)
                return -EINVAL;
        *ret_usec = (int64_t) seconds * USEC_PER_SEC;
        return 0;
}

int since_parse(const char *text, int64_t now_usec, int64_t *ret_usec) {
        struct tm tm = { 0 }, today;

        if (streq(text, "now")) {
                *ret_usec = now_usec;
                return 0;
        }
        if (streq(text, "today") || streq(text, "yesterday"))
                return day_begin(now_usec, *text == 'y', ret_usec);
        if (*text == '@')
                return read_epoch(text + 1, ret_usec);
        if (time_parse(text, ret_usec, NULL) >= 0)
                return 0;
        if (read_date(text, &tm))
                return from_local(tm, ret_usec);
        if (local_time(now_usec, &today) >= 0 && read_clock(text, &today))
                return from_local(today, ret_usec);
        return read_ago(text, now_usec, ret_usec);
}
