#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lines of the memory file
 *
 *     5a3f09c1 share source=grc framework=… region=eu-west-1 status=ACTIVE name=Group%20baseline
 *
 * Eight hexadecimal digits of CRC-32C over what follows the blank; a word for the kind; fields. In
 * a value, blanks, control characters and % are written as % and two hexadecimal digits, so a line
 * is one line and a field one word, for programs as for grep.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/buffer.h"

/* Longer lines are no records: the longest, with a name of 300 characters and every field, has
 * about 3 KiB. */
#define MEMORY_LINE_MAX ((size_t) 16 * 1024)

/* The most fields that any kind has are about 30. */
#define MEMORY_FIELDS_MAX 64

/* A line on its way into a buffer: begin, add, end. */
typedef struct LineWriter {
        Buffer *out;
        size_t begin; /* where the line begins in it */
} LineWriter;

LineWriter memory_line_begin(Buffer *out, const char *kind);

/* A field; nothing for NULL. */
void memory_line_add(const LineWriter *writer, const char *name, const char *value);
void memory_line_add_number(const LineWriter *writer, const char *name, int64_t value);

/* 0; or -ENOMEM, if anything since begin failed: the buffer is then as it was. */
int memory_line_end(const LineWriter *writer);

/* A line that was read: its fields are taken in the order in which they were written. Its texts are
 * within the text it was read from. */
typedef struct MemoryLine {
        const char *kind;
        size_t n_fields;
        size_t n_taken;
        struct {
                const char *name, *value;
        } fields[MEMORY_FIELDS_MAX];
} MemoryLine;

/* Reads a line without its line feed, and cuts it up in place. 0, or -EBADMSG where the checksum is
 * wrong or it is no such line. */
int memory_line_read(char *line, size_t length, MemoryLine *ret);

/* The value of the next field, which is then taken; NULL where it is not of that name. */
const char *memory_line_take(MemoryLine *line, const char *name);

/* The number that it holds; *value stays where the next field is not of that name. 0, or -EBADMSG
 * for what is no number or not within the bounds. */
int memory_line_take_number(MemoryLine *line,
                const char *name,
                int64_t min,
                int64_t max,
                int64_t *value);

/* 0 where every field was taken, else -EBADMSG: a field that is not known, or not in its place. */
int memory_line_check_taken(const MemoryLine *line);
