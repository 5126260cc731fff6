#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where text goes: a terminal with its colours and its width, or anything else
 *
 * Text that others wrote (names, comments) never reaches a terminal raw: what could move its cursor
 * becomes '?'.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "util/buffer.h"
#include "util/time.h"

typedef enum Colour {
        COLOUR_NONE,
        COLOUR_RED,
        COLOUR_GREEN,
        COLOUR_YELLOW,
        COLOUR_GREY,
        COLOUR_BOLD,
        COLOUR_BOLD_RED,
        COLOUR_HEADING,
        COLOUR_MAX
} Colour;

typedef struct Output {
        FILE *file;
        bool terminal; /* one that can do more than a line printer */
        bool colours; /* terminal, and NO_COLOR (https://no-color.org) is not set */
        unsigned columns; /* 0: none, nothing is ever cut */
} Output;

Output output_of(FILE *file);

/* Opens what of the three standard files is closed, so that no socket takes its place; sets up
 * UTF-8. */
void output_init(void);

/* What stands between old and new, as the terminal can show it. */
const char *output_arrow(void);

/* 0, or a negative errno where what was written did not arrive; -EPIPE where nobody reads any more.
 */
int output_error(const Output *output);

/* The same, once everything is written out. */
int output_flush(const Output *output);

/* Writes `before` and a value (NULL: out of memory) in one line. 0 or a negative errno. */
int output_json(const Output *output, const char *before, const json_t *json, size_t flags);

/*
 * The exit status of a verb whose printing ended with `printed`: `status`, or 1 with a message
 * where standard output could not be written.
 */
int output_end(int printed, int status);

/* Escape sequences, "" without colours. */
const char *colour_on(const Output *output, Colour colour);
const char *colour_off(const Output *output, Colour colour);

/* The number of columns that text takes. */
unsigned text_width(const char *text);

/* The bytes that have to go for text to lose this many columns. */
size_t text_skip(const char *text, unsigned columns);

/* Appends text in at most `width` columns, the last of them an ellipsis where it was cut. Returns
 * the columns taken. */
unsigned text_add(Buffer *buffer, const char *text, unsigned width);

/* Between words that stay on one line; U+00A0, written as the space it looks like. */
#define NO_BREAK "\xc2\xa0"

/* Appends text broken into lines of `columns` (0: never), all but the first indented. */
void text_add_wrapped(Buffer *buffer, const char *text, unsigned indent, unsigned columns);

/* A span in two units where the first is a single digit, else in one: nobody counts hours from the
 * tenth day on. */
const char *span_format(int64_t usec, char text[static TIME_TEXT_MAX]);

/* "3d 4h ago", "in 12d", "now"; "-" for a time that is not known. Returns text. */
#define AGE_TEXT_MAX 80
const char *age_format(int64_t usec, int64_t now_usec, char text[static AGE_TEXT_MAX]);

/* The same for a table under a heading such as SINCE or EXPIRES: on a narrow terminal "3d", "12d".
 */
const char *age_format_cell(const Output *output,
                int64_t usec,
                int64_t now_usec,
                char text[static AGE_TEXT_MAX]);
