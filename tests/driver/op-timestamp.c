/* SPDX-License-Identifier: Apache-2.0 */

/*
 * timestamp: the two forms in which AWS writes times
 *
 * The product keeps microseconds. What it reads is checked by its own functions here, and only the
 * digits below the microsecond are taken from the text, so that the answer can be compared to the
 * nanosecond.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/auditmanager-json.h"
#include "driver.h"
#include "util/string-util.h"
#include "util/time.h"

#define NANOS_PER_SEC INT64_C(1000000000)

/* The nanoseconds of "123456789…", of which nine digits count. Moves *p behind the digits. */
static int64_t read_nanos(const char **p) {
        int64_t nanos = 0, scale = NANOS_PER_SEC / 10;

        for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
                nanos += (**p - '0') * scale;
        return nanos;
}

static void split_usec(int64_t usec, int64_t *ret_seconds, int64_t *ret_nanos) {
        int64_t rest = usec % USEC_PER_SEC;

        *ret_seconds = usec / USEC_PER_SEC - (rest < 0);
        *ret_nanos = (rest < 0 ? rest + USEC_PER_SEC : rest) * 1000;
}

static int read_date_time(const char *text, int64_t *ret_seconds, int64_t *ret_nanos) {
        const char *dot = strchr(text, '.');
        int64_t usec;

        if (time_parse(text, &usec, NULL) < 0)
                return -EINVAL;
        split_usec(usec, ret_seconds, ret_nanos);
        if (dot) {
                dot++;
                *ret_nanos = read_nanos(&dot);
        }
        return 0;
}

static int read_epoch_text(const char *text, int64_t *ret_seconds, int64_t *ret_nanos) {
        bool negative = *text == '-';
        const char *p = text + negative, *whole = p;
        int64_t seconds = 0, nanos = 0, usec;

        for (; *p >= '0' && *p <= '9'; p++)
                if (__builtin_mul_overflow(seconds, 10, &seconds)
                                || __builtin_add_overflow(seconds, *p - '0', &seconds))
                        return -EINVAL;
        if (*p == '.') {
                p++;
                if (*p < '0' || *p > '9')
                        return -EINVAL;
                nanos = read_nanos(&p);
        } else if (p == whole)
                return -EINVAL;
        if (*p != '\0')
                return -EINVAL;

        if (negative) {
                seconds = -seconds - (nanos > 0);
                nanos = nanos > 0 ? NANOS_PER_SEC - nanos : 0;
        }
        if (api_timestamp_from_number((double) seconds, &usec) < 0)
                return -EINVAL;
        *ret_seconds = seconds;
        *ret_nanos = nanos;
        return 0;
}

static int read_number(double number, int64_t *ret_seconds, int64_t *ret_nanos) {
        int64_t usec;

        if (api_timestamp_from_number(number, &usec) < 0)
                return -EINVAL;
        split_usec(usec, ret_seconds, ret_nanos);
        return 0;
}

int timestamp_read(const char *format,
                const json_t *value,
                int64_t *ret_seconds,
                int64_t *ret_nanos) {
        const char *text = json_string_value(value);

        if (text && strlen(text) != json_string_length(value))
                return -EINVAL;
        if (streq(format, "date-time"))
                return text ? read_date_time(text, ret_seconds, ret_nanos) : -EINVAL;
        if (streq(format, "epoch-seconds") && text)
                return read_epoch_text(text, ret_seconds, ret_nanos);
        if (streq(format, "epoch-seconds") && json_is_number(value))
                return read_number(json_number_value(value), ret_seconds, ret_nanos);
        return -EINVAL;
}

json_t *op_timestamp(const json_t *in) {
        const char *format = get_text(in, "format", "");
        int64_t seconds, nanos;

        if (!streq(format, "date-time") && !streq(format, "epoch-seconds"))
                return answer_unsupported("there is no such format here");
        if (timestamp_read(format, json_object_get(in, "value"), &seconds, &nanos) < 0)
                return answer_error("it is no time");
        return json_pack(
                        "{s:I, s:I}", "seconds", (json_int_t) seconds, "nanos", (json_int_t) nanos);
}
