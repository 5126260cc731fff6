#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Memory on disk, between the files that read, append to and replace it. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/memory-table.h"
#include "record/memory.h"
#include "util/buffer.h"

#define MEMORY_NAME     "memory.log"
#define MEMORY_NAME_NEW "." MEMORY_NAME ".new"
#define MEMORY_VERSION  1

#define KIND_HEADER "auditshared-memory"
#define KIND_NOTE   "note"

typedef struct SourceMemory {
        char *name;
        char *note;
        MemoryTable table;
} SourceMemory;

/* The file that is to take the place of the log, as far as it is written. */
typedef struct Rewrite {
        int fd; /* -EBADF: none is under way */
        Buffer buffer; /* on its way into the file */
        off_t size;
        size_t n_lines;
        size_t source, item; /* what comes next: 0 its note, then its shares */
} Rewrite;

struct Memory {
        SourceMemory **sources; /* pointers, as tables are handed out */
        size_t n_sources, sources_capacity;
        char *directory, *set_aside;
        int64_t lost_usec;
        int dir_fd, lock_fd, fd;
        off_t size; /* of the whole records in the file */
        size_t n_lines; /* how many these are */
        bool broken; /* the file is not what it should be: it is replaced before anything relies on
                        it */
        Buffer queue;
        size_t n_queued; /* records in it */
        Rewrite rewrite;
};

/* Appends the record of a note. 0, or -ENOMEM with `out` as it was. */
int memory_add_note(const SourceMemory *source, Buffer *out);

/* Writes all that is remembered into a new file, which then takes the place of the old one. 0 or a
 * negative errno. */
int memory_replace(Memory *memory);

/* What was just appended to the log belongs into a file that is to take its place as well. */
void memory_rewrite_append(Memory *memory, const Buffer *records, size_t n_records);

void memory_rewrite_drop(Memory *memory);
