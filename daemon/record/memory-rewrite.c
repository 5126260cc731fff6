/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Replacing the memory file by one with only the current records
 *
 * A bit at a time, because a million records take seconds. What is appended to the log meanwhile is
 * appended to the new file as well, so that the two say the same from the moment on at which the
 * new one is whole: a record that comes later counts.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "record/memory-internal.h"
#include "record/memory-line.h"
#include "record/memory-record.h"
#include "util/file.h"
#include "util/time.h"

/* Below this size a file is not worth replacing. */
#define COMPACT_MIN ((off_t) 256 * 1024)

/* Records are written a chunk at a time: a million of them are not held at once. */
#define CHUNK_SIZE ((size_t) 256 * 1024)

static int add_header(const Memory *memory, Buffer *out) {
        LineWriter writer = memory_line_begin(out, KIND_HEADER);

        memory_line_add_number(&writer, "version", MEMORY_VERSION);
        if (memory->lost_usec != TIME_UNKNOWN)
                memory_line_add_number(&writer, "lost", memory->lost_usec);
        return memory_line_end(&writer);
}

int memory_add_note(const SourceMemory *source, Buffer *out) {
        LineWriter writer = memory_line_begin(out, KIND_NOTE);

        memory_line_add(&writer, "source", source->name);
        memory_line_add(&writer, "text", source->note);
        return memory_line_end(&writer);
}

void memory_rewrite_drop(Memory *memory) {
        if (memory->rewrite.fd < 0)
                return;
        (void) unlinkat(memory->dir_fd, MEMORY_NAME_NEW, 0);
        closep(&memory->rewrite.fd);
        memory->rewrite.fd = -EBADF;
        buffer_done(&memory->rewrite.buffer);
}

void memory_rewrite_append(Memory *memory, const Buffer *records, size_t n_records) {
        if (memory->rewrite.fd < 0)
                return;
        memory->rewrite.n_lines += n_records;
        /* What it lacks must not take the log's place. */
        if (buffer_append(&memory->rewrite.buffer, records->data, records->length) < 0)
                memory_rewrite_drop(memory);
}

static int begin(Memory *memory) {
        int fd;

        memory_rewrite_drop(memory);
        fd = openat(memory->dir_fd, MEMORY_NAME_NEW,
                        O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        /* systemd hands the folder to the service's user, but looks at nothing in a folder that is
         * this user's already (systemd.exec(5), StateDirectory=). */
        file_give_to_owner_of(fd, memory->dir_fd);
        memory->rewrite = (Rewrite){ .fd = fd, .n_lines = 1 };
        return add_header(memory, &memory->rewrite.buffer);
}

/* What comes next: of each source its note, then its shares. */
static int add_next(const Memory *memory, Rewrite *rewrite) {
        const SourceMemory *source = memory->sources[rewrite->source];
        const MemoryTable *table = &source->table;
        const ShareMemory *share = rewrite->item > 0 ? &table->items[rewrite->item - 1] : NULL;
        size_t before = rewrite->buffer.length;
        int r = 0;

        if (share && !share->forgotten)
                r = memory_record_write(&rewrite->buffer, source->name, share, table->strings);
        else if (!share && source->note)
                r = memory_add_note(source, &rewrite->buffer);
        rewrite->n_lines += rewrite->buffer.length > before;
        if (rewrite->item++ == table->count) {
                rewrite->source++;
                rewrite->item = 0;
        }
        return r;
}

/* 1: there is more after this chunk. */
static int write_chunk(const Memory *memory, Rewrite *rewrite) {
        int r = 0;

        while (rewrite->source < memory->n_sources && rewrite->buffer.length < CHUNK_SIZE && r >= 0)
                r = add_next(memory, rewrite);
        if (r >= 0)
                r = write_all(rewrite->fd, rewrite->buffer.data, rewrite->buffer.length);
        if (r < 0)
                return r;
        rewrite->size += (off_t) rewrite->buffer.length;
        buffer_clear(&rewrite->buffer);
        return rewrite->source < memory->n_sources;
}

/* The new file is whole: it takes the place of the old one. */
static int finish(Memory *memory) {
        Rewrite *rewrite = &memory->rewrite;

        if (fsync(rewrite->fd) < 0
                        || renameat(memory->dir_fd, MEMORY_NAME_NEW, memory->dir_fd, MEMORY_NAME)
                                        < 0)
                return -errno;

        closep(&memory->fd);
        memory->fd = rewrite->fd;
        memory->size = rewrite->size;
        memory->n_lines = rewrite->n_lines;
        rewrite->fd = -EBADF;
        buffer_done(&rewrite->buffer);
        /* Until the name is durable too, nothing may be called durable. */
        memory->broken = fsync(memory->dir_fd) < 0;
        return memory->broken ? -errno : 0;
}

/* 1: there is more to do; 0: the new file is in its place. */
static int go_on(Memory *memory, int64_t until_usec) {
        Rewrite *rewrite = &memory->rewrite;
        int r;

        do
                r = write_chunk(memory, rewrite);
        while (r > 0 && monotonic_usec() < until_usec);
        /* Not all of it at the end, when it would take long. */
        if (r > 0)
                return fdatasync(rewrite->fd) < 0 ? -errno : r;
        return r < 0 ? r : finish(memory);
}

/* As go_on(); what fails leaves the old file in its place. */
static int step(Memory *memory, int64_t until_usec) {
        int r;

        r = memory->rewrite.fd < 0 ? begin(memory) : 0;
        if (r >= 0)
                r = go_on(memory, until_usec);
        if (r < 0)
                memory_rewrite_drop(memory);
        return r;
}

int memory_replace(Memory *memory) {
        int r;

        /* From the beginning: the old file may be beyond saving, or lack what was written last. */
        memory_rewrite_drop(memory);
        r = step(memory, TIME_INFINITY);
        if (r < 0)
                return r;
        buffer_clear(&memory->queue);
        memory->n_queued = 0;
        return 0;
}

static size_t count_current(const Memory *memory) {
        size_t n = 1; /* the header */

        for (size_t i = 0; i < memory->n_sources; i++)
                n += memory->sources[i]->table.count + 1;
        return n;
}

int memory_compact(Memory *memory, int64_t until_usec) {
        if (memory->rewrite.fd < 0
                        && (memory->size < COMPACT_MIN
                                        || memory->n_lines < 2 * count_current(memory)))
                return 0;
        return step(memory, until_usec);
}
