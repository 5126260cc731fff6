#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Records of the memory file, as text
 *
 * A line is eight hexadecimal digits of CRC-32C, a blank, and a JSON object. Pure; the file is
 * record/memory.h's.
 */

#include <jansson.h>
#include <stddef.h>

#include "model/memory-table.h"
#include "util/buffer.h"

/* Longer lines are no records: the longest, with a name of 300 characters and every field, has
 * about 3 KiB. */
#define MEMORY_LINE_MAX ((size_t) 16 * 1024)

/* Appends the line of a record to out. Steals `record` (NULL means it could not be made). 0 or
 * -ENOMEM. */
int memory_line_write(Buffer *out, json_t *record);

/* Reads a line without its line feed. 0 with a new reference; -ENOMEM; -EBADMSG where checksum or
 * JSON is wrong. */
int memory_line_read(const char *line, size_t length, json_t **ret);

/* The record of a share, or of its being forgotten. NULL when out of memory. */
json_t *memory_record_from_share(const char *source,
                const ShareMemory *memory,
                const Strings *strings);

/* The source that a share's record belongs to, borrowed from it; NULL for a record of another kind.
 */
const char *memory_record_source(json_t *record);

/* Puts a share's record into the table, in place of what it had. 0, -ENOMEM, -EFBIG, or -EBADMSG
 * with nothing changed. */
int memory_record_to_table(json_t *record, MemoryTable *table);
