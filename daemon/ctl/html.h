#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * HTML, written as it goes
 *
 * What this program wrote itself goes out raw; what others wrote goes through html_text() alone,
 * which leaves no markup, no control character and nothing that turns the direction of a line.
 * Nothing here fails: whether all of it arrived is asked of the stream once, at the end.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/macro.h"

/* Markup and words of our own. */
void html_raw(FILE *file, const char *markup);
void html_rawf(FILE *file, const char *format, ...) _printf_(2, 3);

/* Text of others, for an element and for a quoted attribute alike; at most `max` characters, then
 * an ellipsis. NULL and "": a dash. */
void html_text(FILE *file, const char *text, size_t max);

/* The same within <bdi>, so that a name in Arabic or Hebrew leaves its neighbours where they are.
 */
void html_name(FILE *file, const char *text);

/* "12,345" */
void html_count(FILE *file, uint64_t count);

/* <time>2026-11-22 19:30</time>, and the same without the hour; a dash where it is not known. */
void html_time(FILE *file, int64_t usec);
void html_date(FILE *file, int64_t usec);
