/* SPDX-License-Identifier: Apache-2.0 */

/* Time: the two clocks, and the forms that times are written in. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/macro.h"
#include "util/time.h"

static int64_t (*time_source)(void), (*monotonic_source)(void);

static int64_t clock_usec(clockid_t clock) {
        struct timespec ts;

        (void) clock_gettime(clock, &ts);
        return (int64_t) ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

int64_t now_usec(void) {
        return time_source ? time_source() : clock_usec(CLOCK_REALTIME);
}

int64_t monotonic_usec(void) {
        return monotonic_source ? monotonic_source() : clock_usec(CLOCK_MONOTONIC);
}

void time_set_source(int64_t (*now)(void), int64_t (*monotonic)(void)) {
        time_source = now;
        monotonic_source = monotonic;
}

int64_t time_add(int64_t a, int64_t b) {
        int64_t sum;

        if (a == TIME_UNKNOWN || a == TIME_INFINITY)
                return a;
        if (__builtin_add_overflow(a, b, &sum))
                return b > 0 ? TIME_INFINITY : INT64_MIN + 1;
        return sum;
}

Seconds seconds_from_usec(int64_t usec) {
        return usec < USEC_PER_SEC ? 0 : (Seconds) MIN(usec / USEC_PER_SEC, (int64_t) UINT32_MAX);
}

int64_t seconds_to_usec(Seconds seconds) {
        return seconds == 0 ? TIME_UNKNOWN : seconds * USEC_PER_SEC;
}

/* Reads exactly `digits` digits. */
static int read_digits(const char **p, int digits, int *ret) {
        int value = 0;

        for (int i = 0; i < digits; i++, (*p)++) {
                if (**p < '0' || **p > '9')
                        return -EINVAL;
                value = value * 10 + (**p - '0');
        }

        *ret = value;
        return 0;
}

static bool read_char(const char **p, const char *any_of) {
        if (**p == '\0' || !strchr(any_of, **p))
                return false;
        (*p)++;
        return true;
}

/* Days since 1970-01-01 of a proleptic Gregorian date; Howard Hinnant's days_from_civil. */
static int64_t days_from_civil(int64_t year, int month, int day) {
        int64_t era, year_of_era, day_of_year;

        year -= month <= 2;
        era = (year >= 0 ? year : year - 399) / 400;
        year_of_era = year - era * 400;
        day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
                        - 719468;
}

static int days_in_month(int year, int month) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return month == 2 && leap ? 29 : days[month - 1];
}

typedef struct Civil {
        int year, month, day, hour, minute, second;
} Civil;

static int civil_to_usec(const Civil *c, int64_t *ret_usec) {
        int64_t seconds;

        if (c->month < 1 || c->month > 12 || c->day < 1
                        || c->day > days_in_month(c->year, c->month))
                return -EINVAL;
        /* RFC 3339 allows a leap second; it falls on the second that follows. */
        if (c->hour > 23 || c->minute > 59 || c->second > 60)
                return -EINVAL;

        seconds = days_from_civil(c->year, c->month, c->day) * 86400;
        seconds += c->hour * 3600 + c->minute * 60 + c->second;
        *ret_usec = seconds * USEC_PER_SEC;
        return 0;
}

/* The other way; Howard Hinnant's civil_from_days. */
static Civil civil_from_seconds(int64_t seconds) {
        int64_t days = seconds / 86400 - (seconds % 86400 < 0), rest = seconds - days * 86400;
        int64_t era, day, year, day_of_year, month;

        days += 719468;
        era = (days >= 0 ? days : days - 146096) / 146097;
        day = days - era * 146097;
        year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
        day_of_year = day - (365 * year + year / 4 - year / 100);
        month = (5 * day_of_year + 2) / 153;
        return (Civil){
                .year = (int) (year + era * 400 + (month >= 10)),
                .month = (int) (month < 10 ? month + 3 : month - 9),
                .day = (int) (day_of_year - (153 * month + 2) / 5 + 1),
                .hour = (int) (rest / 3600),
                .minute = (int) (rest / 60 % 60),
                .second = (int) (rest % 60),
        };
}

/* Two digits at a time, and what stands behind them ('\0': nothing): strftime() costs ten times
 * that, and three times are in each line of status.json. */
