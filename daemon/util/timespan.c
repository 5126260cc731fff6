/* SPDX-License-Identifier: Apache-2.0 */

/* Time spans as systemd.time(7) writes them. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/macro.h"
#include "util/time.h"

/* Longest spelling first where one begins with another. A month and a year are systemd's: 30.44 and
 * 365.25 days. */
static const struct {
        const char *name;
        int64_t usec;
} units[] = {
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "months", 2629800 * USEC_PER_SEC },
        { "month", 2629800 * USEC_PER_SEC },
        { "M", 2629800 * USEC_PER_SEC },
        { "msec", USEC_PER_MSEC },
        { "ms", USEC_PER_MSEC },
        { "m", USEC_PER_MINUTE },
        { "hours", USEC_PER_HOUR },
        { "hour", USEC_PER_HOUR },
        { "hr", USEC_PER_HOUR },
        { "h", USEC_PER_HOUR },
        { "days", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "d", USEC_PER_DAY },
        { "weeks", 7 * USEC_PER_DAY },
        { "week", 7 * USEC_PER_DAY },
        { "w", 7 * USEC_PER_DAY },
        { "years", 31557600 * USEC_PER_SEC },
        { "year", 31557600 * USEC_PER_SEC },
        { "y", 31557600 * USEC_PER_SEC },
        { "usec", 1 },
        { "us", 1 },
};

/* A thousand years: longer than any span that can be meant, and far from overflowing. */
#define SPAN_MAX (31557600 * USEC_PER_SEC * 1000)

static int read_unit(const char **p, int64_t *ret_usec) {
        size_t n = 0;

        while (isalpha((unsigned char) (*p)[n]))
                n++;
        if (n == 0) {
                *ret_usec = USEC_PER_SEC;
                return 0;
        }

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strlen(units[i].name) == n && strncmp(*p, units[i].name, n) == 0) {
                        *p += n;
                        *ret_usec = units[i].usec;
                        return 0;
                }
        return -EINVAL;
}

/* One "1.5h": whole part, fraction in millionths, unit. */
static int read_item(const char **p, int64_t *ret_usec) {
        int64_t whole = 0, millionths = 0, scale = 100000, unit;
        int digits = 0;

        for (; isdigit((unsigned char) **p); (*p)++, digits++) {
                if (whole > SPAN_MAX / 10)
                        return -ERANGE;
                whole = whole * 10 + (**p - '0');
        }
        if (**p == '.')
                for ((*p)++; isdigit((unsigned char) **p); (*p)++, digits++, scale /= 10)
                        millionths += (**p - '0') * scale;
        if (digits == 0)
                return -EINVAL;

        *p += strspn(*p, " \t");
        if (read_unit(p, &unit) < 0)
                return -EINVAL;
        if (whole > SPAN_MAX / unit)
                return -ERANGE;

        /* Split so that neither product can overflow: a unit is below 2^45, a fraction below 2^20.
         */
        *ret_usec = whole * unit + unit / 1000000 * millionths
                        + unit % 1000000 * millionths / 1000000;
        return 0;
}

int timespan_parse(const char *text, int64_t *ret_usec) {
        const char *p = text + strspn(text, " \t");
        int64_t sum = 0, item;
        int r;

        if (*p == '\0')
                return -EINVAL;

        while (*p != '\0') {
                r = read_item(&p, &item);
                if (r < 0)
                        return r;
                sum += item;
                if (sum > SPAN_MAX)
                        return -ERANGE;
                p += strspn(p, " \t");
        }

        *ret_usec = sum;
        return 0;
}

const char *timespan_format(int64_t usec, char text[static TIME_TEXT_MAX]) {
        static const struct {
                const char *suffix;
                int64_t usec;
        } steps[] = {
                { "d", USEC_PER_DAY },
                { "h", USEC_PER_HOUR },
                { "min", USEC_PER_MINUTE },
                { "s", USEC_PER_SEC },
        };
        size_t first = 0;
        int64_t a, b;

        usec = MAX(usec, INT64_C(0));
        if (usec < USEC_PER_SEC) {
                (void) snprintf(text, TIME_TEXT_MAX, "%lldms", (long long) (usec / USEC_PER_MSEC));
                return text;
        }

        while (first + 1 < ELEMENTSOF(steps) && usec < steps[first].usec)
                first++;
        a = usec / steps[first].usec;
        b = first + 1 < ELEMENTSOF(steps) ? usec % steps[first].usec / steps[first + 1].usec : 0;

        if (b > 0)
                (void) snprintf(text, TIME_TEXT_MAX, "%lld%s %lld%s", (long long) a,
                                steps[first].suffix, (long long) b, steps[first + 1].suffix);
        else
                (void) snprintf(text, TIME_TEXT_MAX, "%lld%s", (long long) a, steps[first].suffix);
        return text;
}
