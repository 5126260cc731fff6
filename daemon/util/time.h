#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Time
 *
 * One unit inside: microseconds in an int64_t, since the epoch for points in time. TIME_UNKNOWN
 * stands for a time that is not known. Only now_usec() and monotonic_usec() ask a clock; all else
 * is arithmetic that saturates.
 */

#include <stdbool.h>
#include <stdint.h>

#define USEC_PER_MSEC   INT64_C(1000)
#define USEC_PER_SEC    INT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)

#define TIME_UNKNOWN  INT64_MIN
#define TIME_INFINITY INT64_MAX

/* Room for any form that this file writes. */
#define TIME_TEXT_MAX 64

/* The wall clock, and the clock that only runs forward. */
int64_t now_usec(void);
int64_t monotonic_usec(void);

/* Tests put their own clocks in here; NULL brings a real one back. */
void time_set_source(int64_t (*now)(void), int64_t (*monotonic)(void));

/* a + b, held at the ends of the range; TIME_UNKNOWN and TIME_INFINITY stay what they are. */
int64_t time_add(int64_t a, int64_t b);

/* A point in time, in whole seconds until 2106, where there are a million of them; 0: not known. */
typedef uint32_t Seconds;

/* Fractions are dropped; what is beyond the range becomes its last second. */
Seconds seconds_from_usec(int64_t usec);
int64_t seconds_to_usec(Seconds seconds);

/* Writes RFC 3339 in UTC, whole seconds, into text; returns text: "" for TIME_UNKNOWN, and for a
 * year that RFC 3339 cannot write. */
const char *time_format(int64_t usec, char text[static TIME_TEXT_MAX]);

/* Writes ISO 8601's basic form as SigV4 wants it: 20150830T123600Z. */
const char *time_format_basic(int64_t usec, char text[static TIME_TEXT_MAX]);

/*
 * Reads RFC 3339 (any offset, up to nanoseconds, of which microseconds stay). 0, or -EINVAL;
 * ret_whole_second (may be NULL) tells that no fraction was written.
 */
int time_parse(const char *text, int64_t *ret_usec, bool *ret_whole_second);

/* Reads an HTTP date (RFC 9110, IMF-fixdate). 0, or -EINVAL. */
int time_parse_http(const char *text, int64_t *ret_usec);

/*
 * Reads a systemd time span (systemd.time(7)): "90s", "5min", "1h 30min", "1.5h"; a bare number is
 * seconds. 0, -EINVAL for what is none, -ERANGE for one too long.
 */
int timespan_parse(const char *text, int64_t *ret_usec);

/* Writes a span for people, its two largest units ("14min 3s", "95d"), into text; returns text. */
const char *timespan_format(int64_t usec, char text[static TIME_TEXT_MAX]);
