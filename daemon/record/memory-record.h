#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Records of the memory file: a share as a line, and a line as a share. Pure; the file is
 * record/memory.h's. */

#include <stdbool.h>

#include "model/memory-table.h"
#include "record/memory-line.h"
#include "util/buffer.h"

/* Appends the line of a share, or of its being forgotten. 0, or -ENOMEM with `out` as it was. */
int memory_record_write(Buffer *out,
                const char *source,
                const ShareMemory *memory,
                const Strings *strings);

/* Whether a line is of a share, or of its being forgotten; its field "source" is then whose. */
bool memory_record_is_share(const MemoryLine *line);

/* Puts a share's record into the table, in place of what it had. 0, -ENOMEM, -EFBIG, or -EBADMSG
 * with nothing changed. */
int memory_record_read(MemoryLine *line, MemoryTable *table);
