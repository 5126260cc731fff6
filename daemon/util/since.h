#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Points in time as people give them to journalctl's --since. */

#include <stdint.h>

/* What since_parse() takes, for messages. */
#define SINCE_FORMS                                                                                \
        "'2026-11-01', '2026-11-01 12:00', '12:00', '2026-11-01T12:00:00Z', 'now', 'today', "      \
        "'yesterday', '2h ago', '-1 day' or '@1700000000'"

/*
 * Reads a point in time: a date with or without a time of day, a time of day (of today), RFC 3339,
 * "now", "today", "yesterday" (their first instant), a span before now ("2h ago", "-1 day",
 * systemd.time(7)), or "@" and seconds since the epoch. In the local time zone where none is given.
 * 0, or -EINVAL.
 */
int since_parse(const char *text, int64_t now_usec, int64_t *ret_usec);
