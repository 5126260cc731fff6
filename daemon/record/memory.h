#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Memory: what the service did and saw before, on disk
 *
 * A log of records in $STATE_DIRECTORY/memory.log: a change appends, one sync makes a batch
 * durable, and the file is replaced as a whole when most of it is out of date. What a crash leaves
 * half written at its end was never relied on and is dropped. A file that is damaged otherwise is
 * set aside, and all that its checksums still vouch for is kept.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/memory-table.h"
#include "util/macro.h"

typedef struct Memory Memory;

typedef enum MemoryMode {
        MEMORY_READ, /* for plan: no lock, nothing is written; a missing folder is an empty memory
                      */
        MEMORY_WRITE, /* for passes: the folder is made, locked, and the log repaired */
} MemoryMode;

/*
 * 0; or a negative errno with *reterr_why, a new line for people that the caller frees: -EBUSY
 * where another process holds the lock (it is named), -EPROTONOSUPPORT where a later version wrote
 * the file. holder: our name in the lock.
 */
int memory_open(const char *directory,
                MemoryMode mode,
                const char *holder,
                Memory **ret,
                char **reterr_why);
Memory *memory_free(Memory *memory);

/* The table of a source, "ACCOUNT/REGION"; made when first asked for. 0 or -ENOMEM. Owned by the
 * memory. */
int memory_table(Memory *memory, const char *source, MemoryTable **ret);

/* The name of the file that was set aside because it was damaged when it was opened, or NULL. */
const char *memory_set_aside(const Memory *memory);

/* When memory was last lost (wholly or in part), or TIME_UNKNOWN. Kept in the file, as a send may
 * have been lost with it. */
int64_t memory_lost_usec(const Memory *memory);

/* What was last said about a source as a whole, such as why it could not be listed; NULL: nothing.
 * Owned by the memory. */
const char *memory_note(const Memory *memory, const char *source);

/* Queues a note (NULL takes it back). 0 or -ENOMEM. */
int memory_set_note(Memory *memory, const char *source, const char *text);

/* Queues the record of a share for writing, and takes its dirty mark away. 0 or -ENOMEM. */
int memory_put(Memory *memory, const char *source, const MemoryTable *table, ShareMemory *share);

/*
 * Writes what is queued: after this, killing the process does not lose it; after memory_sync(), nor
 * does a power failure. 0 or a negative errno; what could not be written stays queued, and the file
 * ends with a whole record.
 */
int memory_write(Memory *memory);
int memory_sync(Memory *memory);

/*
 * Replaces the file by one with only the current records, where half of it or more is out of date.
 * Goes on until CLOCK_MONOTONIC says so, or a little longer. 1: there is more to do, and no table
 * may be compacted before it is done or memory_rest(); 0: there is nothing to do; or a negative
 * errno, with the file as it was.
 */
int memory_compact(Memory *memory, int64_t until_usec);

/* Gives back what only passes needed, until the next one. What memory_compact() has not done by
 * then is given up, and the file stays as it was. */
void memory_rest(Memory *memory);

/* $STATE_DIRECTORY, else /var/lib/auditshared. */
const char *memory_default_directory(void);

DEFINE_CLEANUP(Memory, memory_free)