static const char *format_utc(int64_t usec,
                const char behind[static 7],
                char text[static TIME_TEXT_MAX]) {
        Civil c = civil_from_seconds(usec / USEC_PER_SEC - (usec % USEC_PER_SEC < 0));
        const int pairs[] = { c.year / 100, c.year % 100, c.month, c.day, c.hour, c.minute,
                c.second };
        char *p = text;

        *p = '\0';
        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY || c.year < 0 || c.year > 9999)
                return text;
        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                *p++ = (char) ('0' + pairs[i] / 10);
                *p++ = (char) ('0' + pairs[i] % 10);
                if (behind[i])
                        *p++ = behind[i];
        }
        *p = '\0';
        return text;
}

const char *time_format(int64_t usec, char text[static TIME_TEXT_MAX]) {
        return format_utc(usec, "\0--T::Z", text);
}

const char *time_format_basic(int64_t usec, char text[static TIME_TEXT_MAX]) {
        return format_utc(usec, "\0\0\0T\0\0Z", text);
}

/* ".5" up to nine digits; digits below the microsecond are read and dropped. */
static int read_fraction(const char **p, int64_t *ret_usec) {
        int64_t usec = 0, scale = 100000;
        int n = 0;

        for (; **p >= '0' && **p <= '9'; (*p)++, n++) {
                usec += (**p - '0') * scale;
                scale /= 10;
        }
        if (n < 1 || n > 9)
                return -EINVAL;

        *ret_usec = usec;
        return 0;
}

static int read_offset(const char **p, int64_t *ret_usec) {
        int sign, hours, minutes;

        if (read_char(p, "Zz")) {
                *ret_usec = 0;
                return 0;
        }

        sign = **p == '-' ? -1 : 1;
        if (!read_char(p, "+-") || read_digits(p, 2, &hours) < 0 || !read_char(p, ":")
                        || read_digits(p, 2, &minutes) < 0 || hours > 23 || minutes > 59)
                return -EINVAL;

        *ret_usec = sign * (hours * USEC_PER_HOUR + minutes * USEC_PER_MINUTE);
        return 0;
}

int time_parse(const char *text, int64_t *ret_usec, bool *ret_whole_second) {
        int64_t usec, fraction = 0, offset;
        const char *p = text;
        bool whole = true;
        Civil c;

        if (read_digits(&p, 4, &c.year) < 0 || !read_char(&p, "-")
                        || read_digits(&p, 2, &c.month) < 0 || !read_char(&p, "-")
                        || read_digits(&p, 2, &c.day) < 0 || !read_char(&p, "Tt ")
                        || read_digits(&p, 2, &c.hour) < 0 || !read_char(&p, ":")
                        || read_digits(&p, 2, &c.minute) < 0 || !read_char(&p, ":")
                        || read_digits(&p, 2, &c.second) < 0)
                return -EINVAL;
        if (read_char(&p, ".")) {
                whole = false;
                if (read_fraction(&p, &fraction) < 0)
                        return -EINVAL;
        }
        if (read_offset(&p, &offset) < 0 || *p != '\0' || civil_to_usec(&c, &usec) < 0)
                return -EINVAL;

        *ret_usec = usec + fraction - offset;
        if (ret_whole_second)
                *ret_whole_second = whole;
        return 0;
}

static int read_month_name(const char **p, int *ret_month) {
        static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

        for (size_t i = 0; i < 12; i++)
                if (strncmp(*p, names + 3 * i, 3) == 0) {
                        *ret_month = (int) i + 1;
                        *p += 3;
                        return 0;
                }
        return -EINVAL;
}

int time_parse_http(const char *text, int64_t *ret_usec) {
        const char *p = strchr(text, ',');
        Civil c;

        if (!p)
                return -EINVAL;
        p++;

        if (!read_char(&p, " ") || read_digits(&p, 2, &c.day) < 0 || !read_char(&p, " ")
                        || read_month_name(&p, &c.month) < 0 || !read_char(&p, " ")
                        || read_digits(&p, 4, &c.year) < 0 || !read_char(&p, " ")
                        || read_digits(&p, 2, &c.hour) < 0 || !read_char(&p, ":")
                        || read_digits(&p, 2, &c.minute) < 0 || !read_char(&p, ":")
                        || read_digits(&p, 2, &c.second) < 0 || strcmp(p, " GMT") != 0)
                return -EINVAL;

        return civil_to_usec(&c, ret_usec);
}
